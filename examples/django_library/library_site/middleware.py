"""Middleware from three different years. All of it is sync, so Django switches to a thread for each."""

import logging
import time

from django.conf import settings
from django.shortcuts import render

from . import current

log = logging.getLogger("library.access")


class AccessLogMiddleware:
    """Writes a line to a file for each request and tells the browser how long it took."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        started = time.perf_counter()
        response = self.get_response(request)
        took = (time.perf_counter() - started) * 1000
        response["Server-Timing"] = "library;dur=%.1f" % took
        log.info("%s %s %d %.1f ms", request.method, request.path, response.status_code, took)
        return response


class CurrentReaderMiddleware:
    """Puts the user into a thread-local, for models and signals that want to know who did it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        current.set_reader(request.user)
        try:
            return self.get_response(request)
        finally:
            current.set_reader(None)


def closed_for_inventory(get_response):
    """503 while a certain file exists: asked of the disk on every request."""

    def middleware(request):
        if settings.CLOSED_FLAG.exists() and not request.path.startswith("/admin/"):
            notice = settings.CLOSED_FLAG.read_text()
            return render(request, "closed.html", {"notice": notice}, status=503)
        return get_response(request)

    return middleware
