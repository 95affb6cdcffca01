import time

from flask import Blueprint
from flask import Flask

app = Flask(__name__, static_folder=None)


shop = Blueprint("shop", __name__)  # expect: WB902 the blueprint made at blueprint_that_is_not_registered.py: no register_blueprint that could be followed names it


@shop.get("/a")
def product():
    time.sleep(1)  # ok
    return "a"


@app.get("/x")
def x():
    return "a"
