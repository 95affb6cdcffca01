import time
from flask import Flask

app = Flask(__name__, static_folder=None)


time.sleep(0)  # ok


@app.get("/x")
def x():
    return "at once"
