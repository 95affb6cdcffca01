from contextvars import ContextVar
from flask import Flask

app = Flask(__name__, static_folder=None)


current = ContextVar("current")


@app.get("/x")
def x():
    current.set(1)  # ok
    return str(current.get())  # ok
# verdict: GET /x ready thread
