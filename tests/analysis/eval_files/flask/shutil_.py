import shutil
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    shutil.copytree("a", "b")  # expect: WB303 shutil.copytree via GET /x
    return "copied"
