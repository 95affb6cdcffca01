import time

from flask import Flask, request

app = Flask(__name__, static_folder=None)


class Handler:
    def process(self):
        method = getattr(self, "_process_" + request.method, None)
        return method() if method is not None else "not allowed"


class Notes(Handler):
    def _process_GET(self):
        return "notes"

    def _process_PATCH(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET,PATCH /notes
        return "changed"

    def _process_BACKWARDS(self):
        time.sleep(2)
        return "no request has this method"


@app.route("/notes", methods=["GET", "PATCH"])
def notes():
    return Notes().process()
