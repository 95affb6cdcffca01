import io
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    file = io.StringIO()
    file.write("a")  # ok
    return file.getvalue()
