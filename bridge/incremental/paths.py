"""The path that rules are matched with: the very one that both applications will see.

    scope["path"]             modern: without root_path (Starlette's get_route_path)
    PATH_INFO                 legacy: the same, cut by bridge.protocol.environ.split_path
    local path                the rules: as PATH_INFO

The path is not made nicer: `..`, `%2F` (which every server decodes) and letter case mean to the rules what
they mean to the applications. Where the two would cut differently, the scope is put right for both.
"""

from __future__ import annotations

from bridge.protocol.asgi_types import Scope
from bridge.protocol.environ import split_path

__all__ = ["settle_path"]


def settle_path(scope: Scope) -> tuple[Scope, str]:
    """Return the scope to hand on and the path below its mount, decoded.

    The scope is a changed copy where the target is in absolute form (`GET http://host/x`), or `root_path`
    ends with a slash: frameworks differ about both.
    """
    path: str = scope["path"]
    root: str = scope.get("root_path") or ""
    if not root and path[:1] == "/":
        return scope, path  # nine requests in ten
    script_name, path_info, _ = split_path(scope)
    local = _text(path_info)
    if local[:1] in {"/", ""} and (path[:1] not in {"/", ""} or root.endswith("/")):
        scope = dict(scope, path=_text(script_name) + local, root_path=_text(script_name))
        scope.pop("raw_path", None)  # it would contradict the path
    return scope, local or "/"


def _text(latin: str) -> str:
    """Return a native string of WSGI (bytes as latin-1) as the text that ASGI has."""
    return latin.encode("latin-1", "replace").decode("utf-8", "replace")
