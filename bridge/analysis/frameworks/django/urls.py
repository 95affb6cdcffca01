"""URL configurations: `path`, `re_path`, `include` and their kin, and the flat table that they make.

A route is written as Django writes it, prefixes joined: `/books/<int:pk>/`, and of a regular expression its text
without the ^ and $ at its ends: `/authors/(?P<pk>[0-9]+)/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from bridge.analysis.frameworks.django.asking import elements
from bridge.analysis.frameworks.django.data import (
    External,
    Made,
    ModuleRef,
    Native,
    NativeObject,
    PartlyKnown,
    Place,
    Raised,
    Unknown,
    name_of,
    partly,
)
from bridge.analysis.frameworks.django.interpreter import Interpreter

__all__ = ["URL_NATIVES", "Included", "Pattern", "Row", "include", "rows_of", "strip_anchors"]

DEEPEST_INCLUDE = 20
URLS = frozenset({"urls", "urlpatterns", "get_urls"})  # no view has such a name


@dataclass(eq=False, slots=True)
class Pattern(NativeObject):
    """One call of `path` or `re_path`. `target` is a view, or an `Included`."""

    route: Any
    is_regex: bool
    target: Any
    place: Place
    keywords: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    condition: str = ""  # an unknown one that the call stands behind

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the attributes that code reads off a pattern."""
        known = {
            "name": self.name,
            "callback": self.target,
            "default_args": self.keywords,
            "regex": PatternText(self),
            "pattern": PatternText(self),
        }
        if name in {"url_patterns", "urlpatterns"} and isinstance(self.target, Included):
            return _list_of(interpreter, self.target.patterns) or self.target.patterns
        return known.get(name)


class PatternText(NativeObject):
    """`pattern.pattern`, `pattern.regex`: both have the text as `pattern`."""

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the text of the expression."""
        return (
            self
            if name == "regex"
            else self._pattern.route
            if name in {"pattern", "_regex", "_route"}
            else None
        )


@dataclass(eq=False, slots=True)
class Included(NativeObject):
    """What `include` gives: a list of patterns, or a module that has one."""

    patterns: Any
    namespace: str = ""
    locale: bool = False  # a prefix by language, which the main language may go without

    def member(self, interpreter: Interpreter, receiver: Any, name: str) -> Any:
        """Return the list as `url_patterns`."""
        return self.patterns if name in {"url_patterns", "urlpatterns", "urlconf_module"} else None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the route table: the path as written, the view as the configuration has it."""

    path: str
    view: Any
    place: Place
    name: str
    keywords: dict[str, Any]
    condition: str = ""


def rows_of(interpreter: Interpreter, patterns: Any, prefix: str = "/", depth: int = 0) -> Iterator[Row]:
    """Yield the rows of a list of patterns, in the order in which Django asks them."""
    found = _list_of(interpreter, patterns)
    if found is None or depth > DEEPEST_INCLUDE:
        _tell(interpreter, patterns, prefix)
        return
    for each in found:
        if isinstance(each, Included):
            yield from rows_of(interpreter, each.patterns, prefix + _locale(interpreter, each), depth + 1)
        elif isinstance(each, Pattern):
            yield from _rows_of_pattern(interpreter, each, prefix, depth)
        elif isinstance(each, (list, tuple)):
            yield from rows_of(interpreter, list(each), prefix, depth + 1)
        else:
            interpreter.note(f"a URL pattern below {prefix}: {_words(each)}")


def _rows_of_pattern(interpreter: Interpreter, pattern: Pattern, prefix: str, depth: int) -> Iterator[Row]:
    route = pattern.route
    if isinstance(route, PartlyKnown) or (
        isinstance(route, (Unknown, Made)) and isinstance(pattern.target, Included)
    ):
        interpreter.note(
            f"a part of the path of the URL pattern at {pattern.place}: its routes are told without it"
        )
        route = partly(route)
    if not isinstance(route, str):
        interpreter.note(f"the path of the URL pattern at {pattern.place}")
        return
    path = prefix + (strip_anchors(route) if pattern.is_regex else route)
    if isinstance(pattern.target, Included):
        for each in rows_of(interpreter, pattern.target.patterns, path, depth + 1):
            yield replace(each, condition=each.condition or pattern.condition)
    elif isinstance(pattern.target, External) and pattern.target.name.rpartition(".")[2] in URLS:
        _tell(interpreter, pattern.target, path)  # `path("api/", router.urls)` of a library that is not read
    else:
        yield Row(path, pattern.target, pattern.place, pattern.name, pattern.keywords, pattern.condition)


def strip_anchors(regex: str) -> str:
    """Return a regular expression without the anchors at its ends."""
    text = regex.removeprefix("^")
    for end in ("$", r"\Z", r"\z"):
        if text.endswith(end) and not text.endswith("\\" + end):
            return text.removesuffix(end)
    return text


def _locale(interpreter: Interpreter, included: Included) -> str:
    if not included.locale:
        return ""
    return f"{(interpreter.settings or {}).get('LANGUAGE_CODE', 'en-us')}/"


def _list_of(interpreter: Interpreter, patterns: Any) -> list[Any] | None:
    """Return the patterns of a list or of a module's `urlpatterns`, None where they are not known."""
    followed = interpreter.follow(patterns)
    if isinstance(followed, ModuleRef):
        if interpreter.module(followed.name) is None:
            return None
        if interpreter.is_library(followed.name):
            interpreter.included.add(followed.name.partition(".")[0])
        try:
            return _list_of(
                interpreter, interpreter.attribute(followed, "urlpatterns", Place(followed.name, 0))
            )
        except Raised:
            return None
    return None if isinstance(followed, str) else elements(interpreter, followed)


def _tell(interpreter: Interpreter, patterns: Any, prefix: str) -> None:
    """Say that patterns were not read; of a package that is not installed only that routes of it are missing."""
    value = patterns
    while isinstance(value, Made):
        value = value.function
    name = value.name if isinstance(value, (External, ModuleRef)) else ""
    package = name.partition(".")[0]
    if package and not interpreter.sources.exists(package):
        interpreter.absent.setdefault(package, {})[prefix] = None
    else:
        interpreter.note(f"the URL patterns below {prefix}: {_words(patterns)}")


def _words(value: Any) -> str:
    if isinstance(value, (External, ModuleRef)):
        return f"{value.name} is not there"
    if isinstance(value, Made):
        return f"what {name_of(value.function) or 'a library'} gives, which is not read"
    return value.reason or "unknown" if isinstance(value, Unknown) else f"a {type(value).__name__}"


# --- what urls.py calls -----------------------------------------------------------------------------


def include(interpreter: Interpreter, value: Any, namespace: Any = None) -> Included:
    """Return what `include(value)` stands for: a dotted name, a module, a list, or (patterns, app_name)."""
    value = interpreter.follow(value)
    if (
        isinstance(value, (tuple, list))
        and len(value) in {2, 3}
        and not isinstance(value[0], (Pattern, Included))
    ):
        namespace = namespace or value[1]
        value = value[0]
    if isinstance(value, str):
        value = ModuleRef(value) if interpreter.sources.exists(value) else External(value)
    if isinstance(value, Included):
        return value
    return Included(value, namespace if isinstance(namespace, str) else "")


def _include(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    value = arguments[0] if arguments else keywords.get("arg")
    return include(interpreter, value, keywords.get("namespace"))


def _pattern(*, is_regex: bool) -> Any:
    def make(
        interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
    ) -> Any:
        names = ("regex" if is_regex else "route", "view", "kwargs", "name")
        given = {**dict(zip(names, arguments, strict=False)), **keywords}
        view, extra = given.get("view"), given.get("kwargs")
        if isinstance(view, (list, tuple)):
            view = include(interpreter, view)
        route = given.get(names[0], given.get("route", given.get("regex")))
        name = given.get("name")
        return Pattern(
            route,
            is_regex,
            view,
            place,
            extra if isinstance(extra, dict) else {},
            name if isinstance(name, str) else "",
            interpreter.doubts[-1] if interpreter.doubts else "",
        )

    return make


def _static(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    """Return what `static(prefix)` gives: a pattern under DEBUG, else nothing."""
    prefix = arguments[0] if arguments else keywords.get("prefix")
    debug = (interpreter.settings or {}).get("DEBUG", False)
    if not isinstance(prefix, str) or debug is False or "//" in prefix:
        return []
    view = arguments[1] if len(arguments) > 1 else keywords.get("view", External("django.views.static.serve"))
    route = f"^{re.escape(prefix.lstrip('/'))}(?P<path>.*)$"
    return [Pattern(route, True, view, place)]


def _staticfiles(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    prefix = arguments[0] if arguments else (interpreter.settings or {}).get("STATIC_URL")
    view = External("django.contrib.staticfiles.views.serve")
    return _static(interpreter, (prefix, view), {}, place)


def _i18n(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    if (interpreter.settings or {}).get("USE_I18N", True) is False:
        return list(arguments)
    prefixed = keywords.get("prefix_default_language", True) is not False
    return [Included(list(arguments), locale=prefixed)]


def _format_suffixes(
    interpreter: Interpreter, arguments: tuple[Any, ...], keywords: dict[str, Any], place: Place
) -> Any:
    allowed = keywords.get("allowed", arguments[2] if len(arguments) > 2 else None)
    required = keywords.get("suffix_required", arguments[1] if len(arguments) > 1 else False)
    found = _list_of(interpreter, arguments[0])
    if found is None:
        return arguments[0]
    return with_suffixes(interpreter, found, allowed=allowed, required=required is True)


def with_suffixes(
    interpreter: Interpreter, patterns: list[Any], *, allowed: Any = None, required: bool = False
) -> list[Any]:
    """Return what REST framework's `format_suffix_patterns` makes of patterns."""
    names = [each for each in allowed or () if isinstance(each, str)]
    choice = names[0] if len(names) == 1 else f"({'|'.join(names)})" if names else "[a-z0-9]+"
    converter = f"drf_format_suffix_{'_'.join(sorted(names))}" if names else "drf_format_suffix"
    made: list[Any] = []
    for each in patterns:
        if not isinstance(each, Pattern) or not isinstance(each.route, str):
            made.append(each)
        elif isinstance(each.target, Included):
            inner = _list_of(interpreter, each.target.patterns) or []
            within = with_suffixes(interpreter, inner, allowed=allowed, required=required)
            made.append(Pattern(each.route, each.is_regex, Included(within), each.place))
        else:
            suffix = rf"\.(?P<format>{choice})/?$" if each.is_regex else f"<{converter}:format>"
            route = each.route.rstrip("$").rstrip("/") + suffix
            made.extend([] if required else [each])
            made.append(Pattern(route, each.is_regex, each.target, each.place, each.keywords, each.name))
    return made


PATH = Native("path", _pattern(is_regex=False))
RE_PATH = Native("re_path", _pattern(is_regex=True))

URL_NATIVES: MappingProxyType[str, Native] = MappingProxyType(
    {
        **dict.fromkeys(("django.urls.path", "django.urls.conf.path"), PATH),
        **dict.fromkeys(
            (
                "django.urls.re_path",
                "django.urls.conf.re_path",
                "django.conf.urls.url",
                "django.urls.url",
                "django.conf.urls.re_path",
            ),
            RE_PATH,
        ),
        **dict.fromkeys(
            ("django.urls.include", "django.urls.conf.include", "django.conf.urls.include"),
            Native("include", _include),
        ),
        "django.conf.urls.static.static": Native("static", _static),
        "django.contrib.staticfiles.urls.staticfiles_urlpatterns": Native("staticfiles", _staticfiles),
        "django.conf.urls.i18n.i18n_patterns": Native("i18n_patterns", _i18n),
        "rest_framework.urlpatterns.format_suffix_patterns": Native(
            "format_suffix_patterns", _format_suffixes
        ),
        "django.urls.reverse_lazy": Native("reverse_lazy", lambda *_: Unknown("a reversed URL")),
    }
)
