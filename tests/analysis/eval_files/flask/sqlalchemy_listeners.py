import time

import requests
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import validates
from werkzeug.security import generate_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    secret = db.Column(db.String)

    @validates("name")
    def checked(self, key, value):
        time.sleep(1)  # expect: WB101 time.sleep via GET /made, GET /named, GET /given
        return value

    @property
    def password(self):
        return ""

    @password.setter
    def password(self, plain):
        self.secret = generate_password_hash(plain)  # expect: WB401 werkzeug.security.generate_password_hash via GET /given


def index(mapper, connection, target):
    requests.get("http://search")  # expect: WB201 requests.get via GET /named


event.listen(User, "after_update", index)


@app.get("/made")
def made():
    return str(User(name="x"))


@app.get("/named")
def named():
    user = db.session.get(User, 1)  # expect: WB211 sqlalchemy.orm.Session.get via GET /named
    user.name = "y"
    db.session.commit()  # expect: WB211 sqlalchemy.orm.Session.commit via GET /named
    return ""


@app.get("/given")
def given():
    return str(User(password="x"))


@app.get("/nothing")
def nothing():
    return User.__name__  # ok
