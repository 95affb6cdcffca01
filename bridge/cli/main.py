"""The command `wsgi-bridge`: a table of verbs, each imported only when it is called.

    VERBS  name -> (module:command, one line of help)

A verb's one line stands here and not in its module, so `wsgi-bridge --help` imports none of them.
"""

from __future__ import annotations

import difflib
import gc
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NoReturn

import click

from bridge import __version__
from bridge.cli.errors import CommandError

__all__ = ["VERBS", "Verb", "main"]


INTERRUPTED = 130  # exit code, as shells have it: 128 and the number of SIGINT


@dataclass(frozen=True, slots=True)
class Verb:
    """Where a verb's click command is (`module:attribute`) and what `--help` says about it."""

    command: str
    summary: str

    def load(self) -> click.Command:
        """Import the verb and return its command."""
        module, _, attribute = self.command.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        "serve": Verb("bridge.cli.serve:serve", "Serve a WSGI application on an ASGI server."),
        "report": Verb(
            "bridge.cli.report:report", "Say what blocks on which route, and in what order to change it."
        ),
        "check": Verb("bridge.cli.check:check", "Say what blocks, for a build to fail on."),
        "explain": Verb(
            "bridge.cli.explain:explain", "Say what a rule means, or why a function reaches a blocking call."
        ),
        "plan": Verb("bridge.cli.plan:plan", "Say what to change, in what order."),
        "lanes": Verb("bridge.cli.lanes:lanes", "Write which executor suits which route."),
        "trace": Verb(
            "bridge.cli.trace:trace", "Run a command, and record what its requests really wait for."
        ),
        "graph": Verb("bridge.cli.graph:graph", "Print what calls what, without running any of it."),
        "migrate": Verb(
            "bridge.cli.migrate:migrate", "See and change which application answers which route."
        ),
        "replay": Verb(
            "bridge.cli.replay:replay", "Send recorded requests to two applications, and compare."
        ),
    }
)


class VerbGroup(click.Group):
    """A click group that reads `VERBS` and turns a `CommandError` into a paragraph and its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the verb `cmd_name`; None when there is no such verb."""
        return VERBS[cmd_name].load() if cmd_name in VERBS else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """List the verbs without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.summary) for name, verb in VERBS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which verb may have been meant, where click only says that this one is unknown."""
        if args[0] not in VERBS and not args[0].startswith("-"):
            refuse_verb(ctx, args[0])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb; a `CommandError` is shown without a traceback and sets the exit code."""
        try:
            return super().invoke(ctx)
        except CommandError as error:
            from bridge.cli.complaint import complain

            complain(error)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            if ctx.invoked_subcommand == "serve":  # a server's stop is its own affair
                raise
            click.echo("\nstopped by Ctrl-C", err=True)
            ctx.exit(INTERRUPTED)  # click says 1, which is `check`'s word for findings


def refuse_verb(ctx: click.Context, name: str) -> NoReturn:
    """End with a usage error that names the nearest verb, or `serve` where a target was given."""
    near = difflib.get_close_matches(name, VERBS, n=1)
    meant = f"{near[0]} ..." if near else f"serve {name}"
    ctx.fail(f"there is no command {name!r}. Did you mean: wsgi-bridge {meant}")


@click.command(
    cls=VerbGroup,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "auto_envvar_prefix": "WSGI_BRIDGE",
        "max_content_width": 100,  # columns
    },
)
@click.version_option(__version__, prog_name="wsgi-bridge", message="%(prog)s %(version)s")
def command() -> None:
    """From WSGI to ASGI without a rewrite: serve Flask, Django and Pyramid applications on any ASGI
    server, see what blocks, move route by route.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line on `arguments` (None: those of the process) and exit."""
    try:
        command.main(args=None if arguments is None else list(arguments), prog_name="wsgi-bridge")
    finally:
        # Python's last collection would look through all that is left: of 48 s for a large project's report, 6.
        gc.freeze()
    raise AssertionError("click exits by itself")  # its standalone mode always does
