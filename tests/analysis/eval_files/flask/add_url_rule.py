import time
from flask import Flask

app = Flask(__name__, static_folder=None)


def x():
    time.sleep(1)  # expect: WB101 time.sleep via GET /x
    return "a"


app.add_url_rule("/x", view_func=x)
