"""The first start fills an example's instance folder: once, whoever comes first, from any folder."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples import live

LIMIT = 50.0  # seconds
WORKERS = 3
COUNTS = {
    "flask_shop": ("shop.sqlite3", 'SELECT count(*) FROM "order"', 240),
    "django_library": ("library.sqlite3", "SELECT count(*) FROM catalogue_book", 42),
    "pyramid_notes": ("notes.sqlite3", "SELECT count(*) FROM notes", 12),
}


def rows(name: str, instance: Path) -> tuple[int, int]:
    """How many rows there are, and how many there should be."""
    database, statement, expected = COUNTS[name]
    with contextlib.closing(sqlite3.connect(instance / database)) as connection:
        return connection.execute(statement).fetchone()[0], expected


def start(name: str, instance: Path) -> subprocess.Popen[str]:
    example = live.EXAMPLES[name]
    return subprocess.Popen(
        [sys.executable, "-c", f"import {example.module}"],
        env=live.example_environment(example, instance),
        cwd=instance,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name", live.EXAMPLES)
def test_workers_that_start_together_fill_it_once(name: str, tmp_path: Path) -> None:
    workers = [start(name, tmp_path) for _ in range(WORKERS)]
    said = [worker.communicate(timeout=LIMIT)[1] for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * WORKERS, said
    found, expected = rows(name, tmp_path)
    assert found == expected


@pytest.mark.parametrize("name", live.EXAMPLES)
def test_second_start_keeps_what_is_there(name: str, tmp_path: Path) -> None:
    live.fill_instance(live.EXAMPLES[name], tmp_path)
    database, statement, expected = COUNTS[name]
    table = statement.rpartition(" ")[2]
    with contextlib.closing(sqlite3.connect(tmp_path / database)) as connection:
        connection.execute(f"DELETE FROM {table} WHERE id = 1")
        connection.commit()
    live.fill_instance(live.EXAMPLES[name], tmp_path)
    assert rows(name, tmp_path) == (expected - 1, expected)
