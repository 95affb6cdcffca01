import sqlite3
import threading
from flask import Flask

app = Flask(__name__, static_folder=None)

kept = threading.local()


def connection():
    if not hasattr(kept, "connection"):  # expect: WB505 threading.local via GET /x
        kept.connection = sqlite3.connect("x.db")  # expect: WB210 sqlite3.connect via GET /x
    return kept.connection


def other():
    if getattr(kept, "other", None) is None:  # expect: WB505 threading.local via GET /y
        kept.other = object()
    return kept.other


@app.get("/x")
def x():
    return str(connection())


@app.get("/y")
def y():
    return str(other())
# verdict: GET /x redesign thread
# verdict: GET /y redesign thread
