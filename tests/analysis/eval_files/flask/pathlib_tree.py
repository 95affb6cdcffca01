from pathlib import Path
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return str(list(Path("a").glob("*")))  # expect: WB303 pathlib.Path.glob via GET /x
