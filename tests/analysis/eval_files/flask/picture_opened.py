from flask import Flask, request
from PIL import Image

app = Flask(__name__)


@app.post("/size")
def size():
    picture = Image.open(request.files["picture"])  # expect: WB301 PIL.Image.open via POST /size
    return str(picture.size)


@app.post("/smaller")
def smaller():
    picture = Image.open(request.files["picture"])  # expect: WB301 PIL.Image.open via POST /smaller
    picture.thumbnail((10, 10))  # expect: WB402 PIL.Image.Image.thumbnail via POST /smaller
    return str(picture.size)
