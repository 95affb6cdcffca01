"""What no wrapper saw, from Python's audit events: they say that a call starts, not how long it takes.

C code that opens a file or connects a socket raises the same events, whoever calls it; inside a wrapped call, and while
modules are imported, they are not looked at. https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import sys
from time import perf_counter
from types import FrameType

from .recorder import Recorder

__all__ = ["EVENTS", "listen"]

EVENTS = {
    "open": "builtins.open",
    "os.listdir": "os.listdir",
    "os.scandir": "os.scandir",
    "os.mkdir": "os.mkdir",
    "os.remove": "os.remove",
    "os.rename": "os.rename",
    "os.rmdir": "os.rmdir",
    "os.truncate": "os.truncate",
    "os.fork": "os.fork",
    "os.posix_spawn": "os.posix_spawn",
    "os.system": "os.system",
    "socket.connect": "socket.socket.connect",
    "socket.getaddrinfo": "socket.getaddrinfo",
    "socket.gethostbyname": "socket.gethostbyname",
    "socket.gethostbyaddr": "socket.gethostbyaddr",
    "socket.sendto": "socket.socket.sendto",
    "sqlite3.connect": "sqlite3.connect",
    "mmap.__new__": "mmap.mmap",
}


def listen(recorder: Recorder) -> None:
    """Record events of this process that happen outside any recorded call. A hook cannot be taken away again."""

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        sink = EVENTS.get(event)
        if sink is None or (event == "open" and not _is_named(arguments)):
            return
        if not recorder.enter():
            return
        frame = sys._getframe().f_back  # noqa: SLF001 - the caller's frame, as logging does
        if frame is None or _reads_source(frame):  # None: the interpreter opens the program itself
            recorder.pass_over()
        else:
            recorder.leave(sink, perf_counter(), frame, timed=False)

    sys.addaudithook(hear)


def _is_named(arguments: tuple[object, ...]) -> bool:
    """Tell opening a file by name from wrapping a descriptor that is open already."""
    return bool(arguments) and isinstance(arguments[0], (str, bytes))


def _reads_source(frame: FrameType | None) -> bool:
    """Tell whether a module is being imported, or a traceback looks for its lines."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib") or name.endswith(("linecache.py", "tokenize.py")):
            return True
        frame = frame.f_back
    return False
