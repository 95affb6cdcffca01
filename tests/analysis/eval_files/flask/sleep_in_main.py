import time
from flask import Flask

app = Flask(__name__, static_folder=None)


@app.get("/x")
def x():
    return "at once"


if __name__ == "__main__":
    time.sleep(1)  # ok
    app.run()
