import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    time.sleep(1)  # noqa: WB201 # expect: WB101 time.sleep via GET /x; WB905 # noqa: WB201
    return "a"
