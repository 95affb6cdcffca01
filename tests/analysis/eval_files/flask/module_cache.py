from flask import Flask

app = Flask(__name__, static_folder=None)


cache = {}


@app.get("/x")
def x():
    cache["a"] = 1  # expect: WB511 a module's container via GET /x
    return str(cache)
