"""What can be wrong with a migration's rules, its configuration and its store."""

from __future__ import annotations

from bridge.errors import BridgeError

__all__ = [
    "ComparisonFailed",
    "DuplicateRoute",
    "InvalidConfiguration",
    "InvalidPattern",
    "InvalidSetting",
    "LegacyRefused",
    "NoLegacyContext",
    "NotInMigration",
    "StoreUnavailable",
    "UnknownRoute",
]


class InvalidPattern(BridgeError, ValueError):
    """A route's pattern cannot be read."""

    def __init__(self, text: object, problem: str, instead: str) -> None:
        super().__init__(f"cannot read the route {text!r}: {problem}; write {instead}")
        self.text = text
        self.problem = problem
        self.instead = instead


class InvalidSetting(BridgeError, ValueError):
    """What is to happen with a route is no mode, or an option of it has a value it cannot have."""

    def __init__(self, got: object, expected: str, *, route: str | None = None) -> None:
        where = "" if route is None else f" for {route!r}"
        super().__init__(f"got {got!r}{where}, expected {expected}")
        self.got = got
        self.expected = expected
        self.route = route


class DuplicateRoute(BridgeError, ValueError):
    """Two rules are for the same requests."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(
            f"{first!r} and {second!r} are the same route: only the names of their parameters differ; "
            "keep one of them"
        )
        self.first = first
        self.second = second


class UnknownRoute(BridgeError, LookupError):
    """A route was named that no rule has."""

    def __init__(self, got: str, suggestions: tuple[str, ...]) -> None:
        near = " or ".join(map(repr, suggestions))
        super().__init__(f"there is no rule {got!r}{f'; did you mean {near}?' if near else ''}")
        self.got = got
        self.suggestions = suggestions


class InvalidConfiguration(BridgeError, ValueError):
    """A migration's configuration file cannot be used; the rules in force stay."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"{file}: {problem}")
        self.file = file
        self.problem = problem


class StoreUnavailable(BridgeError, OSError):
    """The store cannot be read or written now; requests go on by the rules that were last known."""

    def __init__(self, url: str, cause: BaseException) -> None:
        super().__init__(f"the migration store {url} is not available: {type(cause).__name__}: {cause}")
        self.url = url
        self.__cause__ = cause


class ComparisonFailed(BridgeError, RuntimeError):
    """A `compare` function raised, or returned what it may not; the two answers are not compared."""

    def __init__(self, function: object, cause: BaseException) -> None:
        name = getattr(function, "__qualname__", None) or str(function)
        super().__init__(f"the compare function {name} failed: {type(cause).__name__}: {cause}")
        self.function = function
        self.__cause__ = cause


class NotInMigration(BridgeError, RuntimeError):
    """`run_legacy` was called outside a request that a `Migration` has handed to the modern application."""

    def __init__(self) -> None:
        super().__init__(
            "run_legacy() was called outside a request of a Migration; call it from a handler of the "
            "application given as modern=, in the request's own task"
        )


class LegacyRefused(BridgeError, RuntimeError):
    """Legacy answered before `run_legacy` came to its function: by `before_request` or by middleware.

    `status`, `headers` and `body` are that answer: a redirect to the login, or a 403. It can be handed on as it is.
    """

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        where = next((f" to {value}" for name, value in headers if name.lower() == "location"), "")
        super().__init__(
            f"legacy answered {status}{where} before the function of run_legacy() was called, by before_request or "
            "middleware; hand that answer on, or write run_legacy(function, hooks=False)"
        )
        self.status = status
        self.headers = headers
        self.body = body


class NoLegacyContext(BridgeError, TypeError):
    """Nobody knows how to enter a request context of this legacy application."""

    def __init__(self, application: object) -> None:
        super().__init__(
            f"the request context of {application!r} is unknown: it is neither Flask's nor Django's. Give "
            "Migration(legacy_context=...), a callable(environ) that returns a context manager"
        )
        self.application = application
