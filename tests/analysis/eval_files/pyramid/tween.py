import time

from pyramid.config import Configurator
from pyramid.response import Response


def timer(handler, registry):
    def tween(request):
        time.sleep(0.1)  # expect: WB101 time.sleep via ANY /x
        return handler(request)

    return tween


def x(request):
    return Response("a")


def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.add_tween("tween.timer")
    config.add_route("x", "/x")
    config.add_view(x, route_name="x")
    return config.make_wsgi_app()
