import time

from flask import Blueprint
from flask import Flask

app = Flask(__name__, static_folder=None)


shop = Blueprint("shop", __name__, url_prefix="/shop")


@shop.route("/<slug>", methods=["GET", "POST"])
def product(slug):
    time.sleep(1)  # expect: WB101 time.sleep via GET,POST /shop/<slug>
    return slug


app.register_blueprint(shop)
