"""The reader at the desk, for code that has no request at hand: a `threading.local`, set by a middleware."""

import threading

_desk = threading.local()


def set_reader(user):
    """Remember who this thread works for; None forgets."""
    _desk.reader = user


def maybe_reader():
    """The logged-in user that this thread works for, or None."""
    user = getattr(_desk, "reader", None)
    return user if user is not None and user.is_authenticated else None
