import functools
import time

from flask import Flask, abort

app = Flask(__name__)


class requires:
    def __init__(self, permission):
        self.permission = permission

    def __call__(self, view):
        @functools.wraps(view)
        def checked(*args, **kwargs):
            if self.permission:
                return view(*args, **kwargs)
            abort(403)

        return checked


def for_admins(view):
    return requires("admin")(view)


@app.get("/slow")
@for_admins
def slow():
    time.sleep(1)  # expect: WB101 time.sleep via GET /slow
    return ""


@app.get("/quick")
@for_admins
def quick():
    return ""  # ok
