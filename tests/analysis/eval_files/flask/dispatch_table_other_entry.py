import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def slow():
    time.sleep(1)  # ok


def quick():
    return "1"


ACTIONS = {"slow": slow, "quick": quick}


@app.get("/x")
def x():
    return ACTIONS["quick"]()
