import tempfile
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return tempfile.mkdtemp()  # expect: WB305 tempfile.mkdtemp via GET /x
