from __future__ import annotations

from tests.analysis.frameworks.conftest import Read, handlers


def test_exposed_methods_are_pages_of_a_tree_of_objects(read: Read) -> None:
    found = read(
        main="""
        import cherrypy
        class Admin:
            @cherrypy.expose
            def index(self): pass
            @cherrypy.expose
            def users(self): pass
            def hidden(self): pass
        class Root:
            shop = Admin()
            def __init__(self): self.admin = Admin()
            @cherrypy.expose
            def index(self): pass
            @cherrypy.expose
            def default(self, *path): pass
            def old(self): pass
            old.exposed = True
        cherrypy.quickstart(Root(), "/site")
        """
    )
    assert handlers(found) == {
        "ANY /site/": "main.Root.index",
        "ANY /site/*": "main.Root.default",
        "ANY /site/old": "main.Root.old",
        "ANY /site/admin/": "main.Admin.index",
        "ANY /site/admin/users": "main.Admin.users",
        "ANY /site/shop/": "main.Admin.index",
        "ANY /site/shop/users": "main.Admin.users",
    }


def test_methods_are_dispatched_by_http_method_in_exposed_classes(read: Read) -> None:
    found = read(
        main="""
        import cherrypy
        @cherrypy.expose
        class Service:
            def GET(self): pass
            def POST(self, value): pass
            def helper(self): pass
        cherrypy.tree.mount(Service(), "/api", {})
        """
    )
    assert handlers(found) == {"GET /api": "main.Service.GET", "POST /api": "main.Service.POST"}
