"""Runs settings and URL configurations as far as they can be told from their text.

These are programs whose result is data: lists that are extended, tables that decorators fill, functions that make
patterns. So they are interpreted, with `Unknown` for what cannot be known: statement by statement, both ways where a
condition is unknown, with an empty process environment (so every `os.environ.get` gives its default). Nothing is
imported or run; a library's source is read where the environment has it and somebody asks.

modules     `module`, `member`, `follow`
objects     `attribute`, `find`, `bases_of`
calls       `call`; expressions.py and statements.py do the rest
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from bridge.analysis.frameworks.django.data import (
    Application,
    Class,
    External,
    Lazy,
    ModuleRef,
    Native,
    NativeObject,
    Place,
    Raised,
    Scope,
    Unknown,
    name_of,
)
from bridge.analysis.frameworks.django.sources import Sources

__all__ = ["Interpreter", "OutOfSteps"]

MOST_STEPS = 3_000_000  # expressions; arbitrary, about ten seconds
MOST_STEPS_OF_LIBRARIES = 1_000_000  # where their code is followed, too; Wagtail's takes 150,000
DEEPEST_CALL = 40


class OutOfSteps(Exception):
    """The program ran for too long."""


class Interpreter:
    """One run over the modules of a project. `notes` says what could not be followed, in words."""

    def __init__(self, sources: Sources) -> None:
        from bridge.analysis.frameworks.django.natives import NATIVES

        self.sources = sources
        self.settings: dict[str, Any] | None = None
        self.natives: dict[str, Native] = dict(NATIVES)
        self.applications: tuple[Application, ...] = ()
        self.objects: dict[str, NativeObject] = {}  # by dotted name: django.contrib.admin.site
        self.constructors: dict[str, Callable[[], NativeObject]] = {}  # by the external class
        self.notes: dict[str, None] = {}
        self.modules: dict[str, Scope] = {}
        self.eager: frozenset[str] = (
            frozenset()
        )  # libraries' modules that are read as soon as they are imported
        self.followed: frozenset[str] = frozenset()  # libraries' top packages that are read as the project is
        self.included: set[str] = set()  # the top packages of libraries whose URL configuration is included
        # Packages whose URL configuration is not there -> the paths below which their routes are missing.
        self.absent: dict[str, dict[str, None]] = {}
        self.asked: set[tuple[int, str]] = set()  # (object, attribute) that a `__getattr__` is asked for
        self.for_effect: set[str] = set()  # modules that `import_module` ran: what they import is run at once
        self.depth = self.steps = 0
        self.doubts: list[str] = []  # the unknown conditions around what runs now
        self.calls: list[Place] = []  # where what runs now was called, the module's own statement first
        self._followed: dict[str, Any] = {}
        self._orders: dict[Class, tuple[Any, ...]] = {}  # of classes whose bases are all known

    # --- modules ----------------------------------------------------------------------------

    def module(self, name: str) -> Scope | None:
        """Return the scope of a module, run if it was not; None if there is no such file."""
        known = self.modules.get(name)
        if known is not None:
            return known
        tree = self.sources.parse(name)
        if tree is None:
            return None
        scope = self.modules[name] = Scope(name, "module")
        found = self.sources.find(name)
        assert found is not None
        scope.names.update(__name__=name, __file__=str(found[0]), __builtins__=Unknown())
        self._execute(scope, tree)
        return scope

    def _execute(self, scope: Scope, tree: ast.Module) -> None:
        from bridge.analysis.frameworks.django.importing import bind_missing
        from bridge.analysis.frameworks.django.statements import run

        outside = self.depth, self.doubts, self.calls
        try:
            for statement in tree.body:
                self.depth, self.doubts, self.calls = 0, [], []
                try:
                    run(self, scope, [statement])
                except Raised as error:
                    if error.kind != "ImportError" or not bind_missing(self, scope, statement):
                        self.note(
                            f"{error} at {self.place(scope, statement)}: that statement is left out, the rest is read"
                        )
                except RecursionError:
                    self.note(f"nested too deeply at {self.place(scope, statement)}")
        finally:
            self.depth, self.doubts, self.calls = outside

    def run_files(self, place: Place, pattern: str) -> None:
        """Run the files that `pattern` names, seen from the folder of `place`, in the scope of the module there."""
        scope = self.modules.get(self.module_at(place.file))
        folder = PurePosixPath(place.file).parent
        for file in sorted(self.sources.own_files()):
            if scope is not None and PurePosixPath(file).match(str(folder / pattern)):
                tree = self.sources.parse_file(file)
                if tree is not None and file != place.file:
                    self._execute(scope, tree)

    def module_at(self, file: str) -> str:
        """Return the name of the module that was run from a file, the file itself where none was."""
        found = ((name, self.sources.find(name)) for name in self.modules)
        return next((name for name, place in found if place is not None and place[1] == file), file)

    def member(self, module: str, name: str) -> Any:
        """Return a module's variable or submodule; Unknown if it has neither."""
        scope = self.module(module)
        if scope is not None and name in scope.names:
            return self.settled(scope.names, name)
        inner = f"{module}.{name}"
        if self.sources.exists(inner):
            return ModuleRef(inner)
        if scope is None and not self.sources.exists(module):
            return External(inner)
        return Unknown(f"{module} has no {name}")

    def settled(self, names: dict[str, Any], name: str) -> Any:
        """Return `names[name]`, an import followed first."""
        value = names[name]
        if isinstance(value, Lazy):
            names[name] = External(f"{value.module}.{value.attribute}")  # an import in a circle ends here
            lazy, value = value, self.imported(value)
            # In a circle of imports the name may be there later: asked again.
            names[name] = lazy if isinstance(value, Unknown) else value
        return value

    def imported(self, lazy: Lazy) -> Any:
        """Return what an import gives: of the project the object, of a library its name."""
        is_read = lazy.inner or self.is_read(lazy.module) or not self.is_library(lazy.module)
        if not (self.sources.exists(lazy.module) and is_read):
            return External(f"{lazy.module}.{lazy.attribute}" if lazy.attribute else lazy.module)
        if not lazy.attribute:
            return ModuleRef(lazy.module)
        return self.member(lazy.module, lazy.attribute)

    def is_read(self, module: str) -> bool:
        """Return whether a module's code is run wherever it is imported: the project's own, and followed libraries'."""
        return module.partition(".")[0] in self.followed or self.sources.is_own(module)

    def is_library(self, module: str) -> bool:
        """Return whether a module stands in the environment and not in the project."""
        return self.sources.find(module) is not None and not self.sources.is_own(module)

    def follow(self, value: Any) -> Any:
        """Return what an External stands for, read from the environment; the External itself if that fails."""
        if not isinstance(value, External):
            return value
        if value.name not in self._followed:
            self._followed[value.name] = value
            try:
                self._followed[value.name] = self._follow(value)
            except Raised:
                self._followed[value.name] = value  # a module that is there has no such name
        return self._followed[value.name]

    def _follow(self, value: External) -> Any:
        parts = value.name.split(".")
        if self.sources.exists(value.name):
            return ModuleRef(value.name)
        for length in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:length])
            if self.sources.find(module) is not None:
                return self._through(module, parts[length:], value)
        return value

    def _through(self, module: str, names: list[str], value: External) -> Any:
        found: Any = ModuleRef(module)
        for name in names:
            found = self.attribute(found, name, Place(module, 0))
            if isinstance(found, External):
                found = self.follow(found)
        return (
            value if isinstance(found, (Unknown, External)) and name_of(found) in {"", value.name} else found
        )

    def dotted(self, name: str) -> Any:
        """Return what a dotted string names, as `import_string` does."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            module = ".".join(parts[:length])
            if self.sources.is_own(module) or (self.is_read(module) and self.sources.exists(module)):
                found: Any = ModuleRef(".".join(parts[:length]))
                for part in parts[length:]:
                    found = self.attribute(found, part, Place(name, 0))
                return found
        return External(name)

    # --- objects ----------------------------------------------------------------------------

    def attribute(self, value: Any, name: str, place: Place) -> Any:
        """Return `value.name`; raises Raised("AttributeError") where it is known to be missing."""
        from bridge.analysis.frameworks.django.members import member_of

        return member_of(self, value, name, place)

    def find(self, cls: Class, name: str, *, after: Class | None = None) -> tuple[Any, Any]:
        """Return (value, owner) of a class's attribute along its bases; owner None if no base that is read has it."""
        chain = self.order(cls)
        if after is not None:
            chain = chain if after in chain else self.order(cls, follow=True)
            chain = chain[chain.index(after) + 1 :] if after in chain else chain
        for each in chain:
            if isinstance(each, Class) and name in each.attributes:
                return self.settled(each.attributes, name), each
        return Unknown(f"{cls.name} has no {name}"), None

    def order(self, cls: Class, *, follow: bool = False) -> tuple[Any, ...]:
        """Return a class and its bases, depth first, the last of equals kept as Python does; Externals stand in it."""
        known = None if follow else self._orders.get(cls)
        if known is None:
            seen: dict[Any, None] = {}
            self._collect(cls, seen, follow=follow)
            known = tuple(reversed(seen))
            if not follow and not any(_is_open(each) for each in known):
                self._orders[cls] = known
        return known

    def _collect(self, cls: Any, seen: dict[Any, None], *, follow: bool) -> None:
        # Post-order from the right: what stands in two places ends up behind both classes that name it.
        base = self.follow(cls) if follow else cls
        if isinstance(base, Class):
            for each in reversed(self._bases(base)):
                if each not in seen:
                    self._collect(each, seen, follow=follow)
        if base not in seen and isinstance(base, (Class, External)):
            seen[base] = None

    def _bases(self, cls: Class) -> tuple[Any, ...]:
        """Return a class's bases; those that a circle of imports hid at first are asked for again."""
        if _is_open(cls) and cls.again is not None:
            ask, cls.again = cls.again, None  # a class that asks for itself ends here
            cls.bases = ask()
            cls.again = ask
        return cls.bases

    def external_bases(self, cls: Class) -> list[str]:
        """Return the names of the external classes behind a class, the nearest first."""
        return [each.name for each in self.order(cls) if isinstance(each, External)]

    # --- calls ------------------------------------------------------------------------------

    def call(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place) -> Any:
        """Return what calling `function` gives."""
        from bridge.analysis.frameworks.django.calls import call

        self.calls.append(place)
        try:
            return call(self, function, arguments, keywords, place)
        finally:
            self.calls.pop()

    def step(self) -> None:
        """Count one expression. Raises OutOfSteps."""
        self.steps += 1
        if self.steps > (MOST_STEPS_OF_LIBRARIES if self.followed else MOST_STEPS):
            raise OutOfSteps

    def note(self, text: str) -> None:
        """Remember what could not be followed."""
        self.notes[text] = None

    def place(self, scope: Scope, node: ast.AST) -> Place:
        """Return where a node of a scope's module stands."""
        found = self.sources.find(scope.module)
        return Place(found[1] if found else scope.module, getattr(node, "lineno", 0))


def _is_open(cls: Any) -> bool:
    """Return whether a class has a base that is not known, perhaps not yet."""
    return isinstance(cls, Class) and any(isinstance(each, Unknown) for each in cls.bases)
