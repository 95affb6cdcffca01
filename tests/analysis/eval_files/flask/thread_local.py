import threading
from flask import Flask

app = Flask(__name__, static_folder=None)


current = threading.local()


@app.before_request
def remember():
    current.user = 1  # expect: WB501 threading.local via GET /x


@app.get("/x")
def x():
    return str(current.user)  # expect: WB501 threading.local via GET /x
# verdict: GET /x rewrite thread
