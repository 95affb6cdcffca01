import functools
import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def slowly(function):
    @functools.wraps(function)
    def wrapper():
        time.sleep(1)  # expect: WB101 time.sleep via GET /x
        return function()

    return wrapper


@app.get("/x")
@slowly
def x():
    return "late"


@app.get("/y")
def y():
    return "at once"
