import subprocess
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return subprocess.run(["git"], capture_output=True).stdout  # expect: WB110 subprocess.run via GET /x
