import threading
from flask import Flask

app = Flask(__name__, static_folder=None)


ready = threading.Event()
changed = threading.Condition()


@app.get("/x")
def x():
    ready.wait(5)  # expect: WB102 threading.Event.wait via GET /x
    return "ready"


@app.get("/y")
def y():
    ready.set()  # ok
    return str(ready.is_set())  # ok
