import os
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    os.environ["TZ"] = "UTC"  # expect: WB520 os.environ.__setitem__ via GET /x
    return os.environ["TZ"]  # ok
