"""A template -> the tree of a Python function, and from there to facts as for any module.

    {% for book in author.books.all %}     for book in __lookup__(context["author"], "books", "all"):
      {{ book.title|shorten }}                 shorten(__lookup__(book, "title"))
    {% endfor %}

A lookup does what Django's does: an attribute or a key, and a call of what can be called (rendering.py). Blocks of
a template that extends another are run beside it: the parent's own content of an overridden block runs, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bridge.analysis.facts import ModuleFacts
from bridge.analysis.frameworks.django.templates.finding import Tag, Templates
from bridge.analysis.frameworks.django.templates.tokens import Token, arguments_of, tokens_of
from bridge.analysis.lowering import lower_module

__all__ = ["INCLUDE", "LOOKUP", "facts_of"]

LOOKUP = "django.template.base.Variable.resolve"
INCLUDE = "django.template.loader_tags.include"
LENGTH = frozenset(
    {"length", "length_is", "first", "last", "join", "random", "slice", "dictsort", "unordered_list"}
)
NAME = re.compile(r"^[A-Za-z_]\w*$")
NUMBER = re.compile(r"^[-+.\d]")

OPERATORS = frozenset({"and", "or", "not", "in", "==", "!=", "<", ">", "<=", ">=", "is"})


def facts_of(templates: Templates, text: str) -> ModuleFacts:
    """Return the facts of a template: a module whose second scope is its function."""
    builder = _Builder(templates, list(tokens_of(text)))
    body = builder.block(frozenset())
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg("context", lineno=1, col_offset=0)],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    function = ast.FunctionDef(
        "render", arguments, body or [ast.Pass(lineno=1, col_offset=0)], [], lineno=1, col_offset=0
    )
    imports = [*builder.imports.values(), _import("django.template.base.Variable", "resolve", "__lookup__")]
    imports.append(_import("django.template.loader_tags", "include", "__include__"))
    facts = lower_module(
        ast.fix_missing_locations(ast.Module([*imports, function], [])), lines=text.count("\n") + 1
    )
    scopes = tuple(replace(each, name="") if each.name == "render" else each for each in facts.scopes)
    return ModuleFacts(scopes, 0)


def _import(module: str, name: str, alias: str) -> ast.stmt:
    return ast.ImportFrom(module, [ast.alias(name, alias)], 0, lineno=1, col_offset=0)


@dataclass(slots=True)
class _Builder:
    """Turns tokens into statements. `locals` are the names that the template binds where we are."""

    templates: Templates
    tokens: list[Token]
    position: int = 0
    locals: list[set[str]] = field(default_factory=lambda: [set()])
    tags: dict[str, Tag] = field(default_factory=dict)
    filters: dict[str, Tag] = field(default_factory=dict)
    imports: dict[str, ast.stmt] = field(default_factory=dict)

    def block(self, until: frozenset[str]) -> list[ast.stmt]:
        """Return the statements up to a tag in `until`, which is left to be read; {} reads to the end."""
        found: list[ast.stmt] = []
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            name = token.text.partition(" ")[0]
            if token.kind == "tag" and name in until:
                return found
            self.position += 1
            if token.kind == "variable":
                found.append(self._statement(self.expression(token.text, token.line), token.line))
            else:
                found.extend(self._tag(name, token))
        return found

    def _statement(self, value: ast.expr, line: int) -> ast.stmt:
        return ast.Expr(value, lineno=line, col_offset=0)

    # --- tags -------------------------------------------------------------------------------

    def _tag(self, name: str, token: Token) -> list[ast.stmt]:
        handler = HANDLERS.get(name)
        words = arguments_of(token.text)[1:]
        if handler is not None:
            return handler(self, words, token)
        own = self.tags.get(name)
        if own is not None:
            return self._own(own, words, token)
        values = [
            self.expression(each.partition("=")[2] or each, token.line) for each in words if _is_value(each)
        ]
        return [self._statement(each, token.line) for each in values]

    def _next_name(self) -> str:
        """Return the name of the tag that ended a block, and step over it."""
        if self.position >= len(self.tokens):
            return ""
        self.position += 1
        return self.tokens[self.position - 1].text.partition(" ")[0]

    def read_for(self, words: list[str], token: Token) -> list[ast.stmt]:
        """Return the loop of `for x in y`, its `empty` included."""
        at = words.index("in") if "in" in words else 0
        names = [each for word in words[:at] for each in word.replace(",", " ").split() if NAME.match(each)]
        source = self.expression(words[at + 1] if at + 1 < len(words) else "", token.line)
        self.locals.append(set(names))
        body = self.block(frozenset({"empty", "endfor"}))
        self.locals.pop()
        otherwise: list[ast.stmt] = []
        if self._next_name() == "empty":
            otherwise = self.block(frozenset({"endfor"}))
            self._next_name()
        line = token.line
        targets = [ast.Name(each, ast.Store(), lineno=line, col_offset=0) for each in names] or [
            ast.Name("_", ast.Store(), lineno=line, col_offset=0)
        ]
        target: ast.expr = targets[0]
        if len(targets) > 1:
            target = ast.Tuple(list(targets), ast.Store(), lineno=line, col_offset=0)
        passing: list[ast.stmt] = [ast.Pass(lineno=line, col_offset=0)]
        return [ast.For(target, source, body or passing, otherwise, lineno=line, col_offset=0)]

    def read_if(self, words: list[str], token: Token) -> list[ast.stmt]:
        """Return the branches of `if`, `elif` and `else`."""
        test = self._condition(words, token.line)
        body = self.block(frozenset({"elif", "else", "endif"}))
        otherwise: list[ast.stmt] = []
        ending = self.tokens[self.position] if self.position < len(self.tokens) else token
        name = self._next_name()
        if name == "elif":
            otherwise = self.read_if(arguments_of(ending.text)[1:], ending)
        elif name == "else":
            otherwise = self.block(frozenset({"endif"}))
            self._next_name()
        passing: list[ast.stmt] = [ast.Pass(lineno=token.line, col_offset=0)]
        return [ast.If(test, body or passing, otherwise, lineno=token.line, col_offset=0)]

    def _condition(self, words: list[str], line: int) -> ast.expr:
        values = [self.expression(each, line) for each in words if each not in OPERATORS]
        if len(values) == 1:
            return values[0]
        return ast.BoolOp(ast.Or(), values, lineno=line, col_offset=0) if values else _constant("", line)

    def read_with(self, words: list[str], token: Token) -> list[ast.stmt]:
        """Return what `with a=b` binds, and its block."""
        pairs = [each.partition("=") for each in words if "=" in each]
        if "as" in words and not pairs:
            pairs = [(words[-1], "=", words[0])]
        found = [self._bind(name, self.expression(text, token.line), token.line) for name, _, text in pairs]
        self.locals.append({name for name, _, _ in pairs})
        found.extend(self.block(frozenset({"endwith"})))
        self._next_name()
        self.locals.pop()
        return found

    def _bind(self, name: str, value: ast.expr, line: int) -> ast.stmt:
        return ast.Assign(
            [ast.Name(name, ast.Store(), lineno=line, col_offset=0)], value, lineno=line, col_offset=0
        )

    def read_load(self, words: list[str], token: Token) -> list[ast.stmt]:
        """Take the tags and filters of the libraries that are loaded; there is nothing to run."""
        names = words[: words.index("from")] if "from" in words else None
        for each in words[words.index("from") + 1 :] if "from" in words else words:
            for name, tag in self.templates.library(each).tags.items():
                if names is None or name in names:
                    (self.filters if tag.kind == "filter" else self.tags)[name] = tag
        return []

    def read_include(self, words: list[str], token: Token) -> list[ast.stmt]:
        """Return the rendering of another template, with what is bound here."""
        if not words:
            return []
        line = token.line
        extra = [each.partition("=") for each in words[1:] if "=" in each]
        keys: list[ast.expr | None] = [_constant(name, line) for name, _, _ in extra]
        values = [self.expression(text, line) for _, _, text in extra]
        bound = sorted({name for names in self.locals for name in names})
        keys.extend(_constant(name, line) for name in bound)
        values.extend(ast.Name(name, ast.Load(), lineno=line, col_offset=0) for name in bound)
        context = ast.Dict([None, *keys], [_context(line), *values], lineno=line, col_offset=0)
        return [
            self._statement(self._call("__include__", [self.expression(words[0], line), context], line), line)
        ]

    def read_extends(self, words: list[str], token: Token) -> list[ast.stmt]:
        """Return the rendering of the parent."""
        if not words:
            return []
        arguments = [self.expression(words[0], token.line), _context(token.line)]
        return [self._statement(self._call("__include__", arguments, token.line), token.line)]

    def _own(self, tag: Tag, words: list[str], token: Token) -> list[ast.stmt]:
        line = token.line
        alias = words[-1] if len(words) > 1 and words[-2] == "as" else ""
        words = words[:-2] if alias else words
        plain = [self.expression(each, line) for each in words if not _is_keyword(each)]
        keywords = [
            ast.keyword(
                each.partition("=")[0],
                self.expression(each.partition("=")[2], line),
                lineno=line,
                col_offset=0,
            )
            for each in words
            if _is_keyword(each)
        ]
        first = [_context(line)] if tag.takes_context else []
        call = ast.Call(self._function(tag, line), [*first, *plain], keywords, lineno=line, col_offset=0)
        if tag.template:
            return [
                self._statement(self._call("__include__", [_constant(tag.template, line), call], line), line)
            ]
        if alias:
            self.locals[-1].add(alias)
            return [self._bind(alias, call, line)]
        return [self._statement(call, line)]

    def _function(self, tag: Tag, line: int) -> ast.expr:
        alias = f"{tag.module}:{tag.function}"
        self.imports[alias] = _import(tag.module, tag.function, alias)
        return ast.Name(alias, ast.Load(), lineno=line, col_offset=0)

    # --- expressions ------------------------------------------------------------------------

    def expression(self, text: str, line: int) -> ast.expr:
        """Return the tree of `variable|filter:argument|...`."""
        first, *filters = _split_filters(text)
        value = self._variable(first.strip(), line)
        for each in filters:
            name, _, argument = each.strip().partition(":")
            own = self.filters.get(name)
            if own is not None:
                more = [self._variable(argument, line)] if argument else []
                value = ast.Call(self._function(own, line), [value, *more], [], lineno=line, col_offset=0)
            elif name in LENGTH:
                # `list` and not `len`: what comes out has elements, as what went in.
                value = self._call("list", [value], line)
        return value

    def _variable(self, text: str, line: int) -> ast.expr:
        if text[:1] in {"'", '"'} or text.startswith("_("):
            return _constant(text.strip("_()").strip("'\""), line)
        if not text or NUMBER.match(text) or text in {"True", "False", "None"}:
            return _constant("", line)
        root, *parts = text.split(".")
        value: ast.expr
        if any(root in names for names in self.locals):
            value = ast.Name(root, ast.Load(), lineno=line, col_offset=0)
        else:
            value = ast.Subscript(
                _context(line), _constant(root, line), ast.Load(), lineno=line, col_offset=0
            )
            value = self._call("__lookup__", [value], line) if not parts else value
        for part in parts:
            value = self._call("__lookup__", [value, _constant(part, line)], line)
        return value

    def _call(self, name: str, arguments: list[ast.expr], line: int) -> ast.expr:
        function = ast.Name(name, ast.Load(), lineno=line, col_offset=0)
        return ast.Call(function, arguments, [], lineno=line, col_offset=0)


def _constant(text: str, line: int) -> ast.expr:
    return ast.Constant(text, lineno=line, col_offset=0)


def _context(line: int) -> ast.expr:
    return ast.Name("context", ast.Load(), lineno=line, col_offset=0)


def _is_keyword(word: str) -> bool:
    return bool(re.match(r"^[A-Za-z_]\w*=", word))


def _is_value(word: str) -> bool:
    return word not in {"as", "with", "only", "by", "in", "from"} and word[:1] not in {"'", '"'}


def _split_filters(text: str) -> list[str]:
    """Split at | outside of quotes."""
    parts, quote = [""], ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in {"'", '"'}:
            quote = character
        elif character == "|":
            parts.append("")
            continue
        parts[-1] += character
    return parts


HANDLERS: dict[str, Callable[[_Builder, list[str], Token], list[ast.stmt]]] = {
    "for": _Builder.read_for,
    "if": _Builder.read_if,
    "with": _Builder.read_with,
    "load": _Builder.read_load,
    "include": _Builder.read_include,
    "extends": _Builder.read_extends,
    **dict.fromkeys(("block", "endblock", "csrf_token", "now", "static", "url_"), lambda *_: []),
}
