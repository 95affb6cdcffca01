"""The Bridge Shop: a small shop, written the way shops were written before anybody said "async".

`create_app()` makes the application; on its first start it fills its own database.
"""

import logging
import logging.handlers

from flask import Flask

from . import account, admin, checkout, cli, context, hooks, seed, settings, storefront
from .models import db


def create_app():
    """The WSGI application."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        SQLALCHEMY_DATABASE_URI="sqlite:///" + settings.DATABASE,
        MAX_CONTENT_LENGTH=settings.MAX_UPLOAD,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    _log_to_file()
    db.init_app(app)
    hooks.install(app)
    for module in (storefront, checkout, account, admin):
        app.register_blueprint(module.bp)
    app.cli.add_command(cli.shop_commands)
    with app.app_context():
        seed.first_start()
    return app


def _log_to_file():
    """One file for everything the shop says, rotated by whichever thread fills it."""
    log = logging.getLogger("shop")
    if log.handlers:
        return  # the factory has been called before in this process
    handler = logging.handlers.RotatingFileHandler(
        settings.LOG_FILE, maxBytes=1_000_000, backupCount=2, delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s #%(request)s %(user)s %(name)s %(message)s"))
    handler.addFilter(context.RequestFields())
    log.addHandler(handler)
    log.setLevel(logging.INFO)
