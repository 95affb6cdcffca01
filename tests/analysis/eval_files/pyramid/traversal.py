import time

from pyramid.config import Configurator
from pyramid.view import view_config


class Article:
    def related(self):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /*traverse/edit
        return []

    def unused(self):
        time.sleep(1)  # ok, nobody calls it


class Folder:
    def __getitem__(self, name):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /*traverse, ANY /*traverse/edit, ANY /*traverse/list
        return Article()

    def count(self):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /*traverse/list


class Root:
    def __init__(self, request):
        self.names = open("names").read()  # expect: WB301 open via ANY /*traverse, ANY /*traverse/edit, ANY /*traverse/list; WB301 io.TextIOWrapper.read via ANY /*traverse, ANY /*traverse/edit, ANY /*traverse/list

    def __getitem__(self, name):
        time.sleep(1)  # expect: WB101 time.sleep via ANY /*traverse, ANY /*traverse/edit, ANY /*traverse/list
        return Folder()


class Other:
    def __getitem__(self, name):
        time.sleep(1)  # ok, it is no resource of this tree
        return None


@view_config(context=Root, renderer="json")
def home(context, request):
    return {}


@view_config(context=Article, name="edit", renderer="json")
def edit(context, request):
    return context.related()


@view_config(context=Folder, name="list", renderer="json")
class Listing:
    def __init__(self, context, request):
        self.context = context

    def __call__(self):
        return self.context.count()


@view_config(route_name="about", renderer="json")
def about(context, request):
    return {}


def make(settings):
    config = Configurator(root_factory=Root)
    config.add_route("about", "/about")
    config.scan()
    return config.make_wsgi_app()
