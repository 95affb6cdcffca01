from flask import Flask

app = Flask(__name__, static_folder=None)


def count(requests):
    return requests.get("a")  # ok


@app.get("/x")
def x():
    return str(count({"a": 1}))
