"""All addresses of the notebook."""

from .security import Notebook


def includeme(config):
    config.set_root_factory(Notebook)
    config.add_static_view("static", "notes:static", cache_max_age=60)
    config.add_route("list", "/")
    config.add_route("new", "/notes/new")
    config.add_route("note", r"/notes/{number:\d+}")
    config.add_route("edit", r"/notes/{number:\d+}/edit")
    config.add_route("pin", r"/notes/{number:\d+}/pin")
    config.add_route("delete", r"/notes/{number:\d+}/delete")
    config.add_route("attach", r"/notes/{number:\d+}/attachments")
    config.add_route("attach_raw", r"/notes/{number:\d+}/attachments/{name}")
    config.add_route("attachment", r"/attachments/{number:\d+}/{name}")
    config.add_route("preview", "/preview")
    config.add_route("changes", "/changes")
    config.add_route("export", "/export.md")
    config.add_route("archive", "/export.zip")
    config.add_route("status", "/status")
    config.add_route("login", "/login")
    config.add_route("logout", "/logout")
