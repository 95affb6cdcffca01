"""The Chat under the Bridge: rooms, who is in them, and what was said, by Flask-Sock.

`create_app()` makes the application. All it knows is in this process and gone with it: one worker, please.
"""

from urllib.parse import urlsplit

from flask import Flask, abort, redirect, render_template, request, session, url_for
from flask_sock import Sock

from .rooms import ROOMS, Room

NAME_LENGTH = 20
TEXT_LENGTH = 500


def create_app():
    """The WSGI application."""
    app = Flask(__name__)
    # Names are all that the session holds, and anybody may take any.
    app.config.update(SECRET_KEY="chat", SESSION_COOKIE_SAMESITE="Lax")
    rooms = {name: Room(name, topic) for name, topic in ROOMS.items()}
    _add_pages(app, rooms)
    _add_talk(Sock(app), rooms)
    return app


def _add_pages(app, rooms):
    @app.get("/")
    def lobby():
        return render_template("lobby.html", rooms=rooms.values(), name=session.get("name", ""))

    @app.post("/")
    def enter():
        session["name"] = request.form.get("name", "").strip()[:NAME_LENGTH] or "somebody"
        return redirect(url_for("room", name=request.form.get("room", "")))

    @app.get("/rooms/<name>")
    def room(name):
        if name not in rooms:
            abort(404)
        if "name" not in session:
            return redirect(url_for("lobby"))
        return render_template("room.html", room=rooms[name], rooms=rooms.values(), limit=TEXT_LENGTH)


def _add_talk(sock, rooms):
    @sock.route("/rooms/<name>/talk")
    def talk(ws, name):
        # Any site may open a WebSocket to this one, with this one's cookies (RFC 6455 section 10.2).
        origin = urlsplit(request.headers.get("Origin", "")).netloc
        if name not in rooms or "name" not in session or origin != request.host:
            ws.close(1008, "not from here")
            return
        with rooms[name].visited(ws, session["name"]) as say:
            while True:
                text = ws.receive()  # raises ConnectionClosed when the page has gone: Flask-Sock expects that
                if isinstance(text, str) and text.strip():
                    say(text.strip()[:TEXT_LENGTH])
