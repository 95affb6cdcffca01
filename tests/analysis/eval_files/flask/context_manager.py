import time
from flask import Flask

app = Flask(__name__, static_folder=None)


class Slow:
    def __enter__(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET /x

    def __exit__(self, *problem):
        return None


@app.get("/x")
def x():
    with Slow():
        return "late"
