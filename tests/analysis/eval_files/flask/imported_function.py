from requests import get as fetch
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return fetch("http://a").text  # expect: WB201 requests.get via GET /x
