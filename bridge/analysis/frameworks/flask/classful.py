"""Flask-Classful (and Flask-Classy): the rules that `FlaskView.register` makes of a class's methods.

    class QuotesView(FlaskView):
        def index(self): ...              GET /quotes/
        def get(self, id: int): ...       GET /quotes/<int:id>/
        def random_one(self): ...         GET /quotes/random_one/
        @route("/of/<day>")
        def daily(self, day): ...         GET /quotes/of/<day>

What `FlaskView.register` does, written down: https://flask-classful.readthedocs.io/en/latest/
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from bridge.analysis.frameworks.calls import Call, calls_on, elements_of, making, objects, texts_of
from bridge.analysis.frameworks.classes import attribute, decorated_by, external_bases, instance_of
from bridge.analysis.frameworks.conditions import lines_of, tree_of
from bridge.analysis.frameworks.flask.exposing import names_of, plain
from bridge.analysis.frameworks.flask.mounting import Mount, Mounting
from bridge.analysis.frameworks.flask.rules import Rule
from bridge.analysis.frameworks.flask.views import Handler
from bridge.analysis.frameworks.roots import functions_of, members_of, place_of
from bridge.analysis.frameworks.written import written
from bridge.analysis.solving.state import State
from bridge.analysis.solving.values import CONSTANT, DECORATED, FUNCTION

__all__ = ["classful_rules"]

VIEWS = frozenset({"flask_classful.FlaskView", "flask_classy.FlaskView"})
ROUTE, METHOD = "flask_classful.route", "flask_classful.method"

# Where `register` takes what.
APP, BASE, PREFIX, SLASH, DASHED = 0, 1, 3, 4, 5

SPECIAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "get": ("GET",),
        "put": ("PUT",),
        "patch": ("PATCH",),
        "post": ("POST",),
        "delete": ("DELETE",),
        "index": ("GET",),
    }
)
NOT_ROUTED = ("_", "before_", "after_")
OWN = frozenset(
    {
        "register",
        "parse_options",
        "make_proxy_method",
        "build_rule",
        "get_route_base",
        "default_route_base",
        "build_route_name",
    }
)
CONVERTERS: Mapping[str, str] = MappingProxyType(
    {"str": "string", "int": "int", "float": "float", "UUID": "uuid"}
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef
Written = tuple[str, tuple[str, ...] | None]  # path and methods of a `@route`


def classful_rules(
    state: State, mounting: Mounting, unread: list[str], root: Path
) -> Iterator[tuple[Rule, Mount]]:
    """Yield the rules of every class that is registered; what is not known goes to `unread`."""
    owners = [each for each in state.classes if not VIEWS.isdisjoint(external_bases(state, each))]
    decorated = Decorated(_routes(state, root), _methods(state)) if owners else None
    for owner in owners:
        for call in calls_on(state, owner, "register"):
            mounts = [
                mount for each in sorted(call.values(APP, "app")) for mount in mounting.mounts.get(each, ())
            ]
            if not mounts:
                unread.append(f"what {place_of(state, owner)[0]} is registered on at {call.file}:{call.line}")
            for rule in Registered(state, owner, call, decorated, root).rules() if decorated else ():
                yield from ((rule, mount) for mount in mounts)


@dataclass(frozen=True, slots=True)
class Decorated:
    """Function value -> what `@route` says of it, and the HTTP methods that `@method` gives it."""

    routes: Mapping[int, list[Written]]
    methods: Mapping[int, list[str]]


def _decorating(state: State, name: str) -> Iterator[tuple[Call, int]]:
    """Yield (the decorator's making, value) for each value that a decorator of the library stands on."""
    for decorator in objects(state, [name]):
        made = making(state, decorator)
        for call in calls_on(state, decorator) if made else ():
            yield from ((made, value) for value in sorted(call.values(0)) if made is not None)


def _routes(state: State, root: Path) -> dict[int, list[Written]]:
    found: dict[int, list[Written]] = {}
    for made, value in _decorating(state, ROUTE):
        if not _keeps_its_name(state, root, value):
            continue
        methods = tuple(each.upper() for each in elements_of(state, made.values(None, "methods"))) or None
        for function in (written(state, each) for each in functions_of(state, value)):
            places = found.setdefault(function, [])
            texts = [(text, methods) for text in made.texts(0, "rule")]
            places += [each for each in texts if each not in places]
    return found


def _keeps_its_name(state: State, root: Path, value: int) -> bool:
    """Return whether a decorated function is called as the method: the library looks for its rules under that name.

    A decorator's function without `functools.wraps` has another, and its `@route` says nothing.
    """
    if state.values.kinds[value] != FUNCTION or written(state, value) == value:
        return True
    symbol, file, line = place_of(state, value)
    node = _definition(root, file, line, symbol.rpartition(".")[2])
    return node is None or any("wraps" in ast.unparse(each) for each in node.decorator_list)


def _methods(state: State) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for made, value in _decorating(state, METHOD):
        for function in (written(state, each) for each in functions_of(state, value)):
            found.setdefault(function, []).extend(each.upper() for each in made.texts(0, "method"))
    return found


@dataclass(frozen=True, slots=True)
class Registered:
    """One `View.register(app, ...)`: the class and what the call says."""

    state: State
    owner: int
    call: Call
    decorated: Decorated
    root: Path

    def rules(self) -> Iterator[Rule]:
        """Yield the rules of the class's methods, sorted by name as `inspect.getmembers` has them."""
        receiver = instance_of(self.state, self.owner)
        left_out = {*OWN, *elements_of(self.state, attribute(self.state, self.owner, "excluded_methods"))}
        for name in names_of(self.state, self.owner):
            if name.startswith(NOT_ROUTED) or name in left_out:
                continue
            kinds = {self.state.values.kinds[each] for each in attribute(self.state, self.owner, name)}
            plainly = bool(kinds) and kinds <= {FUNCTION, DECORATED}  # no class method, no property
            for function in list(members_of(self.state, receiver, name))[:1] if plainly else ():
                original = plain(self.state, written(self.state, function))
                if self.state.values.kinds[original] == FUNCTION:
                    yield from self._rules(name, function, original)

    def _rules(self, name: str, function: int, original: int) -> Iterator[Rule]:
        symbol, file, line = place_of(self.state, original)
        is_async = bool(self.state.program.scopes[self.state.values.parts[original][0]].is_async)
        values = tuple(self._values(name, function))
        for path, methods in self._places(name, original):
            handler = Handler(methods, symbol, file, line, values, is_async)
            yield Rule(path, methods, frozenset(), "", self.call.call.site, file, line, (handler,))

    def _places(self, name: str, original: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        if original in self.decorated.routes:
            for rule, methods in self.decorated.routes[original]:
                yield self._path(rule, []), methods or ("GET",)
            return
        slash = self._flag("trailing_slash", SLASH, default=True)
        inspected = self._flag("inspect_args", -1, default=True)
        arguments = self._arguments(original) if inspected else []
        if name in SPECIAL:
            path = self._path("/", arguments)
            yield self._ended(path, slash=slash), SPECIAL[name]
            return
        said = elements_of(self.state, attribute(self.state, self.owner, "default_methods"))
        methods = tuple(self.decorated.methods.get(original) or said or ["GET"])
        dashed = self._flag("method_dashified", DASHED, default=False)
        path = self._path(f"/{name.replace('_', '-') if dashed else name}{'/' if slash else ''}", arguments)
        yield (self._ended(path, slash=True) if slash else path), methods

    def _ended(self, path: str, *, slash: bool) -> str:
        if slash:
            return path if path.endswith("/") else f"{path}/"
        return path.rstrip("/") or "/"

    def _path(self, rule: str, arguments: list[str]) -> str:
        """As `FlaskView.build_rule` joins prefix, base, rule and arguments."""
        parts = [self._text("route_prefix", PREFIX), self._base(), rule, *arguments]
        return re.sub("/+", "/", "/" + "/".join(part for part in parts if part))

    def _base(self) -> str:
        said = self._text("route_base", BASE)
        if said is not None:
            return said.strip("/")
        return _dashed(place_of(self.state, self.owner)[0].rpartition(".")[2].removesuffix("View"))

    def _text(self, name: str, position: int) -> str | None:
        """Return what the call says of `name`, else the class; None if neither does."""
        texts = [each for each in self.call.texts(position, name) if each]
        texts = texts or texts_of(self.state, attribute(self.state, self.owner, name))
        return texts[0] if texts else None

    def _flag(self, name: str, position: int, *, default: bool) -> bool:
        given = self.call.number(position, name) if position >= 0 else None
        if given is not None:
            return bool(given)
        values = attribute(self.state, self.owner, name)
        flags = [
            self.state.values.parts[each][1] for each in values if self.state.values.kinds[each] == CONSTANT
        ]
        return bool(flags[0]) if flags else default

    def _arguments(self, original: int) -> list[str]:
        """Return the placeholders of a method's arguments: those without default, with the converter of their hint."""
        ignored = {
            "self",
            *elements_of(self.state, attribute(self.state, self.owner, "base_args")),
            *re.findall(r"<(?:[^:<>]+:)?([^:<>]+)>", self._text("route_base", BASE) or ""),
        }
        symbol, file, line = place_of(self.state, original)
        known = _signature(self.root, file, line, symbol.rpartition(".")[2])
        scope = self.state.program.scopes[self.state.values.parts[original][0]]
        pairs = [(each, "") for each in scope.parameters.positional] if known is None else known
        return [f"<{hint}:{each}>" if hint else f"<{each}>" for each, hint in pairs if each not in ignored]

    def _values(self, name: str, function: int) -> Iterator[tuple[int, str]]:
        """Yield what runs for a method, in the order in which the library's proxy calls it."""
        receiver = instance_of(self.state, self.owner)
        for hook in ("before_request", f"before_{name}"):
            yield from ((each, "hook") for each in members_of(self.state, receiver, hook))
        lists = attribute(self.state, self.owner, "decorators")
        site = self.call.call.site._replace(key=(self.call.call.site.key, self.owner, name))
        made = decorated_by(self.state, site, lists, [function])
        for each in dict.fromkeys(inner for value in made for inner in functions_of(self.state, value)):
            if each != function:
                yield each, "decorator"
        yield function, "handler"
        for hook in (f"after_{name}", "after_request"):
            yield from ((each, "hook") for each in members_of(self.state, receiver, hook))


def _dashed(name: str) -> str:
    """As the library writes a class's name in a path: "SomeThing" is "some-thing"."""
    first = re.sub("(.)([A-Z][a-z]+)", r"\1-\2", name)
    return re.sub("([a-z0-9])([A-Z])", r"\1-\2", first).lower()


def _signature(root: Path, file: str, line: int, name: str) -> list[tuple[str, str]] | None:
    """Return (name, converter) of a function's positional arguments without default; None if it is not found.

    Where the file has its annotations as texts (`from __future__ import annotations`), the library sees no classes.
    """
    node = _definition(root, file, line, name)
    if node is None:
        return None
    texts = any(each.startswith("from __future__ ") for each in lines_of(root / file))
    plain = [*node.args.posonlyargs, *node.args.args]
    required = plain[: len(plain) - len(node.args.defaults)]
    return [(each.arg, "" if texts else _converter(each.annotation)) for each in required]


def _definition(root: Path, file: str, line: int, name: str) -> Definition | None:
    tree = tree_of(root / file)
    found = [each for each in ast.walk(tree or ast.Module([], [])) if isinstance(each, Definition)]
    return next(
        (each for each in found if each.name == name and _first_line(each) <= line <= each.lineno), None
    )


def _first_line(node: Definition) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _converter(annotation: ast.expr | None) -> str:
    if isinstance(annotation, ast.Attribute):
        return CONVERTERS.get(annotation.attr, "")
    return CONVERTERS.get(annotation.id, "") if isinstance(annotation, ast.Name) else ""
