"""The shop's tables. Every relationship loads lazily, one query at a time."""

import datetime

from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Category(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    slug = db.Column(db.String(40), unique=True, nullable=False)
    name = db.Column(db.String(80), nullable=False)
    blurb = db.Column(db.String(200), nullable=False)
    products = db.relationship("Product", back_populates="category", order_by="Product.name")


class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    slug = db.Column(db.String(60), unique=True, nullable=False)
    name = db.Column(db.String(120), nullable=False)
    description = db.Column(db.Text, nullable=False)
    cents = db.Column(db.Integer, nullable=False)
    grams = db.Column(db.Integer, nullable=False)
    stock = db.Column(db.Integer, nullable=False)
    picture = db.Column(db.String(120), nullable=False)  # a file name below settings.PICTURES
    category_id = db.Column(db.ForeignKey("category.id"), nullable=False)
    category = db.relationship("Category", back_populates="products")
    reviews = db.relationship("Review", back_populates="product", order_by="Review.id.desc()")

    @property
    def stars(self):
        """The mean of all reviews: loads every one of them to count them (one query per product)."""
        if not self.reviews:
            return 0.0
        return sum(review.stars for review in self.reviews) / len(self.reviews)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(120), unique=True, nullable=False)
    name = db.Column(db.String(80), nullable=False)
    password_hash = db.Column(db.String(200), nullable=False)
    is_admin = db.Column(db.Boolean, nullable=False, default=False)
    orders = db.relationship("Order", back_populates="user", order_by="Order.id.desc()")


class Review(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    stars = db.Column(db.Integer, nullable=False)
    text = db.Column(db.Text, nullable=False)
    product_id = db.Column(db.ForeignKey("product.id"), nullable=False)
    user_id = db.Column(db.ForeignKey("user.id"), nullable=False)
    product = db.relationship("Product", back_populates="reviews")
    user = db.relationship("User")


class Order(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    placed = db.Column(db.DateTime, nullable=False, default=datetime.datetime.now)
    address = db.Column(db.String(200), nullable=False)
    postcode = db.Column(db.String(16), nullable=False)
    carrier = db.Column(db.String(20), nullable=False)
    shipping_cents = db.Column(db.Integer, nullable=False)
    user_id = db.Column(db.ForeignKey("user.id"), nullable=False)
    user = db.relationship("User", back_populates="orders")
    lines = db.relationship("OrderLine", back_populates="order")

    @property
    def number(self):
        """What customers call the order: `BR-00042`."""
        return "BR-%05d" % self.id

    @property
    def total_cents(self):
        """Goods and shipping, summed line by line (one query per order)."""
        return self.shipping_cents + sum(line.cents * line.quantity for line in self.lines)


class OrderLine(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    quantity = db.Column(db.Integer, nullable=False)
    cents = db.Column(db.Integer, nullable=False)  # of one piece, on the day
    order_id = db.Column(db.ForeignKey("order.id"), nullable=False)
    product_id = db.Column(db.ForeignKey("product.id"), nullable=False)
    order = db.relationship("Order", back_populates="lines")
    product = db.relationship("Product")
