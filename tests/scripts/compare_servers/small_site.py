"""A small site for the tests of scripts/compare: a login, a form with an upload, a file, noise, and faults on demand.

FAULT (environment): what goes wrong behind the bridge only: "status", "body", "cookie", "upload", "traceback".
"""

from __future__ import annotations

import os
import secrets
import traceback

from flask import Flask, Response, redirect, request, send_file, session
from werkzeug.wrappers import Response as AnyResponse

FAULT = os.environ.get("FAULT", "")
app = Flask(__name__)
app.secret_key = "not secret"
uploads: dict[str, bytes] = {}


def faulty(kind: str) -> bool:
    return kind == FAULT and "asgi.scope" in request.environ


@app.get("/")
def index() -> Response:
    text = "other" if faulty("body") else "text"
    response = Response(
        f"<p>{text} of {session.get('name')}</p><a href=/login>in</a><a href=/upload>up</a><a href=/file.txt>file</a><a href=/page/1>1</a>"
        f"<a href=/secret/{secrets.token_hex(8)}>random</a>",
        mimetype="text/html",
    )
    if not faulty("cookie"):
        response.set_cookie("seen", secrets.token_hex(8), httponly=True)
    return response


@app.route("/login", methods=["GET", "POST"])
def login() -> AnyResponse | str:
    if request.method == "POST" and request.form["token"] == session["token"]:
        session["name"] = request.form["name"]
        return redirect("/upload")
    session["token"] = secrets.token_hex(8)
    return f"<form method=post><input name=name><input type=hidden name=token value={session['token']}><button>in</button></form>"


@app.route("/upload", methods=["GET", "POST"])
def upload() -> AnyResponse | str:
    if request.method == "POST":
        file = request.files["file"]
        content = file.read()
        uploads[file.filename or ""] = content[:-1] if faulty("upload") else content
        return redirect("/upload")
    listing = "".join(f"<p>{name}: {len(content)}</p>" for name, content in uploads.items())
    return f"<form method=post enctype=multipart/form-data><input type=file name=file><button>send</button></form>{listing}"


@app.get("/file.txt")
def file() -> Response:
    return send_file(__file__, mimetype="text/plain", conditional=True)


@app.get("/page/<int:number>")
def page(number: int) -> tuple[str, int]:
    if faulty("traceback"):
        try:
            raise ValueError("heard in the log only")
        except ValueError:
            traceback.print_exc()
    return f"<a href=/page/{number + 1}>next</a>", 410 if faulty("status") and number == 2 else 200


@app.get("/secret/<name>")
def secret(name: str) -> str:
    return name
