"""A request that stores an upload.

## What it does

Finds `FileStorage.save`, Django's storages (`default_storage.save`, `FileSystemStorage`), and file fields.

## Why it blocks

An upload has been spooled by the server once and is now written a second time while the request waits.

## Example

    def upload(request):
        request.files["picture"].save("/srv/pictures/new.png")

## Use instead

    import asyncio

    async def upload(request):
        picture = (await request.files)["picture"]
        await asyncio.to_thread(picture.save, "/srv/pictures/new.png")

## References

- https://werkzeug.palletsprojects.com/en/stable/datastructures/#werkzeug.datastructures.FileStorage.save
- https://docs.djangoproject.com/en/stable/ref/files/storage/
"""

from __future__ import annotations

from bridge.analysis.rules.base import Rule

__all__ = ["RULE"]

RULE = Rule(
    code="WB306",
    name="upload",
    message="{sink} writes an upload to storage",
    sinks=(
        "werkzeug.datastructures.FileStorage",
        "werkzeug.datastructures.file_storage",
        "django.core.files",
        "flask_uploads",
        "flask_reuploaded",
        "depot",
        "sorl",
        "easy_thumbnails",
        "imagekit",
        "cgi.FieldStorage",
    ),
)
