from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    cache = {}
    cache["a"] = 1  # ok
    items = []
    items.append(1)  # ok
    return str(cache)
