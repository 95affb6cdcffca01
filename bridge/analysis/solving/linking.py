"""Imports, the members of modules, and names that no scope of their own file binds."""

from __future__ import annotations

import builtins

from bridge.analysis.names import absolute_import
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import MODULE

__all__ = ["import_from", "import_module", "import_star", "load_name", "module_instance", "module_member"]

BUILTINS = frozenset(dir(builtins))


def module_instance(state: State, module: int) -> int | None:
    """Return the instance of a module's body, which is run if it was not; None for a bare package."""
    if state.program.modules[module].facts is None:
        return None
    instance = state.instance(state.program.first_scope[module], -1)
    state.instances[instance].is_called = True
    return instance


def _find(state: State, name: str) -> int | None:
    """Return the number of the project's module `name`; its packages and itself are imported."""
    number = state.program.number(name)
    if number is None:
        return None
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        outer = state.program.number(".".join(parts[:length]))
        if outer is not None:
            module_instance(state, outer)
    return number


def import_module(state: State, name: str, target: int, *, whole: bool) -> None:
    """`import a.b` puts `a` into `target`, with `whole` (an alias) `a.b`."""
    found = _find(state, name)
    bound = name if whole else name.partition(".")[0]
    number = state.program.number(bound) if found is not None or not whole else None
    value = state.values.external(bound) if number is None else state.values.make(MODULE, number)
    state.flow.add(target, (value,))


def import_from(state: State, importer: int, level: int, module: str, name: str, target: int) -> None:
    """Put what `from module import name` gives into `target`."""
    source = _source(state, importer, level, module)
    number = _find(state, source)
    inside = _find(state, f"{source}.{name}".lstrip(".")) if number == importer else None
    if inside is not None:  # `from . import x` in a package: the name it binds is this one's
        state.flow.add(target, (state.values.make(MODULE, inside),))
    elif number is None:
        state.flow.add(target, (state.values.external(f"{source}.{name}" if source else name),))
    else:
        module_member(state, number, name, target)


def _source(state: State, importer: int, level: int, target: str) -> str:
    module = state.program.modules[importer]
    return absolute_import(module.name, is_package=module.is_package, level=level, target=target)


def import_star(state: State, importer: int, level: int, module: str) -> None:
    """Run the module whose names are taken over; `load_name` looks them up."""
    _find(state, _source(state, importer, level, module))


def module_member(state: State, module: int, name: str, target: int) -> bool:
    """Let `target` hold the member `name` of a module; return whether there is one."""
    if _static_member(state, module, name, target):
        return True
    submodule = _find(state, f"{state.program.modules[module].name}.{name}".lstrip("."))
    if submodule is not None:
        state.flow.add(target, (state.values.make(MODULE, submodule),))
        return True
    return _ask_module(state, module, name, target)


def _static_member(state: State, module: int, name: str, target: int) -> bool:
    """Look into the module's own variables, then through its star-imports."""
    nodes = state.module_names.get((module, name))
    if nodes is None:
        nodes = state.module_names[module, name] = _static_nodes(state, module, name)
    for node in nodes:
        state.flow.edge(node, target)
    return bool(nodes)


def _static_nodes(state: State, module: int, name: str) -> tuple[int, ...]:
    nodes: list[int] = []
    seen, pending = {module}, [module]
    while pending:
        each = pending.pop()
        instance = module_instance(state, each)
        if instance is None:
            continue
        register = state.program.scopes[state.program.first_scope[each]].shared.get(name)
        if register is not None:
            nodes.append(state.node(instance, register))
            continue
        for level, source in state.program.stars[each]:
            number = _find(state, _source(state, each, level, source))
            if number is not None and number not in seen:
                seen.add(number)
                pending.append(number)
    return tuple(nodes)


def _ask_module(state: State, module: int, name: str, target: int) -> bool:
    """Call the module's `__getattr__` (PEP 562), which is often a table of lazy imports."""
    instance = module_instance(state, module)
    if instance is None or name == "__getattr__":
        return False
    register = state.program.scopes[state.program.first_scope[module]].shared.get("__getattr__")
    if register is None:
        return False
    arguments = Arguments((state.holding(state.values.constant(name)),))
    site = Site(instance, ("__getattr__", name), 1)
    state.flow.watch(
        state.node(instance, register), lambda value: state.apply(state, site, value, arguments, target)
    )
    return True


def load_name(state: State, module: int, name: str, target: int) -> bool:
    """Let `target` hold what a global name means in a module: its own, a star-import's, or a builtin."""
    if _static_member(state, module, name, target):
        return True
    if name == "__name__":
        state.flow.add(target, (state.values.constant(state.program.modules[module].name),))
    if name in BUILTINS:
        state.flow.add(target, (state.values.external(f"<builtin>.{name}"),))
        return True
    for level, source in state.program.stars[module]:
        absolute = _source(state, module, level, source)
        if state.program.number(absolute) is None:
            state.flow.add(target, (state.values.external(f"{absolute}.{name}"),))
            return True
    return False
