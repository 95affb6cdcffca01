"""A loop over a query asks once; to unpack its rows asks nothing."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__, static_folder=None)
db = SQLAlchemy(app)


@app.get("/counts")
def counts():
    counted = {}
    for name, number in db.session.query("name", "number"):  # expect: WB211 sqlalchemy.orm.Query.__iter__ via GET /counts
        counted[name] = number  # ok
    first, second = counted
    return {"first": first, "second": second}
