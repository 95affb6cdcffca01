"""All SQL of the notebook. One connection for each thread, in a `threading.local`, opened on first use.

Nobody passes a connection on: a view writes, and a tween further out commits. That works because a
request stays in one thread from the tween to the view and back.
"""

import datetime
import sqlite3
import threading

from . import settings

TIMEOUT = 10  # seconds to wait for another writer

_local = threading.local()
_changed = threading.Condition()
_last_change = {"number": 0}

SCHEMA = """
CREATE TABLE people (name TEXT PRIMARY KEY, password TEXT NOT NULL);
CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, body TEXT NOT NULL, colour TEXT NOT NULL,
                    pinned INTEGER NOT NULL DEFAULT 0, author TEXT NOT NULL, changed TEXT NOT NULL);
CREATE TABLE tags (note INTEGER NOT NULL REFERENCES notes ON DELETE CASCADE, tag TEXT NOT NULL);
CREATE TABLE attachments (id INTEGER PRIMARY KEY, note INTEGER NOT NULL REFERENCES notes ON DELETE CASCADE,
                          name TEXT NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL);
"""


def connection():
    """This thread's connection."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(settings.DATABASE, timeout=TIMEOUT)
        _local.connection.row_factory = sqlite3.Row
        _local.connection.execute("PRAGMA foreign_keys = ON")
    return _local.connection


def close():
    """Close this thread's connection, if it has one."""
    if hasattr(_local, "connection"):
        _local.connection.close()
        del _local.connection


def rows(statement, *values):
    """All rows that `statement` finds, as a list of dictionaries."""
    return [dict(row) for row in connection().execute(statement, values)]


def maybe_row(statement, *values):
    """The first row as a dictionary, or None."""
    found = connection().execute(statement, values).fetchone()
    return dict(found) if found else None


# ---------------------------------------------------------------- reading


def all_notes():
    """Every note, pinned ones first; two more queries for each note."""
    found = rows("SELECT * FROM notes ORDER BY pinned DESC, changed DESC, id DESC")
    return [_complete(note) for note in found]


def maybe_note(number):
    """One note with its tags and attachments, or None."""
    note = maybe_row("SELECT * FROM notes WHERE id = ?", number)
    return _complete(note) if note else None


def maybe_note_titled(title):
    """The note of that title, in any case, or None."""
    return maybe_row("SELECT * FROM notes WHERE title = ? COLLATE NOCASE", title)


def _complete(note):
    note["tags"] = [
        row["tag"] for row in rows("SELECT tag FROM tags WHERE note = ? ORDER BY tag", note["id"])
    ]
    note["attachments"] = rows("SELECT * FROM attachments WHERE note = ? ORDER BY id", note["id"])
    return note


def all_tags():
    """The names of all tags in use."""
    return [row["tag"] for row in rows("SELECT DISTINCT tag FROM tags ORDER BY tag")]


def count_tagged(tag):
    """How many notes have `tag`."""
    return maybe_row("SELECT count(*) AS n FROM tags WHERE tag = ?", tag)["n"]


def maybe_person(name):
    """The person of that name, or None."""
    return maybe_row("SELECT * FROM people WHERE name = ?", name)


def maybe_attachment(number):
    """One attachment, or None."""
    return maybe_row("SELECT * FROM attachments WHERE id = ?", number)


# ---------------------------------------------------------------- writing


def save_note(number, fields, author):
    """Write a note (a new one when `number` is None) and its tags; return its number."""
    now = datetime.datetime.now().isoformat(timespec="seconds")
    values = (fields["title"], fields["body"], fields["colour"], author, now)
    if number is None:
        statement = "INSERT INTO notes (title, body, colour, author, changed) VALUES (?, ?, ?, ?, ?)"
        number = connection().execute(statement, values).lastrowid
    else:
        statement = "UPDATE notes SET title = ?, body = ?, colour = ?, author = ?, changed = ? WHERE id = ?"
        connection().execute(statement, (*values, number))
    connection().execute("DELETE FROM tags WHERE note = ?", (number,))
    for tag in sorted(set(fields["tags"])):
        connection().execute("INSERT INTO tags VALUES (?, ?)", (number, tag))
    return number


def delete_note(number):
    """Remove a note with its tags and attachments (their files stay on disk)."""
    connection().execute("DELETE FROM notes WHERE id = ?", (number,))


def turn_pin(number):
    """Pin a note, or take the pin out; return True when it is pinned now."""
    connection().execute("UPDATE notes SET pinned = 1 - pinned WHERE id = ?", (number,))
    return bool(maybe_row("SELECT pinned FROM notes WHERE id = ?", number)["pinned"])


def add_attachment(note, name, file, size):
    """Write down an attachment; return its number."""
    statement = "INSERT INTO attachments (note, name, file, size) VALUES (?, ?, ?, ?)"
    return connection().execute(statement, (note, name, file, size)).lastrowid


# ---------------------------------------------------------------- changes


def announce_change():
    """Wake everybody who waits for a change, after a commit."""
    with _changed:
        _last_change["number"] += 1
        _changed.notify_all()


def wait_for_change(since, seconds):
    """The number of the newest change: at once if it is over `since`, else after the next one or `seconds`."""
    with _changed:
        _changed.wait_for(lambda: _last_change["number"] > since, timeout=seconds)
        return _last_change["number"]
