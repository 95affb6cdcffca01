"""Commands for the shop's staff: `flask --app wsgi shop ...`, run in this folder."""

import time

import click
from flask.cli import AppGroup

from . import mailer
from .models import Order, Product
from .money import money

shop_commands = AppGroup("shop", help="The shop's own commands.")
PAUSE = 0.5  # seconds between two mails, so that the mail server does not complain


@shop_commands.command("report")
def report():
    """Print what was sold in each month."""
    months = {}
    for order in Order.query.order_by(Order.placed):
        month = order.placed.strftime("%Y-%m")
        months[month] = months.get(month, 0) + order.total_cents
    for month, cents in months.items():
        click.echo("%s %14s" % (month, money(cents)))


@shop_commands.command("low-stock")
@click.option("--below", default=4, show_default=True, help="Products with fewer pieces than this.")
def low_stock(below):
    """Write a mail to the buyers for each product that runs low."""
    for product in Product.query.filter(Product.stock < below):
        mailer.send("buyers@bridge.example", "Low: " + product.name, "%d left." % product.stock)
        click.echo("%-36s %d" % (product.name, product.stock))
        time.sleep(PAUSE)
