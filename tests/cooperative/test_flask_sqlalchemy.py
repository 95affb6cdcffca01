"""Flask-SQLAlchemy in the greenlet lane: a session for each request, and a pool that is smaller than their number."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bridge import WsgiToAsgi
from tests.asgi_driver import AsgiCall
from tests.services import SERVICES

pytestmark = [
    pytest.mark.may_block("the layer replaces the very methods that the guard replaces"),
    pytest.mark.usefixtures("installed"),
]

POSTGRESQL = f"postgresql+psycopg2://postgres@127.0.0.1:{SERVICES['postgresql'].port}/test"


def application(seen: list[Any]) -> Any:
    """Return an application that keeps a number in its transaction over a wait, and its database."""
    flask = pytest.importorskip("flask")
    flask_sqlalchemy = pytest.importorskip("flask_sqlalchemy")
    import sqlalchemy

    app = flask.Flask("greenlets")
    app.config["SQLALCHEMY_DATABASE_URI"] = POSTGRESQL
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"pool_size": 3, "max_overflow": 0, "pool_timeout": 20}
    db = flask_sqlalchemy.SQLAlchemy(app)

    @app.get("/<int:number>")
    def view(number: int) -> str:
        mine = db.session()
        db.session.execute(
            sqlalchemy.text("SELECT set_config('bridge.number', :number, true)"), {"number": str(number)}
        )
        time.sleep(0.005)
        found = db.session.execute(sqlalchemy.text("SELECT current_setting('bridge.number')")).scalar()
        seen.append((db.session() is mine, found == str(number)))
        return str(found)

    return app, db


@pytest.mark.service("postgresql")
async def test_each_request_has_its_session_and_waits_for_a_connection() -> None:
    seen: list[Any] = []
    app, db = application(seen)
    bridge = WsgiToAsgi(app, executor="greenlet")
    answers = await asyncio.gather(*[AsgiCall(bridge, path=f"/{number}").run() for number in range(12)])
    assert [answer.body for answer in answers] == [b"%d" % number for number in range(12)]
    assert seen == [(True, True)] * 12
    with app.app_context():
        assert db.engine.pool.checkedout() == 0
        assert db.engine.pool.checkedin() <= 3
        await asyncio.to_thread(db.engine.dispose)
    assert await bridge.executor.drain() == []
