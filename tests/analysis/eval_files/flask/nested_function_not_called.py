import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    def inner():
        time.sleep(1)  # ok

    return "at once"
