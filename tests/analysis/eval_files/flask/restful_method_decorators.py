import functools
import time

from flask import Flask
from flask_restful import Api, Resource  # expect: WB604 Flask-RESTful

app = Flask(__name__)
api = Api(app)


def logged(handler):
    @functools.wraps(handler)
    def wrapper(*args, **kwargs):
        return handler(*args, **kwargs)

    return wrapper


class Slow(Resource):
    method_decorators = [logged]

    def get(self):
        return ""  # ok: what `post` does is its own affair

    def post(self):
        time.sleep(1)  # expect: WB101 time.sleep via POST /slow


api.add_resource(Slow, "/slow")
