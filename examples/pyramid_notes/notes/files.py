"""Attachments in, attachments and whole notebooks out."""

import hashlib
import os
import shutil
import tempfile
import uuid
import zipfile

from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound, HTTPSeeOther
from pyramid.response import FileIter, FileResponse, Response
from pyramid.view import view_config

from . import settings, store

BLOCK = 64 * 1024  # bytes


@view_config(route_name="attach", request_method="POST", permission="write")
def attach(request):
    """A file from a form, copied from where WebOb put it to where we want it."""
    note, upload = _note(request), request.POST.get("file")
    if not hasattr(upload, "filename"):
        raise HTTPBadRequest("Choose a file first.")
    with open(_new_path(), "wb") as target:
        shutil.copyfileobj(upload.file, target, BLOCK)
    store.add_attachment(
        note["id"], os.path.basename(upload.filename), target.name, os.path.getsize(target.name)
    )
    return HTTPSeeOther(request.route_path("note", number=note["id"]))


@view_config(route_name="attach_raw", request_method="PUT", permission="write", renderer="json")
def attach_raw(request):
    """A file as the bare body, written block by block as it comes in. For scripts."""
    note, name = _note(request), os.path.basename(request.matchdict["name"])
    digest = hashlib.sha256()
    with open(_new_path(), "wb") as target:
        while block := request.body_file.read(BLOCK):
            digest.update(block)
            target.write(block)
        size = target.tell()
    number = store.add_attachment(note["id"], name, target.name, size)
    return {"attachment": number, "size": size, "sha256": digest.hexdigest()}


@view_config(route_name="attachment", permission="read")
def download(request):
    """An attachment, always as a download, with an ETag, and in parts for those who ask for a range."""
    found = store.maybe_attachment(int(request.matchdict["number"]))
    if found is None or not os.path.exists(found["file"]):
        raise HTTPNotFound("There is no such attachment.")
    answer = FileResponse(found["file"], request=request, content_type="application/octet-stream")
    answer.content_disposition = "attachment"
    answer.etag = "%d-%d" % (found["id"], found["size"])
    answer.accept_ranges = "bytes"
    answer.conditional_response = True
    return answer


@view_config(route_name="export", permission="read")
def export(request):
    """All notes in one text, streamed note by note, with their queries, while the client waits."""
    answer = Response(content_type="text/markdown", charset="utf-8", app_iter=_export_blocks())
    answer.content_disposition = "attachment; filename=notes.md"
    return answer


def _export_blocks():
    yield b"# Field Notes\n"
    for row in store.rows("SELECT id FROM notes ORDER BY id"):
        note = store.maybe_note(row["id"])
        tags = " ".join("#" + tag for tag in note["tags"])
        yield ("\n## %s\n\n%s\n\n%s\n" % (note["title"], tags, note["body"])).encode()


@view_config(route_name="archive", permission="read")
def archive(request):
    """All notes and attachments as a ZIP, compressed into a temporary file before the first byte leaves."""
    target = tempfile.TemporaryFile()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for note in store.all_notes():
            bundle.writestr("%03d.md" % note["id"], "# %s\n\n%s\n" % (note["title"], note["body"]))
            for item in note["attachments"]:
                bundle.write(item["file"], "%03d/%s" % (note["id"], item["name"]))
    size = target.tell()
    target.seek(0)
    answer = Response(content_type="application/zip", app_iter=FileIter(target), content_length=size)
    answer.content_disposition = "attachment; filename=notes.zip"
    return answer


def _note(request):
    note = store.maybe_note(int(request.matchdict["number"]))
    if note is None:
        raise HTTPNotFound("There is no such note.")
    return note


def _new_path():
    return os.path.join(settings.ATTACHMENTS, uuid.uuid4().hex)
