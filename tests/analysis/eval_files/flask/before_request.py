import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.before_request
def check():
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /x, POST /y


@app.get("/x")
def x():
    return "a"


@app.post("/y")
def y():
    return "b"
