import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.teardown_request
def close(problem):
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /x


@app.get("/x")
def x():
    return "a"
