import hashlib
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/x")
def x():
    return hashlib.sha256(b"a").hexdigest()  # ok
