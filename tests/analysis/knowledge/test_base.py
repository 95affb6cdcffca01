"""What the knowledge base answers by name."""

from __future__ import annotations

import pytest

from bridge.analysis.knowledge import Cooperative, InvalidRow, load_knowledge
from bridge.analysis.model import Category, DependencyStatus

KNOWLEDGE = load_knowledge()


@pytest.mark.parametrize(
    "name", ["json.loads", "requests", "requests.codes", "sqlite3.Row", "nobody.knows.this"]
)
def test_what_does_not_block_is_no_sink(name: str) -> None:
    assert KNOWLEDGE.sink_name(name) is None
    assert KNOWLEDGE.call(name) is None


@pytest.mark.parametrize(
    ("found", "canonical"),
    [
        ("requests.get", "requests.get"),
        ("requests.api.get", "requests.get"),
        ("requests.sessions.Session.post", "requests.Session.post"),
        ("redis.StrictRedis.get", "redis.Redis.get"),
        ("redis.client.Redis.pipeline.execute", "redis.client.Pipeline.execute"),
        ("sqlite3.connect.cursor.execute", "sqlite3.Cursor.execute"),
        ("sqlite3.dbapi2.connect", "sqlite3.connect"),
        ("sqlalchemy.orm.scoped_session.commit", "sqlalchemy.orm.Session.commit"),
        ("flask_sqlalchemy.SQLAlchemy.session.query.filter.all", "sqlalchemy.orm.Query.all"),
        ("flask_sqlalchemy.SQLAlchemy.Model.query.filter_by.first", "sqlalchemy.orm.Query.first"),
        ("pymysql.cursors.SSDictCursor.execute", "pymysql.cursors.Cursor.execute"),
        ("pymysql.cursors.SSDictCursor.fetchall", "pymysql.cursors.SSCursor.fetchall"),
        ("builtins.open", "builtins.open"),
        ("os.path.exists", "os.path.exists"),
        ("posixpath.exists", "os.path.exists"),
        ("xmlrpc.client.ServerProxy.system.listMethods", "xmlrpc.client.ServerProxy.system.listMethods"),
    ],
)
def test_a_sink_has_one_name_however_it_is_reached(found: str, canonical: str) -> None:
    assert KNOWLEDGE.sink_name(found) == canonical
    assert KNOWLEDGE.call(found) is KNOWLEDGE.call(canonical)


def test_a_row_says_what_blocks_how_and_what_to_write_instead() -> None:
    call = KNOWLEDGE.call("redis.StrictRedis.hget")
    assert call is not None
    assert (call.name, call.category, call.cooperative) == (
        "redis.Redis.hget",
        Category.NETWORK,
        Cooperative.YES,
    )
    assert (call.package, call.since, call.implicit) == ("redis", "4.2", False)
    assert call.replacement is not None
    assert (call.replacement.package, call.replacement.call) == ("redis", "redis.asyncio.Redis.hget")
    assert call.evidence.startswith("https://")


def test_an_argument_may_make_a_call_harmless() -> None:
    call = KNOWLEDGE.call("threading.Lock.acquire")
    assert call is not None
    (condition,) = call.unless
    assert (condition.keyword, condition.position, condition.value) == ("blocking", 0, False)
    assert KNOWLEDGE.conditions("threading.RLock.acquire") == call.unless
    assert KNOWLEDGE.conditions("requests.get") == ()


def test_a_pattern_spares_the_members_that_it_names() -> None:
    assert KNOWLEDGE.sink_name("xmlrpc.client.ServerProxy.anything") is not None
    assert KNOWLEDGE.sink_name("xmlrpc.client.ServerProxy.close") is None
    assert KNOWLEDGE.sink_name("xmlrpc.client.ServerProxy") is None


def test_packages_are_found_by_any_spelling_and_by_import() -> None:
    package = KNOWLEDGE.package("flask_sqlalchemy")
    assert package is not None
    assert (package.name, package.status) == ("Flask-SQLAlchemy", DependencyStatus.BLOCKING)
    assert KNOWLEDGE.package_of("flask_sqlalchemy.model") is package
    assert KNOWLEDGE.package_of("mysql.connector.cursor") is KNOWLEDGE.package("mysql-connector-python")
    assert KNOWLEDGE.package_of("os.path") is None
    assert KNOWLEDGE.package("no-such-distribution") is None


def test_the_solver_is_told_in_its_own_spelling() -> None:
    library = KNOWLEDGE.library
    assert library.types["<builtin>.open"] == "io.TextIOWrapper"
    assert library.types["psycopg2.connect"] == "psycopg2.extensions.connection"
    assert library.types["sqlalchemy.orm.scoped_session.query"] == "sqlalchemy.orm.Query"
    assert "json.loads" not in library.types
    assert "sqlite3.Cursor.__iter__" in library.implicit
    assert "sqlite3.Cursor.execute" not in library.implicit
    assert "concurrent.futures.ThreadPoolExecutor.submit" in library.offloaders
    assert "requests.sessions.Session.get" in library.members
    assert "requests.Session.hooks" not in library.members


def test_a_users_row_is_a_sink_and_wins_over_the_built_in_one() -> None:
    settings = {
        "sinks": ["ourlib.fetch", {"name": "requests.get", "category": "database", "cooperative": "no"}],
        "offloaders": ["ourlib.in_thread"],
        "exclude": ["looked at by others"],
    }
    knowledge = load_knowledge(settings)
    assert knowledge.sink_name("ourlib.fetch") == "ourlib.fetch"
    ours = knowledge.call("requests.get")
    assert ours is not None
    assert (ours.category, ours.cooperative) == (Category.DATABASE, Cooperative.NO)
    assert knowledge.sink_name("requests.post") == "requests.post"
    assert knowledge.offloader("ourlib.in_thread") is not None
    assert "ourlib.in_thread" in knowledge.library.offloaders


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sinks": "a.b"}, r"\[tool.wsgi-bridge\]: sinks is 'a.b'; expected a list"),
        ({"sinks": ["fetch"]}, "'fetch' is no dotted name; write it with its module"),
        (
            {"sinks": [{"name": "a.b", "categry": "file"}]},
            "sinks 1: there is no key 'categry'; expected 'category'",
        ),
        ({"sinks": [{"name": "a.b", "category": "netwrk"}]}, "category is 'netwrk'; expected 'network'"),
        ({"sinks": [{"category": "file"}]}, "name is missing"),
        ({"offloaders": [3]}, "offloaders 1: it is 3; expected a name"),
    ],
    ids=["no-list", "no-module", "key", "category", "no-name", "offloader"],
)
def test_a_users_row_that_cannot_be_read_says_why(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidRow, match=message):
        load_knowledge(settings)
