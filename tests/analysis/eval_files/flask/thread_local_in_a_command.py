import threading
from flask import Flask

app = Flask(__name__, static_folder=None)


current = threading.local()


@app.cli.command("show")
def show():
    current.user = 1  # ok


@app.get("/x")
def x():
    return "nothing"
