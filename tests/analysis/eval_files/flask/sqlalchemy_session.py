from flask_sqlalchemy import SQLAlchemy
from flask import Flask

app = Flask(__name__, static_folder=None)


db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)


@app.get("/x")
def x():
    return str(db.session.get(User, 1))  # expect: WB211 sqlalchemy.orm.Session.get via GET /x


@app.get("/y")
def y():
    return str(User.query.count())  # expect: WB211 sqlalchemy.orm.Query.count via GET /y
