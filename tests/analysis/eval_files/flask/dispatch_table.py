import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def slow():
    time.sleep(1)  # expect: WB101 time.sleep via GET /x


def quick():
    return 1


ACTIONS = {"slow": slow, "quick": quick}


@app.get("/x")
def x():
    ACTIONS["slow"]()
    return "done"
