import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def walk(depth):
    if depth:
        walk(depth - 1)
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /x


@app.get("/x")
def x():
    walk(3)
    return "done"
