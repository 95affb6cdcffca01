"""What SQLAlchemy runs by itself: validators and listeners of attributes, listeners of a flush.

@validates("password")            whoever makes an account, or sets its password, hashes
def hashed(self, key, plain): ...

event.listen(Post.body, "set", Post.on_changed)
event.listen(Post, "after_insert", index)          whoever flushes or commits
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.calls import texts_of
from bridge.analysis.frameworks.roots import enter_roots, functions_of
from bridge.analysis.model import Discovery
from bridge.analysis.names import is_test_file
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

Place = tuple[int, int]  # instance, line


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
        listeners = [*_validators(state), *_listeners(state)]
        if not listeners:
            return Discovery()
        entered = [(each, enter_roots(state, (each.function,), "listener")) for each in listeners]
        changes = _changes(state, listeners)  # also those that the listeners themselves make
        flushes = list(_flushes(state)) if any(each.owner == -1 for each in listeners) else []
        for listener, roots in entered:
            for site in flushes if listener.owner == -1 else changes.of(listener):
                for root in roots:
                    state.record(site, root.instance)
        return Discovery()


def _handed(state: State, name: str) -> Iterator[tuple[Site, Arguments]]:
    """Yield the calls of external functions with this last name that belong to SQLAlchemy."""
    wanted = {
        value
        for value, kind in enumerate(state.values.kinds)
        if kind == EXTERNAL and _is_sqlalchemys(str(state.values.parts[value][0]), name)
    }
    for site, (callees, arguments) in list(state.handed_out.items()) if wanted else ():
        for _ in callees & wanted:
            yield site, arguments


def _is_sqlalchemys(text: str, name: str) -> bool:
    return text.startswith(("sqlalchemy.", "flask_sqlalchemy.")) and text.endswith(f".{name}")


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


@dataclass(frozen=True, slots=True)
class Changes:
    """Where instances of the classes that somebody listens to are made, and where their attributes are set."""

    made: dict[int, list[Place]]  # by class
    set_: dict[tuple[int, str], list[Place]]  # by class and attribute

    def of(self, listener: Listener) -> Iterator[Site]:
        """Yield where an instance of the listener's class is made, or its attribute set."""
        for number, line in self.made.get(listener.owner, ()):
            yield Site(number, ("makes", listener.function, line), line)
        for number, line in self.set_.get((listener.owner, listener.attribute), ()):
            yield Site(number, ("sets", listener.function, line), line)


def _changes(state: State, listeners: Collection[Listener]) -> Changes:
    """Return the changes that concern any of `listeners`: one pass over the program for all of them."""
    found = Changes({}, {})
    kinds, listened = state.values.kinds, _Listened(state, frozenset(each.owner for each in listeners))
    attributes = {each.attribute for each in listeners}
    for number, call in state.calls:
        held = state.flow.holds[state.node(number, call[2])]
        for owner in listened.owners(value for value in held if kinds[value] == CLASS):
            found.made.setdefault(owner, []).append((number, call[7]))
    for number, instance in enumerate(state.instances):
        for each in state.program.scopes[instance.scope].instructions:
            if each[0] == Opcode.SETATTR and each[2] in attributes:
                for owner in listened.owners(state.flow.holds[state.node(number, each[1])]):
                    found.set_.setdefault((owner, each[2]), []).append((number, each[4]))
    return found


@dataclass(frozen=True, slots=True)
class _Listened:
    """Which of `wanted` a value's class is, or is below; looked up once for each class."""

    state: State
    wanted: frozenset[int]
    known: dict[int, frozenset[int]] = field(default_factory=dict)

    def owners(self, values: Iterable[int]) -> set[int]:
        found: set[int] = set()
        for value in values:
            cls = self.state.class_of(value)
            if cls is not None:
                if cls not in self.known:
                    self.known[cls] = self.wanted.intersection(order(self.state, cls))
                found |= self.known[cls]
        return found


def _flushes(state: State) -> Iterator[Site]:
    """Yield where a session is flushed or committed; not in tests."""
    for owner, targets in list(state.edges.items()):
        file = state.program.modules[state.program.module_of[state.instances[owner].scope]].file
        if is_test_file(file):
            continue
        for target, lines in list(targets.items()):
            if target < 0 and str(state.values.parts[~target][0]).endswith(FLUSHING):
                yield from lines.values()
