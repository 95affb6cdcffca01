import time

from flask import Blueprint
from flask import Flask

app = Flask(__name__, static_folder=None)


shop = Blueprint("shop", __name__)


@shop.before_request
def check():
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /a


@shop.get("/a")
def a():
    return "a"


@app.get("/x")
def x():
    return "x"


app.register_blueprint(shop)
