"""A WSGI middleware, as they were written when WSGI was new."""

import threading


class BusyGate:
    """Lets so many requests in at a time; the others wait at the door, each with its thread.

    A place is given back when the server closes the response, so a slow download keeps its place.
    """

    def __init__(self, application, places):
        self.application = application
        self.places = threading.BoundedSemaphore(places)

    def __call__(self, environ, start_response):
        self.places.acquire()
        try:
            return _Visit(self.application(environ, start_response), self.places)
        except BaseException:
            self.places.release()
            raise


class _Visit:
    """The response's iterable, with the place that it occupies."""

    def __init__(self, blocks, places):
        self.blocks = blocks
        self.places = places

    def __iter__(self):
        return iter(self.blocks)

    def close(self):
        try:
            if hasattr(self.blocks, "close"):
                self.blocks.close()
        finally:
            self.places.release()
