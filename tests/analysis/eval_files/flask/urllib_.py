import urllib.parse
import urllib.request
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return urllib.request.urlopen("http://a").read()  # expect: WB201 urllib.request.urlopen via GET /x; WB201 http.client.HTTPResponse.read via GET /x


@app.get("/y")
def y():
    return urllib.parse.quote("a b")  # ok
