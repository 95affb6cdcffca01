"""The cart, shipping quotes, and placing an order."""

import asyncio

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for

from . import audit, cart, catalogue, mailer, shipping
from .models import Order, OrderLine, db

bp = Blueprint("checkout", __name__)


@bp.get("/cart")
def show():
    return render_template("cart.html", lines=cart.lines(), cents=cart.cents())


@bp.post("/cart/add")
def add():
    cart.add(request.form["slug"], request.form.get("quantity", 1, type=int))
    flash("Your cart has changed.", "success")
    return redirect(url_for("checkout.show"))


@bp.get("/shipping/quote")
def quote():
    """The cheapest rate as JSON: three helpers down, three HTTP calls and their retries."""
    try:
        rate = shipping.cheapest(cart.grams(), request.args.get("postcode", ""))
    except shipping.NoCarrier as problem:
        return jsonify(error=str(problem)), 502
    return jsonify(rate)


@bp.get("/shipping/compare")
async def compare():
    """All carriers at once: somebody began to go async here, and did not finish.

    The HTTP calls run in threads, as they should; `cart.grams()` still asks the database on the loop.
    """
    postcode, grams = request.args.get("postcode", "BR1"), cart.grams()
    asked = (asyncio.to_thread(shipping.ask, name, grams, postcode) for name in shipping.CARRIERS)
    rates = [rate for rate in await asyncio.gather(*asked) if rate is not None]
    rates.sort(key=lambda rate: rate["cents"])
    return render_template("compare.html", rates=rates, postcode=postcode, grams=grams)


@bp.route("/checkout", methods=["GET", "POST"])
def checkout():
    if g.user is None:
        flash("Log in to order.", "warning")
        return redirect(url_for("account.login", next=url_for("checkout.checkout")))
    lines = cart.lines()
    if not lines:
        flash("Your cart is empty.", "warning")
        return redirect(url_for("checkout.show"))
    if request.method == "GET":
        return render_template("checkout.html", lines=lines, cents=cart.cents(), form={})
    return _place_order(lines)


def _place_order(lines):
    address, postcode = request.form.get("address", "").strip(), request.form.get("postcode", "").strip()
    if not address or not postcode:
        flash("We need an address and a postcode.", "warning")
        return render_template("checkout.html", lines=lines, cents=cart.cents(), form=request.form), 422
    try:
        rate = shipping.cheapest(cart.grams(), postcode)
    except shipping.NoCarrier as problem:
        flash("Sorry: %s." % problem, "warning")
        return render_template("checkout.html", lines=lines, cents=cart.cents(), form=request.form), 502
    order = _save(lines, address, postcode, rate)
    text = "Your order %s is on its way by %s." % (order.number, order.carrier)
    mailer.send(g.user.email, "Thank you for your order", text)
    flash(text, "success")
    return redirect(url_for("account.order", number=order.id))


def _save(lines, address, postcode, rate):
    order = Order(user=g.user, address=address, postcode=postcode)
    order.carrier, order.shipping_cents = rate["carrier"], rate["cents"]
    for product, quantity in lines:
        product.stock = max(product.stock - quantity, 0)
        order.lines.append(OrderLine(product=product, quantity=quantity, cents=product.cents))
    db.session.add(order)
    db.session.commit()
    cart.empty()
    catalogue.forget()
    audit.record("order", order.number)
    return order
