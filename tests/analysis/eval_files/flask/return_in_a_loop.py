import contextlib
import sqlite3

from flask import Flask

app = Flask(__name__)


def title(number):
    connection = sqlite3.connect("a.db")  # expect: WB210 sqlite3.connect via GET /first; WB215 sqlite3.connect via GET /each, GET /returned
    return str(connection)


def again():
    return str(sqlite3.connect("b.db"))  # expect: WB215 sqlite3.connect via GET /retried, GET /suppressed


@app.get("/first")
def first():
    for number in range(9):
        if number > 3:
            return title(number)
    return ""


@app.get("/each")
def each():
    found = []
    for number in range(9):
        found.append(title(number))
    return str(found)


@app.get("/returned")
def returned():
    while True:
        return str([title(number) for number in range(9)])


@app.get("/retried")
def retried():
    for _ in range(9):
        try:
            return again()
        except sqlite3.Error:
            continue
    return ""


@app.get("/suppressed")
def suppressed():
    for _ in range(9):
        with contextlib.suppress(sqlite3.Error):
            return again()
    return ""
