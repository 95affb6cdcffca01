"""What runs around every request: who is asking, the forgery check, the counters, the error pages."""

import hmac
import logging
import os
import secrets
import subprocess
import time

from flask import abort, g, render_template, request, session
from werkzeug.exceptions import HTTPException

from . import audit, cart, context, settings
from .models import Category, User, db
from .money import money

log = logging.getLogger("shop.requests")
SAFE = {"GET", "HEAD", "OPTIONS"}
QUIET = {"static", "storefront.picture", "storefront.health"}  # neither counted nor logged


def install(app):
    """Hang everything in this module onto `app`."""
    app.before_request(begin)
    app.before_request(load_user)
    app.before_request(refuse_forgery)
    app.after_request(finish)
    app.teardown_request(forget)
    app.context_processor(for_templates)
    app.add_template_filter(money)
    app.register_error_handler(HTTPException, error_page)


def begin():
    """Start the clock and give the thread a request number."""
    context.begin()
    g.started = time.perf_counter()


def load_user():
    """Put whoever is logged in into `g.user` and into the thread-local: a query on every request."""
    g.user = None
    if request.endpoint not in QUIET and "user_id" in session:
        g.user = context.current.user = db.session.get(User, session["user_id"])


def refuse_forgery():
    """403 unless a changing request brings the token of its session, as a field or as a header."""
    if request.method in SAFE:
        return
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf_token", "")
    if not hmac.compare_digest(sent, session.get("csrf_token", "-")):
        abort(403, "The form has expired. Go back, reload the page and send it again.")


def csrf_token():
    """The session's token against forged requests, made on first use."""
    return session.setdefault("csrf_token", secrets.token_hex(16))


def finish(response):
    """Count, log to a file and tell the browser how long it took."""
    took = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
    response.headers["Server-Timing"] = "shop;dur=%.1f" % took
    response.headers["X-Request-Number"] = str(getattr(context.current, "number", 0))
    if request.endpoint not in QUIET:
        audit.count_visit(request.path)
        log.info("%s %s %d %.1f ms", request.method, request.path, response.status_code, took)
    return response


def forget(problem):
    """Clear the thread-local, and say goodbye to a request that failed."""
    if problem is not None:
        log.error("failed: %r", problem)
    context.end()


def for_templates():
    """What every page shows: the menu costs a query for each page, and so does the banner for admins."""
    user = g.get("user")
    return {
        "user": user,
        "menu": Category.query.order_by(Category.id).all(),
        "cart_pieces": cart.pieces(),
        "csrf_token": csrf_token,
        "version": version_banner() if user and user.is_admin else None,
    }


def version_banner():
    """The checkout's revision, asked of `git` for each page that an admin opens."""
    command = ["git", "-C", os.path.dirname(settings.HERE), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unversioned"  # no git here, or not a checkout
    return done.stdout.decode().strip()


def error_page(problem):
    """One page for all errors. A 500 arrives here as an `InternalServerError`."""
    db.session.rollback()
    return render_template("error.html", problem=problem), problem.code
