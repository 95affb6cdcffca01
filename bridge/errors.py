"""The errors that wsgi-bridge raises, all below `BridgeError`.

Every class builds its message from its arguments and keeps them as attributes, so a caller can
match on facts instead of text. A message says what was got, what was expected and what to write
instead.
"""

from __future__ import annotations

__all__ = [
    "AdapterClosed",
    "ApplicationError",
    "ApplicationExited",
    "AsgiApplicationError",
    "BodyBlockTypeError",
    "BridgeError",
    "ClientDisconnected",
    "EnvironLost",
    "ExecutorClosed",
    "ExecutorError",
    "GreenletStuck",
    "IncompleteResponse",
    "InvalidEvent",
    "InvalidHeader",
    "InvalidLanes",
    "InvalidOption",
    "InvalidStatus",
    "LifespanFailed",
    "LockHeld",
    "LoopWouldBlock",
    "MissingExtra",
    "NotInGreenlet",
    "QueueFull",
    "QueueTimeout",
    "ReturnedTooEarly",
    "StartResponseMissing",
    "StartResponseTwice",
    "TaskCancelled",
    "ThreadNotStarted",
    "TwoWaiters",
    "UndecodedBody",
    "UnexpectedEvent",
    "UnknownScopeType",
    "require_number",
]


class BridgeError(Exception):
    """The base of every error that wsgi-bridge raises on purpose."""


class InvalidOption(BridgeError, ValueError):
    """An option of the bridge has a value it cannot have."""

    def __init__(self, option: str, got: object, expected: str) -> None:
        super().__init__(f"{option}={got!r} is not possible: expected {expected}")
        self.option = option
        self.got = got
        self.expected = expected


class InvalidLanes(BridgeError, ValueError):
    """The lanes, which executor serves which route, are not what they can be."""

    def __init__(self, source: str | None, problem: str) -> None:
        super().__init__(f"{source or 'lanes'}: {problem}")
        self.source = source
        self.problem = problem


def require_number(option: str, got: float, *, minimum: float, unit: str, whole: bool = False) -> None:
    """Raise `InvalidOption` unless `got` is a number of at least `minimum` (an int if `whole`)."""
    kinds = int if whole else (int, float)
    if isinstance(got, bool) or not isinstance(got, kinds) or not got >= minimum:
        kind = "a whole number" if whole else "a number"
        raise InvalidOption(option, got, f"{kind} of {unit}, {minimum} or more")


class MissingExtra(BridgeError, ImportError):
    """Something was asked for that needs a package of one of wsgi-bridge's extras."""

    def __init__(self, extra: str, *, package: str, feature: str) -> None:
        super().__init__(
            f"{feature} needs the package {package}, which is not installed: pip install 'wsgi-bridge[{extra}]'"
        )
        self.extra = extra
        self.package = package
        self.feature = feature


# ---------------------------------------------------------------- what an application did wrong


class ApplicationError(BridgeError):
    """The WSGI application broke a rule of PEP 3333."""


class StartResponseMissing(ApplicationError, RuntimeError):
    """A body came, or the iterable ended, before `start_response` was called (PEP 3333).

    A `RuntimeError`, as in other bridges and servers; so is the next one.
    """

    def __init__(self) -> None:
        super().__init__(
            "the application sent its body, or returned, without calling start_response; "
            "call start_response(status, headers) before the first block is yielded"
        )


class StartResponseTwice(ApplicationError, RuntimeError):
    """`start_response` was called again without `exc_info` (PEP 3333, "The start_response() Callable")."""

    def __init__(self, status: str) -> None:
        super().__init__(
            f"start_response({status!r}, ...) was called a second time without exc_info; "
            "in an error handler write start_response(status, headers, sys.exc_info())"
        )
        self.status = status


class InvalidStatus(ApplicationError, ValueError):
    """The status is not three digits and a reason."""

    def __init__(self, got: object) -> None:
        super().__init__(
            f"start_response got the status {got!r}; expected a str of three digits from 200 to 999 "
            "and a reason, such as '200 OK' (1xx are sent by the server; early hints by "
            "environ['wsgi.early_hints'])"
        )
        self.got = got


class InvalidHeader(ApplicationError, ValueError):
    """A response header cannot be sent as it is: wrong type, illegal character, or not latin-1."""

    def __init__(self, header: object, problem: str) -> None:
        super().__init__(f"start_response got the header {header!r}: {problem}")
        self.header = header
        self.problem = problem


_BLOCK_HINTS = (
    (str, "; encode it: block.encode('utf-8')"),
    (int, "; iterating bytes gives ints, so likely it returned bytes: return [body] instead"),
)


class BodyBlockTypeError(ApplicationError, TypeError):
    """A block of the body is not `bytes`."""

    def __init__(self, block: object) -> None:
        kind = type(block).__name__
        hint = next((hint for likely, hint in _BLOCK_HINTS if isinstance(block, likely)), "")
        super().__init__(f"the application sent a body block of type {kind}, expected bytes{hint}")
        self.block_type = kind


class IncompleteResponse(ApplicationError):
    """The body ended before the announced Content-Length was reached."""

    def __init__(self, announced: int, sent: int) -> None:
        super().__init__(
            f"the application announced Content-Length {announced} and sent {sent} bytes; "
            "the connection was broken off so that the answer does not look complete"
        )
        self.announced = announced
        self.sent = sent


class ApplicationExited(BridgeError, RuntimeError):
    """The application raised SystemExit, KeyboardInterrupt or the like after its headers went out.

    Raised in its place on the event loop, where the original would end the server, or look like a
    cancellation; it is the `__cause__`.
    """

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            f"the application raised {cause!r}, which ends its request and not the server; "
            "to stop the server send it SIGTERM"
        )
        self.__cause__ = cause


# ---------------------------------------------------------------- what happened around it


class ClientDisconnected(BridgeError, ConnectionError):
    """The client went away, or did nothing for `idle` seconds; raised into an application that reads or writes then.

    It is an `OSError`, which is what Django, Werkzeug and WebOb expect of a broken `wsgi.input`.
    """

    def __init__(self, doing: str, *, idle: float | None = None) -> None:
        closed = f"the client closed the connection while {doing}"
        nothing = f"the client did nothing for {idle or 0:g} s (client_timeout) while {doing}"
        super().__init__(closed if idle is None else nothing)
        self.doing = doing
        self.idle = idle


class ExecutorError(BridgeError):
    """A request could not be handed to an executor."""


class QueueFull(ExecutorError):
    """Too many requests wait for a thread already."""

    def __init__(self, waiting: int, max_queue: int) -> None:
        super().__init__(
            f"{waiting} requests wait for a thread and max_queue is {max_queue}; "
            "raise max_threads or max_queue, or add workers"
        )
        self.waiting = waiting
        self.max_queue = max_queue


class ExecutorClosed(ExecutorError):
    """The executor has been shut down and takes no more work."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the executor {name!r} is shutting down and takes no new requests")
        self.name = name


class QueueTimeout(ExecutorError):
    """A request waited longer for a thread than `queue_timeout` allows."""

    def __init__(self, waited: float) -> None:
        super().__init__(
            f"it waited {waited:g} s for a thread, which is queue_timeout; "
            "raise max_threads, or add workers, or find what keeps the threads"
        )
        self.waited = waited


class ThreadNotStarted(ExecutorError):
    """The system would not start a thread, and there is no other that could run the request."""

    def __init__(self, thread: str, cause: BaseException) -> None:
        super().__init__(
            f"the thread {thread} could not be started ({cause}) and there is no other; the limit of "
            "threads or memory of this process, its user or its container is reached"
        )
        self.thread = thread
        self.__cause__ = cause


class NotInGreenlet(BridgeError, RuntimeError):
    """`bridge.await_` was called where nothing drives a greenlet."""

    def __init__(self, awaitable: object) -> None:
        super().__init__(
            f"await_({awaitable!r}) was called outside of a request of the greenlet lane, so nothing here can "
            "await it. In an `async def` write `await ...`; in synchronous code serve the application with "
            'WsgiToAsgi(app, executor="greenlet"), and call it in the request itself, not in a thread of yours'
        )
        self.awaitable = awaitable


class TwoWaiters(BridgeError, RuntimeError):
    """Two requests of the greenlet lane wait for the same descriptor and direction."""

    def __init__(self, descriptor: int, *, writing: bool) -> None:
        doing = "write to" if writing else "read from"
        super().__init__(
            f"another request waits to {doing} descriptor {descriptor} already, and only one of them would be "
            "woken; likely one connection is shared by several requests: give each its own, or use a pool"
        )
        self.descriptor = descriptor
        self.writing = writing


class LockHeld(BridgeError, RuntimeError):
    """Code on the event loop wants a lock that a waiting request of the same loop holds: neither could go on."""

    def __init__(self, owner: object) -> None:
        describe = getattr(owner, "describe", None)
        name = describe() if describe is not None else repr(owner)
        super().__init__(
            f"a lock is held by the request {name}, which waits and needs the event loop to go on; taking it "
            "here, on that loop, would stop both for ever. Take it in a request, or in a thread "
            "(asyncio.to_thread), or hold it over no wait"
        )
        self.owner = owner


class GreenletStuck(BridgeError, RuntimeError):
    """A greenlet went on waiting although its event loop had ended."""

    def __init__(self, subject: object) -> None:
        super().__init__(
            f"the greenlet of {subject!r} catches every cancellation and waits again, though its event loop "
            "has ended; look for `except BaseException` or a bare `except` around a loop in the application"
        )
        self.subject = subject


class UnknownScopeType(BridgeError):
    """The server sent a scope type that the ASGI specification does not name."""

    def __init__(self, got: object) -> None:
        super().__init__(f"scope['type'] is {got!r}; WsgiToAsgi knows 'http', 'websocket' and 'lifespan'")
        self.got = got


# ---------------------------------------------------------------- the way back: AsgiToWsgi


class AsgiApplicationError(BridgeError, RuntimeError):
    """The ASGI application broke a rule of the ASGI specification."""


class UnexpectedEvent(AsgiApplicationError):
    """The application sent an event that has no place there."""

    def __init__(self, got: object, expected: str) -> None:
        super().__init__(f"the application sent the event {got!r}; expected {expected}")
        self.got = got
        self.expected = expected


class InvalidEvent(AsgiApplicationError, ValueError):
    """An event is the right one, but something in it can't be sent."""

    def __init__(self, event_type: str, problem: str) -> None:
        super().__init__(f"the application sent {event_type!r} with {problem}")
        self.event_type = event_type
        self.problem = problem


class ReturnedTooEarly(AsgiApplicationError):
    """The application returned before its response was complete."""

    def __init__(self, expected: str) -> None:
        super().__init__(
            f"the application returned before its response was complete; expected {expected}. "
            "The last http.response.body event must have more_body False, or leave it out"
        )
        self.expected = expected


class TaskCancelled(AsgiApplicationError):
    """The application's task was cancelled before its response was complete, and not by its client."""

    def __init__(self) -> None:
        super().__init__(
            "the application's task was cancelled before its response was complete; likely its adapter "
            "was closed, or the application cancelled itself"
        )


class LifespanFailed(BridgeError, RuntimeError):
    """The application reported that its startup failed, or raised in it."""

    def __init__(self, message: str) -> None:
        super().__init__(f"the application's lifespan startup failed: {message or '(it gave no message)'}")
        self.message = message


class AdapterClosed(BridgeError, RuntimeError):
    """A request came after `AsgiToWsgi.close()`."""

    def __init__(self) -> None:
        super().__init__("this AsgiToWsgi has been closed and takes no new requests; make a new one")


class LoopWouldBlock(BridgeError, RuntimeError):
    """The loop would have waited for itself: the call came from the thread it runs in."""

    def __init__(self, what: str, instead: str) -> None:
        super().__init__(
            f"{what} was called in the thread of the event loop that it has to wait for, which would "
            f"never end; {instead}"
        )
        self.what = what
        self.instead = instead


class UndecodedBody(BridgeError, ValueError):
    """The request body is chunked and this WSGI server hands it on undecoded."""

    def __init__(self, server: str) -> None:
        super().__init__(
            f"the request has Transfer-Encoding: chunked, which {server} does not decode; "
            "send a Content-Length, or use a server that does, such as gunicorn or waitress"
        )
        self.server = server


class EnvironLost(BridgeError, RuntimeError):
    """A WSGI middleware called its application with an environ that is not its request's."""

    def __init__(self) -> None:
        super().__init__(
            "the WSGI middleware in a WsgiMiddleware called its application with an environ of its own "
            "making: environ['asgi.scope'] is missing. Have it change the environ it got, or pass a copy "
            "of it on: dict(environ, PATH_INFO='/elsewhere')"
        )
