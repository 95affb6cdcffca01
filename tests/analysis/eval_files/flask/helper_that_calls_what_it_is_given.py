import time
from functools import wraps

from flask import Flask

app = Flask(__name__, static_folder=None)


def either(first, second):
    if app.testing:
        return first()
    return second()


def guarded(wrapped):
    @wraps(wrapped)
    def inner(*args, **kwargs):
        def execute():
            return wrapped(*args, **kwargs)

        def later(function, one, other):
            def run():
                return function(one, other)

            return run

        return either(later(either, execute, execute), execute)

    return inner


def wait():
    time.sleep(1)  # expect: WB101 time.sleep via GET /wait, GET /guarded/wait
    return ""


def read():
    with open("a.txt") as file:  # expect: WB301 open via GET /read, GET /guarded/read
        return file.name


@app.get("/wait")
def direct_wait():
    return either(wait, wait)


@app.get("/read")
def direct_read():
    return either(read, lambda: read())


@app.get("/guarded/wait")
@guarded
def guarded_wait():
    return wait()


@app.get("/guarded/read")
@guarded
def guarded_read():
    return read()
