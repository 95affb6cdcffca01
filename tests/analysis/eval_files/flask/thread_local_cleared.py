import threading
from flask import Flask

app = Flask(__name__, static_folder=None)

kept = threading.local()


def settings():
    if not hasattr(kept, "settings"):  # expect: WB501 threading.local via GET /settings
        kept.settings = object()
    return kept.settings


def clear():
    if hasattr(kept, "settings"):  # expect: WB501 threading.local via GET /history, GET /kept, GET /named, GET /settings
        del kept.settings


@app.teardown_request
def forget(error):
    clear()
    delattr(kept, "named")  # expect: WB501 threading.local via GET /history, GET /kept, GET /named, GET /settings


@app.before_request
def start():
    kept.history = set()  # expect: WB501 threading.local via GET /history, GET /kept, GET /named, GET /settings


@app.get("/settings")
def show_settings():
    return str(settings())


@app.get("/named")
def show_named():
    if not hasattr(kept, "named"):  # expect: WB501 threading.local via GET /named
        kept.named = object()
    return str(kept.named)


@app.get("/history")
def show_history():
    if getattr(kept, "history", None) is None:  # expect: WB501 threading.local via GET /history
        kept.history = set()
    return str(kept.history)


def connection():
    if not hasattr(kept, "connection"):  # expect: WB505 threading.local via GET /kept
        kept.connection = object()
    return kept.connection


def reconnect():
    del kept.connection  # expect: WB505 threading.local via GET /kept
    return connection()


@app.get("/kept")  # what a view removes when it finds it broken is kept all the same
def show_kept():
    try:
        return str(connection())
    except ValueError:
        return str(reconnect())


# verdict: GET /settings rewrite thread
# verdict: GET /kept redesign thread
