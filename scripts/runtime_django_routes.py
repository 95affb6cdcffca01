"""Prints the routes of a Django project that is imported, as JSON: runtime_django_routes.py django:SETTINGS_MODULE.

Runs with the project's own Python (3.7 or later), so it imports nothing of ours. Each row has a method ("ANY" where
the view does not say), a path as Django's resolver writes it, and the module that the view was written in.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any


def rows(patterns: Iterable[Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    """Yield the rows below a list of patterns."""
    for pattern in patterns:
        path = prefix + text_of(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from rows(pattern.url_patterns, path)
        elif operations_of(pattern.callback):
            for operation in operations_of(pattern.callback):
                for method in operation.methods:
                    yield method, path, module_of(operation.view_func)
        else:
            for method in methods_of(pattern.callback):
                yield method, path, module_of(pattern.callback)


def text_of(pattern: Any) -> str:
    """Return what a pattern adds to the path: of a regular expression its text without ^ and $ at the ends."""
    from django.conf import settings

    if hasattr(pattern, "prefix_default_language"):  # i18n_patterns
        return f"{settings.LANGUAGE_CODE}/" if pattern.prefix_default_language else ""
    if hasattr(pattern, "_route"):
        return str(pattern)
    text = str(pattern.regex.pattern)
    text = text[1:] if text.startswith("^") else text  # noqa: FURB188 - str.removeprefix is newer than the Pythons that run this
    for end in ("$", r"\Z", r"\z"):
        if text.endswith(end) and not text.endswith("\\" + end):
            return text[: -len(end)]
    return text


def methods_of(view: Any) -> list[str]:
    """Return the HTTP methods that a view answers, HEAD and OPTIONS left out; ["ANY"] where it does not say."""
    decorated, cls = unwrapped(view)
    if cls is None or not hasattr(cls, "http_method_names"):
        found = allowed(view)
    else:
        names = (getattr(decorated, "view_initkwargs", None) or {}).get("http_method_names")
        names = names or cls.http_method_names
        actions = getattr(decorated, "actions", None)
        found = [each for each in names if (each in actions if actions else answers(cls, each))]
    return sorted({each.upper() for each in found} - {"HEAD", "OPTIONS"}) or ["ANY"]


def answers(cls: Any, method: str) -> bool:
    """Return whether a class has a handler; `put` of Django's form views is `post` by another name."""
    handler = getattr(cls, method, None)
    alias = method == "put" and getattr(handler, "__qualname__", "").startswith("ProcessFormView.")
    return handler is not None and not alias


def operations_of(view: Any) -> list[Any]:
    """Return the operations of a view of django-ninja, which answers all methods of a path; none of another view."""
    cells = getattr(view, "__closure__", None) or ()
    holders = [getattr(view, "__self__", None), *(cell.cell_contents for cell in cells)]
    return next((each.operations for each in holders if type(each).__name__ == "PathView"), [])


def unwrapped(view: Any) -> tuple[Any, Any]:
    """Return (view, its class) behind decorators; the class is None for a function."""
    while True:
        for name in ("view_class", "cls"):
            if getattr(view, name, None) is not None:
                return view, getattr(view, name)
        if not hasattr(view, "__wrapped__"):
            return view, None
        view = view.__wrapped__


def allowed(view: Any) -> list[str]:
    """Return what `require_http_methods` was given, found in the closures of a view's decorators."""
    while view is not None:
        code = getattr(view, "__code__", None)
        for name, cell in zip(getattr(code, "co_freevars", ()), getattr(view, "__closure__", None) or ()):  # noqa: B905 - strict= is newer than the Pythons that run this
            if name == "request_method_list":
                return list(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return []


def module_of(view: Any) -> str:
    """Return the module in which a view was written."""
    decorated, cls = unwrapped(view)
    written = cls or decorated
    return str(getattr(written, "__module__", None) or type(written).__module__)


def main() -> None:
    """Set Django up, print the rows of the resolver."""
    sys.path.insert(0, "")
    os.environ["DJANGO_SETTINGS_MODULE"] = sys.argv[1].partition(":")[2]
    import django

    django.setup()
    from django.urls import get_resolver

    print("\n" + json.dumps(sorted(set(rows(get_resolver().url_patterns, "/")))))


if __name__ == "__main__":
    main()
