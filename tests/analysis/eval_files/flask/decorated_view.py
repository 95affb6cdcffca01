import functools
import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@app.get("/x")
@logged
def x():
    time.sleep(1)  # expect: WB101 time.sleep via GET /x
    return "late"


@app.get("/y")
@logged
def y():
    return "at once"  # ok
