import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def fetch():
    return requests.get("http://a")  # expect: WB201 requests.get via GET /x


def middle():
    return fetch()


@app.get("/x")
def x():
    return middle().text
