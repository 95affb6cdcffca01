"""The shopping cart: `{slug: quantity}` in the session cookie, priced afresh for every page."""

from flask import session

from .models import Product

MOST_OF_ONE = 20


def add(slug, quantity):
    """Put `quantity` more of a product into the cart; a sum of zero or less takes it out."""
    cart = dict(session.get("cart", {}))
    cart[slug] = min(cart.get(slug, 0) + quantity, MOST_OF_ONE)
    if cart[slug] <= 0:
        del cart[slug]
    session["cart"] = cart


def empty():
    """Take everything out."""
    session.pop("cart", None)


def pieces():
    """How many things are in the cart."""
    return sum(session.get("cart", {}).values())


def lines():
    """`(product, quantity)` pairs: one query for each product (N+1)."""
    found = [(Product.query.filter_by(slug=slug).first(), n) for slug, n in session.get("cart", {}).items()]
    return [(product, quantity) for product, quantity in found if product is not None]


def cents():
    """The price of all goods. Asks the database again."""
    return sum(product.cents * quantity for product, quantity in lines())


def grams():
    """The weight of all goods. And again."""
    return sum(product.grams * quantity for product, quantity in lines())
