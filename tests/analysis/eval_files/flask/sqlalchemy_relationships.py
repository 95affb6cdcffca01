from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    books = db.relationship("Book", backref="author")
    letters = db.relationship("Letter", backref="sender", lazy="dynamic")
    prizes = db.relationship("Prize", lazy="selectin")


class Book(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String)


class Letter(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class Prize(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def author():
    return db.session.get(Author, 1)  # expect: WB211 sqlalchemy.orm.Session.get via GET /lazy, GET /other-side, GET /dynamic, GET /eager


@app.get("/lazy")
def lazy():
    return str(author().books)  # expect: WB214 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /lazy


@app.get("/other-side")
def other_side():
    book = author().books[0]  # expect: WB214 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /other-side
    title = book.title  # ok
    return title + str(book.author)  # expect: WB214 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /other-side


@app.get("/again")
def again():
    book = Book()
    names = book.author.id  # expect: WB214 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /again
    return str(names) + str(book.author.id)  # ok: loaded a line above


@app.get("/dynamic")
def dynamic():
    letters = author().letters.order_by("id")  # ok
    return str(letters.count())  # expect: WB211 sqlalchemy.orm.Query.count via GET /dynamic


@app.get("/eager")
def eager():
    return str(author().prizes)  # ok
