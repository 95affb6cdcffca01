"""What a call's constants switch off is not reached by it; what another call switches on is."""

import smtplib
import threading
from functools import partial

import requests
from flask import Flask

app = Flask(__name__, static_folder=None)


def save(name, send=False, *, log=None, wait=None):
    if send:
        smtplib.SMTP("mail").quit()  # expect: WB204 smtplib.SMTP via GET /loud; WB204 smtplib.SMTP.quit via GET /loud
    if log is not None:
        requests.post("http://log", data=log)  # expect: WB201 requests.post via GET /logged
    return wait and threading.Event().wait(wait)  # expect: WB102 threading.Event.wait via GET /waiting


def through(name, loud):
    save(name, loud)


def turned(name, quiet=False):
    if not quiet:
        return requests.put(name)  # expect: WB201 requests.put via GET /off
    if quiet is None:
        return 0
    return requests.get(name)  # expect: WB201 requests.get via GET /quiet


def changed(send=False):
    send = send or app.config["SEND"]
    if send:
        requests.head("http://a")  # expect: WB201 requests.head via GET /changed


def on_a_line(flag):
    if flag:
        requests.patch("http://a")  # expect: WB201 requests.patch via GET /twice
    return flag


class Mailer:
    def __init__(self, connect=True):
        if connect:
            self.session = requests.Session()
            self.session.get("http://a")  # expect: WB201 requests.Session.get via GET /connected

    def ask(self, now=False):
        if now:
            requests.delete("http://a")  # expect: WB201 requests.delete via GET /partial, GET /starred, GET /asked


def deliver(name, *, at_once=False):
    if at_once:
        requests.options("http://a")  # expect: WB201 requests.options via GET /filled, GET /given-on, GET /loudly


class Post:
    def send(self, name, loud=False):
        if loud:
            requests.request("GET", "http://a")  # expect: WB201 requests.request via GET /loudly
        return name


class Parcel(Post):
    def send(self, *args, **kwargs):
        deliver("a", **kwargs.get("deliver", {}))
        return super().send(*args, **kwargs)


def going_by(*args, **kwargs):
    return deliver(*args, **kwargs)


def filled(**kwargs):
    kwargs["at_once"] = True
    return deliver("a", **kwargs)


@app.get("/given-on")
def given_on():
    going_by("a", at_once=True)
    return "ok"


@app.get("/filled")
def fill():
    filled()
    return "ok"


@app.get("/loudly")
def loudly():
    return Parcel().send("a", True)


@app.get("/silent")
def silent():
    going_by("a")
    going_by("a", at_once=False)
    Post().send("a")
    save("a")
    save("a", False, log=None)
    through("a", loud=False)
    Mailer(connect=False).ask()
    return "ok"


@app.get("/loud")
def loud():
    through("a", True)
    return "ok"


@app.get("/logged")
def logged():
    save("a", log="a")
    return "ok"


@app.get("/waiting")
def waiting():
    save("a", wait=2)
    return "ok"


@app.get("/off")
def off():
    return turned("http://a")


@app.get("/quiet")
def quiet():
    return turned("http://a", quiet=True)


@app.get("/changed")
def change():
    changed()
    return "ok"


@app.get("/twice")
def twice():
    return str(on_a_line(False) or on_a_line(True))


@app.get("/connected")
def connected():
    Mailer()
    return "ok"


@app.get("/partial")
def given_before():
    partial(Mailer(False).ask, now=True)()
    return "ok"


@app.get("/starred")
def starred():
    Mailer(False).ask(*app.config["ASK"])
    return "ok"


@app.get("/asked")
def asked():
    Mailer(False).ask(app.config["NOW"])
    return "ok"
