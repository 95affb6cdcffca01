"""Members that many read through one receiver: worked out once, and right for each of them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from bridge.analysis.frameworks.django.orm import models_of
from bridge.analysis.project import read_project
from bridge.analysis.solving.engine import solve
from bridge.analysis.solving.program import Program
from tests.analysis.conftest import Callees


def test_a_property_runs_where_it_is_read_and_its_setter_where_it_is_set(callees: Callees) -> None:
    found = callees(
        main="""
        class Shop:
            @property
            def name(self): return other()
            @name.setter
            def name(self, value): value()
        def other(): pass
        def given(): pass
        def reads(shop): return shop.name
        def sets(shop): shop.name = given
        shop = Shop()
        reads(shop)
        sets(shop)
        """
    )
    assert found["main.reads"] == ["main.Shop.name"]
    assert found["main.sets"] == ["main.Shop.name"]
    assert set(found["main.Shop.name"]) == {"main.other", "main.given"}


def test_a_base_that_becomes_known_later_counts_for_what_was_read_before(callees: Callees) -> None:
    found = callees(
        main="""
        class Base:
            def save(self): pass
        def pick(): return Base
        class Book(pick()):
            pass
        def run(book): book.save()
        run(Book())
        """
    )
    assert found["main.run"] == ["main.Base.save"]


def test_many_readers_share_what_they_read(tmp_path: Path) -> None:
    readers = "\n".join(f"def read{number}(book): return book.title()" for number in range(50))
    (tmp_path / "main.py").write_text(
        "class Book:\n    def title(self): pass\n"
        + readers
        + "\nbook = Book()\n"
        + "\n".join(f"read{number}(book)" for number in range(50))
    )
    state = solve(Program(read_project(tmp_path).modules))
    members = [each for table in state.members.values() for each in table.values()]
    assert [len(each.uses) for each in members if len(each.nodes) == 1] == [50]


def test_a_method_of_a_shared_manager_gives_the_model_that_it_was_read_through(tmp_path: Path) -> None:
    kinds = "".join(f"class Book{number}(Base):\n    def save(self): pass\n" for number in range(10))
    (tmp_path / "main.py").write_text(
        dedent(
            """
            from django.db import models
            class Rows(models.QuerySet):
                def visible(self): return self.filter(hidden=False)
            class Base(models.Model):
                objects = Rows.as_manager()
            """
        )
        + kinds
        + "def view(request): Book7.objects.visible().exclude(pk=1).first().save()\n"
        + "".join(f"def view{number}(request): Book{number}.objects.visible()\n" for number in range(10))
    )
    project = read_project(tmp_path)
    program = Program(project.modules)
    state = solve(program, extension=models_of(program, project))
    called = {
        program.qualified(state.instances[target].scope)
        for owner, targets in state.edges.items()
        if program.qualified(state.instances[owner].scope) == "main.view"
        for target in targets
        if target >= 0
    }
    assert called == {"main.Rows.visible", "main.Book7.save"}
