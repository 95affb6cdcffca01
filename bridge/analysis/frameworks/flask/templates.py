"""Templates: what runs while one is rendered counts as called by who renders it.

Context processors run for every template. Which filters, tests, globals and functions of the context a template calls
is read from its text, and from those that it extends, includes and imports, where the names are plain.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from bridge.analysis.facts import RESULT
from bridge.analysis.frameworks.calls import calls_on, elements_of, texts_of
from bridge.analysis.frameworks.flask.lookups import Lookup, follow_lookups, lookups_in
from bridge.analysis.frameworks.roots import enter_roots, functions_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.project import SKIPPED, Project
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import BOUND, CONTAINER, DECORATED, FUNCTION

__all__ = ["connect_templates"]

RENDERERS = frozenset(
    f"{package}.{name}"
    for package in ("flask", "flask.templating", "quart", "quart.templating")
    for name in ("render_template", "render_template_string", "stream_template", "stream_template_string")
)
SUFFIXES = frozenset({".html", ".htm", ".jinja", ".jinja2", ".j2", ".txt", ".xml"})
LARGEST = 1024 * 1024  # bytes; what is larger is data

CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.DOTALL)
OTHERS = re.compile(r"""(?:extends|include|import|from)\s+["']([^"']+)["']""")
CALLED = re.compile(r"(?<![\w.|])([A-Za-z_]\w*)\s*\(")
FILTERED = re.compile(r"\|\s*([A-Za-z_]\w*)")
TESTED = re.compile(r"\bis\s+(?:not\s+)?([A-Za-z_]\w*)")


@dataclass(frozen=True, slots=True)
class Used:
    """The names that a template calls or filters with, and the chains of attributes that it reads.

    `lookups`: chain -> the template that has it first, of those that it extends and includes; "" for a text.
    """

    names: frozenset[str]
    lookups: Mapping[Lookup, str]


@dataclass(slots=True)
class Names:
    """The functions of the template environment by the names that templates call them by."""

    functions: dict[str, set[int]] = field(default_factory=dict)

    def add(self, name: str, values: Iterable[int]) -> None:
        """Add what `name` may be."""
        self.functions.setdefault(name, set()).update(values)


class Folder:
    """The templates of a project by the names that they are rendered by."""

    def __init__(self, root: Path) -> None:
        self._files: dict[str, list[Path]] = {}
        for folder, names, files in os.walk(root):
            names[:] = [name for name in names if name not in SKIPPED and not name.startswith(".")]
            for name in files:
                if PurePosixPath(name).suffix in SUFFIXES:
                    self._files.setdefault(name, []).append(Path(folder, name))

    def used(self, name: str) -> Used:
        """Return what the template called `name` uses, with all that it extends, includes and imports."""
        names: set[str] = set()
        lookups: dict[Lookup, str] = {}
        waiting, seen = [name], {name}
        while waiting:
            template = waiting.pop()
            for text in self._texts(template):
                used, others = used_in(text)
                names |= used.names
                for lookup in used.lookups:
                    lookups.setdefault(lookup, template)
                waiting += [each for each in others if each not in seen]
                seen |= others
        return Used(frozenset(names), lookups)

    def _texts(self, name: str) -> Iterator[str]:
        """Yield the texts of the files that may be meant: the name is the end of their paths."""
        wanted = PurePosixPath(name).parts
        for path in self._files.get(wanted[-1], []) if wanted else []:
            if path.parts[-len(wanted) :] == wanted and path.stat().st_size <= LARGEST:
                yield path.read_text("utf-8", "replace")


@lru_cache(maxsize=4096)
def used_in(text: str) -> tuple[Used, frozenset[str]]:
    """Return what a template's text uses, and the templates that it names."""
    code = [one or other for one, other in CODE.findall(text)]
    names = {
        name for part in code for pattern in (CALLED, FILTERED, TESTED) for name in pattern.findall(part)
    }
    others = {name for part in code for name in OTHERS.findall(part)}
    return Used(frozenset(names), dict.fromkeys(lookups_in(code), "")), frozenset(others)


def connect_templates(state: State, project: Project, scaffolds: list[int], processors: list[int]) -> None:
    """Record, for every call that renders a template, the functions that run meanwhile."""
    renderers = {state.values.external(name) for name in RENDERERS}
    places = [
        (site, given) for site, (callees, given) in list(state.handed_out.items()) if renderers & callees
    ]
    if not places:
        return
    roots = enter_roots(state, processors, "context_processor")
    names = _environment(state, scaffolds)
    for root in roots:
        _add_returned(state, names, root.instance)
    folder = Folder(project.root)
    for site, arguments in places:
        for root in roots:
            state.record(site, root.instance)
        texts = texts_of(state, state.flow.holds[arguments.positional[0]]) if arguments.positional else []
        for text in texts:
            used = used_in(text)[0] if "{{" in text or "{%" in text else folder.used(text)
            given = {name: frozenset(state.flow.holds[node]) for name, node in arguments.keywords}
            _connect(state, site, used, names, given)
    settle(state)


def _connect(state: State, site: Site, used: Used, names: Names, given: dict[str, frozenset[int]]) -> None:
    functions = [
        each
        for name in sorted(used.names)
        for value in sorted(names.functions.get(name, set()) | given.get(name, frozenset()))
        if state.values.kinds[value] in {FUNCTION, BOUND, DECORATED}
        for each in functions_of(state, value)
    ]
    for root in enter_roots(state, functions, "template"):
        state.record(site, root.instance)
    follow_lookups(state, site, used.lookups, {**names.functions, **given})


def _environment(state: State, scaffolds: list[int]) -> Names:
    """Return the filters, tests and globals that are registered on applications and blueprints."""
    names = Names()
    for scaffold in scaffolds:
        for call in calls_on(state, scaffold):
            if not call.method.endswith(("template_filter", "template_global", "template_test")):
                continue
            added = "add_" in call.method
            values = (
                call.values(0, "f")
                if added
                else frozenset().union(*(each.values(0) for each in calls_on(state, call.result)))
            )
            for value in sorted(values):
                named = call.texts(1 if added else 0, "name") or [_own_name(state, value)]
                names.add(named[0], {value})
            if not added and not values:  # used as a plain decorator, without a name
                for value in sorted(call.values(0)):
                    names.add(_own_name(state, value), {value})
    _add_mappings(state, names)
    return names


def _own_name(state: State, value: int) -> str:
    original = written(state, value)
    if state.values.kinds[original] != FUNCTION:
        return ""
    return str(state.program.scopes[state.values.parts[original][0]].name.rpartition(".")[2])


MAPPINGS = frozenset(
    f"{owner}.jinja_env.{kind}."
    for owner in ("flask.Flask", "flask.current_app")
    for kind in ("globals", "filters", "tests")
)


def _add_mappings(state: State, names: Names) -> None:
    """Read `app.jinja_env.globals.update(name=function)` and `app.jinja_env.globals["name"] = function`."""
    updates = {state.values.external(f"{name}update") for name in MAPPINGS}
    items = {state.values.external(f"{name}__setitem__") for name in MAPPINGS}
    for callees, arguments in list(state.handed_out.values()):
        if updates & callees:
            for name, node in arguments.keywords:
                names.add(name, state.flow.holds[node])
        if items & callees:
            key, value = arguments.positional
            for name in texts_of(state, state.flow.holds[key]):
                names.add(name, state.flow.holds[value])


def _add_returned(state: State, names: Names, instance: int) -> None:
    """Add what a context processor gives: the functions in the dictionary that it returns."""
    for value in sorted(state.flow.holds[state.node(instance, RESULT)]):
        if state.values.kinds[value] != CONTAINER or state.values.parts[value][0] != "dict":
            continue
        for key in elements_of(state, [value]):
            held = state.fields.get((value, state.values.constant(key)))
            if held is not None:
                names.add(key, state.flow.holds[held])
