"""Extensions whose routes are not read: that they are missing is said, with the place where they are added."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from bridge.analysis.frameworks.calls import calls_on, objects
from bridge.analysis.frameworks.classes import external_bases
from bridge.analysis.frameworks.roots import place_of
from bridge.analysis.solving.state import State

__all__ = ["unmodelled"]

# What holds views -> the package's name, the methods that add them.
HOLDERS: MappingProxyType[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "flask_appbuilder.AppBuilder": (
            "Flask-AppBuilder",
            ("add_view", "add_view_no_menu", "add_api", "add_separate_view"),
        ),
    }
)
CLASSES = frozenset({"flask_classful.FlaskView", "flask_classy.FlaskView"})


def unmodelled(state: State) -> Iterator[str]:
    """Yield a remark for each call or class whose routes exist at run time and are not read."""
    for name, (package, methods) in HOLDERS.items():
        for holder in objects(state, [name]):
            for call in calls_on(state, holder, *methods):
                yield f"the routes that {package} makes of a view at {call.file}:{call.line}"
    for owner in state.classes:
        if not CLASSES.isdisjoint(external_bases(state, owner)):
            symbol, file, line = place_of(state, owner)
            yield f"the routes that Flask-Classful makes of {symbol} at {file}:{line}"
