import requests as r
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return r.put("http://a").text  # expect: WB201 requests.put via GET /x
