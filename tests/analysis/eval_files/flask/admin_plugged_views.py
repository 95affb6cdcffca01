import time

from flask import Flask
from flask.views import MethodView
from flask_admin import Admin, BaseView, expose_plugview  # expect: WB603 Flask-Admin


class Figures(BaseView):
    def is_accessible(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET /admin/figures/api, POST /admin/figures/api
        return True

    @expose_plugview("/api")
    class Api(MethodView):
        def get(self, cls):
            time.sleep(1)  # expect: WB101 time.sleep via GET /admin/figures/api
            return ""

        def post(self, cls):
            return ""

        def unused(self):
            time.sleep(1)  # ok, it answers no HTTP method

    class Hidden(MethodView):
        def get(self, cls):
            time.sleep(1)  # ok, it is behind no URL


app = Flask(__name__)
admin = Admin(app)
admin.add_view(Figures())
