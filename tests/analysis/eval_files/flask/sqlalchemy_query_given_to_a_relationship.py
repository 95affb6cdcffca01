from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
db = SQLAlchemy(app)

members = db.Table("members", db.Column("team", db.ForeignKey("team.id")), db.Column("person", db.ForeignKey("person.id")))


class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)


class Team(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    people = db.relationship(Person, secondary=members)

    def __init__(self, people):
        self.people = people  # a relationship keeps the rows of a query, in a list
        self.candidates = people


def team():
    return Team(Person.query.filter_by(id=1))


@app.get("/people")
def people():
    return str([person.id for person in team().people])  # expect: WB214 sqlalchemy.orm.InstrumentedAttribute.__get__ via GET /people


@app.get("/candidates")
def candidates():
    return str([person.id for person in team().candidates])  # expect: WB211 sqlalchemy.orm.Query.__iter__ via GET /candidates
