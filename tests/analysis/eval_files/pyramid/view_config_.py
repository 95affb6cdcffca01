import time

from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.view import view_config


@view_config(route_name="x", request_method="POST")
def x(request):
    time.sleep(1)  # expect: WB101 time.sleep via POST /x
    return Response("late")


@view_config(route_name="y", request_method="GET")
def y(request):
    return Response("at once")  # ok


def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.add_route("x", "/x")
    config.add_route("y", "/y/{number}")
    config.scan()
    return config.make_wsgi_app()
