"""Which frames of a stack are the project's."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import CodeType, FrameType

__all__ = ["Frame", "Project"]

Frame = tuple[str, int, str]  # file relative to the root, line, function

DEEPEST = 40  # frames of the project that are kept: chains in reports are shorter, recursion is not


class Project:
    """Tells the project's files from libraries. `root` is absolute; what lies in an environment below it is a library."""

    def __init__(self, root: str) -> None:
        self._root = f"{os.path.realpath(root)}{os.sep}"
        self._libraries = tuple(
            f"{os.path.realpath(path)}{os.sep}"
            for path in {sys.prefix, *sysconfig.get_paths().values()}
            if os.path.realpath(path) != self._root.rstrip(os.sep)
        )
        self._known: dict[str, str | None] = {}

    def relative(self, file: str) -> str | None:
        """Return a file of the project relative to its root, with slashes; None for any other file."""
        try:
            return self._known[file]
        except KeyError:
            found = self._known[file] = self._look(file)
            return found

    def _look(self, file: str) -> str | None:
        if file.startswith("<"):
            return None
        path = os.path.realpath(file)
        if not path.startswith(self._root) or path.startswith(self._libraries) or "site-packages" in path:
            return None
        return path[len(self._root) :].replace(os.sep, "/")

    def stack(self, frame: FrameType | None, border: CodeType) -> tuple[Frame, ...]:
        """Return the project's frames, the outermost first: from `frame` up to the first one that runs `border`."""
        found: list[Frame] = []
        while frame is not None and frame.f_code is not border:
            file = self.relative(frame.f_code.co_filename)
            if file is not None and len(found) < DEEPEST:
                found.append(
                    (file, frame.f_lineno, getattr(frame.f_code, "co_qualname", frame.f_code.co_name))
                )
            frame = frame.f_back
        found.reverse()
        return tuple(found)
