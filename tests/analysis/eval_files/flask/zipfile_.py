import zipfile
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    with zipfile.ZipFile("a.zip") as archive:  # expect: WB304 zipfile.ZipFile via GET /x
        archive.extractall("b")  # expect: WB304 zipfile.ZipFile.extractall via GET /x
    return "unpacked"
