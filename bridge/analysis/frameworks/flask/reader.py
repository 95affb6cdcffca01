"""The reader of Flask applications."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.calls import objects
from bridge.analysis.frameworks.flask.configuration import connect_configuration
from bridge.analysis.frameworks.flask.construction import constructed
from bridge.analysis.frameworks.flask.deferred import connect_deferred
from bridge.analysis.frameworks.flask.hooks import Hooks, hooks_of
from bridge.analysis.frameworks.flask.login import connect_login
from bridge.analysis.frameworks.flask.mounting import APPLICATION, BLUEPRINTS, mounting_of
from bridge.analysis.frameworks.flask.overrides import call_overrides
from bridge.analysis.frameworks.flask.routes import Builder
from bridge.analysis.frameworks.flask.seeding import seed_parameters
from bridge.analysis.frameworks.flask.signals import connect_signals, own_signals
from bridge.analysis.frameworks.flask.templates import connect_templates
from bridge.analysis.frameworks.flask.wrapping import wrappings_of
from bridge.analysis.frameworks.roots import enter_roots
from bridge.analysis.frameworks.wtforms import connect_forms
from bridge.analysis.model import Context, Discovery, EntryPoint
from bridge.analysis.project import Project
from bridge.analysis.solving.state import State

__all__ = ["FlaskReader"]


@dataclass(frozen=True, slots=True)
class FlaskReader:
    """Reads Flask applications, however they are put together."""

    name: str = "flask"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Return the routes of every Flask application that the project makes."""
        del options
        apps = objects(state, [APPLICATION])
        if not apps:
            return Discovery()
        seed_parameters(state, apps[0])
        connect_configuration(state)
        built = constructed(state, project, objects(state, BLUEPRINTS))
        call_overrides(state, known=built.rules.keys())
        mounting = mounting_of(state, apps, project.root)
        unread = [*mounting.unread, *built.unread]
        name = "quart" if all(_is_quart(state, app) for app in apps) else self.name
        hooks = hooks_of(state, mounting)
        connect_signals(state)
        connect_deferred(state)
        connect_forms(state)  # before logins: validators look at `current_user`
        connect_login(state)
        connect_templates(state, project, list(mounting.mounts), hooks.all("context_processor"))
        middleware = wrappings_of(state, apps)
        hooks.add_around(apps, middleware, *own_signals(state))
        builder = Builder(state, name, hooks, unread, built, project.root)
        routes = tuple(builder.all(mounting))
        return Discovery(
            frameworks=(name,),
            routes=routes,
            middleware=tuple(middleware),
            entry_points=_error_handlers(state, hooks),
            unread=builder.remarks(),
        )


def _error_handlers(state: State, hooks: Hooks) -> tuple[EntryPoint, ...]:
    """Return the error handlers: they serve no route of their own, and run for none that goes well."""
    roots = enter_roots(state, hooks.all("errorhandler"), "errorhandler")
    return tuple(EntryPoint(Context.REQUEST, f"error handler {root.symbol}", (root,)) for root in roots)


def _is_quart(state: State, app: int) -> bool:
    made = state.values.parts[state.makings[app].callee]
    return isinstance(made[0], str) and made[0].startswith("quart.")
