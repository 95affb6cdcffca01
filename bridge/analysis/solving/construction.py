"""Classes that are called: the instance, `__new__` and `__init__`, the fields that nothing fills but the arguments."""

from __future__ import annotations

from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.members import store
from bridge.analysis.solving.objects import is_kept_apart, make_instance
from bridge.analysis.solving.resolution import find, order
from bridge.analysis.solving.state import Arguments, Site, State

__all__ = ["make"]


def make(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call a class: `target` receives what is made."""
    made = make_instance(state, site, value, arguments)
    if len(state.values.parts[made]) == 1:
        _watch_bases(state, site, value, arguments, target)
    state.flow.add(target, (made,))
    if state.extension is not None:
        state.extension.made(state, value, arguments, target)
    _construct(state, site, value, arguments, target)
    nodes, external = find(state, value, "__init__")
    call_method(state, site, made, "__init__", arguments)
    if external is not None and not external.startswith("<builtin>."):
        state.record_external(site, external)
    if not nodes or external is not None:
        _fill_fields(state, site, value, made, arguments)


def _watch_bases(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Make the instance again, told apart, if a base that is not known yet turns out to be tracked."""
    chain = [each for each in order(state, value) if each in state.classes]
    if all(all(state.classes[each].bases) for each in chain):
        return
    done: list[int] = []

    def ask() -> None:
        if not done and is_kept_apart(state, value):
            done.append(value)
            make(state, site, value, arguments, target)

    state.classes[value].askers.append(ask)  # a base of a base is its base, too


def _construct(state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
    """Call `__new__`, a static method in all but its spelling."""
    nodes = find(state, value, "__new__")[0] if "__new__" in state.program.defined_names else []
    with_class = arguments.after(state.holding(value))
    for node in nodes:
        state.flow.watch(node, lambda each: state.apply(state, site, each, with_class, target))


def _fill_fields(state: State, site: Site, value: int, made: int, arguments: Arguments) -> None:
    """Put the arguments of a dataclass, a NamedTuple, or a model of an external base into its attributes."""
    names: list[str] = []
    for each in reversed(order(state, value)):
        if each in state.classes:
            scope = state.instances[state.classes[each].instance].scope
            names.extend(name for name in state.program.scopes[scope].annotated if name not in names)
    for name, node in (*zip(names, arguments.positional, strict=False), *arguments.keywords):
        if name in state.program.defined_names:  # a property's setter runs
            store(state, site, state.holding(made), name, node)
        elif name in state.program.stored_names:
            state.flow.edge(node, state.field(made, name))
