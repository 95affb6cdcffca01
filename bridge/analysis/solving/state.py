"""What solving builds up: functions in their contexts, objects' fields, the edges that were found.

An *instance* is a scope's registers in one context. A function has one instance, but for

  - a method that a subclass inherits, and what a decorator has made of a method: one for each class of its receiver;
  - a wrapper (it hands its arguments on through its result, as decorators do): one for each call site;
  - what stands inside such a function: one for each instance around it.

Without that every view behind `login_required` would seem to call every other.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.analysis.facts import DECORATING, IN_LOOP, OFFLOADING, Instruction, Opcode
from bridge.analysis.solving.extension import Extension
from bridge.analysis.solving.flow import Flow
from bridge.analysis.solving.library import NOTHING_KNOWN, Library
from bridge.analysis.solving.loads import Load, Loads
from bridge.analysis.solving.program import Program
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CONSTANT,
    CONTAINER,
    DECORATED,
    EXTERNAL,
    FUNCTION,
    INSTANCE,
    METHOD,
    PARTIAL,
    Values,
)

__all__ = [
    "ANY",
    "CALLABLE",
    "KEYS",
    "NO_ARGUMENTS",
    "UNKNOWN_KEY",
    "Arguments",
    "ClassRecord",
    "Instance",
    "Member",
    "ObjectCall",
    "Site",
    "State",
]

# Fields of a container that no constant names.
UNKNOWN_KEY, ANY, KEYS = -1, -2, -3

CALLABLE = frozenset({FUNCTION, BOUND, PARTIAL, DECORATED})

MINOR = frozenset({CONSTANT, CONTAINER, EXTERNAL, METHOD})  # what a crowded register drops

DEEPEST_CONTEXT = 3  # call sites that a wrapper's context keeps; three is a decorator made by a factory
DEEPEST_GIVEN = 6  # those of a function that calls what it is given: helpers of a decorator hand it on
MOST_CONTEXTS = (
    2000  # of one scope; beyond, they share one; a blueprint of one's own may register so many views
)


class Site(NamedTuple):
    """Where something happens: in which instance, on which line, as which allocation.

    `text`: for what a template reads while it is rendered here, the template and what is written there.
    """

    instance: int
    key: Hashable
    line: int
    flags: int = 0
    text: tuple[str, str] | None = None

    @property
    def decorates(self) -> bool:
        """Return whether a decorator is applied here."""
        return bool(self.flags & DECORATING)

    @property
    def offloads(self) -> bool:
        """Return whether what is called here runs in a thread that the application starts."""
        return bool(self.flags & OFFLOADING)

    def offloading(self) -> Site:
        """Return this place, where what is called runs in another thread."""
        return self._replace(flags=self.flags | OFFLOADING)


class Arguments(NamedTuple):
    """The nodes of a call's arguments."""

    positional: tuple[int, ...] = ()
    keywords: tuple[tuple[str, int], ...] = ()
    star: int | None = None
    double_star: int | None = None

    def after(self, *nodes: int) -> Arguments:
        """Return these arguments behind `nodes`."""
        return self._replace(positional=(*nodes, *self.positional))


NO_ARGUMENTS = Arguments()


class ObjectCall(NamedTuple):
    """A call of a library's object or of a member of it, or what made it: see objects.py."""

    site: Site
    callee: int
    arguments: Arguments
    result: int


@dataclass(slots=True)
class Instance:
    """A scope in one context. `owner` is the function or module that its calls are counted for."""

    scope: int
    parent: int  # the instance around it, -1 for a module
    base: int  # the node of register 0
    owner: int
    depth: int  # call sites in its context
    class_value: int = -1  # of a class body: the class
    is_called: bool = False


@dataclass(slots=True)
class Member:
    """A class attribute as one receiver has it, and who reads, calls or sets it: see binding.py.

    `bound` is the node of what all readers get. A use is what to do at its place with a value that runs there.
    """

    receiver: int
    bound: int
    nodes: list[int] = field(default_factory=list)  # the class attributes that are watched
    externals: tuple[str, ...] = ()  # what external bases have by its name
    special: tuple[int, ...] = ()  # properties and descriptors: they run wherever they are read
    uses: list[tuple[Any, Site, Any, Arguments]] = field(default_factory=list)


@dataclass(slots=True)
class ClassRecord:
    """A class: its body's instance, its bases as far as they are known, and who asked for them."""

    instance: int
    bases: list[list[int]]
    subclasses: set[int] = field(default_factory=set)
    askers: list[Callable[[], None]] = field(default_factory=list)


Apply = Callable[["State", Site, int, Arguments, int | None], None]


class State:
    """The growing result; `apply` calls a value (calling.py sets it, members.py needs it for properties)."""

    def __init__(self, program: Program, apply: Apply, library: Library = NOTHING_KNOWN) -> None:
        self.program, self.apply, self.library = program, apply, library
        self.extension: Extension | None = None
        self.values = Values()
        unknown = self.values.external("<builtin>.object")
        self.flow = Flow(self.values.kinds, MINOR, unknown=unknown)
        self.instances: list[Instance] = []
        self.waiting: list[int] = []  # instances that have not been run
        self.fields: dict[tuple[int, int | str], int] = {}
        self.copies: dict[int, dict[int, None]] = {}  # container -> those that take over its keys
        self.lengths: dict[int, int] = {}  # of tuples and lists that are written out
        self.classes: dict[int, ClassRecord] = {}
        self.defaults: dict[int, tuple[tuple[int, int], ...]] = {}  # function -> (parameter, node)
        self.hints: dict[int, tuple[tuple[int, int, str], ...]] = {}  # (parameter, node, form)
        self.partials: dict[int, tuple[int, Arguments]] = {}
        self.unwrapped: set[tuple[int, Hashable, int, int]] = set()  # partials that were called at a place
        # owner -> instance, or ~external value -> line -> the first call there (the first that offloads nothing)
        self.edges: dict[int, dict[int, dict[int, Site]]] = {}
        # External callees by place, and what they are given there.
        self.handed_out: dict[Site, tuple[set[int], Arguments]] = {}
        self.object_calls: dict[
            int, list[ObjectCall]
        ] = {}  # tracked object -> the calls of it and its members
        self.makings: dict[int, ObjectCall] = {}  # tracked object -> how it was made
        self.calls: list[tuple[int, Instruction]] = []  # (instance, CALL)
        self.loads = Loads()
        self.late: list[Callable[[], None]] = []  # asked once, when nothing moves
        self.orders: dict[int, list[int]] = {}  # class -> its order of resolution, as known now
        # class -> (name, behind which class) -> where it has that, as known now
        self.found: dict[int, dict[tuple[str, int | None], tuple[list[int], str | None]]] = {}
        # class -> (receiver, name, behind which class) -> what is read there
        self.members: dict[int, dict[tuple[int, str, int | None], Member]] = {}
        self.external_bases: dict[int, tuple[str, ...]] = {}  # class -> libraries' classes in its order
        self.module_names: dict[tuple[int, str], tuple[int, ...]] = {}  # (module, name) -> nodes that hold it
        self.handed: list[int] = []  # functions that external code was given, not yet entered
        self.contexts: list[Hashable] = []  # instance -> what keeps it apart from others of its scope
        self.memo: dict[
            str, tuple[Any, int]
        ] = {}  # what readers work out once: (it, the size of what it is made of)
        self._noted: set[int] = set()  # what has ever been in `handed`
        self._known: dict[tuple[int, int, Hashable], int] = {}
        self._contexts: dict[int, int] = {}
        self._nodes: dict[int, int] = {}
        self._keys: dict[int, list[int]] = {}  # container -> the constants that its fields are known by

    def instance(self, scope: int, parent: int, context: Hashable = None, *, depth: int = 0) -> int:
        """Return the instance of `scope` in this context; a new one waits to be run."""
        if context is not None and self._contexts.get(scope, 0) > MOST_CONTEXTS:
            context = None
        key = (scope, parent, context)
        number = self._known.get(key)
        if number is None:
            number = self._known[key] = len(self.instances)
            self._contexts[scope] = self._contexts.get(scope, 0) + 1
            facts = self.program.scopes[scope]
            owner = self.instances[parent].owner if facts.kind == "class" else number
            base = self.flow.nodes(facts.registers)
            self.instances.append(Instance(scope, parent, base, owner, depth))
            self.contexts.append(context)
            self.waiting.append(number)
        return number

    def node(self, instance: int, register: int) -> int:
        """Return the node of a register."""
        return self.instances[instance].base + register

    def holding(self, value: int) -> int:
        """Return a node that holds `value` and never anything else."""
        if value not in self._nodes:
            self._nodes[value] = self.flow.node()
            self.flow.add(self._nodes[value], (value,))
        return self._nodes[value]

    def field(self, value: int, key: int | str) -> int:
        """Return the node of an attribute (str) or of a container's element (a constant's value, or `ANY`...)."""
        node = self.fields.get((value, key))
        if node is None:
            node = self.fields[value, key] = self.flow.node()
            if isinstance(key, int) and key not in {ANY, KEYS}:
                self._keys.setdefault(value, []).append(key)
                self.flow.edge(node, self.field(value, ANY))
                for copy in tuple(self.copies.get(value, ())):
                    self.flow.edge(node, self.field(copy, key))
        return node

    def keys_of(self, container: int) -> list[int]:
        """Return the constants that elements of the container are known by."""
        return [key for key in self._keys.get(container, ()) if key >= 0]

    def copy_keys(self, source: int, target: int) -> None:
        """Let the container `target` hold what `source` holds, key by key, now and later."""
        copies = self.copies.setdefault(source, {})
        if target in copies or source == target:
            return
        copies[target] = None
        for key in list(self._keys.get(source, ())):
            self.flow.edge(self.field(source, key), self.field(target, key))
        self.flow.edge(self.field(source, KEYS), self.field(target, KEYS))

    def record(self, site: Site, target: int) -> None:
        """Note an edge to an instance, or to an external value's complement."""
        owner = self.instances[site.instance].owner
        lines = self.edges.setdefault(owner, {}).setdefault(target, {})
        known = lines.get(site.line)
        if known is None or (known.offloads and not site.offloads):
            lines[site.line] = site

    def hand_out(self, site: Site, value: int, arguments: Arguments) -> None:
        """Note what the external `value` is given at a place; the functions among it wait to be entered."""
        known = self.handed_out.get(site)
        if known is None:
            known = self.handed_out[site] = (set(), arguments)
            for node in (*arguments.positional, *(node for _, node in arguments.keywords)):
                self.flow.watch(node, self._note_handed)
        known[0].add(value)

    def _note_handed(self, value: int) -> None:
        if self.values.kinds[value] in CALLABLE and value not in self._noted:
            self._noted.add(value)
            self.handed.append(value)

    def record_external(self, site: Site, name: str) -> None:
        """Note an edge to something outside the project."""
        self.record(site, ~self.values.external(name))

    def record_implicit(self, site: Site, name: str) -> None:
        """Note an edge to something that is called without a call, if it is known to do anything."""
        if name in self.library.implicit:
            self.record_external(site, name)

    def record_read(self, site: Site, sink: str, name: str) -> None:
        """Note that the lazy attribute `name` ("Book.author") is read here, an edge to `sink`."""
        place = (self.instances[site.instance].owner, site.line, sink)
        self.loads.read(place, (site.key, site.text), name, template=site.text[0] if site.text else "")
        self.record_implicit(site, sink)

    def learn_load(self, site: Site, sink: str, load: Load) -> None:
        """Note what an object that reaches a read says of it."""
        place = (self.instances[site.instance].owner, site.line, sink)
        self.loads.learn(place, (site.key, site.text), load)

    def typed(self, name: str) -> int:
        """Return the external object that a call of `name` gives: of its type, where that is known."""
        return self.values.external(self.library.types.get(name, name))

    def in_loop(self, site: Site) -> bool:
        """Return whether the place is in a loop or a comprehension of its scope."""
        scope = self.program.scopes[self.instances[site.instance].scope]
        return bool(site.flags & IN_LOOP) or (isinstance(site.key, int) and scope.in_loop(site.key))

    def column(self, site: Site) -> int:
        """Return the column of a call, 0 where it is not known."""
        if isinstance(site.key, int):
            instruction = self.program.scopes[self.instances[site.instance].scope].instructions[site.key]
            if instruction[0] == Opcode.CALL:
                return int(instruction[9])
        return 0

    def class_of(self, value: int) -> int | None:
        """Return the class of an instance, a class itself; None for other values."""
        kind = self.values.kinds[value]
        if kind == INSTANCE:
            return int(self.values.parts[value][0])
        return value if kind == CLASS else None
