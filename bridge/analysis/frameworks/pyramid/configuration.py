"""Configurators: what they include, with which route prefix, and what they scan."""

from __future__ import annotations

from dataclasses import dataclass, field

from bridge.analysis.frameworks.calls import Call, calls_on, objects
from bridge.analysis.frameworks.dotted import package_of, resolve
from bridge.analysis.frameworks.pyramid.directives import connect_directives
from bridge.analysis.frameworks.roots import functions_of
from bridge.analysis.solving.engine import run_waiting, settle
from bridge.analysis.solving.linking import module_member
from bridge.analysis.solving.state import Arguments, State
from bridge.analysis.solving.values import MODULE, OBJECT

__all__ = ["CONFIGURATOR", "Configuration", "configuration_of", "join_prefix"]

CONFIGURATOR = "pyramid.config.Configurator"


@dataclass(slots=True)
class Configuration:
    """The configurators with their prefixes (""), and the packages that are scanned ("" is the whole project)."""

    prefixes: dict[int, str] = field(default_factory=dict)
    scanned: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def scans(self, module: str) -> bool:
        """Return whether a module's decorators are found by a scan."""
        return any(not each or f"{module}.".startswith(f"{each}.") for each in self.scanned)


def configuration_of(state: State) -> Configuration:
    """Follow every `config.include(...)`, to where it ends, and return what there is."""
    found = Configuration(dict.fromkeys(objects(state, [CONFIGURATOR]), ""))
    _note_annotated(state, found)
    done: dict[int, int] = {}  # configurator -> how many of its calls were looked at
    while waiting := [
        each for each in found.prefixes if len(state.object_calls.get(each, ())) > done.get(each, 0)
    ]:
        for config in waiting:
            first = done.get(config, 0)
            done[config] = len(state.object_calls.get(config, ()))
            for call in list(calls_on(state, config, "include", first=first)):
                _include(state, found, config, call)
    _attach(state, found)
    settle(state)
    connect_directives(state, found.prefixes)
    settle(state)
    for config in list(found.prefixes):
        for call in calls_on(state, config, "scan"):
            found.scanned += _scanned(state, call)
    return found


def _note_annotated(state: State, found: Configuration) -> None:
    """Take `config: Configurator` of a function that nobody calls for a configurator of its own."""
    annotated = state.values.external(CONFIGURATOR)
    if annotated in state.object_calls and not found.prefixes:
        found.prefixes[annotated] = ""


def _include(state: State, found: Configuration, config: int, call: Call) -> None:
    """Call what is included with the configurator that it gets."""
    inner = config
    prefix = call.texts(1, "route_prefix")
    if prefix:
        place = ("include", call.call.site.key, config)
        inner = state.values.make(OBJECT, CONFIGURATOR, call.call.site.instance, place, call.call.callee)
    elif call.is_given(1, "route_prefix"):
        found.unread.append(f"the route_prefix of include at {call.file}:{call.line}")
    found.prefixes.setdefault(inner, join_prefix(found.prefixes[config], prefix[0] if prefix else ""))
    functions = _included(state, call)
    if not functions and not call.texts(0, "callable"):
        found.unread.append(f"what include at {call.file}:{call.line} includes")
    site = call.call.site._replace(key=("include", call.call.site.key, inner))
    for function in functions:
        state.apply(state, site, function, Arguments((state.holding(inner),)), None)
    run_waiting(state)


def _included(state: State, call: Call) -> list[int]:
    values = set(call.values(0, "callable"))
    for text in call.texts(0, "callable"):
        values |= resolve(state, text, package_of(state, call.call.site))
    for value in list(values):
        if state.values.kinds[value] == MODULE:
            node = state.flow.node()
            module_member(state, state.values.parts[value][0], "includeme", node)
            run_waiting(state)
            values |= state.flow.holds[node]
    return [each for value in sorted(values) for each in functions_of(state, value)]


def join_prefix(outer: str, inner: str) -> str:
    """As `Configurator` joins prefixes: "/a" and "b" are "a/b"; "" is none."""
    return "/".join(part for part in (outer.strip("/"), inner.strip("/")) if part)


def _scanned(state: State, call: Call) -> list[str]:
    values = set(call.values(0, "package"))
    for text in call.texts(0, "package"):
        values |= resolve(state, text, package_of(state, call.call.site))
    modules = [state.values.parts[each][0] for each in values if state.values.kinds[each] == MODULE]
    if modules:
        return [state.program.modules[each].name for each in modules]
    return (
        []
        if call.is_given(0, "package") and call.texts(0, "package")
        else [package_of(state, call.call.site)]
    )


def _attach(state: State, found: Configuration) -> None:
    """Call what `venusian.attach(wrapped, callback)` was given, as a scan does."""
    if not found.prefixes:
        return
    config = next(iter(found.prefixes))
    attach = state.values.external("venusian.attach")
    state.program.stored_names.add("config")
    for site, (values, arguments) in list(state.handed_out.items()):
        if attach in values and len(arguments.positional) >= 2:
            context = state.values.make(OBJECT, "venusian.Context", site.instance, site.key, attach)
            state.flow.add(state.field(context, "config"), (config,))
            wrapped, callback = arguments.positional[:2]
            given = Arguments((state.holding(context), state.flow.node(), wrapped))
            for function in sorted(state.flow.holds[callback]):
                here = site._replace(key=("attach", site.key, function))
                state.apply(state, here, function, given, None)
