"""Field Notes: a notebook for a small team, on Pyramid and plain `sqlite3`.

`main()` makes the application, as Pyramid's start-up files expect it.
"""

import logging
import logging.handlers

from pyramid.config import Configurator
from pyramid.events import BeforeRender
from pyramid.session import SignedCookieSessionFactory

from . import markup, seed, settings, store
from .security import SessionSecurityPolicy


def main(global_config, **options):
    """The WSGI application. `options` go to Pyramid as its settings."""
    _log_to_file()
    seed.first_start()
    options.setdefault("jinja2.filters", {"markup": markup.cached})
    config = Configurator(settings=options)
    config.set_session_factory(SignedCookieSessionFactory(settings.secret_key(), samesite="Lax"))
    config.set_security_policy(SessionSecurityPolicy())
    config.set_default_csrf_options(require_csrf=True)
    config.include("pyramid_jinja2")
    config.add_jinja2_search_path("notes:templates")
    config.include(".routes")
    # The tween added last is the outermost: the timer runs around the transaction.
    config.add_tween("notes.tweens.transaction_tween_factory")
    config.add_tween("notes.tweens.timer_tween_factory")
    config.add_subscriber(_add_tags, BeforeRender)
    config.scan()
    return config.make_wsgi_app()


def _add_tags(event):
    """The tags in the menu: a query for their names and one for each of them, on every page."""
    if event.get("renderer_name", "").endswith(".jinja2"):
        event["menu"] = [(tag, store.count_tagged(tag)) for tag in store.all_tags()]


def _log_to_file():
    log = logging.getLogger("notes")
    if not log.handlers:
        handler = logging.handlers.RotatingFileHandler(
            settings.LOG_FILE, maxBytes=1_000_000, backupCount=2, delay=True
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(threadName)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
