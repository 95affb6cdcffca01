from __future__ import annotations

import pytest

from bridge.analysis.knowledge import load_knowledge
from bridge.analysis.spoken import spoken


@pytest.mark.parametrize(
    ("sink", "words"),
    [
        ("time.sleep", "time.sleep"),
        ("builtins.open", "open"),
        ("psycopg2.connect", "psycopg2.connect"),
        ("sqlalchemy.orm.InstrumentedAttribute.__get__", "the attribute of a related object"),
        (
            "django.db.models.fields.related_descriptors.ForwardManyToOneDescriptor.__get__",
            "the attribute of a related object",
        ),
        ("django.db.models.QuerySet.__iter__", "a loop over django.db.models.QuerySet"),
        ("django.db.models.QuerySet.__len__", "len() of django.db.models.QuerySet"),
        ("threading.Lock.__enter__", "with threading.Lock"),
        ("aiosqlite.Connection.__aexit__", "async with aiosqlite.Connection"),
        ("psycopg.AsyncCursor.__aiter__", "async for over psycopg.AsyncCursor"),
        ("shop.__main__", "shop.__main__"),
    ],
)
def test_a_sink_is_called_as_its_user_would_say_it(sink: str, words: str) -> None:
    assert spoken(sink) == words


def test_no_row_of_the_knowledge_base_is_told_with_a_special_methods_name() -> None:
    rows = list(load_knowledge({}).calls())
    named = [spoken(each.name) for each in rows]
    named += [spoken(each.replacement.call) for each in rows if each.replacement]
    assert len(named) > 1000
    assert not [each for each in named if "__" in each.replace("__import__", "")]
