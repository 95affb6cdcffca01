import io
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return io.BytesIO(b"a").read()  # ok
