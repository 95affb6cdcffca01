import requests
from bottle import Bottle

app = Bottle()


@app.route("/x")
def x():
    return requests.get("http://a").text  # expect: WB201 requests.get via GET /x
