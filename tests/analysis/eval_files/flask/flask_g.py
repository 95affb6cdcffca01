from flask import g
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.before_request
def remember():
    g.user = 1  # ok


@app.get("/x")
def x():
    return str(g.user)  # ok
