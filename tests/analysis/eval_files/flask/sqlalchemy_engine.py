from sqlalchemy import create_engine, text
from flask import Flask

app = Flask(__name__, static_folder=None)


engine = create_engine("sqlite://")


@app.get("/x")
def x():
    with engine.connect() as connection:  # expect: WB211 sqlalchemy.Engine.connect via GET /x; WB211 sqlalchemy.Connection.__exit__ via GET /x
        connection.execute(text("SELECT 1"))  # expect: WB211 sqlalchemy.Connection.execute via GET /x
    return "a"
