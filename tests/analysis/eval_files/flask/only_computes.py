import hashlib
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/x")
def x():
    return hashlib.scrypt(b"a", salt=b"b", n=2, r=8, p=1).hex()  # expect: WB401 hashlib.scrypt via POST /x
# verdict: POST /x keep-sync thread
