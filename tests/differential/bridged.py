"""The application behind the bridge, for uvicorn."""

from bridge import WsgiToAsgi
from tests.differential.application import application as wsgi_application

__all__ = ["application"]

application = WsgiToAsgi(wsgi_application)
