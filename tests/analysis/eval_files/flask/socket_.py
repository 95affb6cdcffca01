import socket
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    with socket.create_connection(("a", 80)) as connection:  # expect: WB202 socket.create_connection via GET /x
        return connection.recv(10)  # expect: WB202 socket.socket.recv via GET /x
