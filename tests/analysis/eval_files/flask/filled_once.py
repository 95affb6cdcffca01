import functools

import requests
from flask import Flask

app = Flask(__name__)

_languages = None
_emptied = None
_dated = None


def get_languages():  # expect: WB510 _languages via GET /languages
    global _languages
    if _languages is None:
        _languages = requests.get("http://a/languages").json()  # expect: low WB201 requests.get via GET /languages
    return _languages


def get_emptied():  # expect: WB510 _emptied via GET /emptied
    global _emptied
    if _emptied is None:
        _emptied = load("emptied")
    return _emptied


def load(name):
    return requests.get(f"http://a/{name}").json()  # expect: WB201 requests.get via GET /emptied, GET /dated, GET /own, GET /of-the-class, GET /either


def get_dated(refresh):  # expect: WB510 _dated via GET /dated
    global _dated
    if _dated is None or refresh:
        _dated = load("dated")
    return _dated


class Settings:
    _kept = None

    def __init__(self):
        self._own = None

    @classmethod
    def of_the_class(cls):
        if not cls._kept:
            cls._kept = requests.get("http://a/class").json()  # expect: low WB201 requests.get via GET /of-the-class
        return cls._kept

    def own(self):
        if self._own is None:
            self._own = load("own")
        return self._own


@functools.lru_cache
def release():
    return requests.get("http://a/release").text  # expect: low WB201 requests.get via GET /release, GET /either


@functools.lru_cache(maxsize=8)
def release_of(name):
    return requests.get(f"http://a/release/{name}").text  # expect: WB201 requests.get via GET /release-of/<name>


@app.get("/languages")
def languages():
    return get_languages()


@app.get("/emptied")
def emptied():  # expect: WB510 _emptied via GET /emptied
    global _emptied
    _emptied = None
    return get_emptied()


@app.get("/dated")
def dated():
    return get_dated(True)


@app.get("/own")
def own():
    return Settings().own()


@app.get("/of-the-class")
def of_the_class():
    return Settings.of_the_class() + load("class")


@app.get("/release")
def the_release():
    return release()


@app.get("/release-of/<name>")
def the_release_of(name):
    return release_of(name)


_first = None


@app.get("/either")
def either():  # expect: WB510 _first via GET /either
    global _first
    if _first is None:
        _first = load("either")
    return release() + longer()


def longer():
    return load("longer")
