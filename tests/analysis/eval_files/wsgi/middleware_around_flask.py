import threading
import time

from flask import Flask


class Gate:
    def __init__(self, app):
        self.app = app
        self.places = threading.BoundedSemaphore(16)

    def __call__(self, environ, start_response):  # expect: WB602 middleware_around_flask.Gate via GET /static/<path:filename>, GET /x, GET /y
        self.places.acquire()  # expect: WB102 threading.BoundedSemaphore.acquire via GET /static/<path:filename>, GET /x, GET /y
        try:
            return self.app(environ, start_response)
        finally:
            self.places.release()


flask_app = Flask(__name__)


@flask_app.get("/x")
def x():
    time.sleep(1)  # expect: WB101 time.sleep via GET /x
    return "late"


@flask_app.get("/y")
def y():
    return "at once"


application = Gate(flask_app)
