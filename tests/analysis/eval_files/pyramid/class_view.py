import time

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.view import view_config


class Views:
    def __init__(self, request):
        self.request = request

    @view_config(route_name="x")
    def x(self):
        return self.slow()

    def slow(self):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /x
        return Response("late")


def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.add_route("x", "/x")
    config.scan()
    return config.make_wsgi_app()
