import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def load(address):
    return requests.get(address).text  # expect: WB201 requests.get via GET /x


@app.get("/x")
def x():
    return "".join(map(load, ["http://a"]))
