import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


session = requests.Session()


@app.get("/x")
def x():
    return session.get("http://a").text  # expect: WB201 requests.Session.get via GET /x
