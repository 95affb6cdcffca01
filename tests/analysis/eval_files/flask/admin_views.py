import time

from flask import Flask
from flask_admin import Admin, BaseView, expose  # expect: WB603 Flask-Admin
from flask_admin.contrib.sqla import ModelView


class Tag:
    pass


class Guarded(ModelView):
    def is_accessible(self):
        return open("keys").closed  # expect: WB301 open via GET /admin/tag/, GET /admin/tag/ajax/lookup/, GET /admin/tag/details/, GET /admin/tag/export/<export_type>/, GET,POST /admin/tag/edit/, GET,POST /admin/tag/new/, POST /admin/tag/action/, POST /admin/tag/ajax/update/, POST /admin/tag/delete/

    def on_model_change(self, form, model, is_created):
        time.sleep(1)  # expect: WB101 time.sleep via GET,POST /admin/tag/edit/, GET,POST /admin/tag/new/, POST /admin/tag/ajax/update/

    def unused(self):
        time.sleep(1)  # ok, it is behind no URL


class Figures(BaseView):
    @expose("/")
    def index(self):
        time.sleep(1)  # expect: WB101 time.sleep via GET /admin/figures/
        return ""


app = Flask(__name__)
admin = Admin(app)
admin.add_view(Guarded(Tag, None))
admin.add_view(Figures())
