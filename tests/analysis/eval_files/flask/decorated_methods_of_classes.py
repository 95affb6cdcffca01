"""A decorator around a method hands `self` on: what the method asks of it is the class's own."""

import functools
import time

import requests
from flask import Flask
from flask.views import MethodView

app = Flask(__name__, static_folder=None)


def locked(method):
    def decorator(self, *args, **kwargs):
        return method(self, *args, **kwargs)

    return decorator


def logged(method):
    @functools.wraps(method)
    def wrapper(*args, **kwargs):
        return method(*args, **kwargs)

    return wrapper


class Base(MethodView):
    @locked
    def get(self):
        return self.load()

    @logged
    def post(self):
        return self.load()

    def load(self):
        return "nothing"


class Slow(Base):
    def load(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET /slow, POST /slow
        return "slow"


class Quick(Base):
    def load(self):
        return "quick"


class Named(Base):
    def get(self):
        return Base.get(self)

    def load(self):
        requests.get("http://a")  # expect: WB201 requests.get via GET /named, POST /named
        return "named"


app.add_url_rule("/slow", view_func=Slow.as_view("slow"))
app.add_url_rule("/quick", view_func=Quick.as_view("quick"))
app.add_url_rule("/named", view_func=Named.as_view("named"))
