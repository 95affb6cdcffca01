"""What a framework's reader knows about a library's objects while values are followed.

The solver knows a library by names; an object-relational mapper needs more: what a query set of which model gives,
which class a foreign key leads to. A reader installs an `Extension`, which makes GENERIC values: a library's object
with something of the project's inside; and ORIGIN values, which go beside instances and say what of them is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bridge.analysis.solving.state import Arguments, Site, State

__all__ = ["Extension"]


class Extension(Protocol):
    """Asked before the solver's own rules; True: it has done what is to be done."""

    def names(self, name: str) -> bool:
        """Return whether `load` has something to say about attributes called `name`."""

    def keeps(self, state: State, value: int, name: str) -> bool:
        """Return whether the attribute `name` of `value` gives back what was stored there, and nothing made of it."""

    def load(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        """Let `target` hold the attribute `name` of `value`."""

    def inherited(self, state: State, site: Site, receiver: int, external: str, target: int) -> bool:
        """Let `target` hold the library's member `external` as read through the project's `receiver`."""

    def call(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> bool:
        """Call a GENERIC or EXTERNAL value."""

    def made(self, state: State, value: int, arguments: Arguments, target: int) -> None:
        """Let `target` hold what goes beside an instance that the class `value` makes of `arguments`."""

    def iterate(self, state: State, site: Site, value: int, target: int) -> bool:
        """Put what a loop over a GENERIC or INSTANCE value sees into `target`."""

    def element(self, state: State, value: int, target: int) -> None:
        """Put what [] gives into `target`, after `ask` said yes."""

    def ask(self, state: State, site: Site, value: int, dunder: str) -> bool:
        """Note that `len`, `bool`, `in` or [] asks a GENERIC or INSTANCE value."""
