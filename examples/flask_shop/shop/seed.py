"""Fills an empty shop: categories, products with pictures, three customers, two years of orders."""

import datetime
import os
import random
import sqlite3

from . import pictures, settings
from .models import Category, Order, OrderLine, Product, Review, User, db
from .passwords import hash_password

CATEGORIES = [
    ("stone", "Stone & brick", "Heavy, patient and good for two thousand years."),
    ("steel", "Steel & cable", "Long spans for people in a hurry."),
    ("timber", "Timber & rope", "Smells nice. Creaks a little. That is normal."),
    ("curious", "Curiosities", "Also called bridges, by somebody."),
]

# slug, category, kind, hue, cents, grams, stock, name, description
PRODUCTS = """\
roman-viaduct|stone|arch|24|24900|9500|4|Roman viaduct, travel size|Four arches, no mortar. Stood in a field for 1,900 years and has only been driven into twice.
packhorse|stone|arch|96|8950|4200|12|Packhorse bridge|One horse wide. Moss included, midges extra.
brick-railway|stone|arch|352|18900|7700|6|Brick railway arch|Comes with a small garage underneath, let to a man called Terry.
garden-moon|stone|arch|168|6400|2900|20|Moon bridge for ponds|A full circle when the water is still. Koi look up to it.
golden-span|steel|suspension|14|49900|15000|3|Great orange suspension bridge|A famous silhouette in a famous orange. Fog machine not included.
harbour-hanger|steel|suspension|208|35900|12400|5|Harbour suspension bridge|Hums a low D in a west wind. Tuning key in the box.
white-fan|steel|stayed|190|42900|9900|7|White cable-stayed bridge|Minimal, expensive and photographed more often than crossed.
evening-harp|steel|stayed|280|38900|9100|2|Evening harp bridge|Stays like strings. Lights up at dusk if you remember the batteries.
iron-truss|steel|truss|222|27500|14100|8|Iron railway truss|1,412 rivets, all countable. The 17:42 is late again.
bailey-kit|steel|truss|74|15900|8800|15|Bailey bridge kit|Six soldiers, no crane, one afternoon. Instructions in pencil.
rope-classic|timber|rope|40|3990|1800|25|Rope bridge, slightly used|Two ropes, forty planks, of which thirty-eight are present.
canopy-walk|timber|rope|130|5490|2400|11|Canopy walk|For gardens with ambitions. Do not jump in step.
covered-red|timber|covered|4|21900|8300|6|Covered bridge, barn red|Shelter for kisses and for traffic counts.
covered-green|timber|covered|148|21900|8300|0|Covered bridge, pond green|Sold out since an influencer got married in it.
drawbridge|curious|draw|262|32900|11000|3|Drawbridge for small castles|Opens in eleven seconds, closes in two. Moat sold separately.
bridge-cards|curious|cards|340|1290|140|60|Bridge, the card game|For four people who were friends at the start of the evening.
night-ferry|curious|ferry|244|990|90|40|Poster: the ferry that was replaced|A ferry man looks at a bridge. Nobody asked him.
nose-bridge|curious|spectacles|196|2490|60|9|Spectacles bridge, spare|The smallest span we stock: eighteen millimetres, free hanging.
"""

REVIEWS = [
    (5, "Crossed it. Came back. Would cross again."),
    (4, "Good bridge, but the river was not in the parcel."),
    (5, "My troll loves it."),
    (3, "Shorter than in the picture. Then again, so am I."),
    (4, "Assembled in a weekend with only one divorce."),
    (2, "The neighbours now come over."),
]
PEOPLE = [
    ("ada@bridge.example", "Ada Keystone", True),
    ("ben@bridge.example", "Ben Parapet", False),
    ("cleo@bridge.example", "Cleo Girder", False),
]
PASSWORD = "bridge"
STREETS = ["1 Toll Lane", "22 Span Street", "7 Abutment Row", "90 Riverside", "4 Old Ferry Road"]
ORDERS = 240
VERSION = 1


def first_start():
    """Create and fill the database unless it is there. Safe when several workers start at once."""
    # An exclusive SQLite transaction is a lock that every platform has and that a crash releases.
    lock = sqlite3.connect(
        os.path.join(settings.INSTANCE, "first_start.sqlite3"), timeout=60, isolation_level=None
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
        if not _is_filled():
            _fill()
        lock.execute("COMMIT")
    finally:
        lock.close()
        db.engine.dispose()  # SQLite connections must not live through a fork


def _is_filled():
    # `user_version` is a number that SQLite keeps for applications; ours is set by the filling's last step.
    return db.session.execute(db.text("PRAGMA user_version")).scalar() == VERSION


def _fill():
    dice = random.Random(1779)  # the Iron Bridge; the same shop on every machine
    db.drop_all()  # what a start that was killed half-way may have left
    db.create_all()
    categories = {slug: Category(slug=slug, name=name, blurb=blurb) for slug, name, blurb in CATEGORIES}
    products = [_product(row.split("|"), categories) for row in PRODUCTS.splitlines()]
    secret = hash_password(PASSWORD)  # the same hash for all three: it is a demonstration
    people = [User(email=e, name=n, is_admin=a, password_hash=secret) for e, n, a in PEOPLE]
    db.session.add_all([*products, *people])
    for product in products:
        for stars, text in dice.sample(REVIEWS, dice.randint(0, 4)):
            db.session.add(Review(stars=stars, text=text, product=product, user=dice.choice(people)))
    day = datetime.datetime(2024, 1, 2, 9, 30)
    for _ in range(ORDERS):
        day += datetime.timedelta(hours=dice.randint(1, 140))
        db.session.add(_order(dice, day, people, products))
    db.session.execute(db.text("PRAGMA user_version = %d" % VERSION))
    db.session.commit()


def _product(row, categories):
    slug, category, kind, hue, cents, grams, stock, name, description = row
    with open(os.path.join(settings.PICTURES, slug + ".svg"), "w", encoding="utf-8") as target:
        target.write(pictures.draw(kind, int(hue)))
    return Product(
        slug=slug,
        name=name,
        description=description,
        cents=int(cents),
        grams=int(grams),
        stock=int(stock),
        picture=slug + ".svg",
        category=categories[category],
    )


def _order(dice, day, people, products):
    order = Order(placed=day, address=dice.choice(STREETS), postcode="BR%d" % dice.randint(1, 20))
    order.user, order.carrier = dice.choice(people), dice.choice(["sparrow", "donkey", "steamboat"])
    order.shipping_cents = dice.randint(290, 2400)
    for product in dice.sample(products, dice.randint(1, 4)):
        order.lines.append(OrderLine(product=product, quantity=dice.randint(1, 3), cents=product.cents))
    return order
