import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return str(time.monotonic() + time.time())  # ok
