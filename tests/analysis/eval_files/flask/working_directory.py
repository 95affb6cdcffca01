import os
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    os.chdir("/")  # expect: WB522 os.chdir via GET /x
    return os.getcwd()
# verdict: GET /x redesign thread
