import os
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return str(os.path.exists("a"))  # expect: WB302 os.path.exists via GET /x


@app.get("/y")
def y():
    return os.path.basename("a/b")  # ok
