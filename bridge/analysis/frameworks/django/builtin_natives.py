"""What the interpreter knows of Python's builtins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.asking import elements, truth
from bridge.analysis.frameworks.django.data import (
    Bound,
    Class,
    External,
    Function,
    Instance,
    Made,
    ModuleRef,
    Native,
    Place,
    Raised,
    Super,
    Unknown,
    is_known,
    name_of,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.native_shapes import (
    Arguments,
    Keywords,
    Run,
    named,
    nothing,
    property_of,
    pure,
)

__all__ = ["BUILTINS"]


def _sequence(kind: Callable[[list[Any]], Any]) -> Callable[[Interpreter, Arguments, Keywords, Place], Any]:
    def run(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
        if not arguments:
            return kind([])
        found = elements(interpreter, arguments[0])
        return Unknown("the elements of something unknown") if found is None else kind(found)

    return run


def _set_of(found: list[Any]) -> Any:
    return (
        set(found)
        if all(isinstance(each, (str, int, tuple)) for each in found)
        else list(dict.fromkeys(found))
    )


def _frozen_set_of(found: list[Any]) -> Any:
    made = _set_of(found)
    return frozenset(made) if isinstance(made, set) else tuple(made)  # a key, whatever is in it


def _sorted(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    found = elements(interpreter, arguments[0])
    if found is None:
        return Unknown("sorted elements of something unknown")
    key = keywords.get("key")
    ranks = found if key is None else [interpreter.call(key, (each,), {}, place) for each in found]
    if not is_known(ranks):
        return found
    try:
        order = sorted(range(len(found)), key=ranks.__getitem__, reverse=keywords.get("reverse") is True)
    except TypeError:
        return found  # ranks of different kinds
    return [found[index] for index in order]


def _dict(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    made: dict[Any, Any] = {}
    for each in arguments:
        if isinstance(each, dict):
            made.update(each)
        else:
            for pair in elements(interpreter, each) or []:
                if isinstance(pair, (tuple, list)) and len(pair) == 2:
                    made[pair[0]] = pair[1]
    return {**made, **keywords}


def _length(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    found = elements(interpreter, arguments[0])
    return Unknown("a length") if found is None else len(found)


def _range(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return range(*arguments) if all(isinstance(each, int) for each in arguments) else Unknown("a range")


def _zip(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    columns = [elements(interpreter, each) for each in arguments]
    known = [each for each in columns if each is not None]
    return list(zip(*known, strict=False)) if len(known) == len(columns) else Unknown("zip")


def _enumerate(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    found = elements(interpreter, arguments[0])
    start = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], int) else 0
    return Unknown("enumerate") if found is None else list(enumerate(found, start))


def _map(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    found = elements(interpreter, arguments[1]) if len(arguments) == 2 else None
    if found is None:
        return Unknown("map")
    return [interpreter.call(arguments[0], (each,), {}, place) for each in found]


def _filter(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    test, source = arguments
    found = elements(interpreter, source)
    if found is None:
        return Unknown("filter")
    verdicts = [each if test is None else interpreter.call(test, (each,), {}, place) for each in found]
    return [
        each
        for each, verdict in zip(found, verdicts, strict=True)
        if truth(interpreter, verdict) is not False
    ]


def _any_of(interpreter: Interpreter, arguments: Arguments, *, decisive: bool) -> Any:
    found = elements(interpreter, arguments[0])
    verdicts = [None] if found is None else [truth(interpreter, each) for each in found]
    if decisive in verdicts:
        return decisive
    return Unknown("any or all of something unknown") if None in verdicts else not decisive


def _any(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return _any_of(interpreter, arguments, decisive=True)


def _all(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return _any_of(interpreter, arguments, decisive=False)


def _bool(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    known = truth(interpreter, arguments[0]) if arguments else False
    return Unknown("the truth of something unknown") if known is None else known


def _text(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    if not arguments:
        return ""
    value = arguments[0]
    return (
        str(value)
        if is_known(value) or isinstance(value, PurePath)
        else Unknown("the text of something unknown")
    )


def _getattr(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    if len(arguments) < 2 or not isinstance(arguments[1], str):
        return Unknown("getattr with an unknown name")
    try:
        found = interpreter.attribute(arguments[0], arguments[1], place)
    except Raised:
        if len(arguments) < 3:
            raise
        return arguments[2]
    return arguments[2] if isinstance(found, Unknown) and len(arguments) > 2 else found


def _hasattr(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    cls = interpreter.follow(arguments[0])
    if isinstance(cls, Class) and isinstance(arguments[1], str):
        return _class_has(interpreter, cls, arguments[1])
    if isinstance(arguments[0], (Function, Bound)):
        function = arguments[0].function if isinstance(arguments[0], Bound) else arguments[0]
        return str(arguments[1]) in function.attributes or str(arguments[1]).startswith("__")
    if isinstance(arguments[0], Instance) and isinstance(arguments[1], str):
        stored = arguments[1] in arguments[0].attributes
        return stored or _class_has(interpreter, arguments[0].cls, arguments[1])
    try:
        found = interpreter.attribute(arguments[0], str(arguments[1]), place)
    except Raised:
        return False
    return Unknown("hasattr of something unknown") if isinstance(found, (Unknown, External)) else True


def _class_has(interpreter: Interpreter, cls: Class, name: str) -> Any:
    chain = list(interpreter.order(cls, follow=True))
    if any(name in each.attributes for each in chain if isinstance(each, Class)) or name.startswith("__"):
        return True
    unread = any(isinstance(each, External) and not each.name.startswith("builtins.") for each in chain)
    return Unknown("a base that is not read") if unread else False


def _dir(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    receiver = arguments[0] if arguments else None
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, Class):
        return Unknown("the names of something unknown")
    chain = [each for each in interpreter.order(cls, follow=True) if isinstance(each, Class)]
    return sorted({name for each in chain for name in each.attributes if name[0] != "<"})


def _setattr(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    receiver, name, value = arguments
    if isinstance(receiver, (Instance, Class, Function)):
        receiver.attributes[str(name)] = value
    scope = interpreter.module(receiver.name) if isinstance(receiver, ModuleRef) else None
    if scope is not None:
        scope.names[str(name)] = value


def _isinstance(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    value, kinds = arguments
    wanted = [name_of(each) for each in (kinds if isinstance(kinds, tuple) else (kinds,))]
    if is_known(value) or isinstance(value, (list, dict, tuple, set)):
        return f"builtins.{type(value).__name__}" in wanted
    if isinstance(value, Instance):
        return _derives(interpreter, value.cls, wanted)
    if isinstance(value, Made):
        cls = interpreter.follow(value.function)
        if isinstance(cls, Class):
            return _issubclass(interpreter, (cls, kinds), {}, place)
    if "builtins.type" in wanted and isinstance(value, (Class, External)):
        is_class = isinstance(interpreter.follow(value), Class)
        return is_class or Unknown("whether something that is not read is a class")
    return Unknown("the class of something unknown") if isinstance(value, (Unknown, Made)) else False


def _derives(interpreter: Interpreter, cls: Class, wanted: list[str]) -> Any:
    names = [name_of(each) for each in interpreter.order(cls)]
    last = {name.rpartition(".")[2] for name in names}
    return bool(set(names) & set(wanted)) or any(
        each.rpartition(".")[2] in last for each in wanted if not each.startswith("builtins.")
    )


def _issubclass(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    value, kinds = interpreter.follow(arguments[0]), arguments[1]
    wanted = [name_of(each) for each in (kinds if isinstance(kinds, tuple) else (kinds,))]
    if not isinstance(value, Class):
        return Unknown("the bases of something unknown") if isinstance(value, External) else False
    if _derives(interpreter, value, wanted):
        return True
    # Bases of libraries may derive from one another: DetailView is a View, and only its own file says so.
    followed = [name_of(each) for each in interpreter.order(value, follow=True)]
    last = {name.rpartition(".")[2] for name in followed}
    if any(each.rpartition(".")[2] in last for each in wanted):
        return True
    unread = any(
        isinstance(each, External) or any(isinstance(base, Unknown) for base in each.bases)
        for each in interpreter.order(value, follow=True)
    )
    return Unknown("a base that is not read") if unread else False


def _type(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    if len(arguments) == 3 and isinstance(arguments[2], dict):
        bases = tuple(elements(interpreter, arguments[1]) or ())
        return Class(interpreter.module_at(place.file), str(arguments[0]), bases, dict(arguments[2]), place)
    value = arguments[0]
    if isinstance(value, Instance):
        return value.cls
    if isinstance(value, (Class, Function, Bound)):
        return External("builtins.type" if isinstance(value, Class) else "types.FunctionType")
    return External(f"builtins.{type(value).__name__}") if is_known(value) else Unknown("a type")


def _callable(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    value = arguments[0]
    if isinstance(value, (Function, Class, Bound, Native)):
        return True
    if isinstance(value, Instance):
        return interpreter.find(value.cls, "__call__")[1] is not None
    return Unknown("whether it can be called") if isinstance(value, (External, Made, Unknown)) else False


def _super(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """`super(Class, self)`, written out."""
    owner, receiver = (*arguments, None, None)[:2]
    return Super(owner, receiver) if isinstance(owner, Class) else Unknown("super() of an unknown class")


def _next(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    found = elements(interpreter, arguments[0])
    if found:
        return found[0]
    return arguments[1] if len(arguments) > 1 and found is not None else Unknown("next of something unknown")


BUILTINS: MappingProxyType[str, Run] = MappingProxyType(
    {
        "builtins.list": _sequence(list),
        "builtins.tuple": _sequence(tuple),
        "builtins.set": _sequence(_set_of),
        "builtins.frozenset": _sequence(_frozen_set_of),
        "builtins.reversed": _sequence(lambda found: found[::-1]),
        "builtins.iter": _sequence(list),
        "builtins.sorted": _sorted,
        "builtins.dict": _dict,
        "collections.OrderedDict": _dict,
        "builtins.len": _length,
        "builtins.range": _range,
        "builtins.zip": _zip,
        "builtins.enumerate": named(_enumerate, "iterable", "start"),
        "builtins.map": _map,
        "builtins.filter": _filter,
        "builtins.any": _any,
        "builtins.all": _all,
        "builtins.bool": _bool,
        "builtins.str": _text,
        "builtins.next": _next,
        **{
            f"builtins.{each.__name__}": pure(each)
            for each in (int, float, min, max, sum, abs, ord, chr, round)
        },
        "builtins.getattr": _getattr,
        "builtins.hasattr": _hasattr,
        "builtins.setattr": _setattr,
        "builtins.object.__setattr__": _setattr,
        "builtins.dir": _dir,
        "builtins.isinstance": _isinstance,
        "builtins.issubclass": _issubclass,
        "builtins.type": _type,
        "builtins.callable": _callable,
        "builtins.super": _super,
        "builtins.print": nothing,
        "builtins.property": property_of,
    }
)
