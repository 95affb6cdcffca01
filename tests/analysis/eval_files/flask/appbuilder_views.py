import time

from flask import Flask
from flask_appbuilder import AppBuilder, BaseView, ModelView, expose
from flask_appbuilder.api import BaseApi


class Contacts(ModelView):
    def pre_add(self, item):
        time.sleep(1)  # expect: WB101 time.sleep via GET,POST /contacts/add

    def unused(self):
        time.sleep(1)  # ok, it is behind no URL


class Figures(BaseView):
    route_base = "/figures"

    @expose("/all")
    def everything(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET /figures/all
        return ""


class Greeting(BaseApi):
    @expose("/hello", methods=["POST"])
    def hello(self):
        return open("names").read()  # expect: WB301 open via POST /api/v1/greeting/hello; WB301 io.TextIOWrapper.read via POST /api/v1/greeting/hello


app = Flask(__name__)
app.config["FAB_ADD_SECURITY_VIEWS"] = False
appbuilder = AppBuilder(app)
appbuilder.add_view(Contacts, "contacts")
appbuilder.add_view_no_menu(Figures)
appbuilder.add_api(Greeting)
