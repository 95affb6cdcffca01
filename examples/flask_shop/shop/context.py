"""Who is asking, and under which number, for code that has no request at hand.

The oldest module of the shop: a `threading.local`, from the days when one request was one thread.
Hooks fill it and clear it; the audit log, the log formatter and the mailer read it.
"""

import itertools
import logging
import threading

current = threading.local()
_numbers = itertools.count(1)


def begin():
    """Start a request: give it a number and forget whoever used this thread before."""
    current.number = next(_numbers)
    current.user = None


def end():
    """Forget everything, so that the thread's next request starts clean."""
    current.__dict__.clear()


def user_name():
    """The e-mail address of whoever is logged in, or `"-"`."""
    user = getattr(current, "user", None)
    return user.email if user else "-"


class RequestFields(logging.Filter):
    """Adds `request` and `user` to every log record."""

    def filter(self, record):
        record.request = getattr(current, "number", 0)
        record.user = user_name()
        return True
