"""A parameter that is compared with texts and numbers: what a call's constant excludes is not reached by it."""

import requests
from flask import Flask, request

app = Flask(__name__, static_folder=None)


def act(topic, action):
    if action == "delete":
        requests.delete("http://a")  # expect: WB201 requests.delete via GET /delete, GET /any
    elif action in ("hide", "unhide"):
        requests.patch("http://a")  # expect: WB201 requests.patch via GET /hide, GET /any
    else:
        requests.post("http://a")  # expect: WB201 requests.post via GET /lock, GET /any
    return topic


def act_now(topic, action="lock"):
    return act(topic, action)


def matched(action, level=2):
    match action:
        case "read" | "list":
            requests.get("http://a")  # expect: WB201 requests.get via GET /read
        case "write" if level:
            requests.put("http://a")  # expect: WB201 requests.put via GET /write
    if level != 3:
        requests.head("http://a")  # expect: WB201 requests.head via GET /read
    if action:
        requests.options("http://a")  # expect: WB201 requests.options via GET /read, GET /write


def changed(action):
    action = action.lower()
    if action == "hide":
        requests.request("GET", "http://a")  # expect: WB201 requests.request via GET /changed


@app.get("/delete")
def delete():
    return act("a", "delete")


@app.get("/hide")
def hide():
    return act_now("a", action="hide")


@app.get("/lock")
def lock():
    return act_now("a")


@app.get("/any")
def any_():
    return act("a", request.args["action"])


@app.get("/read")
def read():
    matched("read")
    return "read"


@app.get("/write")
def write():
    matched("write", 3)
    return "written"


@app.get("/changed")
def change():
    changed("HIDE")
    return "changed"
