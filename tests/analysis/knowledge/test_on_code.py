"""Rows at work: types, aliases, inheritance, attributes and patterns lead from code to the right names."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from bridge.analysis.analyse import analyse

CASES = {
    "pattern": (
        "import boto3",
        "client = boto3.client('s3'); client.generate_presigned_url('x'); client.get_object(Bucket='x')",
        {"boto3.client.get_object"},
    ),
    "pattern-in-the-middle": (
        "import stripe",
        "stripe.Customer.create(); stripe.checkout.Session.create(); stripe.api_key = 'x'",
        {"stripe.Customer.create", "stripe.checkout.Session.create"},
    ),
    "alias-and-result": (
        "from redis.client import StrictRedis",
        "pipe = StrictRedis.from_url('x').pipeline(); pipe.set('a', 1); pipe.execute()",
        {"redis.client.Pipeline.execute"},
    ),
    "with": (
        "import psycopg2",
        "with psycopg2.connect('') as conn, conn.cursor() as cursor: cursor.execute('x')",
        {
            "psycopg2.connect",
            "psycopg2.extensions.connection.__exit__",
            "psycopg2.extensions.cursor.execute",
        },
    ),
    "attribute-of-an-extension": (
        "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()",
        "db.session.add(1); db.session.commit()",
        {"sqlalchemy.orm.Session.commit"},
    ),
    "attribute-of-a-base": (
        "from flask_sqlalchemy import SQLAlchemy\ndb = SQLAlchemy()\nclass User(db.Model):\n    pass",
        "User.query.filter_by(name='x').order_by('y').first()",
        {"sqlalchemy.orm.Query.first"},
    ),
    "factory": (
        "from sqlalchemy import create_engine\nfrom sqlalchemy.orm import sessionmaker",
        "Session = sessionmaker(create_engine('x')); Session().execute('x')",
        {"sqlalchemy.orm.Session.execute"},
    ),
    "decorator": (
        "from celery import shared_task\n@shared_task\ndef mail(to):\n    pass",
        "mail.delay('x')",
        {"celery.Task.delay"},
    ),
    "items-and-iteration": (
        "import pymongo",
        "for row in pymongo.MongoClient()['a']['b'].find().sort('c'): pass",
        {"pymongo.cursor.Cursor.__iter__"},
    ),
    "excused-by-an-argument": (
        "import threading\nlock = threading.Lock()",
        "lock.acquire(blocking=False)",
        set(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_code_leads_to_the_rows_it_is_about(case: str, tmp_path: Path) -> None:
    imports, body, expected = CASES[case]
    view = dedent("""
        @app.get("/")
        def view():
            {body}
            return ""
        """).format(body=body)
    (tmp_path / "app.py").write_text(f"import flask\n{imports}\napp = flask.Flask(__name__)\n{view}", "utf-8")
    report = analyse(tmp_path)
    assert {finding.sink for finding in report.findings if "GET /" in finding.routes} == expected
