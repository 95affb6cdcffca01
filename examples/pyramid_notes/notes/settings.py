"""Where things are, read from the environment when this module is imported."""

import os
import secrets

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INSTANCE = os.path.abspath(os.environ.get("PYRAMID_NOTES_INSTANCE", os.path.join(HERE, "instance")))
ATTACHMENTS = os.path.join(INSTANCE, "attachments")
DATABASE = os.path.join(INSTANCE, "notes.sqlite3")
LOG_FILE = os.path.join(INSTANCE, "notes.log")

# A machine that takes copies of the notebook. Port 9 refuses at once.
BACKUP_HOST = os.environ.get("PYRAMID_NOTES_BACKUP_HOST", "127.0.0.1")
BACKUP_PORT = int(os.environ.get("PYRAMID_NOTES_BACKUP_PORT", "9"))

os.makedirs(ATTACHMENTS, exist_ok=True)


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
