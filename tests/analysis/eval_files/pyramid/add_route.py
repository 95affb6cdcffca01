import requests
from pyramid.config import Configurator
from pyramid.response import Response


def x(request):
    return Response(requests.get("http://a").text)  # expect: WB201 requests.get via ANY /x


def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.add_route("x", "/x")
    config.add_view(x, route_name="x")
    return config.make_wsgi_app()
