"""How the stories of migrating_flask_shop and migrating_django_library are told: say it, do it, prove it.

A story plays in a folder of its own, which is gone afterwards. It ends with exit code 1 at the first proof that
does not hold.
"""

import contextlib
import json
import os
import re
import sys
import tempfile
import time
import warnings

from click.testing import CliRunner
from rich.console import Console
from rich.markup import escape
from rich.rule import Rule
from rich.text import Text

from bridge.cli.main import command

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Starlette would like another HTTP client
    from starlette.testclient import TestClient

EXAMPLES = os.path.dirname(os.path.abspath(__file__))
PATIENCE = 30  # seconds; what is waited for takes one or two
POLL = 0.02  # seconds


class Story(contextlib.ExitStack):
    """Tells a story on the terminal, chapter by chapter."""

    def __init__(self, title, folder):
        """`folder` is the example's: commands are shown as they are typed there."""
        super().__init__()
        self.folder = folder
        self.console = Console(highlight=False)
        self.chapters = 0
        self.title = title

    def __enter__(self):
        self.console.print("\n[bold]%s[/bold]" % escape(self.title))
        self.callback(os.chdir, os.getcwd())
        folder = self.enter_context(tempfile.TemporaryDirectory(prefix="story-"))
        os.chdir(folder)
        os.environ["COLUMNS"] = str(max(self.console.width, 120))  # of the commands' tables
        return super().__enter__()

    def chapter(self, title, text):
        """Begin a chapter."""
        self.chapters += 1
        self.console.print()
        self.console.print(Rule("[bold]%d. %s[/bold]" % (self.chapters, escape(title)), align="left"))
        self.console.print(text, style="italic")

    def run(self, *words, exit_code=0, lines=12):
        """Run `wsgi-bridge`, show what it says, and return it. In this process: a start of Python costs more."""
        shown = " ".join(quoted(self.shortened(word)) for word in words)
        self.console.print("\n[cyan]$ wsgi-bridge %s[/cyan]" % escape(shown), soft_wrap=True)
        rules = ["--config", os.path.join(self.folder, "migration.toml")]  # the working folder is another one
        done = CliRunner().invoke(command, [*words, *(rules if words[0] in ("migrate", "replay") else [])])
        said = [line.rstrip() for line in done.output.strip().splitlines()]
        for line in said[:lines]:
            self.console.print(
                Text("  " + self.shortened(line), style="dim"), overflow="ellipsis", no_wrap=True
            )
        if len(said) > lines:
            self.console.print("  ... %d more lines" % (len(said) - lines), style="dim")
        if done.exit_code != exit_code:
            self.prove("the exit code is %d, got %d: %r" % (exit_code, done.exit_code, done.exception), False)
        return done.output

    def shortened(self, text):
        """Return text with paths as they are seen from the example's folder."""
        return text.replace(self.folder + os.sep, "").replace(EXAMPLES, "..")

    def status(self, route):
        """Return where a route stands, as `wsgi-bridge migrate status` says it."""
        rules = os.path.join(self.folder, "migration.toml")
        words = ["migrate", "status", route, "--output-format", "json", "--config", rules]
        return json.loads(CliRunner().invoke(command, words).output)[0]

    def prove(self, claim, holds):
        """Show a claim as proven, or end the story."""
        if not holds:
            self.console.print("[bold red]  FAILED[/bold red]  %s" % escape(claim))
            sys.exit(1)
        self.console.print("[bold green]  proven[/bold green]  %s" % escape(claim))

    def wait_until(self, claim, condition):
        """Prove what takes a moment to become true."""
        deadline = time.monotonic() + PATIENCE
        while not condition() and time.monotonic() < deadline:
            time.sleep(POLL)
        self.prove(claim, condition())

    def end(self, text):
        """Say how it ended."""
        self.console.print("\n[bold green]%s[/bold green]\n" % escape(text))


def quoted(word):
    """Return a word as a shell takes it."""
    if "'" in word:
        return '"%s"' % word
    return word if re.fullmatch(r"[\w./:=-]+", word) else "'%s'" % word


@contextlib.contextmanager
def visited(migration):
    """Run a migration as a server would, and yield a visitor."""
    with TestClient(migration) as visitor:
        yield visitor
