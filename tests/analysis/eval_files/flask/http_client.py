import http.client
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    connection = http.client.HTTPConnection("a")
    connection.request("GET", "/")  # expect: WB201 http.client.HTTPConnection.request via GET /x
    return connection.getresponse().status  # expect: WB201 http.client.HTTPConnection.getresponse via GET /x
