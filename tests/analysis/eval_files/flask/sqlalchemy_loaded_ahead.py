from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import orm

app = Flask(__name__)
db = SQLAlchemy(app)


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class Bill(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    owers = db.relationship("Person", secondary="owed")
    places = db.relationship("Place")


class Place(db.Model):
    id = db.Column(db.Integer, primary_key=True)


def bills():
    return Bill.query.options(orm.subqueryload(Bill.owers))


@app.get("/balance")
def balance():
    total = 0
    for bill in bills().all():  # expect: WB211 sqlalchemy.orm.Query.all via GET /balance
        total += sum(person.id for person in bill.owers)  # expect: low WB215 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /balance
        for person in bill.owers:  # ok: read a line above
            total -= person.id
    return str(total)


@app.get("/places")
def places():
    total = 0
    for bill in Bill.query.all():  # expect: WB211 sqlalchemy.orm.Query.all via GET /places
        total += len(bill.places)  # expect: WB215 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /places
    return str(total)
