"""The frameworks' readers: which routes a project has, and what runs for each of them.

base.py        the contract, and all readers together
roots.py       values -> roots, entered as the framework would call them
calls.py       the calls on a framework's objects, argument by argument
evaluation.py  which arguments belong together where the calls stand in a loop
written.py     from a value to the function that the user wrote
classes.py     class-based views
wtforms.py     what validating a form runs
"""

from __future__ import annotations

from bridge.analysis.frameworks.asgi import AsgiReader
from bridge.analysis.frameworks.base import Reader
from bridge.analysis.frameworks.bottle import BottleReader
from bridge.analysis.frameworks.cherrypy import CherryPyReader
from bridge.analysis.frameworks.django import DjangoReader
from bridge.analysis.frameworks.elsewhere import ElsewhereReader
from bridge.analysis.frameworks.falcon import FalconReader
from bridge.analysis.frameworks.flask import FlaskReader
from bridge.analysis.frameworks.pyramid import PyramidReader
from bridge.analysis.frameworks.sqlalchemy import MappedClassesReader
from bridge.analysis.frameworks.werkzeug import WerkzeugReader
from bridge.analysis.frameworks.wsgi import WsgiReader
from bridge.analysis.frameworks.wtforms import FormsReader

__all__ = ["READERS"]

# Asked in this order. A reader says nothing about a project that doesn't use its framework.
READERS: tuple[Reader, ...] = (
    FlaskReader(),
    DjangoReader(),
    PyramidReader(),
    BottleReader(),
    FalconReader(),
    CherryPyReader(),
    AsgiReader(),
    WerkzeugReader(),
    WsgiReader(),
    ElsewhereReader(),
    FormsReader(),
    MappedClassesReader(),  # last: it looks at all that the others have entered
)
