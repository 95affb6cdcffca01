"""What operators do: they call methods of the project's classes, and make texts, numbers and containers."""

from __future__ import annotations

from bridge.analysis.facts import Instruction
from bridge.analysis.solving import containers, texts
from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import CONSTANT, CONTAINER, EXTERNAL, GENERIC, INSTANCE

__all__ = ["operate"]

JOINS = frozenset({"__or__", "__and__", "__xor__", "__ior__", "__iand__"})  # of query sets

ARITHMETIC = frozenset(
    f"__{name}__"
    for name in (
        "add",
        "sub",
        "mul",
        "matmul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "or",
        "xor",
        "and",
        "neg",
    )
)


def operate(state: State, instance: int, index: int, instruction: Instruction) -> None:
    """Do what OPERATE says: ask the left operand, then the right one for its reflected method."""
    _, target, dunder, left, right, line = instruction
    base = state.instances[instance].base
    site = Site(instance, index, line)
    operands = Arguments() if right is None else Arguments((base + right,))
    joins = dunder in {"__add__", "__or__"}
    if dunder == "__bool__":
        containers.ask(state, site, base + left, containers.TRUTH)
        return

    def operated(value: int) -> None:
        kind = state.values.kinds[value]
        if kind == GENERIC and state.extension is not None:
            state.extension.ask(state, site, value, dunder)
            state.flow.add(base + target, (value,) if dunder in JOINS else ())
        elif kind == INSTANCE:
            call_method(state, site, value, dunder, operands, base + target)
        elif kind == EXTERNAL:
            state.record_implicit(site, f"{state.values.parts[value][0]}.{dunder}")
            state.flow.add(base + target, _computed(state, value, dunder))
        elif kind == CONSTANT and dunder in ARITHMETIC:
            state.flow.add(
                base + target, (state.values.external(f"<builtin>.{state.values.parts[value][0]}"),)
            )
        elif joins and kind == CONTAINER:
            state.flow.add(base + target, (value,))

    state.flow.watch(base + left, operated)
    if right is not None and dunder == "__add__":
        texts.join_texts(state, (base + left, base + right), base + target)
    if right is not None and dunder == "__mod__":
        texts.percent_texts(state, base + left, base + right, base + target)
    if right is not None:
        _operate_right(state, site, dunder, base + left, base + right, base + target)


def _computed(state: State, value: int, dunder: str) -> tuple[int, ...]:
    """Return what an operator gives on an external object: its own kind (Path / str), if it does not compare."""
    known = state.library.types.get(f"{state.values.parts[value][0]}.{dunder}")
    if known is not None:
        return (state.values.external(known),)
    return (value,) if dunder in ARITHMETIC else ()


def _operate_right(state: State, site: Site, dunder: str, left: int, right: int, target: int) -> None:
    reflected = dunder.replace("__", "__r", 1)

    def operated(value: int) -> None:
        kind = state.values.kinds[value]
        if kind == INSTANCE:
            call_method(state, site, value, reflected, Arguments((left,)), target)
        elif dunder in {"__add__", "__or__"} and kind == CONTAINER:
            state.flow.add(target, (value,))

    state.flow.watch(right, operated)
