from sqlalchemy import select
from flask import Flask

app = Flask(__name__, static_folder=None)


def statement():
    return select(1).where(True).order_by(1)  # ok


@app.get("/x")
def x():
    return str(statement())
