"""Functions, lambdas and classes: a scope of their own, and the value that stands for it outside."""

from __future__ import annotations

import ast
from types import MappingProxyType

from bridge.analysis.facts import DECORATING, FIRST_PARAMETER, RESULT, Opcode, Parameters
from bridge.analysis.lowering.bindings import bound_names
from bridge.analysis.lowering.expressions import lower, lower_call
from bridge.analysis.lowering.guards import kind_of, literal_of
from bridge.analysis.lowering.memos import with_kept_values
from bridge.analysis.lowering.scope import ScopeBuilder
from bridge.analysis.lowering.serializers import is_kept_apart, with_written_out

__all__ = ["hinted", "lower_class", "lower_function", "lower_lambda"]


def lower_lambda(scope: ScopeBuilder, node: ast.Lambda) -> int:
    """Return the register of a lambda; its number counts the lambdas of its scope in source order."""
    scope.lambdas += 1
    name = scope.qualified(f"<lambda{scope.lambdas}>")
    defaults = _defaults(scope, node.args)
    scope.is_captured |= bool(defaults)
    inner = _open(scope, "lambda", name, node, [node.body])
    inner.emit(Opcode.RETURN, lower(inner, node.body))
    inner.finish()
    inner.is_wrapper = inner.is_captured
    inner.is_identity = isinstance(node.body, ast.Name) and node.body.id in inner.parameters.names
    return scope.value(Opcode.FUNCTION, inner.index, defaults, ())


def lower_function(scope: ScopeBuilder, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Emit a `def`: decorators from the inside out, then the name."""
    from bridge.analysis.lowering.statements import lower_body

    decorators = [lower(scope, each) for each in node.decorator_list]
    defaults, hints = _defaults(scope, node.args), _hints(scope, node)
    scope.is_captured |= bool(defaults or decorators)
    body = with_kept_values(node.body, scope.bindings.names if scope.kind == "function" else set())
    inner = _open(scope, "function", scope.qualified(node.name), node, body)
    inner.is_async = isinstance(node, ast.AsyncFunctionDef)
    lower_body(inner, body)
    inner.finish()
    apart = node.name in REGISTERING or is_kept_apart(node)
    inner.is_wrapper = apart or _is_wrapper(inner)
    inner.is_identity = _returns_parameter(inner) or _asks_parameter(inner, node)
    inner.calls_given = _calls_parameter(inner, node)
    _bind_decorated(scope, node, scope.value(Opcode.FUNCTION, inner.index, defaults, hints), decorators)


def _bind_decorated(
    scope: ScopeBuilder,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    register: int,
    decorators: list[int],
) -> None:
    for decorator, each in zip(reversed(decorators), reversed(node.decorator_list), strict=True):
        register = lower_call(scope, decorator, [register], each, flags=DECORATING)
    scope.write(node.name, register)


def _open(
    scope: ScopeBuilder,
    kind: str,
    name: str,
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
    body: list[ast.stmt] | list[ast.expr],
) -> ScopeBuilder:
    arguments = node.args
    positional = tuple(each.arg for each in (*arguments.posonlyargs, *arguments.args))
    keyword_only = tuple(each.arg for each in arguments.kwonlyargs)
    rest = tuple(each.arg for each in (arguments.vararg, arguments.kwarg) if each is not None)
    names = (*positional, *keyword_only, *rest)
    inner = ScopeBuilder(
        scope.file,
        kind=kind,
        name=name,
        parent=scope,
        line=node.lineno,
        bindings=bound_names(body),
        parameters=names,
    )
    after = FIRST_PARAMETER + len(positional) + len(keyword_only)
    variadic = after if arguments.vararg else None
    keywords = None if arguments.kwarg is None else after + len(rest) - 1
    inner.parameters = Parameters(positional, keyword_only, variadic, keywords)
    inner.defaults = _constant_defaults(arguments)
    for register, parameter in enumerate(names, FIRST_PARAMETER):
        inner.write(parameter, register)
    return inner


def _defaults(scope: ScopeBuilder, arguments: ast.arguments) -> tuple[tuple[int, int], ...]:
    """Return (parameter, register) for every default, the parameter by its register inside."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    first = FIRST_PARAMETER + positional - len(arguments.defaults)
    plain = [(first + index, lower(scope, each)) for index, each in enumerate(arguments.defaults)]
    keyword = [
        (FIRST_PARAMETER + positional + index, lower(scope, each))
        for index, each in enumerate(arguments.kw_defaults)
        if each is not None
    ]
    return (*plain, *keyword)


def _constant_defaults(arguments: ast.arguments) -> tuple[tuple[int, int, str | int | None], ...]:
    """Return (parameter, kind, literal) for every default that is a constant."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    first = FIRST_PARAMETER + positional - len(arguments.defaults)
    given = (
        *enumerate(arguments.defaults, first),
        *enumerate(arguments.kw_defaults, FIRST_PARAMETER + positional),
    )
    return tuple(
        (register, kind_of(each.value), literal_of(each.value))
        for register, each in given
        if isinstance(each, ast.Constant)
    )


def _hints(
    scope: ScopeBuilder, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> tuple[tuple[int, int, str], ...]:
    """Return (parameter, register of the annotated class, form); the result is parameter 0."""
    found: list[tuple[int, int, str]] = []
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for register, argument in enumerate(arguments, FIRST_PARAMETER):
        found.extend((register, *hint) for hint in hinted(scope, argument.annotation))
    found.extend((RESULT, *hint) for hint in hinted(scope, node.returns))
    return tuple(found)


Hint = tuple[int, str]  # the register of a class, and the form: what of it is meant


def hinted(scope: ScopeBuilder, annotation: ast.expr | None) -> list[Hint]:
    """Return the classes that an annotation names: X, "X", X | None, Optional[X], list[X], type[X]."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return hinted(scope, ast.parse(annotation.value.strip(), mode="eval").body)
        except (SyntaxError, ValueError):
            return []  # not an annotation but a remark: it names no class
    if isinstance(annotation, ast.BinOp):
        return [*hinted(scope, annotation.left), *hinted(scope, annotation.right)]
    if isinstance(annotation, ast.Subscript):
        return _hinted_generic(scope, annotation)
    if isinstance(annotation, (ast.Name, ast.Attribute)) and _dotted(annotation):
        return [(lower(scope, annotation), "")]
    return []


def _hinted_generic(scope: ScopeBuilder, annotation: ast.Subscript) -> list[Hint]:
    outer, inner = annotation.value, annotation.slice
    name = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    if name in {"Optional", "Union", "Annotated", "Final", "ClassVar", "Awaitable", "Mapped"}:
        return [hint for part in parts[: 1 if name == "Annotated" else None] for hint in hinted(scope, part)]
    form = FORMS.get(name)
    if form is None:
        return hinted(scope, outer)  # a generic class: what it holds is not followed
    held = parts[-1:] if form == "dict" else parts[:1]  # none in tuple[()]
    return [(register, form) for part in held for register, nested in hinted(scope, part) if not nested]


FORMS = MappingProxyType(
    {
        **dict.fromkeys(("type", "Type"), "type"),
        **dict.fromkeys(("list", "List", "Sequence", "MutableSequence", "Collection"), "list"),
        **dict.fromkeys(("tuple", "Tuple"), "tuple"),
        **dict.fromkeys(("set", "Set", "frozenset", "FrozenSet", "AbstractSet", "MutableSet"), "set"),
        **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict"), "dict"),
        **dict.fromkeys(("Iterable", "Iterator", "Generator", "AsyncIterable", "AsyncIterator"), "generator"),
        "AsyncGenerator": "generator",
    }
)


def _dotted(node: ast.expr) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name)


# An application's own version of these hands a view on to a framework: each call's view is kept apart.
REGISTERING = frozenset({"add_url_rule", "add_route", "add_resource", "add_api_view", "add_view", "route"})


def _is_wrapper(inner: ScopeBuilder) -> bool:
    """Return whether what the function defines inside may keep its arguments; one that captures nothing is like any value."""
    names = inner.parameters
    takes_any = bool(names.positional or names.keyword_only or names.variadic or names.keywords)
    return takes_any and inner.is_captured


def _returns_parameter(inner: ScopeBuilder) -> bool:
    names = set(inner.parameters.names)
    if inner.parent is not None and inner.parent.kind == "class":
        names -= set(inner.parameters.positional[:1])  # `return self` keeps nothing apart
    return not names.isdisjoint(inner.bindings.returned)


def _calls_parameter(inner: ScopeBuilder, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function calls what it is given: `retried(ask)`, which is `ask()`."""
    names = set(inner.parameters.names)
    if inner.parent is not None and inner.parent.kind == "class":
        names -= set(inner.parameters.positional[:1])  # `cls()` makes an object of the class it is called on
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in names
        for each in ast.walk(node)
    )


# What a database session does with a statement: the rows that it gives are those that the statement names.
EXECUTING = frozenset({"execute", "scalar", "scalars"})


def _asks_parameter(inner: ScopeBuilder, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function gives back the rows of a statement that it is given: each caller's own."""
    if not inner.bindings.returned:
        return False
    return any(
        isinstance(each.func, ast.Attribute)
        and each.func.attr in EXECUTING
        and bool(each.args)
        and isinstance(each.args[0], ast.Name)
        and each.args[0].id in inner.parameters.names
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
    )


def lower_class(scope: ScopeBuilder, node: ast.ClassDef) -> None:
    """Emit a `class`: its body runs here and now."""
    from bridge.analysis.lowering.statements import lower_body

    decorators = [lower(scope, each) for each in node.decorator_list]
    bases = tuple(lower(scope, each) for each in node.bases)
    keywords = {each.arg: lower(scope, each.value) for each in node.keywords}
    scope.is_captured = True
    body = with_written_out(node)
    inner = ScopeBuilder(
        scope.file,
        kind="class",
        name=scope.qualified(node.name),
        parent=scope,
        line=node.lineno,
        bindings=bound_names(body),
    )
    lower_body(inner, body)
    inner.finish()
    register = scope.value(Opcode.CLASS, inner.index, bases, keywords.get("metaclass"))
    _bind_decorated(scope, node, register, decorators)
