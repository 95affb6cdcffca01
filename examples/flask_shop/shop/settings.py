"""Settings, read from the environment once, when the first module imports this one."""

import os
import secrets

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INSTANCE = os.path.abspath(os.environ.get("FLASK_SHOP_INSTANCE", os.path.join(HERE, "instance")))
PICTURES = os.path.join(INSTANCE, "pictures")
INVOICES = os.path.join(INSTANCE, "invoices")
OUTBOX = os.path.join(INSTANCE, "outbox")

DATABASE = os.path.join(INSTANCE, "shop.sqlite3")
AUDIT_DATABASE = os.path.join(INSTANCE, "audit.sqlite3")
LOG_FILE = os.path.join(INSTANCE, "shop.log")

# None: the shop starts the bundled slow service itself when it first needs a quote.
SHIPPING_URL = os.environ.get("FLASK_SHOP_SHIPPING_URL")
SHIPPING_DELAY = os.environ.get("FLASK_SHOP_SHIPPING_DELAY", "0.15")  # seconds, for the bundled service
MAIL_PORT = int(os.environ.get("FLASK_SHOP_MAIL_PORT", "1025"))  # nobody listens there, as a rule

MAX_UPLOAD = 4 * 1024 * 1024  # bytes
CATALOGUE_SECONDS = 20.0  # how long the front page may be stale

# Folders made at import: a file-system write before anybody asked for anything.
for folder in (PICTURES, INVOICES, OUTBOX):
    os.makedirs(folder, exist_ok=True)


def secret_key():
    """The key that signs session cookies, made once and shared by all workers through a file."""
    path = os.path.join(INSTANCE, "secret_key")
    try:
        with open(path, "x") as new:
            new.write(secrets.token_hex(32))
    except FileExistsError:
        pass  # another start, or another worker, was here before
    with open(path) as existing:
        return existing.read()
