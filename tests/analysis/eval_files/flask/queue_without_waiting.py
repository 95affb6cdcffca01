import queue
from flask import Flask

app = Flask(__name__, static_folder=None)


jobs = queue.Queue()


@app.get("/x")
def x():
    return jobs.get_nowait()  # ok


@app.get("/y")
def y():
    return jobs.get(block=False)  # ok
