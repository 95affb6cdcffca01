import threading
from flask import Flask

app = Flask(__name__, static_folder=None)


lock = threading.Lock()


@app.get("/x")
def x():
    with lock:  # expect: WB102 threading.Lock.__enter__ via GET /x
        return "mine"
