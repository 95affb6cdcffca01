from flask import send_file
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return send_file("a.pdf")  # expect: WB307 flask.send_file via GET /x
