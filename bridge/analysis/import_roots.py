"""The names of a project's modules as its own imports say them: `shop.views`, though it lies in `src/shop/views.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from bridge.analysis.facts import ModuleFacts, Opcode
from bridge.analysis.names import module_name

__all__ = ["module_names"]


def module_names(files: Mapping[str, ModuleFacts]) -> dict[str, str]:
    """Return file -> dotted name; files are relative to the project's root, with slashes.

    Below a plain folder that Python would have on its path (a src layout's, or one that holds a manage.py) names are
    counted from there on, unless the project imports by the longer name or two modules would get the same.
    """
    roots = _unspoken(_plain_roots(files), files)
    full = {file: module_name(PurePosixPath(file)) for file in files}
    short = {file: _below(PurePosixPath(file), roots) for file in files}
    counts: dict[str, int] = {}
    for name in short.values():
        counts[name] = counts.get(name, 0) + 1
    return {file: name if counts[name] == 1 else full[file] for file, name in short.items()}


def _plain_roots(files: Mapping[str, ModuleFacts]) -> frozenset[PurePosixPath]:
    folders = {folder for file in files for folder in PurePosixPath(file).parents if folder.name}
    return frozenset(
        folder
        for folder in folders
        if str(folder / "__init__.py") not in files
        and (folder.name == "src" or str(folder / "manage.py") in files)
    )


def _unspoken(roots: frozenset[PurePosixPath], files: Mapping[str, ModuleFacts]) -> frozenset[PurePosixPath]:
    """Return the roots that no import names."""
    if not roots:
        return roots
    named = {name for facts in files.values() for name in _imported(facts)}
    dotted = {root: ".".join(root.parts) for root in roots}
    return frozenset(
        root
        for root in roots
        if not any(name == dotted[root] or name.startswith(f"{dotted[root]}.") for name in named)
    )


def _imported(facts: ModuleFacts) -> Iterator[str]:
    """Yield what a file imports absolutely."""
    for scope in facts.scopes:
        for instruction in scope.instructions:
            if instruction[0] == Opcode.IMPORT:
                yield instruction[2]
            elif instruction[0] == Opcode.FROM and instruction[2] == 0:
                yield f"{instruction[3]}.{instruction[4]}"
            elif instruction[0] == Opcode.STAR and instruction[1] == 0:
                yield instruction[2]


def _below(file: PurePosixPath, roots: frozenset[PurePosixPath]) -> str:
    """Return a module's name, counted from the deepest of the roots that it lies below."""
    root = next((folder for folder in file.parents if folder in roots), None)
    return module_name(file if root is None else file.relative_to(root))
