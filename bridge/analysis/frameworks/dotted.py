"""Names in texts: "pkg.module", "pkg.module:function", ".relative", as frameworks resolve them."""

from __future__ import annotations

from bridge.analysis.solving.engine import run_waiting
from bridge.analysis.solving.linking import module_member
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import MODULE

__all__ = ["module_of", "package_of", "resolve"]


def module_of(state: State, site: Site) -> int:
    """Return the number of the module that a place is in."""
    return state.program.module_of[state.instances[site.instance].scope]


def package_of(state: State, site: Site) -> str:
    """Return the package that a relative name at a place starts from."""
    module = state.program.modules[module_of(state, site)]
    return module.name if module.is_package else module.name.rpartition(".")[0]


def resolve(state: State, text: str, package: str = "") -> frozenset[int]:
    """Return what a dotted name stands for: a MODULE, or what a module's variable holds; nothing outside the project.

    `package` is where a name with leading dots starts from; each further dot goes one package up.
    """
    text = _absolute(text, package).replace(":", ".")
    number = state.program.number(text)
    if number is not None:
        return frozenset([state.values.make(MODULE, number)])
    outer, _, name = text.rpartition(".")
    found = resolve(state, outer) if outer else frozenset()
    held: set[int] = set()
    for value in found:
        node = state.flow.node()
        if state.values.kinds[value] == MODULE:
            module_member(state, state.values.parts[value][0], name, node)
        else:
            _load(state, value, name, node)
        run_waiting(state)
        held |= state.flow.holds[node]
    return frozenset(held)


def _load(state: State, value: int, name: str, node: int) -> None:
    from bridge.analysis.solving.members import load_from

    load_from(state, Site(0, ("resolve", value, name), 0), value, name, node)


def _absolute(text: str, package: str) -> str:
    stripped = text.lstrip(".")
    up = len(text) - len(stripped) - 1
    if up < 0:
        return text
    base = package.split(".") if package else []
    return ".".join([*base[: len(base) - up], *([stripped] if stripped else [])])
