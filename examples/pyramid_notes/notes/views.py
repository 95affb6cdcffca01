"""Reading and writing notes."""

import re

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config, view_defaults

from . import markup, store

COLOURS = ("lemon", "mint", "sky", "rose", "sand")
LONGEST_WAIT = 10.0  # seconds that a request for changes may hang


@view_config(route_name="list", renderer="list.jinja2", permission="read")
def list_notes(request):
    """All notes, or those with a tag or a word: loaded one by one, then filtered in Python."""
    tag, words = request.params.get("tag", ""), request.params.get("q", "").strip()
    notes = [note for note in store.all_notes() if not tag or tag in note["tags"]]
    if words:
        pattern = re.compile(re.escape(words), re.IGNORECASE)
        notes = [note for note in notes if pattern.search(note["title"] + "\n" + note["body"])]
    return {"notes": notes, "tag": tag, "q": words}


@view_config(route_name="preview", renderer="preview.jinja2", request_method="POST", permission="write")
def preview(request):
    """How the form's text would look; nothing is saved."""
    return {"title": request.POST.get("title", ""), "text": markup.render(request.POST.get("body", ""))}


@view_config(route_name="changes", renderer="json", permission="read")
def changes(request):
    """Waits until somebody changes a note: a thread that sleeps on a condition."""
    since = int(request.params.get("since", "0"))
    seconds = min(float(request.params.get("wait", "0")), LONGEST_WAIT)
    return {"change": store.wait_for_change(since, seconds)}


@view_config(route_name="new", renderer="edit.jinja2", permission="write", request_method="GET")
def new_form(request):
    fields = {"title": "", "body": "", "colour": COLOURS[0], "tags": []}
    return {"note": fields, "colours": COLOURS, "problem": None}


@view_config(route_name="new", renderer="edit.jinja2", permission="write", request_method="POST")
def new(request):
    return save(request, None)


@view_defaults(permission="write")
class OneNote:
    """Everything that happens to a single note."""

    def __init__(self, request):
        self.request = request
        self.number = int(request.matchdict["number"])
        self.note = store.maybe_note(self.number)
        if self.note is None:
            raise HTTPNotFound("There is no such note.")

    @view_config(route_name="note", renderer="note.jinja2", permission="read")
    def show(self):
        """The note, and all notes that link to it: found by reading every one of them."""
        link = "[[%s]]" % self.note["title"].lower()
        backlinks = [other for other in store.all_notes() if link in other["body"].lower()]
        return {"note": self.note, "backlinks": backlinks}

    @view_config(route_name="edit", renderer="edit.jinja2", request_method="GET")
    def edit_form(self):
        return {"note": self.note, "colours": COLOURS, "problem": None}

    @view_config(route_name="edit", renderer="edit.jinja2", request_method="POST")
    def edit(self):
        return save(self.request, self.number)

    @view_config(route_name="pin", request_method="POST")
    def pin(self):
        self.request.session.flash("Pinned." if store.turn_pin(self.number) else "Taken down.")
        return HTTPSeeOther(self.request.route_path("note", number=self.number))

    @view_config(route_name="delete", request_method="POST")
    def delete(self):
        store.delete_note(self.number)
        self.request.session.flash("“%s” is gone." % self.note["title"])
        return HTTPSeeOther(self.request.route_path("list"))


def save(request, number):
    """Save the form and go to the note; or the form again, with what is wrong."""
    form = request.POST
    colour = form.get("colour")
    fields = {
        "title": form.get("title", "").strip(),
        "body": form.get("body", ""),
        "colour": colour if colour in COLOURS else COLOURS[0],
        "tags": re.findall(r"[\w-]+", form.get("tags", "").lower()),
    }
    if not fields["title"]:
        request.response.status = 422
        return {"note": fields, "colours": COLOURS, "problem": "A note needs a title."}
    saved = store.save_note(number, fields, request.authenticated_userid)
    request.session.flash("Saved.")
    return HTTPSeeOther(request.route_path("note", number=saved))
