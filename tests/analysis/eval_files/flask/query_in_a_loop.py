import sqlite3
from flask import Flask

app = Flask(__name__, static_folder=None)


connection = sqlite3.connect("a.db")


@app.get("/x")
def x():
    for number in range(10):
        connection.execute("SELECT ?", [number])  # expect: WB215 sqlite3.Connection.execute via GET /x
    return "done"
