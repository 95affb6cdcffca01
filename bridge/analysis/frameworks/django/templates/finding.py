"""Template names -> files of the project; its template tags by name."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bridge.analysis.project import SKIPPED, Project

__all__ = ["Library", "Tag", "Templates"]

FOLDERS = frozenset({"templates", "jinja2"})
LARGEST_TEMPLATE = 512 * 1024  # bytes; what is larger is data


@dataclass(frozen=True, slots=True)
class Tag:
    """A project's own tag or filter. `template` is an inclusion tag's, "" for others."""

    module: str
    function: str
    kind: str  # filter, simple_tag, inclusion_tag, simple_block_tag
    takes_context: bool = False
    template: str = ""


@dataclass(slots=True)
class Library:
    """The tags of one `{% load name %}`."""

    tags: dict[str, Tag] = field(default_factory=dict)


class Templates:
    """The templates below folders called `templates`, each by its name there."""

    def __init__(self, project: Project) -> None:
        self._root = project.root
        self._files: dict[str, str] = {}
        self._libraries: dict[str, tuple[str, str]] = {}
        self._known: dict[str, Library] = {}
        self._find()
        for module in project.modules:
            parts = PurePosixPath(module.file).parts
            if len(parts) > 1 and parts[-2] == "templatetags":
                self._libraries[PurePosixPath(module.file).stem] = (module.name, module.file)

    def _find(self) -> None:
        for folder, names, files in os.walk(self._root):
            names[:] = sorted(each for each in names if each not in SKIPPED and not each.startswith("."))
            parts = Path(folder).relative_to(self._root).parts
            at = next((index for index, each in enumerate(parts) if each in FOLDERS), None)
            if at is None:
                continue
            for file in sorted(files):
                name = "/".join((*parts[at + 1 :], file))
                self._files.setdefault(name, "/".join((*parts, file)))

    def file(self, name: str) -> str:
        """Return the file of a template, relative to the project's root; "" if the project has none of that name."""
        return self._files.get(name, "")

    def text(self, file: str) -> str:
        """Return a template's text, "" where it cannot be read."""
        path = self._root / file
        try:
            return path.read_text("utf-8", "replace") if path.stat().st_size <= LARGEST_TEMPLATE else ""
        except OSError:
            return ""

    def library(self, name: str) -> Library:
        """Return the project's tags under `{% load name %}`."""
        if name not in self._known:
            self._known[name] = Library()
            module, file = self._libraries.get(name, ("", ""))
            if file:
                self._known[name] = _library(module, self.text(file))
        return self._known[name]


def _library(module: str, text: str) -> Library:
    found = Library()
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return found
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                _add(found, module, node, decorator)
    return found


KINDS = frozenset({"filter", "simple_tag", "inclusion_tag", "simple_block_tag"})


def _add(found: Library, module: str, node: ast.FunctionDef, decorator: ast.expr) -> None:
    call = decorator if isinstance(decorator, ast.Call) else None
    function = call.func if call else decorator
    if not isinstance(function, ast.Attribute) or function.attr not in KINDS:
        return
    keywords = {each.arg: each.value for each in call.keywords} if call else {}
    positional = [_text(each) for each in call.args] if call else []
    takes = keywords.get("takes_context")
    template = ""
    name = _text(keywords.get("name")) or node.name
    if function.attr == "inclusion_tag":
        template = (positional or [""])[0] or _text(keywords.get("filename"))
    elif positional and positional[0]:
        name = positional[0]
    takes_context = isinstance(takes, ast.Constant) and takes.value is True
    found.tags[name] = Tag(module, node.name, function.attr, takes_context, template)


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
