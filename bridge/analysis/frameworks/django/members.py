"""Attributes of values of the interpreter."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import Any

from bridge.analysis.frameworks.django.data import (
    FIELD_NAME,
    MAPPED,
    Bound,
    Class,
    External,
    Function,
    Instance,
    Made,
    ModuleRef,
    Native,
    NativeObject,
    PartlyKnown,
    Place,
    Property,
    Raised,
    Super,
    Unknown,
    decorated_function,
    is_known,
    partly,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["SETTINGS", "exists", "member_of"]

SETTINGS = "django.conf.settings"
LARGEST_NUMBER = 100_000  # an argument of a method of str or list: nobody pads a string to more

MODELLED = ("django.contrib.admin.", "rest_framework.routers", "rest_framework_nested.")  # by native objects

PLAIN = (str, bytes, int, float, list, tuple, dict, set, frozenset)
READ_ONLY_PATH = frozenset({"parent", "parents", "name", "stem", "suffix", "parts"})


def member_of(interpreter: Interpreter, value: Any, name: str, place: Place) -> Any:
    """Return `value.name`; see `Interpreter.attribute`."""
    if isinstance(value, ModuleRef):
        return _of_module(interpreter, value, name)
    if isinstance(value, External):
        return _of_external(interpreter, value, name)
    if isinstance(value, Instance):
        return _of_instance(interpreter, value, name, place)
    if isinstance(value, Class):
        return _of_class(interpreter, value, name)
    if isinstance(value, Super):
        return _of_super(interpreter, value, name)
    if isinstance(value, Function):
        return _of_function(value, name)
    if isinstance(value, Bound):
        return _of_function(value.function, name)
    if isinstance(value, PurePath):
        return _of_path(value, name)
    if isinstance(value, PLAIN):
        return _of_plain(value, name)
    if isinstance(value, NativeObject):
        found = value.member(interpreter, value, name)
        return Unknown(f"the attribute {name} of {type(value).__name__}") if found is None else found
    if isinstance(value, Made):
        return _of_made(interpreter, value, name)
    return Unknown(f"the attribute {name} of an unknown object")


def _of_module(interpreter: Interpreter, value: ModuleRef, name: str) -> Any:
    found = interpreter.member(value.name, name)
    scope = interpreter.module(value.name)
    missing = scope is not None and name not in scope.names
    if isinstance(found, Unknown) and missing:
        ask = scope.names.get("__getattr__") if scope is not None else None
        if isinstance(ask, Function):
            return interpreter.call(ask, (name,), {}, ask.place)
        raise Raised("AttributeError", found.reason)
    return found


def _of_external(interpreter: Interpreter, value: External, name: str) -> Any:
    if value.name == SETTINGS and interpreter.settings is not None:
        if name in interpreter.settings:
            return interpreter.settings[name]
        if name == "configured":
            return True
        raise Raised("AttributeError", f"the settings have no {name}")
    known = interpreter.objects.get(value.name)
    if known is not None:
        return member_of(interpreter, known, name, Place("", 0))
    if name == "as_view":
        return as_view(value)
    if name == "_meta":
        return _options(value)
    return External(f"{value.name}.{name}")


def _of_instance(interpreter: Interpreter, value: Instance, name: str, place: Place) -> Any:
    if name == "__dict__":
        return value.attributes
    if name == "__class__":
        return value.cls
    found, owner = interpreter.find(value.cls, name)
    if isinstance(found, Property) and not (found.cached and name in value.attributes):
        return _got(interpreter, found, value, name, place)
    if name in value.attributes:
        return value.attributes[name]
    if owner is not None:
        return _bound(found, value)
    return _inherited(interpreter, value.cls, value, name)


def _got(interpreter: Interpreter, found: Property, receiver: Instance, name: str, place: Place) -> Any:
    given = interpreter.call(found.getter, (receiver,), {}, place)
    if found.cached:
        receiver.attributes[name] = given
    return given


def _inherited(interpreter: Interpreter, cls: Class, receiver: Any, name: str) -> Any:
    """Return what an external base is known to have under `name`."""
    if isinstance(receiver, Instance) and receiver.native is not None:
        found = receiver.native.member(interpreter, receiver, name)
        if found is not None:
            return found
    ask, _ = interpreter.find(cls, "__getattr__")
    asked = (id(receiver), name)
    if isinstance(ask, Function) and not name.startswith("__") and asked not in interpreter.asked:
        interpreter.asked.add(
            asked
        )  # `__getattr__` that reads what nobody has stored asks itself, without an end
        try:
            return interpreter.call(Bound(ask, receiver), (name,), {}, ask.place)
        finally:
            interpreter.asked.discard(asked)
    # Not an AttributeError: what was not followed may have set it.
    return Unknown(f"{cls.name} has no {name} that is known")


def _bound(found: Any, receiver: Any) -> Any:
    if isinstance(found, Function):
        return Bound(found, receiver)
    if isinstance(found, Native) and found.name == "_replace":
        return Native(
            found.name,
            lambda at, arguments, keywords, place: found.run(at, (receiver, *arguments), keywords, place),
        )
    if isinstance(found, Made) and name_ends(found.function, "staticmethod") and found.arguments:
        return found.arguments[0]
    if isinstance(found, Made) and _is_class_method(found) and found.arguments:
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        return _bound(found.arguments[0], cls)
    return found


def _is_class_method(made: Made) -> bool:
    return name_ends(made.function, "classmethod") or name_ends(made.function, "classonlymethod")


def name_ends(value: Any, name: str) -> bool:
    """Return whether an External's last name is `name`."""
    return isinstance(value, External) and value.name.rpartition(".")[2] == name


def _of_class(interpreter: Interpreter, value: Class, name: str) -> Any:
    found, owner = interpreter.find(value, name)
    if owner is not None:
        is_method = isinstance(found, Made) and _is_class_method(found)
        if name == "as_view":
            return as_view(value)
        return _bound(found, value) if is_method else _unwrapped(found)
    if name == "__name__":
        return value.qualified.rpartition(".")[2]
    if name == "__module__":
        return value.module
    if name == "__dict__":
        return value.attributes
    if name == "_meta":
        return _options(value)
    if name == "as_view":
        return as_view(value)
    return Unknown(f"{value.name} has no {name} that is known")


def _options(value: Class | External) -> Any:
    from bridge.analysis.frameworks.django.applications import ModelOptions

    return ModelOptions(value)


def _unwrapped(found: Any) -> Any:
    static = isinstance(found, Made) and name_ends(found.function, "staticmethod") and found.arguments
    return found.arguments[0] if static else found


def as_view(value: Any) -> Native:
    """Return the class method that makes a view of a class: a Made with the class as its function."""
    return Native(
        "as_view",
        lambda interpreter, arguments, keywords, place: Made(
            External("<as_view>"), (value, *arguments), keywords, place
        ),
    )


def _of_super(interpreter: Interpreter, value: Super, name: str) -> Any:
    receiver = value.receiver
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, Class):
        return Unknown("super() of an unknown class")
    found, owner = interpreter.find(cls, name, after=value.owner)
    native = receiver.native if isinstance(receiver, Instance) else None
    if owner is not None and (native is None or not owner.module.startswith(MODELLED)):
        if isinstance(found, Property):
            return interpreter.call(found.getter, (receiver,), {}, value.owner.place)
        return _bound(found, receiver)
    started = (
        native.member(interpreter, receiver, name) if native is not None and name == "__init__" else None
    )
    if started is not None:
        return started
    if name in {"__init__", "__init_subclass__"}:
        return Native(name, lambda *_: None)
    if name == "__setattr__" and isinstance(receiver, Instance):
        return Native(name, lambda _, given, *__: receiver.attributes.update({str(given[0]): given[1]}))
    return _inherited(interpreter, cls, receiver, name)


def _of_function(value: Function, name: str) -> Any:
    if name in value.attributes:
        return value.attributes[name]
    if name == "__name__":
        return value.qualified.rpartition(".")[2]
    if name == "__qualname__":
        return value.qualified
    if name == "__module__":
        return value.module
    return Unknown(f"{value.qualified} has no {name} that is known")


def _of_path(value: PurePath, name: str) -> Any:
    if name in READ_ONLY_PATH:
        found = getattr(value, name)
        return tuple(found) if name == "parents" else found
    method = getattr(value, name, None)
    if name in {"exists", "is_file", "is_dir"}:
        return Native(name, lambda interpreter, *_: exists(interpreter, value))
    if callable(method) and name in PATH_METHODS:
        return Native(name, lambda _, arguments, keywords, place: _run(method, arguments, keywords))
    if name in {"resolve", "absolute", "expanduser"}:
        return Native(name, lambda *_: value)
    return Native(name, lambda *_: Unknown(f"{name} of a path"))


def exists(interpreter: Interpreter, path: Any) -> bool:
    """Return whether a file or folder of the project is there; of any other the answer is no."""
    own = str(path).startswith(str(interpreter.sources.root))
    return own and Path(str(path)).exists()


PATH_METHODS = frozenset({"joinpath", "as_posix", "with_name", "with_suffix", "relative_to", "__truediv__"})


# A member of an enumeration is told by its plain value here.
OF_ENUMERATIONS = frozenset({"value", "name", "label"})


def _of_plain(value: Any, name: str) -> Any:
    if name in OF_ENUMERATIONS and not hasattr(value, name):
        return Unknown(f"{name} of a tuple") if isinstance(value, tuple) or name != "value" else value
    method = getattr(value, name, None)
    if method is None or (name.startswith("__") and name not in {"__len__", "__contains__", "__class__"}):
        raise Raised("AttributeError", f"{type(value).__name__} has no {name}")
    if not callable(method):
        return method
    if isinstance(value, (str, bytes, int, float)):
        return Native(name, lambda _, arguments, keywords, place: _run(method, arguments, keywords))
    return Native(
        name,
        lambda interpreter, arguments, keywords, place: _change(
            interpreter, value, name, arguments, keywords
        ),
    )


def _run(method: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    values = (*arguments, *keywords.values())
    if not all(is_known(each) or isinstance(each, PurePath) for each in values):
        reason = "a method of a constant with an unknown argument"
        if method.__name__ != "format" or not isinstance(method.__self__, str):
            return Unknown(reason)
        known = [partly(each) for each in arguments]
        return PartlyKnown(
            reason, _run(method, tuple(known), {name: partly(each) for name, each in keywords.items()})
        )
    if any(isinstance(each, int) and abs(each) > LARGEST_NUMBER for each in values):
        return Unknown("a number too large")
    try:
        return method(*arguments, **keywords)
    except Exception as error:
        raise Raised(type(error).__name__, str(error)) from error


def _change(
    interpreter: Interpreter, value: Any, name: str, arguments: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """Call a method of a list, dictionary or set; an Unknown among the arguments stays what it is."""
    if name in {"extend", "update", "union"} and any(not _is_plain(each) for each in arguments):
        arguments = tuple(interpreter_list(interpreter, each) for each in arguments)
    if name == "sort":
        return None
    if name in {"items", "keys", "values"}:
        return list(getattr(value, name)())
    try:
        return getattr(value, name)(*arguments, **keywords)
    except Exception as error:
        raise Raised(type(error).__name__, str(error)) from error


def _is_plain(value: Any) -> bool:
    return isinstance(value, (list, tuple, dict, set, str))


def interpreter_list(interpreter: Interpreter, value: Any) -> Any:
    """Return the elements of a value as a list, [] where they are unknown."""
    from bridge.analysis.frameworks.django.asking import elements

    return value if _is_plain(value) else (elements(interpreter, value) or [])


def _of_made(interpreter: Interpreter, value: Made, name: str) -> Any:
    if name == "mapping":
        return ActionMapping(value)
    if name in {"name", "attname"} and FIELD_NAME in value.keywords:
        return value.keywords[FIELD_NAME]
    inner = decorated_function(value)
    if inner is not None and name in inner.attributes:
        return inner.attributes[name]
    if isinstance(value.function, External):
        made = _instance_of(interpreter, value)
        if made is not None:
            return member_of(interpreter, made, name, value.place)
        return External(f"{value.function.name}.{name}")
    return Unknown(f"the attribute {name} of an external object")


def _instance_of(interpreter: Interpreter, value: Made) -> Instance | None:
    """Return the object of a library's class that a call made, where the class can be read."""
    if value.instance is None:
        value.instance = False
        cls = interpreter.follow(value.function)
        if isinstance(cls, Class) and not cls.module.startswith("django."):
            try:
                made = interpreter.call(cls, value.arguments, value.keywords, value.place)
            except Raised:
                return None
            value.instance = made if isinstance(made, Instance) else False
    return value.instance or None


class ActionMapping(NativeObject):
    """`name.mapping` of a method behind REST framework's `@action`: its members are decorators."""

    def __init__(self, decorated: Made) -> None:
        self._decorated = decorated

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return a decorator that lets the action answer the HTTP method `name` by another function, too."""
        factory = self._decorated.function
        if not isinstance(factory, Made):
            return None

        def add(_: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place) -> Any:
            for each in arguments:
                if isinstance(each, Function):
                    factory.keywords.setdefault(MAPPED, {})[name] = each.qualified.rpartition(".")[2]
            return arguments[0] if arguments else None

        return Native(name, add)
