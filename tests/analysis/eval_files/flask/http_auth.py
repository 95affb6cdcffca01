import time

from flask import Flask
from flask_httpauth import HTTPBasicAuth  # expect: WB604 Flask-HTTPAuth

app = Flask(__name__)
auth = HTTPBasicAuth()


@auth.verify_password
def verify(name, password):
    time.sleep(1)  # expect: WB101 time.sleep via GET /guarded, GET /role
    return name


@app.get("/guarded")
@auth.login_required
def guarded():
    return ""


@app.get("/role")
@auth.login_required(role="admin")
def role():
    return ""


@app.get("/open")
def anybody():
    return ""  # ok
