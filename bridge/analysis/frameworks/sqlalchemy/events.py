"""What SQLAlchemy runs by itself: validators and listeners of attributes, listeners of a flush.

@validates("password")            whoever makes an account, or sets its password, hashes
def hashed(self, key, plain): ...

event.listen(Post.body, "set", Post.on_changed)
event.listen(Post, "after_insert", index)          whoever flushes or commits
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.calls import is_test_file, texts_of
from bridge.analysis.frameworks.roots import enter_roots, functions_of
from bridge.analysis.model import Discovery
from bridge.analysis.project import Project
from bridge.analysis.solving.resolution import order
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import BOUND, CLASS, DECORATED, EXTERNAL, FUNCTION

__all__ = ["MappedClassesReader"]

OF_ATTRIBUTES = frozenset({"set", "append", "remove", "init_scalar", "modified"})
FLUSHING = (
    ".session.commit",
    ".session.flush",
    "sqlalchemy.orm.Session.commit",
    "sqlalchemy.orm.Session.flush",
)
FUNCTIONS = frozenset({FUNCTION, BOUND, DECORATED})


@dataclass(frozen=True, slots=True)
class Listener:
    """Runs when `attribute` of the class `owner` is set; owner -1: when a session flushes."""

    function: int
    owner: int = -1
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class MappedClassesReader:
    """Counts validators and listeners as called by what sets them off; finds no routes."""

    name: str = "sqlalchemy"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Add the calls to the state; nothing of the report is this reader's own."""
        del project, options
        for listener in [*_validators(state), *_listeners(state)]:
            roots = enter_roots(state, (listener.function,), "listener")
            places = _flushes(state) if listener.owner == -1 else _changes(state, listener)
            for site in list(places):
                for root in roots:
                    state.record(site, root.instance)
        return Discovery()


def _handed(state: State, name: str) -> Iterator[tuple[Site, Arguments]]:
    """Yield the calls of external functions with this last name that belong to SQLAlchemy."""
    for site, (callees, arguments) in list(state.handed_out.items()):
        for each in callees:
            text = str(state.values.parts[each][0]) if state.values.kinds[each] == EXTERNAL else ""
            if text.startswith(("sqlalchemy.", "flask_sqlalchemy.")) and text.endswith(f".{name}"):
                yield site, arguments


def _functions(state: State, node: int) -> Iterator[int]:
    for value in sorted(state.flow.holds[node]):
        if state.values.kinds[value] in FUNCTIONS:
            yield from functions_of(state, value)


def _validators(state: State) -> Iterator[Listener]:
    calls = list(_handed(state, "validates"))
    for site, arguments in calls:
        owner = state.instances[site.instance].class_value
        if not site.decorates or owner == -1 or not arguments.positional:
            continue
        names = {
            text
            for other, given in calls
            if other.instance == site.instance and not other.decorates
            for node in given.positional
            for text in texts_of(state, state.flow.holds[node])
        }
        for function in _functions(state, arguments.positional[0]):
            yield from (Listener(function, owner, name) for name in sorted(names))


def _listeners(state: State) -> Iterator[Listener]:
    for site, arguments in _handed(state, "listen"):
        if len(arguments.positional) >= 3:
            yield from _of_event(state, site, arguments, _functions(state, arguments.positional[2]))
    decorating = [each for each in _handed(state, "listens_for") if each[0].decorates]
    for site, arguments in _handed(state, "listens_for"):
        if not site.decorates and len(arguments.positional) >= 2:
            found = [
                function
                for other, given in decorating
                if other.instance == site.instance and 0 <= other.line - site.line <= 1 and given.positional
                for function in _functions(state, given.positional[0])
            ]
            yield from _of_event(state, site, arguments, iter(found))


def _of_event(state: State, site: Site, arguments: Arguments, functions: Iterator[int]) -> Iterator[Listener]:
    events = set(texts_of(state, state.flow.holds[arguments.positional[1]]))
    if events & OF_ATTRIBUTES:
        places = list(_attributes(state, site.instance, arguments.positional[0]))
        for function in functions:
            yield from (Listener(function, owner, name) for owner, name in places)
    elif any("flush" in event or "commit" in event or event.endswith(MAPPER) for event in events):
        yield from (Listener(function) for function in functions)


MAPPER = ("_insert", "_update", "_delete")


def _attributes(state: State, instance: int, node: int) -> Iterator[tuple[int, str]]:
    """Yield (class, attribute) of what an argument `Post.body` reads."""
    for each in state.program.scopes[state.instances[instance].scope].instructions:
        if each[0] == Opcode.ATTR and state.node(instance, each[1]) == node:
            for value in sorted(state.flow.holds[state.node(instance, each[2])]):
                if state.values.kinds[value] == CLASS:
                    yield value, each[3]


def _changes(state: State, listener: Listener) -> Iterator[Site]:
    """Yield where an instance of the class is made, or its attribute set."""
    for number, call in state.calls:
        held = state.flow.holds[state.node(number, call[2])]
        if _any_of(state, held, listener.owner, lambda value: state.values.kinds[value] == CLASS):
            yield Site(number, ("makes", listener.function, call[7]), call[7])
    for number, instance in enumerate(list(state.instances)):
        for each in state.program.scopes[instance.scope].instructions:
            if each[0] == Opcode.SETATTR and each[2] == listener.attribute:
                held = state.flow.holds[state.node(number, each[1])]
                if _any_of(state, held, listener.owner, lambda _: True):
                    yield Site(number, ("sets", listener.function, each[4]), each[4])


def _any_of(state: State, values: Collection[int], owner: int, fits: Callable[[int], bool]) -> bool:
    for value in values:
        cls = state.class_of(value)
        if cls is not None and fits(value) and owner in order(state, cls):
            return True
    return False


def _flushes(state: State) -> Iterator[Site]:
    """Yield where a session is flushed or committed; not in tests."""
    for owner, targets in list(state.edges.items()):
        file = state.program.modules[state.program.module_of[state.instances[owner].scope]].file
        if is_test_file(file):
            continue
        for target, lines in list(targets.items()):
            if target < 0 and str(state.values.parts[~target][0]).endswith(FLUSHING):
                yield from lines.values()
