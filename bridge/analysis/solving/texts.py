"""Texts that the code puts together: `prefix + "/users"`, f"{prefix}/users", "%s/users" % prefix, "{}/x".format(p).

Only short texts without blanks are followed: paths and dotted names, not messages and queries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice, product
from types import MappingProxyType

from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import CONSTANT, CONTAINER, EXTERNAL

__all__ = ["FOLLOWED_METHODS", "call_text_method", "is_followed", "join_texts", "percent_texts"]

LONGEST = 200  # characters; longer than any path
HTTP_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
MOST = 32  # combinations at one place; arbitrary, and more than any path that means something


def is_followed(text: object) -> bool:
    """Return whether a constant may be part of a path or a dotted name."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return False
    return text.startswith("/") or not any(
        map(str.isspace, text)
    )  # a converter may have blanks: <int(min=1, max=3):x>


def join_texts(state: State, parts: tuple[str | int, ...], target: int) -> None:
    """Put the concatenation of `parts`, texts and nodes, into `target`, for all texts that reach the nodes."""
    _compose(state, parts, "".join, target)


def percent_texts(state: State, pattern: int, operands: int, target: int) -> None:
    """Put `pattern % operands` into `target` where the pattern has nothing but %s in it."""

    def matched(value: int) -> None:
        text = _text(state, value)
        if text is not None and text.count("%") == text.count("%s"):
            watch_operands(text)

    def watch_operands(text: str) -> None:
        def fill(value: int) -> None:
            count = text.count("%s")
            nodes: tuple[int, ...] = (state.holding(value),)
            if state.values.kinds[value] == CONTAINER:
                nodes = tuple(state.field(value, state.values.constant(index)) for index in range(count))
            if len(nodes) == count:
                pieces = text.split("%s")
                _compose(state, _interleaved(pieces, nodes), "".join, target)

        state.flow.watch(operands, fill)

    state.flow.watch(pattern, matched)


def _interleaved(pieces: list[str], nodes: tuple[int, ...]) -> tuple[str | int, ...]:
    parts: list[str | int] = []
    for piece, node in zip(pieces, nodes, strict=False):
        parts += [piece, node]
    return (*parts, pieces[-1])


def _compose(
    state: State, parts: tuple[str | int, ...], compose: Callable[[Sequence[str]], str], target: int
) -> None:
    nodes = {part for part in parts if isinstance(part, int)}

    def again(value: int) -> None:
        if not _texts_of(state, value):
            return
        choices = [[part] if isinstance(part, str) else _texts(state, part) for part in parts]
        made = {compose(texts) for texts in islice(product(*choices), MOST)}
        state.flow.add(target, [state.values.constant(each) for each in sorted(made) if is_followed(each)])

    for node in sorted(nodes):
        state.flow.watch(node, again)


def _texts(state: State, node: int) -> list[str]:
    return [text for value in sorted(state.flow.holds[node]) for text in _texts_of(state, value)]


def _texts_of(state: State, value: int) -> Collection[str]:
    """Return what a value may say as a part of a longer text: `"_process_" + request.method` is one of few."""
    if state.values.kinds[value] == EXTERNAL:
        owner, _, name = state.values.parts[value][0].rpartition(".")
        return HTTP_METHODS if name == "method" and owner.endswith(("request", "Request")) else ()
    text = _text(state, value)
    return () if text is None else (text,)


def _text(state: State, value: int) -> str | None:
    if state.values.kinds[value] != CONSTANT:
        return None
    constant = state.values.parts[value][1]
    if isinstance(constant, int) and not isinstance(constant, bool):
        return str(constant)
    return constant if is_followed(constant) else None


def call_text_method(
    state: State, site: Site, text: str, name: str, arguments: Arguments, target: int
) -> None:
    """Put what a method of the constant `text` gives into `target`."""
    del site
    state.flow.add(target, (state.values.external("<builtin>.str"),))
    if name == "format":
        _format(state, text, arguments, target)
    elif not arguments.positional:
        state.flow.add(target, (state.values.constant(TRIMMED[name](text, None)),))
    else:
        _compose(state, arguments.positional[:1], lambda texts: TRIMMED[name](text, texts[0]), target)


def _field_of(
    field: str, named: dict[str, int], arguments: Arguments, positional: Iterator[int]
) -> int | None:
    if field.isdigit():
        return arguments.positional[int(field)] if int(field) < len(arguments.positional) else None
    return named.get(field) if field else next(positional, None)


def _format(state: State, text: str, arguments: Arguments, target: int) -> None:
    named = dict(arguments.keywords)
    positional = iter(arguments.positional)
    parts: list[str | int] = []
    for index, piece in enumerate(text.replace("{{", "\0").replace("}}", "\1").split("{")):
        field, closed, rest = piece.partition("}") if index else ("", "}", piece)
        node = _field_of(field, named, arguments, positional) if index else ""
        if node is None or not closed:
            return
        parts += [node, rest.replace("\0", "{").replace("\1", "}")]
    _compose(state, tuple(parts), "".join, target)


TRIMMED: MappingProxyType[str, Callable[[str, str | None], str]] = MappingProxyType(
    {
        "strip": str.strip,
        "lstrip": str.lstrip,
        "rstrip": str.rstrip,
        "lower": lambda text, _: text.lower(),
        "upper": lambda text, _: text.upper(),
        "removeprefix": lambda text, part: text.removeprefix(part or ""),
        "removesuffix": lambda text, part: text.removesuffix(part or ""),
    }
)

FOLLOWED_METHODS = frozenset([*TRIMMED, "format"])
