from flask import Flask

app = Flask(__name__, static_folder=None)


@app.errorhandler(404)
def missing(problem):
    return "none", 404


@app.get("/x")
def x():
    return "a"
