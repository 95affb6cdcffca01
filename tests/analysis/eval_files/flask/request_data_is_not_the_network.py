from flask import request
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/x")
def x():
    return str(request.args.get("a")) + str(request.headers.get("b"))  # ok
