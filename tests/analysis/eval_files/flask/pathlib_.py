from pathlib import Path
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return Path("a").read_text()  # expect: WB301 pathlib.Path.read_text via GET /x


@app.get("/y")
def y():
    return str(Path("a") / "b") + Path("c").name  # ok
