"""Two HTML pages: where their trees differ. White space, comments, and the order of attributes and of classes
say nothing.

The standard library's parser, so that the core needs no other: it is no browser, but both pages are read
by the same rules, and templates write the same kind of mistakes on both sides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html.parser import HTMLParser

from bridge.incremental.store.base import FieldValues

__all__ = ["html_differences"]

_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)
# Elements that end where their like begins (HTML standard, "Optional tags").
_SELF_CLOSING = {name: {name} for name in ("li", "p", "option", "tr")}
_SELF_CLOSING |= {name: {"td", "th"} for name in ("td", "th")} | {name: {"dt", "dd"} for name in ("dt", "dd")}
_SPACE = re.compile(r"\s+")
_DEPTH_LIMIT = 250  # elements within elements; the walk is recursive
_ALIGNED_LIMIT = 300  # children: aligning takes quadratic time
_UNENDED_LIMIT = 4096  # characters of a page behind a tag that has no end
_SHOWN = 200  # characters of an element that only one side has


@dataclass(slots=True)
class _Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[_Element | str] = field(default_factory=list)

    @property
    def signature(self) -> str:
        """Return what makes an element the same one on both sides."""
        name = self.attributes.get("id") or self.attributes.get("name") or ""
        return f"{self.tag}#{name}"


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Element("")
        self._open = [self.root]
        self._text: list[
            str
        ] = []  # of the open element, since its last child: the parser hands it out in pieces

    def close(self) -> None:
        """End the page; a tag that has no end, and what follows it, is text.

        The standard parser would look for that end again from each `<` on: minutes for 100 KB of them.
        """
        if len(self.rawdata) > _UNENDED_LIMIT:
            self.handle_data(self.rawdata)
            self.rawdata = ""
        super().close()
        self._end_text()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        if self._open[-1].tag in _SELF_CLOSING.get(tag, ()):
            self._open.pop()
        element = _Element(tag, {name: _attribute(name, value) for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID and len(self._open) < _DEPTH_LIMIT:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._open[-1].tag == tag and tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                self._end_text()
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        text = _SPACE.sub(" ", data).strip()
        if text:
            self._text.append(text)

    def _end_text(self) -> None:
        """Make the text so far a child, all of it at once: to add piece to piece takes quadratic time."""
        if self._text:
            self._open[-1].children.append(" ".join(self._text))
            self._text.clear()


def _attribute(name: str, value: str | None) -> str:
    if value is None:
        return ""
    return " ".join(sorted(value.split())) if name == "class" else value.strip()


def html_differences(legacy: str, modern: str) -> Iterator[FieldValues]:
    """Yield what differs, by the path of its element."""
    yield from _elements("", _tree(legacy), _tree(modern))


def _tree(text: str) -> _Element:
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


def _elements(path: str, one: _Element, other: _Element) -> Iterator[FieldValues]:
    for name in sorted(one.attributes.keys() | other.attributes.keys()):
        ours, theirs = one.attributes.get(name), other.attributes.get(name)
        if ours != theirs:
            yield FieldValues(f"{path}/@{name}", ours, theirs)
    yield from _children(path, one.children, other.children)


def _children(path: str, one: list[_Element | str], other: list[_Element | str]) -> Iterator[FieldValues]:
    """Compare children that are the same element in place, and yield those that only one side has."""
    ours, theirs = _signatures(one), _signatures(other)
    if ours == theirs:
        for step, left, right in zip(_steps(one), one, other, strict=True):
            yield from _nodes(f"{path}/{step}" if path else step, left, right)
    elif max(len(one), len(other)) > _ALIGNED_LIMIT:
        yield FieldValues(f"{path}/count()", str(len(one)), str(len(other)))
    else:
        yield from _aligned(path, one, other, SequenceMatcher(None, ours, theirs, autojunk=False))


def _aligned(
    path: str, one: list[_Element | str], other: list[_Element | str], matcher: SequenceMatcher[str]
) -> Iterator[FieldValues]:
    steps, other_steps = _steps(one), _steps(other)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            for ahead in range(end - start):
                step = f"{path}/{steps[start + ahead]}"
                yield from _nodes(step, one[start + ahead], other[other_start + ahead])
            continue
        for index in range(start, end):
            yield FieldValues(f"{path}/{steps[index]}", _shown(one[index]), None)
        for index in range(other_start, other_end):
            yield FieldValues(f"{path}/{other_steps[index]}", None, _shown(other[index]))


def _nodes(path: str, one: _Element | str, other: _Element | str) -> Iterator[FieldValues]:
    if isinstance(one, _Element) and isinstance(other, _Element):
        yield from _elements(path, one, other)
    elif one != other:
        yield FieldValues(path, _shown(one), _shown(other))


def _signatures(children: list[_Element | str]) -> list[str]:
    return ["text()" if isinstance(child, str) else child.signature for child in children]


def _steps(children: list[_Element | str]) -> list[str]:
    """Return each child's step: `p`, or `p[2]` where there are several; `input[@name=token]` by its name."""
    names = [_step(child) for child in children]
    totals, seen = Counter(names), Counter[str]()
    steps = []
    for name in names:
        seen[name] += 1
        steps.append(f"{name}[{seen[name]}]" if totals[name] > 1 else name)
    return steps


def _step(child: _Element | str) -> str:
    if isinstance(child, str):
        return "text()"
    name = child.attributes.get("name")
    return f"{child.tag}[@name={name}]" if name else child.tag


def _shown(node: _Element | str) -> str:
    if isinstance(node, str):
        return node
    attributes = "".join(f' {name}="{value}"' for name, value in node.attributes.items())
    inside = " ".join(_shown(child) for child in node.children[:5])
    return f"<{node.tag}{attributes}>{inside}"[:_SHOWN]
