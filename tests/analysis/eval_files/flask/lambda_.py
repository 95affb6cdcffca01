import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


fetch = lambda: requests.get("http://a")  # expect: WB201 requests.get via GET /x


@app.get("/x")
def x():
    return fetch().text
