"""The text of a template -> its tags and variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Token", "arguments_of", "tokens_of"]

TAG = re.compile(r"({%.*?%}|{{.*?}}|{#.*?#})")  # as django.template.base.tag_re: on one line
ARGUMENT = re.compile(r"""(?:[^\s'"]*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')[^\s'"]*)+)|\S+""")

VERBATIM = {"verbatim": "endverbatim", "comment": "endcomment"}


class Token(NamedTuple):
    """A tag ("tag") or a variable ("variable"), without its braces."""

    kind: str
    text: str
    line: int


def tokens_of(text: str) -> Iterator[Token]:
    """Yield what stands in braces; what stands in `verbatim` and `comment` is left out."""
    until = ""
    for number, line in enumerate(text.split("\n"), 1):
        for part in TAG.findall(line):
            inner = part[2:-2].strip()
            if part.startswith("{#"):
                continue
            name = inner.partition(" ")[0]
            if until:
                until = "" if part.startswith("{%") and name == until else until
            elif part.startswith("{%") and name in VERBATIM:
                until = VERBATIM[name]
            else:
                yield Token("tag" if part.startswith("{%") else "variable", inner, number)


def arguments_of(text: str) -> list[str]:
    """Return the words of a tag, quoted texts kept whole."""
    return ARGUMENT.findall(text)
