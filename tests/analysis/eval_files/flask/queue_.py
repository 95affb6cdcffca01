import queue
from flask import Flask

app = Flask(__name__, static_folder=None)


jobs = queue.Queue()


@app.get("/x")
def x():
    return jobs.get()  # expect: WB103 queue.Queue.get via GET /x


@app.get("/y")
def y():
    return str(jobs.qsize())  # ok
