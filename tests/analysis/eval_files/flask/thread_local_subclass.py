import threading
from flask import Flask

app = Flask(__name__, static_folder=None)


class Current(threading.local):
    user = None


current = Current()


@app.get("/x")
def x():
    return str(current.user)  # expect: WB501 threading.local via GET /x
