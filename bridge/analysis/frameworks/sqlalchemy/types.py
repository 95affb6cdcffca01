"""Names of SQLAlchemy's ORM: what each method of a session, a query, a statement or a result gives."""

from __future__ import annotations

from types import MappingProxyType

__all__ = [
    "GIVEN",
    "ITEM",
    "LAZY",
    "LISTS",
    "PAGE",
    "QUERY",
    "RESULT",
    "ROWS",
    "SELECT",
    "SELECTS",
    "SESSION",
]

QUERY = "flask_sqlalchemy.query.Query"  # it has what sqlalchemy.orm.Query has
SELECT = "sqlalchemy.Select"
RESULT = "sqlalchemy.Result"
ROWS = "sqlalchemy.ScalarResult"
PAGE = "flask_sqlalchemy.pagination.Pagination"
LAZY = "sqlalchemy.orm.InstrumentedAttribute.__get__"

SELECTS = frozenset({"sqlalchemy.select", "sqlalchemy.sql.select", "sqlalchemy.future.select"})
SESSION = "sqlalchemy.orm.Session"

# Give one instance; give a list of them.
ITEM = frozenset(
    [
        "first",
        "one",
        "one_or_none",
        "get",
        "get_or_404",
        "first_or_404",
        "one_or_404",
        "scalar",
        "scalar_one",
        "scalar_one_or_none",
        "first_or_abort",
        "get_one",
    ]
)
LISTS = frozenset({"all", "fetchall", "fetchmany", "partitions"})

# What a call gives that is handed a class or a statement: "" an instance, else the type of what holds them.
GIVEN: MappingProxyType[str, str] = MappingProxyType(
    {
        **dict.fromkeys(SELECTS, SELECT),
        f"{SESSION}.query": QUERY,
        f"{SESSION}.execute": RESULT,
        f"{SESSION}.scalars": ROWS,
        f"{SESSION}.scalar": "",
        f"{SESSION}.get": "",
        f"{SESSION}.get_one": "",
        f"{SESSION}.merge": "",
        "sqlmodel.Session.exec": ROWS,
        "flask_sqlalchemy.SQLAlchemy.select": SELECT,
        "flask_sqlalchemy.SQLAlchemy.get_or_404": "",
        "flask_sqlalchemy.SQLAlchemy.first_or_404": "",
        "flask_sqlalchemy.SQLAlchemy.one_or_404": "",
        "flask_sqlalchemy.SQLAlchemy.paginate": PAGE,
    }
)
