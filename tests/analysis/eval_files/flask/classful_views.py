import time

from flask import Flask
from flask_classful import FlaskView, route


class QuotesView(FlaskView):
    def before_index(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET /quotes/

    def index(self):
        return ""

    def get(self, id):
        time.sleep(1)  # expect: WB101 time.sleep via GET /quotes/<id>/
        return ""

    @route("/of/<day>", methods=["POST"])
    def daily(self, day):
        return self._found(day)

    def _found(self, day):
        time.sleep(1)  # expect: WB101 time.sleep via POST /quotes/of/<day>
        return day


class Unregistered(FlaskView):
    def index(self):
        time.sleep(1)  # ok, nobody registers it
        return ""


app = Flask(__name__)
QuotesView.register(app)
