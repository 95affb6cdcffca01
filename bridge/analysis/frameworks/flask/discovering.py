"""Blueprints that are looked for at run time: which of the registrations that name none takes which blueprint.

    for name in dir(module):
        obj = getattr(module, name)
        if obj.name.startswith("compat_"):
            old.add(obj)
        else:
            new.add(obj)
    ...
    for blueprint in new:
        app.register_blueprint(blueprint)
    if config.OLD_URLS:
        for blueprint in old:
            app.register_blueprint(blueprint)

What `getattr` gives is not known. What is known is the container that a registration's loop runs over, where it is
filled, and the tests around both: those about the blueprint's name are decided for each blueprint that the project
makes, and what is left of them, if it is about a setting, is the condition that its routes stand under.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.calls import Call, making
from bridge.analysis.frameworks.conditions import Test, is_about_a_setting, tests_at
from bridge.analysis.frameworks.evaluation import Frame
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CONTAINER, METHOD

__all__ = ["Open", "condition_of"]

FILLING = ("add", "append", "appendleft", "insert")
DEEPEST = 8  # copies between an argument and the loop that it comes from


@dataclass(frozen=True, slots=True)
class Open:
    """One `register_blueprint(x)` of which nobody knows the `x`."""

    call: Call

    @property
    def package(self) -> str:
        """The folder that the call stands in, directly below the project's."""
        return self.call.file.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Taking:
    """A registration takes a blueprint: under `condition` ("" for none); `sure` if it is known what it loops over."""

    condition: str
    sure: bool


def condition_of(state: State, root: Path, openings: list[Open], blueprint: int) -> str | None:
    """Return the setting that the blueprint's registration stands under, "" for none; None if none takes it.

    A registration of what is known to be sorted goes before those of which no more is known.
    """
    made = making(state, blueprint)
    names = made.texts(0, "name") if made else []
    found = [each for one in openings for each in _takings(state, root, one, names[0] if names else "")]
    sure = [each for each in found if each.sure] or found
    return min((each.condition for each in sure), key=bool, default=None)


def _takings(state: State, root: Path, opening: Open, name: str) -> Iterator[Taking]:
    """Yield how the registration takes a blueprint of that name: once for each place that its container is filled at."""
    call = opening.call
    here = _taken(tests_at(root, call.file, call.line), name)
    places = [place for each in _looped_over(state, call) for place in _filled_at(state, each)]
    filled = [_taken(tests_at(root, *place), name) for place in places] or [""]
    for condition in filled if here is not None else ():
        if condition is not None:
            yield Taking(here or condition, sure=bool(places))


def _taken(tests: list[Test], name: str) -> str | None:
    """Return the setting that the tests ask for where they let a blueprint of that name through, None if they don't."""
    condition = ""
    for test, holds in tests:
        left = _decided(test, name) if name else test
        if isinstance(left, bool):
            if left is not holds:
                return None
            continue
        text = _said(left, holds=holds)
        condition = text if is_about_a_setting(text) else condition
    return condition


def _said(test: ast.expr, *, holds: bool) -> str:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _said(test.operand, holds=not holds)
    return ast.unparse(test) if holds else f"not ({ast.unparse(test)})"


def _decided(test: ast.expr, name: str) -> bool | ast.expr:
    """Return what a test says of a blueprint called `name`, or what is left of it without what is about the name."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _decided(test.operand, name)
        if isinstance(inner, bool):
            return not inner
        return test if inner is test.operand else ast.UnaryOp(ast.Not(), inner)
    if isinstance(test, ast.BoolOp):
        return _joined(test, [_decided(each, name) for each in test.values])
    if isinstance(test, ast.Call):
        return _asked(test, name)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test, name)
    return test


def _joined(test: ast.BoolOp, parts: list[bool | ast.expr]) -> bool | ast.expr:
    ends = isinstance(test.op, ast.Or)  # what decides the whole
    if ends in [each for each in parts if isinstance(each, bool)]:
        return ends
    left = [each for each in parts if not isinstance(each, bool)]
    if len(left) == len(parts) and all(a is b for a, b in zip(left, test.values, strict=True)):
        return test
    if len(left) > 1:
        return ast.BoolOp(test.op, left)
    return left[0] if left else not ends


def _asked(test: ast.Call, name: str) -> bool | ast.expr:
    """Decide `x.name.startswith("old_")`."""
    method = test.func
    if not isinstance(method, ast.Attribute) or not _is_name(method.value) or len(test.args) != 1:
        return test
    texts = _texts(test.args[0])
    if texts is None or method.attr not in {"startswith", "endswith"}:
        return test
    return name.startswith(texts) if method.attr == "startswith" else name.endswith(texts)


def _compared(test: ast.Compare, name: str) -> bool | ast.expr:
    """Decide `x.name == "old"`, `x.name in ("old", "older")` and `"old" in x.name`."""
    (operator,), (right,) = test.ops, test.comparators
    is_negated = isinstance(operator, (ast.NotEq, ast.NotIn))
    if isinstance(operator, (ast.In, ast.NotIn)) and _is_name(right):
        texts = _texts(test.left)
        return test if texts is None else any(each in name for each in texts) is not is_negated
    if isinstance(operator, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)) and _is_name(test.left):
        is_one = isinstance(operator, (ast.Eq, ast.NotEq))
        texts = _texts(right) if isinstance(right, ast.Constant) is is_one else None
        return test if texts is None else (name in texts) is not is_negated
    return test


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "name" and isinstance(node.value, ast.Name)


def _texts(node: ast.expr) -> tuple[str, ...] | None:
    """Return the texts that are written there, None if it is something else."""
    nodes = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    found = [each.value for each in nodes if isinstance(each, ast.Constant)]
    texts = tuple(each for each in found if isinstance(each, str))
    return texts if len(texts) == len(nodes) else None


def _looped_over(state: State, call: Call) -> list[int]:
    """Return the containers of the project that the loop runs over which the call's argument comes from."""
    arguments = call.call.arguments.positional
    instance = call.call.site.instance
    base = state.instances[instance].base
    sources = _iterated(Frame(state, instance), arguments[0] - base, 0) if arguments else ()
    held = {each for register in sources for each in state.flow.holds[state.node(instance, register)]}
    return sorted(each for each in held if state.values.kinds[each] == CONTAINER)


def _iterated(frame: Frame, register: int, depth: int) -> Iterator[int]:
    """Yield the registers that a loop runs over whose variable `register` is."""
    for maker in frame.makers.get(register, ()) if depth < DEEPEST else ():
        if maker[0] == Opcode.ITERATE:
            yield maker[2]
        elif maker[0] == Opcode.COPY:
            yield from _iterated(frame, maker[2], depth + 1)


def _filled_at(state: State, container: int) -> Iterator[tuple[str, int]]:
    """Yield (file, line) of the calls that put something into a container, in the function that makes it."""
    instance = state.values.parts[container][1][0]
    if not isinstance(instance, int):
        return
    number = state.instances[instance].scope
    file = state.program.modules[state.program.module_of[number]].file
    filling = {state.values.make(METHOD, container, name) for name in FILLING}
    for each in state.program.scopes[number].instructions:
        if each[0] == Opcode.CALL and filling & state.flow.holds[state.node(instance, each[2])]:
            yield file, each[7]
