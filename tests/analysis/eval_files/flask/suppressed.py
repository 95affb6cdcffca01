import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    time.sleep(1)  # noqa: WB101
    return "a"
# verdict: GET /x rewrite greenlet
