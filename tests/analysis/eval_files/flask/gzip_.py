import gzip
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return gzip.compress(b"a" * 1000)  # expect: WB404 gzip.compress via GET /x
