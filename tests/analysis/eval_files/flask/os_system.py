import os
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return str(os.system("true"))  # expect: WB110 os.system via GET /x


@app.get("/y")
def y():
    return os.path.join("a", "b") + os.sep  # ok
