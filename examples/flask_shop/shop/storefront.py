"""What everybody sees: the front page, products, the search, pictures."""

import time

from flask import (
    Blueprint,
    abort,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)

from . import audit, catalogue, mailer, settings
from .models import Category, Product, Review, db

bp = Blueprint("storefront", __name__)
LONGEST_WAIT = 5.0  # seconds that a "tell me when it is back" request may hang
POLL = 0.25  # seconds between two looks


@bp.get("/")
def home():
    return render_template("home.html", cards=catalogue.cards(), category=None)


@bp.get("/category/<slug>")
def category(slug):
    chosen = Category.query.filter_by(slug=slug).first_or_404("There is no such shelf.")
    return render_template("home.html", cards=catalogue.cards(slug), category=chosen)


@bp.get("/search")
def search():
    words = request.args.get("q", "").strip()
    return render_template("search.html", words=words, cards=catalogue.find(words) if words else [])


@bp.get("/product/<slug>")
def product(slug):
    return render_template("product.html", product=_product(slug))


@bp.post("/product/<slug>/review")
def review(slug):
    if g.user is None:
        flash("Log in to write a review.", "warning")
        return redirect(url_for("account.login", next=url_for("storefront.product", slug=slug)))
    found, text = _product(slug), request.form.get("text", "").strip()
    stars = request.form.get("stars", 0, type=int)
    if not text or not 1 <= stars <= 5:
        flash("A review needs a few words and one to five stars.", "warning")
    else:
        db.session.add(Review(product=found, user=g.user, stars=stars, text=text))
        db.session.commit()
        catalogue.forget()
        audit.record("review", slug)
        mailer.send_later("staff@bridge.example", "A review of " + found.name, text)
        flash("Thank you, your review is up.", "success")
    return redirect(url_for("storefront.product", slug=slug))


@bp.get("/product/<slug>/stock")
def stock(slug):
    """How many are left; with `?wait=SECONDS`, as soon as there are any. Holds a thread meanwhile."""
    until = time.monotonic() + min(request.args.get("wait", 0.0, type=float), LONGEST_WAIT)
    pieces = _product(slug).stock
    while pieces == 0 and time.monotonic() < until:
        time.sleep(POLL)
        db.session.rollback()  # else this session would never see the new number
        pieces = _product(slug).stock
    return jsonify(slug=slug, stock=pieces)


@bp.get("/pictures/<path:name>")
def picture(name):
    answer = send_from_directory(settings.PICTURES, name, max_age=60)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return answer


@bp.get("/about")
def about():
    return render_template("about.html")


@bp.get("/health")
def health():
    return jsonify(status="ok")


@bp.get("/broken")
def broken():
    """A page with a bug, left in on purpose: shows the error page."""
    return jsonify(answer=1 // int(request.args.get("divisor", "0")))


def _product(slug):
    found = Product.query.filter_by(slug=slug).first()
    if found is None:
        abort(404, "We do not stock that bridge.")
    return found
