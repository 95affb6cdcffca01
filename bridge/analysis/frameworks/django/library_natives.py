"""What the interpreter knows of the standard library and of Django's small functions."""

from __future__ import annotations

import posixpath
import re
from functools import partial, reduce
from pathlib import PurePath, PurePosixPath
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.asking import elements, item
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
    Unknown,
    name_of,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter
from bridge.analysis.frameworks.django.managing import manager
from bridge.analysis.frameworks.django.members import exists
from bridge.analysis.frameworks.django.native_shapes import (
    Arguments,
    Keywords,
    Run,
    cached_property_of,
    first,
    named,
    nothing,
    pure,
)

__all__ = ["LIBRARY"]


def _default_dict(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    factory = arguments[0] if arguments else None

    class Filling(dict[Any, Any]):
        def __missing__(self, key: Any) -> Any:
            self[key] = interpreter.call(factory, (), {}, place)
            return self[key]

    return Filling(*(each for each in arguments[1:] if isinstance(each, dict)))


def _getmembers(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """`inspect.getmembers`: (name, value) of an instance, its properties asked."""
    receiver = arguments[0]
    cls = receiver.cls if isinstance(receiver, Instance) else receiver
    if not isinstance(cls, Class):
        return Unknown("the members of something unknown")
    chain = [each for each in interpreter.order(cls) if isinstance(each, Class)]
    names = sorted({name for each in chain for name in each.attributes if name[0] != "<"})
    found = []
    for name in names:
        try:
            found.append((name, interpreter.attribute(receiver, name, place)))
        except Raised as error:
            interpreter.note(f"{cls.name}.{name}: {error}")
    return found


def _is_class(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    value = arguments[0] if arguments else Unknown()
    if isinstance(value, (Unknown, External, Made)):
        return Unknown("whether something unknown is a class")
    return isinstance(value, Class)


def _is_function(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    value = arguments[0] if arguments else Unknown()
    if isinstance(value, (Unknown, External, Made)):
        return Unknown("whether something unknown is a function")
    return isinstance(value, Function)


def _partial(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    function, *first = arguments
    if not isinstance(function, (Function, Native, Bound)):
        return Made(External("functools.partial"), arguments, keywords, place)
    return Native(
        name_of(function) or "partial",
        lambda interpreter, more, named, at: interpreter.call(
            function, (*first, *more), {**keywords, **named}, at
        ),
    )


def _wraps(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return Native("wraps", partial(_wrap, arguments[0] if arguments else None))


def _wrap(
    wrapped: Any, interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place
) -> Any:
    function = arguments[0]
    if isinstance(function, Function):
        if isinstance(wrapped, Function):
            function.attributes.update(wrapped.attributes)
        function.attributes["__wrapped__"] = wrapped
    return function


def _update_wrapper(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return _wrap(arguments[1], interpreter, arguments[:1], {}, place)


def _chain(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return [each for source in arguments for each in elements(interpreter, source) or []]


def _from_environment(
    interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place
) -> Any:
    return arguments[1] if len(arguments) > 1 else keywords.get("default")


def _exists(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return exists(interpreter, arguments[0]) if arguments else False


def _path(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    if all(isinstance(each, (str, PurePath)) for each in arguments):
        return PurePosixPath(*arguments)
    return Unknown("a path")


def _compile(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    return arguments[0] if arguments and isinstance(arguments[0], str) else Unknown("a pattern")


def _import_string(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    name = arguments[0]
    if not isinstance(name, str):
        return Unknown("import_string of something unknown")
    try:
        found = interpreter.dotted(name)
    except Raised as error:
        raise Raised("ImportError", name) from error
    if isinstance(found, External) and interpreter.sources.is_own(name.partition(".")[0]):
        raise Raised("ImportError", name)
    return found


def _import_module(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    name = arguments[0]
    if not isinstance(name, str):
        return Unknown("import_module of something unknown")
    if not interpreter.sources.exists(name):
        raise Raised("ImportError", name)
    if interpreter.is_read(name):
        interpreter.for_effect.add(name)
        interpreter.module(name)  # what it registers counts, whether or not anything is asked of it
    return ModuleRef(name)


def _import_by_name(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """`__import__(name, fromlist=...)`: the module; without `fromlist` the package that `name` starts with."""
    module = _import_module(interpreter, arguments, {}, place)
    given = keywords.get("fromlist", arguments[3] if len(arguments) > 3 else ())
    if given or not isinstance(module, ModuleRef):
        return module
    return ModuleRef(module.name.partition(".")[0])


def _is_installed(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    installed = (interpreter.settings or {}).get("INSTALLED_APPS", ())
    names = {each.partition(".apps.")[0] for each in installed if isinstance(each, str)}
    return arguments[0] in names or arguments[0] in installed


def _has_module(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    known = isinstance(arguments[0], str) and interpreter.sources.exists(arguments[0])
    return Made(External("importlib.machinery.ModuleSpec"), (), {}, place) if known else None


def _item_getter(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """`operator.itemgetter`: of several keys a tuple."""

    def get(interpreter: Interpreter, given: Arguments, keywords: Keywords, at: Place) -> Any:
        found = tuple(item(interpreter, given[0], each, at) for each in arguments)
        return found[0] if len(found) == 1 else found

    return Native("itemgetter", get)


def _attribute_getter(
    interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place
) -> Any:
    """`operator.attrgetter`: a name may be dotted; of several names a tuple."""

    def get(interpreter: Interpreter, given: Arguments, keywords: Keywords, at: Place) -> Any:
        found = tuple(
            reduce(lambda value, name: interpreter.attribute(value, name, at), each.split("."), given[0])
            for each in arguments
            if isinstance(each, str)
        )
        return found[0] if len(found) == 1 else found

    return Native("attrgetter", get)


def _has_submodule(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    package, name = arguments
    if isinstance(package, ModuleRef) and isinstance(name, str):
        return interpreter.sources.exists(f"{package.name}.{name}")
    return Unknown("whether something unknown has a submodule")


def _autodiscover(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    """`autodiscover_modules("hooks", ...)`: run that module of every application."""
    for application in interpreter.applications:
        for name in arguments:
            module = f"{application.module}.{name}"
            if isinstance(name, str) and interpreter.sources.exists(module):
                _import_module(interpreter, (module,), {}, place)


def _join_url(base: str, url: str) -> str:
    from urllib.parse import urljoin

    return urljoin(base, url)


def _parse_url(url: str) -> dict[str, Any]:
    from urllib.parse import urlsplit

    return urlsplit(url)._asdict()


def _url_parts(interpreter: Interpreter, arguments: Arguments, keywords: Keywords, place: Place) -> Any:
    if not arguments or not isinstance(arguments[0], str):
        return Unknown("the parts of an unknown address")
    parts = _parse_url(arguments[0])
    made = Instance(Class("urllib.parse", "SplitResult", (), {}, place), {**parts, "netloc": parts["netloc"]})
    made.attributes["hostname"] = parts["netloc"].rpartition("@")[2].partition(":")[0] or None
    return made


LIBRARY: MappingProxyType[str, Run] = MappingProxyType(
    {
        "collections.defaultdict": _default_dict,
        "django.utils.functional.cached_property": cached_property_of,
        "functools.cached_property": cached_property_of,
        "functools.partial": _partial,
        "functools.wraps": _wraps,
        "functools.update_wrapper": _update_wrapper,
        **dict.fromkeys(
            ("functools.lru_cache", "functools.cache", "copy.copy", "copy.deepcopy", "builtins.id"), first
        ),
        "itertools.chain": _chain,
        "operator.itemgetter": _item_getter,
        "operator.attrgetter": _attribute_getter,
        "os.environ.get": _from_environment,
        "os.getenv": _from_environment,
        **dict.fromkeys(
            ("os.environ.setdefault", "os.environ.update", "os.environ.pop", "dotenv.load_dotenv"), nothing
        ),
        "os.path.join": pure(posixpath.join),
        "os.path.dirname": pure(posixpath.dirname),
        "os.path.basename": pure(posixpath.basename),
        "os.path.splitext": pure(posixpath.splitext),
        "os.path.normpath": pure(posixpath.normpath),
        "os.path.abspath": pure(posixpath.normpath),
        "os.path.realpath": pure(posixpath.normpath),
        **dict.fromkeys(("os.path.exists", "os.path.isfile", "os.path.isdir"), _exists),
        "contextlib.contextmanager": manager,
        "inspect.getmembers": _getmembers,
        "inspect.isclass": _is_class,
        "inspect.isfunction": _is_function,
        "pathlib.Path": _path,
        "pathlib.PurePath": _path,
        "re.compile": named(_compile, "pattern", "flags"),
        "re.escape": pure(re.escape),
        "urllib.parse.urljoin": pure(_join_url),
        "urllib.parse.urlparse": _url_parts,
        "urllib.parse.urlsplit": _url_parts,
        "importlib.import_module": named(_import_module, "name", "package"),
        "builtins.__import__": _import_by_name,
        "importlib.util.find_spec": named(_has_module, "name", "package"),
        "django.utils.module_loading.import_string": named(_import_string, "dotted_path"),
        "django.utils.module_loading.module_has_submodule": _has_submodule,
        "django.utils.module_loading.autodiscover_modules": _autodiscover,
        **dict.fromkeys(
            ("django.apps.apps.is_installed", "django.apps.registry.apps.is_installed"),
            named(_is_installed, "app_name"),
        ),
        **dict.fromkeys(
            [
                f"django.utils.translation.{name}"
                for name in ("gettext", "gettext_lazy", "gettext_noop", "ugettext", "ugettext_lazy")
            ],
            first,
        ),
        "django.utils.regex_helper._lazy_re_compile": _compile,
        "django.utils.functional.lazystr": first,
    }
)
