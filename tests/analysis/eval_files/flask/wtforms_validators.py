import time

from flask import Flask
from flask_wtf import FlaskForm  # expect: WB604 Flask-WTF
from wtforms import StringField, validators

app = Flask(__name__)


def is_free(form, field):
    time.sleep(1)  # expect: WB101 time.sleep via POST /more, POST /name


class Known:
    def __call__(self, form, field):
        time.sleep(2)  # expect: WB101 time.sleep via POST /more, POST /name


def is_asked_nowhere(form, field):
    time.sleep(3)  # ok


class NameForm(FlaskForm):
    name = StringField("Name", validators=[validators.DataRequired(), is_free, Known()])
    city = StringField("City", [validators.Optional()])

    def validate_city(self, field):
        time.sleep(4)  # expect: WB101 time.sleep via POST /name

    def validate_street(self, field):
        time.sleep(5)  # ok


class MoreForm(FlaskForm):
    city = StringField()

    def validate(self, extra_validators=None):
        time.sleep(6)  # expect: WB101 time.sleep via POST /stubborn
        return True

    def validate_city(self, field):
        time.sleep(7)  # ok


class OtherForm(FlaskForm):
    city = StringField()

    def validate_city(self, field):
        time.sleep(4)  # expect: WB101 time.sleep via POST /other

    def validate(self, extra_validators=None):
        return super().validate(extra_validators)


class Never(FlaskForm):
    name = StringField(validators=[is_asked_nowhere])


@app.post("/name")
def name():
    form = NameForm()
    return str(form.validate_on_submit())


class SubForm(NameForm):
    city = None  # takes the field away


@app.post("/more")
def more():
    return str(SubForm().validate())


@app.post("/stubborn")
def stubborn():
    return str(MoreForm().validate_on_submit())


@app.post("/other")
def other():
    return str(OtherForm().validate())


@app.post("/shown")
def shown():
    return str(NameForm().data) + str(Never())
