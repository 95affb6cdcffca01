"""What is known of libraries: which callables block, whether they are cooperative, what replaces them.

    *.toml        the rows, one file a package or family
    rows.py       what a row says
    checking.py   a table's keys and types
    reading.py    one file -> rows
    store.py      all files, each read when it is needed
    naming.py     a name as it was found -> the name that has the row
    library.py    all of it as the solver asks for it
    page.py       the table of packages in migration_guide/knowledge.md

A file, with everything that it may hold (`migration_guide/knowledge.md` says the same for users):

    imports = ["redis"]                       # the first line: top-level names; the file is read when one is met

    [[package]]
    name = "redis"                            # the distribution
    imports = ["redis"]                       # dotted, for google.cloud.storage
    status = "async-ready"                    # blocking, async-ready, wsgi-only, neutral, unknown
    replacement = "redis"                     # distribution, or a few words; "" if none
    since = "4.2"
    note = "..."
    evidence = "https://..."
    effort = 1                                # points
    kind = "driver"                           # framework, flask-extension, django-app, server, tool, library

    [[calls]]                                 # a row for every name
    of = "redis.Redis"
    names = ["get", "set"]                    # * is any one part, a last ** any parts
    category = "network"                      # bridge.analysis.model.Category
    cooperative = "yes"                       # no: waits in C; driver: as its driver
    replacement = { package = "redis", call = "redis.asyncio.Redis.{name}", note = "", url = "https://..." }
    evidence = "https://..."
    # severity, confidence, effort, since, but = ["close"], implicit = true, unverified = "why"
    # unless = [{ keyword = "blocking", position = 0, value = false }]

    [aliases]                                 # where it lives -> its public name; whole prefixes
    "redis.client.Redis" = "redis.Redis"
    [types]                                   # callable (or dunder) -> type of its result
    "redis.Redis.pipeline" = "redis.client.Pipeline"
    [attributes]                              # attribute -> its type
    "flask_sqlalchemy.SQLAlchemy.session" = "sqlalchemy.orm.scoped_session"
    [classes]                                 # class -> bases whose rows it has too
    "redis.StrictRedis" = ["redis.Redis"]
    [unverified]                              # name from any table -> why it cannot be compared with the library
    [[offloader]]                             # name, position, keyword, wraps, evidence
    [[task]]                                  # name, context = "task" or "command", is_base, evidence
    [[middleware]]                            # name, async_capable, replacement, note, evidence

The runtime half reads the same files by itself (`cooperative = "no"` is what the greenlet lane sends to a thread).
"""

from __future__ import annotations

from bridge.analysis.knowledge.base import Knowledge, load_knowledge
from bridge.analysis.knowledge.errors import DuplicateRow, InvalidRow
from bridge.analysis.knowledge.rows import (
    Call,
    Condition,
    Cooperative,
    Middleware,
    Offloader,
    Package,
    TaskMarker,
)

__all__ = [
    "Call",
    "Condition",
    "Cooperative",
    "DuplicateRow",
    "InvalidRow",
    "Knowledge",
    "Middleware",
    "Offloader",
    "Package",
    "TaskMarker",
    "load_knowledge",
]
