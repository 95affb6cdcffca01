from flask import Response
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return Response("a")  # ok
