import socket
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return socket.gethostbyname("a")  # expect: WB203 socket.gethostbyname via GET /x


@app.get("/y")
def y():
    return socket.inet_ntoa(b"1234")  # ok
