"""What the interpreter of settings and URL configurations computes with.

Constants, lists, tuples, dictionaries and sets are Python's own. Everything else is one of these:

    Unknown     nobody can say: an unread file, a random number
    External    a name outside the project, followed only where somebody asks what it is
    Made        what calling something external gives, with the arguments
    Function    a function of a file that is read, closed over its scope; `Bound` to a receiver
    Class       a class of a file that is read
    Instance    an object of such a class
    ModuleRef   a module that is read
    Native      a function of the interpreter's own
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = [
    "FIELD_NAME",
    "MAPPED",
    "Application",
    "Bound",
    "Class",
    "External",
    "Function",
    "Instance",
    "Lazy",
    "Made",
    "ModuleRef",
    "Native",
    "NativeObject",
    "PartlyKnown",
    "Place",
    "Property",
    "Raised",
    "Scope",
    "Super",
    "Unknown",
    "decorated_function",
    "is_known",
    "name_of",
    "partly",
]


FIELD_NAME = "<name>"  # among the keywords of a model's field: what the model calls it
MAPPED = "<mapping>"  # among an @action's keywords: what `@name.mapping.post` added


class Place(NamedTuple):
    """A line of a file; the file is relative to the project's root, or as the environment has it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that cannot be told."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class PartlyKnown(Unknown):
    """A text of which parts cannot be told: `text` is it without them."""

    text: str = ""


def partly(value: Any) -> Any:
    """Return what stands for a value inside a text that is partly known: nothing where it is not known."""
    if isinstance(value, PartlyKnown):
        return value.text
    return value if is_known(value) else ""


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the files that are read, by its dotted name."""

    name: str


@dataclass(eq=False, slots=True, repr=False)
class Made:
    """What calling `function` gives. `function` is an External, a Made (a decorator's factory) or anything unknown."""

    function: Any
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]
    place: Place
    instance: Any = None  # the object, once somebody asked for a member; False: its class cannot be read


@dataclass(eq=False, slots=True, repr=False)
class Scope:
    """The names of a module, function or class body. `outer` is where a name is looked up that is not here."""

    module: str
    kind: str
    names: dict[str, Any] = field(default_factory=dict)
    outer: Scope | None = None
    qualified: str = ""  # the dotted name inside the module, "" for the module
    shared: set[str] = field(default_factory=set)  # declared global or nonlocal


@dataclass(eq=False, slots=True, repr=False)
class Function:
    """A function or lambda. `attributes` are what code stored on it: `__wrapped__`, `csrf_exempt`."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    scope: Scope  # the one it is defined in
    module: str
    qualified: str
    place: Place
    defaults: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    owner: Class | None = None


@dataclass(eq=False, slots=True, repr=False)
class Class:
    """A class with its body's names as `attributes`."""

    module: str
    qualified: str
    bases: tuple[Any, ...]
    attributes: dict[str, Any]
    place: Place
    keywords: dict[str, Any] = field(default_factory=dict)
    again: Callable[[], tuple[Any, ...]] | None = None  # evaluates the bases once more

    @property
    def name(self) -> str:
        """The dotted name, the module included."""
        return f"{self.module}.{self.qualified}"


@dataclass(eq=False, slots=True, repr=False)
class Instance:
    """An object of a class that is read. `native` is what stands for an external base's own state.

    `keywords` are what its class was called with.
    """

    cls: Class
    attributes: dict[str, Any] = field(default_factory=dict)
    native: NativeObject | None = None
    keywords: dict[str, Any] = field(default_factory=dict)


def decorated_function(value: object) -> Function | None:
    """Return the function behind decorators that are not read; None where there is none."""
    while isinstance(value, Made) and len(value.arguments) == 1:
        value = value.arguments[0]
    return value if isinstance(value, Function) else None


@dataclass(frozen=True, slots=True)
class Application:
    """One entry of INSTALLED_APPS. `config` is its AppConfig, where the project (or the environment) has one."""

    module: str
    label: str
    config: Class | None = None


@dataclass(frozen=True, slots=True)
class Bound:
    """A function read through an object or class."""

    function: Function
    receiver: Any


@dataclass(frozen=True, slots=True)
class Super:
    """`super()` in a method of `owner` on `receiver`."""

    owner: Class
    receiver: Any


@dataclass(frozen=True, slots=True)
class Property:
    """A property by its getter. What an object stores under its name counts before one that is `cached`."""

    getter: Any
    cached: bool = False


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A module that is read when a member is asked for."""

    name: str


@dataclass(frozen=True, slots=True)
class Lazy:
    """An import that is followed when its name is read: `attribute` of `module`, "" for the module itself."""

    module: str
    attribute: str = ""
    inner: bool = False  # a library imports from itself: followed as the project's own imports are


class Native(NamedTuple):
    """A function of the interpreter: called with (interpreter, arguments, keywords, place)."""

    name: str
    run: Callable[[Interpreter, tuple[Any, ...], dict[str, Any], Place], Any]


class NativeObject:
    """An object of the interpreter's own: a router, an admin site."""

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the attribute `name` as seen through `receiver` (an Instance of a subclass, or this); None: has none."""
        raise NotImplementedError

    def call(
        self, interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> Any:
        """Return what calling the object gives."""
        del interpreter, arguments, keywords, place
        return Unknown(f"what a {type(self).__name__} gives when it is called")


class Raised(Exception):
    """An exception of the program that is read. `kind` is its class's last name."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind


def is_known(value: object) -> bool:
    """Return whether `value` is a plain value of Python, all the way down."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(is_known(each) for each in value)
    if isinstance(value, dict):
        return all(is_known(key) and is_known(each) for key, each in value.items())
    return value is None or isinstance(value, (str, bytes, int, float, complex, slice))


def name_of(value: object) -> str:
    """Return the dotted name of an external or read function or class, "" for what has none."""
    if isinstance(value, External):
        return value.name
    if isinstance(value, Class):
        return value.name
    if isinstance(value, Function):
        return f"{value.module}.{value.qualified}"
    if isinstance(value, Bound):
        return name_of(value.function)
    return value.name if isinstance(value, Native) else ""
