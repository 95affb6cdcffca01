"""A response that is a file.

## What it does

Finds `send_file`, `send_from_directory`, `FileResponse` and static files that the application serves itself.

## Why it blocks

Opening, asking for size and date, and reading are file calls. A bridge or an ASGI server can send the file by
itself once it knows the path; a hand-made generator over `read` cannot be helped so.

## Example

    from flask import send_file

    def invoice(number):
        return send_file(f"/srv/invoices/{number}.pdf")

## Use instead

    from starlette.responses import FileResponse

    async def invoice(request):
        return FileResponse(f"/srv/invoices/{request.path_params['number']}.pdf")

## References

- https://flask.palletsprojects.com/en/stable/api/#flask.send_file
- https://www.starlette.io/responses/#fileresponse
"""

from __future__ import annotations

from bridge.analysis.model import Severity
from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB307",
    name="file-response",
    message="{sink} answers with a file",
    severity=Severity.WARNING,
    sinks=(
        "flask.send_file",
        "flask.send_from_directory",
        "flask.helpers.send_file",
        "flask.helpers.send_from_directory",
        "werkzeug.utils.send_file",
        "werkzeug.utils.send_from_directory",
        "werkzeug.wsgi.FileWrapper",
        "django.http.FileResponse",
        "django.http.response.FileResponse",
        "django.views.static",
        "pyramid.response.FileResponse",
        "pyramid.response.FileIter",
        "pyramid.static",
        "bottle.static_file",
        "falcon.Response.set_stream",
        "cherrypy.lib.static",
        "webob.static",
        "whitenoise",
        "wsgiref.util.FileWrapper",
        "django.contrib.staticfiles",
        "flask.Flask.send_static_file",
    ),
)
