import sqlite3
from flask import Flask

app = Flask(__name__, static_folder=None)


connection = sqlite3.connect("a.db")


def load(number):
    return connection.execute("SELECT ?", [number])  # expect: WB215 sqlite3.Connection.execute via GET /x; WB210 sqlite3.Connection.execute via GET /y


@app.get("/x")
def x():
    return str([load(number) for number in range(10)])


@app.get("/y")
def y():
    return str(load(1))
