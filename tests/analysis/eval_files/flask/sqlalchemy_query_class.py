from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.query import Query

app = Flask(__name__, static_folder=None)
db = SQLAlchemy(app)


class Person(db.Model):
    class PersonQuery(Query):
        def get(self, name):
            return self.filter(Person.name == name).one_or_none()  # expect: WB211 sqlalchemy.orm.Query.one_or_none via GET /one

        def called(self, name):
            return self.filter(Person.name == name)

    query_class = PersonQuery
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


@app.get("/one")
def one():
    return Person.query.get("a").name  # ok


@app.get("/all")
def all_of_them():
    return str(Person.query.called("a").all())  # expect: WB211 sqlalchemy.orm.Query.all via GET /all


@app.get("/none")
def none():
    return str(Person.query.called("a"))  # ok
