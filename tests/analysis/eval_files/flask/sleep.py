import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    time.sleep(1)  # expect: WB101 time.sleep via GET /x
    return "late"
