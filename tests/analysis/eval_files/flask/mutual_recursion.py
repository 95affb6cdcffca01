import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def even(number):
    return number == 0 or odd(number - 1)


def odd(number):
    time.sleep(0.1)  # expect: WB101 time.sleep via GET /x
    return number != 0 and even(number - 1)


@app.get("/x")
def x():
    return str(even(4))
