"""Every way in which TARGET can fail to be a WSGI application, each with its own advice."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.cli.errors import CommandError

__all__ = [
    "AlreadyAsgi",
    "ApplicationFailed",
    "AttributeMissing",
    "DjangoSettingsMissing",
    "DjangoSettingsUnknown",
    "FactoryNeedsArguments",
    "FileMissing",
    "FolderWithoutApplication",
    "ModuleMissing",
    "ModuleWithoutApplication",
    "MonkeyPatched",
    "NotAnApplication",
    "TargetMissing",
    "TargetSyntaxError",
]

FORMS = (
    "A target is one of",
    "  wsgi-bridge serve module:attribute        shop:app, shop.web:site.wsgi",
    "  wsgi-bridge serve 'module:factory()'      shop:create_app(debug=True)",
    "  wsgi-bridge serve module                  has application, app or create_app()",
    "  wsgi-bridge serve path/to/file.py         or file.py:attribute",
    "  wsgi-bridge serve path/to/folder          has manage.py, wsgi.py or app.py",
)


def did_you_mean(targets: Sequence[str]) -> tuple[str, ...]:
    """Return the advice that offers `targets`; all forms of a target when there are none."""
    if not targets:
        return FORMS
    return ("Did you mean", *(f"  wsgi-bridge serve {quoted(target)}" for target in targets))


def quoted(target: str) -> str:
    """Return `target` as a shell takes it."""
    return f"'{target}'" if set(target) & set("() *'\"") else target


class TargetMissing(CommandError):
    """No TARGET was given."""

    def __init__(self, suggestions: Sequence[str]) -> None:
        super().__init__("TARGET is missing: what is to be served.", advice=did_you_mean(suggestions))
        self.suggestions = tuple(suggestions)


class TargetSyntaxError(CommandError):
    """The part behind the colon is no attribute and no call with literal arguments."""

    def __init__(self, target: str, expression: str, problem: str) -> None:
        super().__init__(f"cannot read {expression!r} in the target {target!r}: {problem}.", advice=FORMS)
        self.target = target
        self.expression = expression


class ModuleMissing(CommandError):
    """No module of that name."""

    def __init__(self, module: str, *, folder: str, suggestions: Sequence[str]) -> None:
        path = module.replace(".", "/")
        super().__init__(
            f"there is no module {module!r}.",
            facts=[("tried", f"{path}.py and {path}/ in {folder}\nthe installed packages")],
            advice=did_you_mean(suggestions),
        )
        self.module = module
        self.suggestions = tuple(suggestions)


class FileMissing(CommandError):
    """The target is a path, and nothing is there."""

    def __init__(self, path: str, *, suggestions: Sequence[str]) -> None:
        super().__init__(f"there is no file or folder {path!r}.", advice=did_you_mean(suggestions))
        self.path = path
        self.suggestions = tuple(suggestions)


class FolderWithoutApplication(CommandError):
    """The target is a folder without any of the files that are looked for."""

    def __init__(self, folder: str, *, tried: Sequence[str], suggestions: Sequence[str]) -> None:
        super().__init__(
            f"the folder {folder!r} has no application that could be found.",
            facts=[("tried", ", ".join(tried))],
            advice=did_you_mean(suggestions),
        )
        self.folder = folder
        self.tried = tuple(tried)


class AttributeMissing(CommandError):
    """The module was imported and has no such name."""

    def __init__(self, place: str, attribute: str, *, file: str, suggestions: Sequence[str]) -> None:
        super().__init__(
            f"{place} has no {attribute!r}.",
            facts=[("imported", file)],
            advice=did_you_mean(suggestions) if suggestions else ("Name one that it has: module:attribute",),
        )
        self.place = place
        self.attribute = attribute
        self.suggestions = tuple(suggestions)


class ModuleWithoutApplication(CommandError):
    """A module was given without an attribute and has none of the usual ones."""

    def __init__(self, module: str, *, file: str, tried: Sequence[str], suggestions: Sequence[str]) -> None:
        super().__init__(
            f"the module {module!r} has no application under a usual name.",
            facts=[("imported", file), ("tried", ", ".join(tried))],
            advice=did_you_mean(suggestions)
            if suggestions
            else (f"Name it: wsgi-bridge serve {module}:attribute",),
        )
        self.module = module
        self.tried = tuple(tried)
        self.suggestions = tuple(suggestions)


class ApplicationFailed(CommandError):
    """The application's own code raised while it was imported or made."""

    def __init__(
        self, doing: str, error: str, *, facts: Sequence[tuple[str, str]], advice: Sequence[str]
    ) -> None:
        super().__init__(f"{doing} raised {error}", facts=facts, advice=advice)
        self.doing = doing
        self.error = error


class NotAnApplication(CommandError):
    """What the target names cannot be called as `application(environ, start_response)`."""

    def __init__(self, target: str, found: str, *, suggestions: Sequence[str]) -> None:
        super().__init__(
            f"{target} is {found}, not a WSGI application: "
            "that is called with two arguments, environ and start_response (PEP 3333).",
            advice=did_you_mean(suggestions) if suggestions else [self._hint(target, found)],
        )
        self.target = target
        self.found = found
        self.suggestions = tuple(suggestions)

    @staticmethod
    def _hint(target: str, found: str) -> str:
        if found == "None" and target.endswith(")"):
            return "The factory has to return the application: write `return app` at its end."
        return "Name the application itself."


class FactoryNeedsArguments(CommandError):
    """A factory cannot be called without arguments, or not with the given ones."""

    def __init__(self, target: str, signature: str, *, problem: str, suggestion: str) -> None:
        super().__init__(
            f"the factory {target} cannot be called like this: {problem}.",
            facts=[("signature", signature)],
            advice=(
                "Give it arguments; numbers, strings, True, False, None, lists and dicts can be written:",
                f"  wsgi-bridge serve {quoted(suggestion)}",
            ),
        )
        self.target = target
        self.signature = signature


class AlreadyAsgi(CommandError):
    """The target is an ASGI application: it needs no bridge."""

    def __init__(self, target: str, found: str, *, uvicorn: str, wraps: bool = False) -> None:
        inner = ["To have the bridge in its place, name the WSGI application that it wraps."] if wraps else []
        super().__init__(
            f"{target} is {found}: it is ASGI already and needs no bridge.",
            advice=["Serve it directly:", f"  uvicorn {uvicorn}", *inner],
        )
        self.target = target
        self.found = found


class MonkeyPatched(CommandError):
    """Importing the application replaced the standard library's sockets and threads."""

    def __init__(self, module: str, library: str, *, place: str | None) -> None:
        call = "monkey.patch_all()" if library == "gevent" else "monkey_patch()"
        super().__init__(
            f"importing {module!r} monkey-patched the standard library with {library}; "
            "an ASGI server's event loop cannot run on patched sockets and threads.",
            facts=[("patched in", place)] if place else [],
            advice=[
                f"Take the call of {library}'s {call} out of what is imported here.",
                (
                    "The bridge gives every request a thread of its own, so blocking calls need no patching. Where "
                    "another server still needs it, let that server's start-up file (gunicorn.conf.py) call it."
                ),
            ],
        )
        self.module = module
        self.library = library
        self.place = place


class DjangoSettingsMissing(CommandError):
    """The settings module that manage.py or the environment names cannot be found."""

    def __init__(self, settings_module: str, source: str) -> None:
        super().__init__(
            f"there is no Django settings module {settings_module!r}.",
            facts=[("named by", source)],
            advice=[
                "Correct it there, or name another one:",
                "  DJANGO_SETTINGS_MODULE=mysite.settings wsgi-bridge serve ...",
            ],
        )
        self.settings_module = settings_module
        self.source = source


class DjangoSettingsUnknown(CommandError):
    """manage.py does not say in plain words which settings module it uses."""

    def __init__(self, manage_py: str, *, candidates: Sequence[str] = ()) -> None:
        found = [("found", ", ".join(candidates))] if candidates else []
        super().__init__(
            f"{manage_py} does not name the settings module in a way that can be read without running it.",
            facts=[("tried", 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "...") in manage.py'), *found],
            advice=(
                "Name it:",
                *(
                    f"  DJANGO_SETTINGS_MODULE={name} wsgi-bridge serve ..."
                    for name in [*candidates, "mysite.settings"][:1]
                ),
            ),
        )
        self.manage_py = manage_py
        self.candidates = tuple(candidates)
