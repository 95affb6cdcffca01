import functools

import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


fetch = functools.partial(requests.get, "http://a")


@app.get("/x")
def x():
    return fetch().text  # expect: WB201 requests.get via GET /x
