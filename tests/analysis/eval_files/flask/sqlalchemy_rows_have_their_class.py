from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import check_password_hash

app = Flask(__name__)
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    password = db.Column(db.String)

    def knows(self, password):
        return check_password_hash(self.password, password)  # expect: WB401 werkzeug.security.check_password_hash via GET /query, GET /select, GET /get, GET /all


@app.get("/query")
def query():
    return str(User.query.filter_by(id=1).first().knows("x"))  # expect: WB211 sqlalchemy.orm.Query.first via GET /query


@app.get("/select")
def select():
    found = db.session.scalars(db.select(User))  # expect: WB211 sqlalchemy.orm.Session.scalars via GET /select
    return str(found.first().knows("x"))


@app.get("/get")
def get():
    return str(db.session.get(User, 1).knows("x"))  # expect: WB211 sqlalchemy.orm.Session.get via GET /get


@app.get("/all")
def everybody():
    users = db.session.query(User).all()  # expect: WB211 sqlalchemy.orm.Query.all via GET /all
    return str([user.knows("x") for user in users])
