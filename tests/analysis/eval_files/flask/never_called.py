import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def unused():
    time.sleep(1)  # ok


@app.get("/x")
def x():
    return "at once"
