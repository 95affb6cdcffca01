"""The examples' own tests, under the tracer: they still pass, and what they wait for stands under their routes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.examples import live
from tests.examples.test_own_tests import COMMANDS
from tests.observe.trace.conftest import Trace

WITNESSED = {
    "flask_shop": {
        ("POST /account/login", "hashlib.pbkdf2_hmac"),
        ("GET /admin/", "sqlalchemy.orm.InstrumentedAttribute.__get__"),
        ("GET /about", "subprocess.run"),
        ("POST /account/register", "sqlalchemy.orm.Session.commit"),
    },
    "django_library": {
        ("GET /books/<int:pk>/elsewhere/", "time.sleep"),
        ("GET /authors/", "django.db.models.QuerySet.count"),
        ("GET /", "django.db.models.QuerySet.__iter__"),
    },
    "pyramid_notes": {
        ("POST /login", "hashlib.scrypt"),
        ("GET /status", "time.sleep"),
        ("GET /status", "socket.create_connection"),
    },
}


@pytest.mark.parametrize("name", live.EXAMPLES)
def test_an_example_passes_its_tests_and_is_seen_to_wait(name: str, tmp_path: Path, trace: Trace) -> None:
    example = live.EXAMPLES[name]
    environment = live.example_environment(example, tmp_path)
    done = trace(sys.executable, *COMMANDS[name], folder=example.folder, **environment)
    assert done.code == 0, done.said
    seen = {(call["route"], call["sink"]) for call in done.trace["calls"] if call["stack"]}
    assert seen >= WITNESSED[name]
