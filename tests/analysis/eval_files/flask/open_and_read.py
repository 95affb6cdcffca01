from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    with open("a.txt") as file:  # expect: WB301 open via GET /x
        return file.read()  # expect: WB301 io.TextIOWrapper.read via GET /x
