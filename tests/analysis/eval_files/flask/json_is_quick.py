import json
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return json.dumps({"a": 1})  # ok
