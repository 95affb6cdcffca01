import subprocess
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    process = subprocess.Popen(["git"])  # expect: WB111 subprocess.Popen via GET /x
    process.wait()  # expect: WB112 subprocess.Popen.wait via GET /x
    return "done"
