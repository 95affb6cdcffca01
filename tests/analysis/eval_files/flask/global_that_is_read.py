from flask import Flask

app = Flask(__name__, static_folder=None)


count = 0


@app.get("/x")
def x():
    return str(count)  # ok
