import locale
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    locale.setlocale(locale.LC_ALL, "de_DE")  # expect: WB521 locale.setlocale via GET /x
    return "1,5"
