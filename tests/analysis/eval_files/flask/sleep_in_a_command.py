import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.cli.command("wait")
def wait():
    time.sleep(1)  # ok


@app.get("/x")
def x():
    return "at once"
