"""Fills an empty notebook."""

import os
import sqlite3
import uuid

from . import settings, store
from .security import hash_password

PEOPLE = ["mara", "jonas"]
PASSWORD = "pencil"

# title | colour | tags | pinned | author, then the text, then a line of dashes
NOTES = """\
Welcome|lemon|howto|1|mara
These are the field notes of a small team that walks along rivers and looks at **bridges**.

Write in a kind of Markdown: *emphasis*, `code`, lists, and links to other notes such as [[How to write here]] or \
[[The wobbly one]].

> Whoever crosses a bridge should write down what it said.
-----
How to write here|sky|howto|0|mara
# Headings start with a hash

- a dash makes a list
- [x] and brackets make a task
- [ ] this one is not done yet

```
three back-ticks keep   everything
   as it is
```

Two square brackets link to another note: [[Welcome]]. A note that is not there yet looks [[like this one]].
-----
The wobbly one|rose|steel city|1|jonas
Opened on a Saturday, closed on the Monday. People walked in step **because** it moved, and it moved because they \
walked in step.

- [x] count the steps (about one a second, sideways)
- [x] ask the engineer, who blushed
- [ ] go again with a spirit level

See also [[Dampers]].
-----
Dampers|sand|steel|0|jonas
Ninety-one of them under the deck of [[The wobbly one]]. Like shock absorbers on a car that never leaves.
-----
Packing list|mint|walks|0|mara
- [x] boots
- [x] pencil, and a second pencil
- [ ] thermos
- [ ] the good tape measure (Jonas has it)
- [ ] something for the toll keeper's dog
-----
Clapper bridge on the moor|sky|stone walks|0|mara
Slabs of granite on piles of granite. No mortar, no arch, no date. `4.1 m` is the longest slab; nobody knows how they \
carried it.

> Weather: horizontal.
-----
Toll house|lemon|stone city|0|jonas
The old price list is still on the wall:

```
Carriage & four    1s 6d
Ox, per head          1d
Foot passenger        ½d
Clergyman           free
```

They would not take cards.
-----
Sounds|rose|walks|0|mara
Steel hums, timber creaks, stone *keeps its mouth shut*. Rope bridges mostly make the noise that you make.
-----
Ideas for the exhibition|mint|city|0|jonas
- [ ] a model you may jump on
- [ ] recordings from [[Sounds]]
- [ ] the list from the [[Toll house]], as a tea towel
- [x] no gift shop (there will be a gift shop)
-----
Ferry, last day|sand|river|0|mara
He took us across for nothing and did not look at the bridge once.
-----
Flood marks|sky|river stone|0|jonas
Cut into the third pier: **1784**, **1845**, **2002**. The newest is the highest. Somebody left room above it.
-----
To do|mint|howto|0|mara
- [ ] move this notebook to something async, one page at a time
- [ ] find out what blocks first
"""

SKETCH = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 90">
<path d="M5 60H195M40 60V15M160 60V15M5 50Q30 40 40 15Q100 90 160 15Q170 40 195 50" fill="none" stroke="#333"/></svg>
"""


def first_start():
    """Create and fill the database unless it is there. Safe when several workers start at once."""
    # An exclusive SQLite transaction is a lock that every platform has and that a crash releases.
    lock = sqlite3.connect(
        os.path.join(settings.INSTANCE, "first_start.sqlite3"), timeout=60, isolation_level=None
    )
    try:
        lock.execute("BEGIN EXCLUSIVE")
        if not store.maybe_row("SELECT 1 FROM sqlite_master"):
            _fill()
        lock.execute("COMMIT")
    finally:
        lock.close()
        store.close()  # SQLite connections must not live through a fork


def _fill():
    secret = hash_password(PASSWORD)  # the same hash for both: it is a demonstration
    statements = [part for part in store.SCHEMA.split(";") if part.strip()]
    store.connection().execute("BEGIN")  # so that a start that is killed leaves nothing behind
    for statement in statements:
        store.connection().execute(statement)
    for name in PEOPLE:
        store.connection().execute("INSERT INTO people VALUES (?, ?)", (name, secret))
    for text in NOTES.split("-----\n"):
        _add_note(text)
    store.connection().commit()


def _add_note(text):
    head, _, body = text.partition("\n")
    title, colour, tags, pinned, author = head.split("|")
    number = store.save_note(
        None, {"title": title, "body": body, "colour": colour, "tags": tags.split()}, author
    )
    if pinned == "1":
        store.turn_pin(number)
    if title == "The wobbly one":
        path = os.path.join(settings.ATTACHMENTS, uuid.uuid4().hex)
        with open(path, "w", encoding="utf-8") as target:
            target.write(SKETCH)
        store.add_attachment(number, "sketch.svg", path, len(SKETCH.encode()))
