import hashlib
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/x")
def x():
    return hashlib.pbkdf2_hmac("sha256", b"a", b"b", 100000).hex()  # expect: WB401 hashlib.pbkdf2_hmac via POST /x
