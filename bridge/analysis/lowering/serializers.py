"""What REST framework makes of a serializer class: functions that nobody wrote, and that run for each row.

A serializer's fields say which attributes are read and which methods are called. That is written out here as code, each
statement on the line of its field, so that it is followed like any other:

    class BookSerializer(ModelSerializer):          def <fields>(self, instance):
        author = AuthorSerializer()                     self.author.to_representation(instance.author)
        shelf = CharField(source="shelf.name")          instance.shelf.name
        price = SerializerMethodField()                 self.get_price(instance)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

__all__ = ["FIELDS", "GUARD", "ROWS", "SHOWN", "VALIDATORS", "is_kept_apart", "with_written_out"]

FIELDS = "<fields>"  # (self, instance): what is read of one row
ROWS = "<rows>"  # (self, instances): of many
VALIDATORS = "<validators>"  # (self): the methods that look at one field of what was sent
GUARD = "has_object_permission"  # (self, request, view, obj)
SHOWN = (
    "?"  # ends an attribute's name: read as a serializer shows it, of a relation its key, a method is called
)
EVERY = f"<every>{SHOWN}"  # of all of a model's fields: `fields = "__all__"`

SERIALIZER = "Serializer"  # what the names of these classes end with
NO_READS = frozenset({"HiddenField", "HyperlinkedIdentityField"})
METHOD = "MethodField"
KEYS_ONLY = frozenset({"PrimaryKeyRelatedField", "HyperlinkedRelatedField"})
ITSELF = "*"  # the source of a field that is given the whole row


Node = TypeVar("Node", bound=ast.AST)


def with_written_out(node: ast.ClassDef) -> list[ast.stmt]:
    """Return the body of a class, of a serializer with the functions that the framework makes of its fields."""
    if not any(_last(base).endswith(SERIALIZER) for base in node.bases):
        return node.body
    rows = [_loop(node, _name(node, "instances"), lambda each: _represent(node, _name(node, "self"), each))]
    made = [_function(node, ROWS, ("self", "instances"), rows)]
    reads = [*chain.from_iterable(_read(*each) for each in _fields(node)), *_named(node)]
    if reads:  # else those of the class that it inherits from stand for its own
        body = [*_inherited(node, FIELDS, "instance"), *reads]
        made.append(_function(node, FIELDS, ("self", "instance"), body))
    checks = [*_validators(node)]
    if checks:
        made.append(_function(node, VALIDATORS, ("self",), [*_inherited(node, VALIDATORS), *checks]))
    methods = {_method(name, call) for name, call in _fields(node) if _last(call.func).endswith(METHOD)}
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name in methods:
            each.kept_apart = True  # type: ignore[attr-defined] # see is_kept_apart
    return [*node.body, *made]


def is_kept_apart(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function is called for the rows of a serializer, or a view's object: each says itself what it has loaded."""
    return node.name in {FIELDS, ROWS, GUARD} or hasattr(node, "kept_apart")


# --- fields -----------------------------------------------------------------------------------


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, ast.Call]]:
    """Yield the fields that a class declares, with the calls that make them."""
    for name, value in _assigned(node.body):
        if isinstance(value, ast.Call):
            yield name, value


def _assigned(body: Iterable[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    for each in body:
        if isinstance(each, ast.Assign):
            yield from ((target.id, each.value) for target in each.targets if isinstance(target, ast.Name))


def _read(name: str, call: ast.Call) -> Iterator[ast.stmt]:
    """Yield what showing one declared field does."""
    kind = _last(call.func)
    given = {each.arg: each.value.value for each in call.keywords if isinstance(each.value, ast.Constant)}
    if given.get("write_only") is True or kind in NO_READS:
        return
    this, row = _name(call, "self"), _name(call, "instance")
    if kind.endswith(METHOD):
        yield _statement(_call(_attribute(this, _method(name, call)), row))
        return
    source = str(given.get("source") or given.get("attr") or name)  # `attr` is serpy's
    parts = [] if source == ITSELF else source.split(".")
    is_many = given.get("many") is True
    if is_many:
        value = _path(row, parts)
        yield _loop(call, value, lambda each: _represent(call, _attribute(this, name), each))
    elif not kind.endswith("Field"):  # a serializer, or a field of the project's own
        yield _statement(_represent(call, _attribute(this, name), _path(row, parts)))
    elif kind in KEYS_ONLY:
        yield from (_statement(_path(row, parts[:-1])) for _ in parts[1:2])
    elif kind in {"StringRelatedField", "SlugRelatedField"}:
        value = _path(row, parts)
        yield _statement(_call(_name(call, "str"), value) if kind.startswith("String") else value)
    elif parts:
        yield _statement(_attribute(_path(row, parts[:-1]), parts[-1] + SHOWN))


def _named(node: ast.ClassDef) -> Iterator[ast.stmt]:
    """Yield the reads of the fields that `Meta.fields` only names."""
    declared = {name for name, _ in _assigned(node.body)}
    meta = [each for each in node.body if isinstance(each, ast.ClassDef) and each.name == "Meta"]
    options = dict(_assigned(meta[0].body)) if meta else {}
    fields = options.get("fields")
    depth = options.get("depth")
    end = "" if isinstance(depth, ast.Constant) and depth.value else SHOWN
    for text in ast.walk(fields) if fields is not None else ():
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value not in declared:
            name = EVERY if text.value == "__all__" else text.value + end
            yield _statement(_attribute(_name(text, "instance"), name))


def _validators(node: ast.ClassDef) -> Iterator[ast.stmt]:
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name.startswith("validate_"):
            yield _statement(_call(_attribute(_name(each, "self"), each.name)))


def _inherited(node: ast.ClassDef, name: str, *arguments: str) -> list[ast.stmt]:
    around = _call(_name(node, "super"))
    return [_statement(_call(_attribute(around, name), *(_name(node, each) for each in arguments)))]


# --- code -------------------------------------------------------------------------------------


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _method(name: str, call: ast.Call) -> str:
    """Return the name of the method that gives a field its value."""
    named = next((each.value for each in call.keywords if each.arg == "method_name"), None)
    given = named if named is not None else call.args[0] if call.args else None
    return str(given.value) if isinstance(given, ast.Constant) and given.value else f"get_{name}"


def _name(at: ast.AST, name: str) -> ast.expr:
    return _placed(ast.Name(name, ast.Load()), at)


def _attribute(value: ast.expr, name: str) -> ast.expr:
    return _placed(ast.Attribute(value, name, ast.Load()), value)


def _call(function: ast.expr, *arguments: ast.expr) -> ast.expr:
    return _placed(ast.Call(function, list(arguments), []), function)


def _path(value: ast.expr, parts: list[str]) -> ast.expr:
    for part in parts:
        value = _attribute(value, part)
    return value


def _represent(at: ast.AST, serializer: ast.expr, row: ast.expr) -> ast.expr:
    return _placed(_call(_attribute(serializer, "to_representation"), row), at)


def _statement(value: ast.expr) -> ast.stmt:
    return _placed(ast.Expr(value), value)


def _loop(at: ast.AST, rows: ast.expr, body: Callable[[ast.expr], ast.expr]) -> ast.stmt:
    row = "<row>"
    made = _statement(body(_name(at, row)))
    return _placed(ast.For(_placed(ast.Name(row, ast.Store()), at), rows, [made], []), at)


def _function(at: ast.ClassDef, name: str, parameters: tuple[str, ...], body: list[ast.stmt]) -> ast.stmt:
    arguments = ast.arguments([], [_placed(ast.arg(each), at) for each in parameters], None, [], [], None, [])
    return _placed(ast.FunctionDef(name, arguments, body or [_placed(ast.Pass(), at)], [], None), at)


def _placed(node: Node, at: ast.AST) -> Node:
    return ast.copy_location(node, at)
