from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    requests = {"a": 1}
    return str(requests.get("a"))  # ok
