from __future__ import annotations

from bridge.analysis.model import Context, Discovery
from tests.analysis.frameworks.conftest import Read


def names(found: Discovery, context: Context) -> list[str]:
    return [each.name for each in found.entry_points if each.context is context]


def test_commands_of_click_and_flask_serve_no_route(read: Read) -> None:
    found = read(
        main="""
        import click
        from flask import Blueprint, Flask
        from flask.cli import AppGroup
        app = Flask(__name__)
        bp = Blueprint("bp", __name__)
        shop = AppGroup("shop")
        @click.command()
        @click.option("--x")
        def one(x): pass
        @app.cli.command("two")
        def two(): pass
        @bp.cli.command("three")
        def three(): pass
        @shop.command("four")
        def four(): pass
        @click.group()
        def five(): pass
        @five.command()
        def six(): pass
        """
    )
    assert sorted(names(found, Context.COMMAND)) == [
        f"main.{each}" for each in ("five", "four", "one", "six", "three", "two")
    ]
    assert all(each.handler.endswith("send_static_file") for each in found.routes)


def test_tasks_of_celery_and_rq(read: Read) -> None:
    found = read(
        main="""
        from celery import Celery, Task, shared_task
        from rq.decorators import job
        celery = Celery("x")
        @celery.task
        def one(): pass
        @celery.task(bind=True)
        def two(self): pass
        @shared_task
        def three(): pass
        @job("low", connection=None)
        def four(): pass
        class Five(Task):
            def run(self): pass
        """
    )
    assert sorted(names(found, Context.TASK)) == [
        "main.Five.run",
        "main.four",
        "main.one",
        "main.three",
        "main.two",
    ]


def test_tests_are_classes_and_functions_of_test_files(read: Read) -> None:
    found = read(
        main="def test_not(): pass\n",
        tests__test_a="class TestA:\n    def setUp(self): pass\n    def test_x(self): pass\ndef test_b(): pass\n",
    )
    assert names(found, Context.TEST) == ["tests/test_a.py:TestA", "tests.test_a.test_b"]


def test_imports_and_factories_run_at_start_up(read: Read) -> None:
    found = read(
        main="""
        from flask import Flask
        def create_app():
            app = Flask(__name__)
            return app
        """,
        tests__test_a="x = 1\n",
    )
    imports, factory = [each for each in found.entry_points if each.context is Context.STARTUP]
    assert [root.symbol for root in imports.roots] == ["main"]
    assert (factory.name, [root.symbol for root in factory.roots]) == ("main.create_app", ["main.create_app"])
