from pyramid.config import Configurator
from pyramid.response import Response


def rows():
    yield b"a"


def x(request):
    return Response(app_iter=rows())  # expect: WB630 pyramid.response.Response via ANY /x
# verdict: ANY /x ready stream


def main(global_config, **settings):
    config = Configurator(settings=settings)
    config.add_route("x", "/x")
    config.add_view(x, route_name="x")
    return config.make_wsgi_app()
