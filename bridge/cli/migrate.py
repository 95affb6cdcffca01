"""`wsgi-bridge migrate ACTION`: look at a running migration and change it, for every worker at once.

The command talks to the store, not to a server: what it changes is in force within a second wherever the
store is read.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from bridge.cli.errors import CommandError
from bridge.cli.sections import SectionedCommand, option
from bridge.errors import BridgeError
from bridge.incremental.changing import change_modes, compare_again, ignore
from bridge.incremental.compare import field_key, is_ignored, parse_field
from bridge.incremental.compare.verdict import READY
from bridge.incremental.configuration import Configuration, ConfigurationFile, find_configuration
from bridge.incremental.errors import InvalidConfiguration, StoreUnavailable, UnknownRoute
from bridge.incremental.overview import RouteStatus, overview
from bridge.incremental.patterns import parse_pattern
from bridge.incremental.rules import DEFAULT_ROUTE, parse_setting
from bridge.incremental.store import DEFAULT_STORE, Store, open_store

__all__ = ["migrate"]

WHERE, WHAT, OUTPUT = "Which migration", "What to change", "What is printed"
DASHBOARD = "The dashboard"
FORMATS = ("text", "json")


class MigrationProblem(CommandError):
    """A migration cannot be read or changed as asked."""

    def __init__(self, problem: str, *advice: str) -> None:
        end = "" if problem.endswith("?") else "."
        super().__init__(f"{problem[:1].lower()}{problem[1:].rstrip('.')}{end}", advice=advice)


class NotReady(CommandError):
    """A route is to be promoted and has not been compared often enough, or differs."""

    exit_code = 1

    def __init__(self, status: RouteStatus, ready: float) -> None:
        verdict = status.verdict
        super().__init__(
            f"{status.route} is not ready for modern alone.",
            facts=[
                ("compared", f"{verdict.compared} requests, {verdict.different} different"),
                ("same answers", f"at least {verdict.lower:.2%} (95 % sure); ready from {ready:.2%} on"),
                *(("differs in", f"{field} ({number} times)") for field, number in verdict.differing[:5]),
            ],
            advice=[
                "Have more requests compared, or see what differs:",
                f"  wsgi-bridge migrate differences '{status.route}'",
                "Promote it all the same:",
                f"  wsgi-bridge migrate promote '{status.route}' --force",
            ],
        )
        self.status = status


@dataclass(frozen=True, slots=True)
class Asked:
    """One call of the command: the migration that it is about, and what was asked for."""

    store: Store
    configuration: Configuration | None
    route: str | None
    mode: str | None
    options: Mapping[str, Any]

    @property
    def ready(self) -> float:
        """Return the share of same answers from which a route is ready."""
        return READY if self.configuration is None else self.configuration.ready

    def statuses(self) -> list[RouteStatus]:
        """Return where every route stands."""
        table = None if self.configuration is None else self.configuration.table
        return overview(table, self.store.settings(), self.store.counters(), ready=self.ready)

    def route_or_error(self) -> str:
        """Return the id of the route that was named; raises where there is none, or no such rule."""
        if self.route is None:
            raise MigrationProblem(
                f"migrate {self.options['action']} needs a route",
                "Write it as the rules have it:",
                f"  wsgi-bridge migrate {self.options['action']} 'GET /users/<int:id>'",
            )
        if self.configuration is not None:
            return self.configuration.table.rule_or_error(self.route).name
        if self.route in {DEFAULT_ROUTE, "default"}:
            return DEFAULT_ROUTE
        return str(parse_pattern(self.route))

    def route_and_field(self) -> tuple[str, str]:
        """Return the route and the field that were named; raises where one is missing."""
        route = self.route_or_error()
        if self.mode is None:
            action = self.options["action"]
            raise MigrationProblem(
                f"migrate {action} needs a field, as the differences show it",
                f"  wsgi-bridge migrate differences '{route}'",
                f"  wsgi-bridge migrate {action} '{route}' '$.items[*].id'",
            )
        return route, parse_field(field_key(self.mode), route=route)

    def status(self, route: str) -> RouteStatus | None:
        """Return where one route stands; None where nothing is known of it."""
        return next((each for each in self.statuses() if each.route == route), None)

    def change(self, routes: Mapping[str, str | None]) -> None:
        """Change settings, and say so; what is set so already is told, and not in the history."""
        configured = {each.route: each.configured for each in self.statuses()}
        made = change_modes(self.store, routes, by=_user(), reason=self.options["reason"] or "")
        for route, setting in routes.items():
            name, said = "default" if route == DEFAULT_ROUTE else route, setting or "as configured"
            if route not in made:
                said += " already: nothing is changed"
            elif setting is not None and setting == configured.get(route):
                said += ", as it is configured; now it stays so, whatever the configuration says"
            click.echo(f"{name}: {said}")


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return str(os.getuid())


# ---------------------------------------------------------------- actions


def _status(asked: Asked) -> None:
    statuses = asked.statuses()
    if asked.route is not None:
        name = asked.route_or_error()
        statuses = [each for each in statuses if each.route == name]
    if asked.options["output_format"] == "json":
        click.echo(json.dumps([each.to_plain() for each in statuses], indent=2, ensure_ascii=False))
        return
    from bridge.cli.migration_tables import show_statuses

    show_statuses(statuses, asked.store.url)


def _set(asked: Asked) -> None:
    route, percent = asked.route_or_error(), asked.options["percent"]
    if asked.mode is None:
        raise MigrationProblem("set needs a mode", f"  wsgi-bridge migrate set '{route}' shadow")
    text = asked.mode if percent is None else f"{asked.mode}:{percent:g}"
    asked.change({route: str(parse_setting(text))})


def _unset(asked: Asked) -> None:
    asked.change({asked.route_or_error(): None})


def _promote(asked: Asked) -> None:
    route = asked.route_or_error()
    status = asked.status(route)
    if status is None:
        raise MigrationProblem(f"nothing is known of {route}: no rule, no setting, no request")
    if not status.verdict.ready and not asked.options["force"]:
        raise NotReady(status, asked.ready)
    asked.change({route: "modern"})


def _rollback(asked: Asked) -> None:
    if not asked.options["all_routes"]:
        asked.change({asked.route_or_error(): "legacy"})
        return
    settings = {DEFAULT_ROUTE: None, **{each.route: each.setting for each in asked.statuses()}}
    routes = [route for route, setting in settings.items() if setting != "legacy"]
    if not routes:
        click.echo("every route is legacy already")
        return
    asked.change(dict.fromkeys(routes, "legacy"))


def _forget(asked: Asked) -> None:
    route = asked.route_or_error()
    asked.store.forget(route)
    # Workers learn anew at a change of settings: this one changes nothing else.
    stored = asked.store.settings().routes.get(route)
    asked.store.change({route: stored}, by=_user(), reason=asked.options["reason"] or "counts forgotten")
    click.echo(f"{route}: counts and differences are forgotten")


def _ignore(asked: Asked) -> None:
    route, field = asked.route_and_field()
    status = asked.status(route)
    by_rule = status is not None and is_ignored(field, status.ignored_by_rule)
    if by_rule or not ignore(asked.store, route, field, by=_user(), reason=asked.options["reason"] or ""):
        click.echo(f"{route}: {field} is ignored already{', as configured' if by_rule else ''}")
        return
    click.echo(f"{route}: {field} is ignored")
    if status is not None and status.verdict.different:
        click.echo(f"What was counted before speaks of it: wsgi-bridge migrate forget '{route}'")


def _unignore(asked: Asked) -> None:
    route, field = asked.route_and_field()
    if compare_again(asked.store, route, field, by=_user(), reason=asked.options["reason"] or ""):
        click.echo(f"{route}: {field} is compared again")
        return
    status = asked.status(route)
    if status is not None and is_ignored(field, status.ignored_by_rule):
        raise MigrationProblem(
            f"{field} of {route} is ignored by its rule: take it out of ignore_fields there"
        )
    others = () if status is None else status.ignored
    raise MigrationProblem(
        f"{field} of {route} is not ignored",
        *(f"  wsgi-bridge migrate unignore '{route}' '{other}'" for other in others),
    )


def _history(asked: Asked) -> None:
    changes = asked.store.history(asked.options["limit"])
    if asked.route is not None:
        name = asked.route_or_error()
        changes = [each for each in changes if each.route == name]
    from bridge.cli.migration_tables import history_as_plain, show_history

    if asked.options["output_format"] == "json":
        click.echo(json.dumps(history_as_plain(changes), indent=2, ensure_ascii=False))
    else:
        show_history(changes)


def _differences(asked: Asked) -> None:
    differences = asked.store.differences(asked.route_or_error(), asked.options["limit"])
    if asked.options["output_format"] == "json":
        click.echo(json.dumps([json.loads(each.to_json()) for each in differences], ensure_ascii=False))
        return
    from bridge.cli.migration_tables import show_differences

    show_differences(differences)


def _dashboard(asked: Asked) -> None:
    from bridge.cli.migration_dashboard import serve_dashboard

    serve_dashboard(asked.store, asked.options)


ACTIONS: Mapping[str, Callable[[Asked], None]] = MappingProxyType(
    {
        "status": _status,
        "set": _set,
        "unset": _unset,
        "promote": _promote,
        "rollback": _rollback,
        "forget": _forget,
        "ignore": _ignore,
        "unignore": _unignore,
        "history": _history,
        "differences": _differences,
        "dashboard": _dashboard,
    }
)


@click.command(
    cls=SectionedCommand,
    short_help="See and change which application answers which route.",
    examples=(
        "wsgi-bridge migrate",
        "wsgi-bridge migrate set 'GET /search' canary --percent 5",
        "wsgi-bridge migrate ignore 'GET /search' '$.took_ms'",
        "wsgi-bridge migrate promote 'GET /search'",
        "wsgi-bridge migrate rollback --all --reason 'errors since 14:05'",
    ),
)
@click.argument("action", metavar="[ACTION]", type=click.Choice(list(ACTIONS)), default="status")
@click.argument("route", metavar="[ROUTE]", required=False)
@click.argument("mode", metavar="[MODE|FIELD]", required=False)
@option(
    WHERE,
    "--config",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Its rules; else migration.toml or pyproject.toml here.",
)
@option(WHERE, "--store", metavar="URL", help=f"Its store; else what the rules say, or {DEFAULT_STORE}.")
@option(WHAT, "--percent", metavar="N", type=click.FloatRange(0, 100), help="Of the clients, for canary.")
@option(WHAT, "--reason", metavar="TEXT", help="Why, for the history.")
@option(WHAT, "--force", is_flag=True, help="Promote a route that is not ready.")
@option(WHAT, "--all", "all_routes", is_flag=True, help="Roll every route back.")
@option(
    OUTPUT,
    "--output-format",
    metavar="NAME",
    type=click.Choice(FORMATS),
    default="text",
    help="text or json.",
)
@option(OUTPUT, "--limit", metavar="N", type=click.IntRange(1), default=20, help="Entries at most.")
@option(DASHBOARD, "--host", metavar="HOST", default="127.0.0.1", help="Address; another one needs a token.")
@option(DASHBOARD, "--port", metavar="N", type=click.IntRange(0, 65535), default=8001, help="Port.")
@option(DASHBOARD, "--token", metavar="TEXT", help="Who brings it may see and change everything.")
@option(DASHBOARD, "--report", metavar="FILE", help="A JSON report of the analyser, whose verdicts it shows.")
def migrate(action: str, **options: Any) -> None:
    """Look at a running migration, and change it for every worker at once.

    \b
    ACTION is one of
      status [ROUTE]          where the routes stand (also without an ACTION)
      set ROUTE MODE          legacy, modern, shadow, dark, fallback, canary --percent N
      unset ROUTE             back to what the configuration says
      promote ROUTE           to modern, if its answers are the same often enough
      rollback ROUTE, --all   to legacy
      forget ROUTE            drop counts and differences: it was repaired
      ignore ROUTE FIELD      do not compare a field: '$.items[*].id'
      unignore ROUTE FIELD    compare it again
      history [ROUTE]         who changed what, and why
      differences ROUTE       what the two applications answered differently
      dashboard               all of that as a web page, on this machine

    ROUTE is written as the rules have it, 'GET /users/<int:id>'; "default" is what no rule is for.
    """  # noqa: D301 - click reads the backslash-b as "do not wrap"
    try:
        configuration = _configuration(options["config"])
        store = _store(options["store"], configuration)
        try:
            asked = Asked(
                store, configuration, options["route"], options["mode"], {**options, "action": action}
            )
            ACTIONS[action](asked)
        finally:
            store.close()
    except CommandError:
        raise
    except UnknownRoute as error:
        raise MigrationProblem(str(error), "See all of them:", "  wsgi-bridge migrate status") from None
    except StoreUnavailable as error:
        raise MigrationProblem(str(error), "Name another one: --store sqlite:///path/of/the/file") from None
    except BridgeError as error:
        raise MigrationProblem(str(error)) from None


def _configuration(file: Path | None) -> Configuration | None:
    try:
        path = file or find_configuration(Path.cwd())
    except ValueError as error:  # a pyproject.toml that is no TOML
        raise InvalidConfiguration("pyproject.toml", str(error)) from error
    return None if path is None else ConfigurationFile(path).read()


def _store(url: str | None, configuration: Configuration | None) -> Store:
    """Return the store; a SQLite file that does not exist is no migration, and is not made by looking."""
    given = url or (configuration.store if configuration else None) or DEFAULT_STORE
    path = Path(given.removeprefix("sqlite:///")) if isinstance(given, str) else None
    if (
        path is not None
        and str(given).startswith("sqlite:///")
        and not path.is_file()
        and configuration is None
    ):
        raise MigrationProblem(
            f"there is no migration here: neither migration.toml nor the store {path}",
            "Go to the application's working folder, or name the store:",
            "  wsgi-bridge migrate status --store sqlite:////srv/shop/migration.sqlite3",
        )
    return open_store(given)
