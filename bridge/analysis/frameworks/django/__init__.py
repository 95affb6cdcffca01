"""Django: settings, URL configurations, middleware, and what runs on a route.

Settings and URL configurations are programs that make lists, so they are interpreted (never imported):

    data.py           what the interpreter computes with
    sources.py        modules by name: the project's, and the libraries of the environment beside it
    interpreter.py    modules, names, classes; expressions.py, statements.py, importing.py,
                      members.py, calls.py do the rest
    natives.py        Python's builtins and the standard library; configuration.py: django-environ, decouple, ...

    settings.py       which module holds the settings, and their values
    applications.py   INSTALLED_APPS
    urls.py           patterns and the flat route table
    routers.py        REST framework's routers
    ninja.py          django-ninja's; ninja_extra.py: controllers
    admin.py          the admin's registrations and patterns
    view_methods.py   what a view is behind its decorators, and the HTTP methods it answers
    site.py           all of it together

    definitions.py    from there to the solved state
    requests.py       what is entered with a request
    middleware.py     MIDDLEWARE; hooks.py: what the frameworks' own classes call
    page_types.py     pages that stand in the database, behind one view
    routes.py         rows -> routes with their roots
    elsewhere.py      commands, tasks, tests, start-up
    reader.py         the reader
"""

from __future__ import annotations

from bridge.analysis.frameworks.django.reader import DjangoReader

__all__ = ["DjangoReader"]
