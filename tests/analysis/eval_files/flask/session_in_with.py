import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    with requests.Session() as session:
        return session.get("http://a").text  # expect: WB201 requests.Session.get via GET /x
