"""Tweens: Pyramid's middleware, around every view."""

import logging
import time

from . import store

log = logging.getLogger("notes.requests")


def timer_tween_factory(handler, registry):
    """Writes each request into a file log and its duration into a header."""

    def timer_tween(request):
        started = time.perf_counter()
        response = handler(request)
        took = (time.perf_counter() - started) * 1000
        response.headers["Server-Timing"] = "notes;dur=%.1f" % took
        log.info("%s %s %s %.1f ms", request.method, request.path, response.status_int, took)
        return response

    return timer_tween


def transaction_tween_factory(handler, registry):
    """Commits what the view wrote, or rolls it back; on this thread's connection, wherever that came from."""

    def transaction_tween(request):
        try:
            response = handler(request)
        except BaseException:
            store.connection().rollback()
            raise
        if not store.connection().in_transaction:
            return response
        if response.status_int >= 400:
            store.connection().rollback()
        else:
            store.connection().commit()
            store.announce_change()
        return response

    return transaction_tween
