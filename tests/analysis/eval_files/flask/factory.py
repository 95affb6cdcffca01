import time

from flask import Flask


def create_app():
    app = Flask(__name__, static_folder=None)

    @app.get("/x")
    def x():
        time.sleep(1)  # expect: WB101 time.sleep via GET /x
        return "a"

    return app
