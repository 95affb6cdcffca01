import signal
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    signal.alarm(5)  # expect: WB523 signal.alarm via GET /x
    return "quick"
