"""What one file says, small enough to cache and to send between processes.

A scope (module, class body, function, lambda) is a list of instructions over numbered registers. A register is
assigned by the flow of its own scope only, so straight-line rebinding is exact; what other scopes see of a
variable is its *shared* register, the union of all that is ever assigned to it.

Instructions are plain tuples, opcode first, because a large project has a million of them and `marshal` reads
plain tuples ten times as fast as pickle reads objects:

    COPY      dst src
    CONSTANT  dst value                   a str or int, which may become a key
    LITERAL   dst type                    a value of a builtin type that nobody looks into
    NAME      dst name                    of the module, of its star-imports, or a builtin
    FREE      dst scope register          a variable of an enclosing function
    SETNAME   name src                    `global`
    SETFREE   scope register src          `nonlocal`
    ATTR      dst object name line
    SETATTR   object name src line
    DELATTR   object name line
    ITEM      dst object key line
    SETITEM   object key src line
    SLICE     dst object low high         None: open, or not a constant
    CALL      dst function args keywords star double_star line flags column
    FUNCTION  dst scope defaults hints    ((parameter, register), ...); hints: (..., form), 0 is the result
    CLASS     dst scope bases metaclass
    SEQUENCE  dst kind items stars        kind: list, tuple, set; stars: registers that are unpacked into it
    DICT      dst pairs merged            ((key, value), ...); merged: the registers behind **
    ITERATE   dst source line
    UNPACK    dst source index tail       tail None: one element; else the elements from index, tail fewer
    ENTER     dst source line
    YIELD     src
    DELEGATE  dst src line                `yield from`
    RETURN    src
    IMPORT    dst module whole            whole: bind the module itself (`import a.b as c`), not its root
    FROM      dst level module name
    STAR      level module
    RAISE     src line
    OPERATE   dst dunder left right line
    FORMAT    dst parts                   an f-string that may be a path: its texts and registers
    TEST      src line                    `if src`, `while src`, `src and ...`: its truth is asked
    HINT      dst annotation form         an annotated variable; form: an instance of it (""), the class
                                          itself ("type"), a list, tuple, set, dict, generator of instances

`column` counts from 1, in bytes as `ast` does; 0 is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "DECORATING",
    "FALSE",
    "FIRST_PARAMETER",
    "IN_LOOP",
    "NONE",
    "OFFLOADING",
    "RESULT",
    "TRUE",
    "YIELDED",
    "Instruction",
    "ModuleFacts",
    "Opcode",
    "Parameters",
    "Scope",
]

Instruction = tuple[Any, ...]

RESULT = 0  # the register of what a function returns
YIELDED = 1  # the register of what a generator yields
FIRST_PARAMETER = 2

# Kinds of values, as bits: see lowering/guards.py. FALSE is what is false and not None.
NONE, FALSE, TRUE = 1, 2, 4

# Flags of CALL.
DECORATING = 1  # the call applies a decorator
IN_LOOP = 2  # the call stands in a loop or a comprehension
OFFLOADING = 4  # set by the solver: the call happens in a thread that the application starts


class Opcode:
    """The first element of an instruction."""

    (
        COPY,
        CONSTANT,
        LITERAL,
        NAME,
        FREE,
        SETNAME,
        SETFREE,
        ATTR,
        SETATTR,
        ITEM,
        SETITEM,
        SLICE,
        CALL,
        FUNCTION,
        CLASS,
        SEQUENCE,
        DICT,
        ITERATE,
        UNPACK,
        ENTER,
        YIELD,
        DELEGATE,
        RETURN,
        IMPORT,
        FROM,
        STAR,
        RAISE,
        OPERATE,
        HINT,
        TEST,
        FORMAT,
        DELATTR,
    ) = range(32)


@dataclass(frozen=True, slots=True)
class Parameters:
    """A function's parameters by name; their registers follow each other from `FIRST_PARAMETER` on.

    The order is `positional`, `keyword_only`, then the register of `*args` and that of `**kwargs`.
    """

    positional: tuple[str, ...] = ()
    keyword_only: tuple[str, ...] = ()
    variadic: int | None = None  # the register of *args
    keywords: int | None = None  # the register of **kwargs

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names that an argument can have."""
        return (*self.positional, *self.keyword_only)

    def register(self, name: str) -> int | None:
        """Return the register that a keyword argument `name` goes to, None if none is called so."""
        if name in self.positional:
            return FIRST_PARAMETER + self.positional.index(name)
        if name in self.keyword_only:
            return FIRST_PARAMETER + len(self.positional) + self.keyword_only.index(name)
        return None


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope of a file. `name` is qualified from the module on ("Class.method"), "" for the module itself."""

    kind: str  # module, class, function, lambda
    name: str
    parent: int  # index in the file, -1 for the module
    line: int
    registers: int
    shared: dict[str, int]  # variable -> its shared register
    parameters: Parameters
    instructions: tuple[Instruction, ...]
    annotated: tuple[str, ...] = ()  # of a class body, in order: what a dataclass takes
    loops: tuple[tuple[int, int], ...] = ()  # instructions from, to (not included) that stand in a loop
    # Instructions from, to (not included) that run only where a parameter (its register) has one of these kinds.
    # With literals, TRUE is one of them, and all kinds together are all but them.
    guards: tuple[tuple[int, int, int, int, tuple[str | int, ...]], ...] = ()
    # (register, kind, itself if it is a literal that is true) of the parameters whose default is a constant.
    defaults: tuple[tuple[int, int, str | int | None], ...] = ()
    # Instructions from, to that run only as long as this variable of the module, or attribute of the class, is empty:
    # they fill it.
    filling: tuple[tuple[int, int, str], ...] = ()
    none: int = -1  # the register of None
    is_async: bool = False
    is_generator: bool = False
    is_wrapper: bool = False  # has functions inside that may keep its arguments: kept apart by call site
    is_identity: bool = False  # gives back an argument: kept apart where it decorates
    calls_given: bool = False  # calls an argument itself: each caller's function runs for that caller

    def in_loop(self, index: int) -> bool:
        """Return whether the instruction `index` runs many times: in a loop or a comprehension."""
        return any(first <= index < last for first, last in self.loops)


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """One file: its scopes, the module first."""

    scopes: tuple[Scope, ...]
    lines: int
