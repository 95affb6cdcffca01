import time

from flask import Flask, render_template_string

app = Flask(__name__, static_folder=None)


def slow(name):
    time.sleep(1)  # expect: WB101 time.sleep via GET /global
    return name


def slow_filter(name):
    time.sleep(1)  # expect: WB101 time.sleep via GET /filter
    return name


app.jinja_env.globals["slow"] = slow
app.jinja_env.filters["slowly"] = slow_filter


@app.get("/global")
def uses_global():
    return render_template_string("{{ slow('a') }}")


@app.get("/filter")
def uses_filter():
    return render_template_string("{{ 'a' | slowly }}")


@app.get("/neither")
def uses_neither():
    return render_template_string("{{ 'a' | upper }}")  # ok
