from flask import Flask

app = Flask(__name__, static_folder=None)


def open(name):
    return name


@app.get("/x")
def x():
    return open("a")  # ok
