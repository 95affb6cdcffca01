import threading
from flask import Flask

app = Flask(__name__, static_folder=None)


lock = threading.Lock()


@app.get("/x")
def x():
    if lock.acquire(blocking=False):  # ok
        lock.release()
    return "mine"
