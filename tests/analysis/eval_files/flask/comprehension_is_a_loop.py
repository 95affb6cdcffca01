import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return "".join([requests.get(each).text for each in ADDRESSES])  # expect: WB201 requests.get via GET /x


ADDRESSES = ["http://a", "http://b"]
