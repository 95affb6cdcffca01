import time

from ninja.security import APIKeyHeader


class Key(APIKeyHeader):
    def authenticate(self, request, key):
        time.sleep(0.1)  # expect: WB101 time.sleep via GET /api/v1/books/
        return key


def session(request):
    return open("sessions").read()  # expect: WB301 open via GET /api/v1/books/; WB301 io.TextIOWrapper.read via GET /api/v1/books/
