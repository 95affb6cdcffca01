import time

from flask.views import MethodView
from flask import Flask

app = Flask(__name__, static_folder=None)


class Item(MethodView):
    def get(self):
        return "a"  # ok

    def post(self):
        time.sleep(1)  # expect: WB101 time.sleep via POST /item
        return "b"


app.add_url_rule("/item", view_func=Item.as_view("item"))
