from flask import Flask

app = Flask(__name__, static_folder=None)


def sleep(seconds):
    return seconds


@app.get("/x")
def x():
    return str(sleep(1))  # ok
