import sqlite3
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    connection = sqlite3.connect("a.db")  # expect: WB210 sqlite3.connect via GET /x
    return str(connection.execute("SELECT 1").fetchall())  # expect: WB210 sqlite3.Connection.execute via GET /x; WB210 sqlite3.Cursor.fetchall via GET /x
