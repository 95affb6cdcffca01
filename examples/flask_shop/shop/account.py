"""Logging in and out, registering, and a customer's own orders."""

from flask import Blueprint, abort, flash, g, redirect, render_template, request, send_file, session, url_for

from . import audit, context, invoices, mailer
from .models import Order, User, db
from .passwords import hash_password, matches

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        found = User.query.filter_by(email=request.form.get("email", "").lower()).first()
        if found is not None and matches(request.form.get("password", ""), found.password_hash):
            _log_in(found)
            flash("Welcome back, %s." % found.name, "success")
            return redirect(_next_page())
        flash("No account has that address and password.", "warning")
        return render_template("login.html"), 401
    return render_template("login.html")


@bp.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "GET":
        return render_template("register.html", form={})
    form = {field: request.form.get(field, "").strip() for field in ("name", "email", "password")}
    if not all(form.values()):
        flash("All three fields are needed.", "warning")
        return render_template("register.html", form=form), 422
    if User.query.filter_by(email=form["email"].lower()).first() is not None:
        flash("That address has an account already.", "warning")
        return render_template("register.html", form=form), 409
    user = User(name=form["name"], email=form["email"].lower(), password_hash=hash_password(form["password"]))
    db.session.add(user)
    db.session.commit()
    _log_in(user)
    mailer.send_later(user.email, "Welcome", "Good to have you, %s." % user.name)
    return redirect(url_for("storefront.home"))


@bp.post("/logout")
def logout():
    audit.record("logout")
    session.clear()
    flash("You are logged out.", "success")
    return redirect(url_for("storefront.home"))


@bp.get("/orders")
def orders():
    """Every order with its total: a query per order, and one more per line for the product's name."""
    if g.user is None:
        return redirect(url_for("account.login", next=request.path))
    return render_template("orders.html", orders=g.user.orders)


@bp.get("/orders/<int:number>")
def order(number):
    return render_template("order.html", order=_own_order(number))


@bp.get("/orders/<int:number>/invoice.pdf")
def invoice(number):
    """The PDF, with an ETag, and in parts for those who ask for a range."""
    found = _own_order(number)
    path = invoices.invoice_path(found)
    return send_file(path, as_attachment=True, download_name=found.number + ".pdf", max_age=0)


def _log_in(user):
    session["user_id"] = user.id
    context.current.user = user
    audit.record("login")


def _next_page():
    """Where the form wants to go, if that is a path of this shop; never another host."""
    wanted = request.args.get("next", "")
    inside = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if inside else url_for("storefront.home")


def _own_order(number):
    found = db.session.get(Order, number)
    if found is None or g.user is None or not (g.user.is_admin or found.user_id == g.user.id):
        abort(404, "You have no such order.")
    return found
