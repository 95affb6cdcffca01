import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def fetch():
    return requests.post("http://a")  # expect: WB201 requests.post via GET /x, POST /y


@app.get("/x")
def x():
    return fetch().text


@app.post("/y")
def y():
    return fetch().text


@app.get("/z")
def z():
    return "quiet"  # ok
