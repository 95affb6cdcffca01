from flask import Flask, abort
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def leave(self):
        open("post")  # expect: WB301 open via GET /post, GET /both


class Topic(db.Model):
    id = db.Column(db.Integer, primary_key=True)

    def leave(self):
        open("topic")  # expect: WB301 open via GET /topic, GET /both, GET /one-of-them


def visible(statement, hidden=None):
    if hidden is not None:
        statement = statement.where(Post.id == hidden)
    return statement


def first_or_404(statement, check=None, description=None):
    if check is not None:
        statement = visible(statement)
    found = db.session.execute(statement).scalar()  # expect: WB211 sqlalchemy.orm.Session.execute via GET /post, GET /topic, GET /one-of-them; WB215 sqlalchemy.orm.Session.execute via GET /both
    if found is None:
        abort(404, description=description)
    return found


@app.get("/post")
def post():
    first_or_404(db.select(Post).where(Post.id == 1), True).leave()
    return ""


@app.get("/topic")
def topic():
    first_or_404(db.select(Topic)).leave()
    return ""


@app.get("/both")
def both():
    for each in (Post, Topic):
        first_or_404(db.select(each)).leave()
    return ""


def newest():
    return first_or_404(db.select(Topic), True)


@app.get("/one-of-them")
def one_of_them():
    newest().leave()
    return ""
