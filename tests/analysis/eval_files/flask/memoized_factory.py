import time
from functools import wraps

from flask import Flask

app = Flask(__name__)


def memoize(function):
    known = {}

    @wraps(function)
    def remembering(*args):
        key = args
        if key not in known:
            known[key] = function(*args)
        return known[key]

    return remembering


@memoize
def view_of(handler):
    def view():
        return handler()

    return view


def slow():
    time.sleep(1)  # expect: WB101 time.sleep via GET /slow
    return "slow"


def fast():  # ok: what is remembered for another handler is not given back
    return "fast"


def add(path, name, handler):
    app.add_url_rule(path, name, view_of(handler))


add("/slow", "slow", slow)
add("/fast", "fast", fast)
