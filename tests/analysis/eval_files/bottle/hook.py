import time

from bottle import Bottle

app = Bottle()


@app.hook("before_request")
def check():
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /x


@app.get("/x")
def x():
    return "a"
