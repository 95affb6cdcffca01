"""Which registers a name may stand in at one point of a scope.

A name maps to the registers that reach this point: one after an assignment, several after branches join. A loop
opens with a joining register for every name that its body binds, so what one round assigns the next one sees.

`stored` remembers `d["a"] = x` until something could have changed it: a later `d["a"]` then is `x` and not what
the key held before. Anything that runs other code forgets it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Flow", "Path", "join"]

Path = tuple[object, ...]  # a name, then the constant keys; each key with its type: 1 is not "1", nor True


@dataclass(slots=True)
class Flow:
    """The state at one point; `live` is False behind a return, raise, break or continue."""

    names: dict[str, frozenset[int]] = field(default_factory=dict)
    stored: dict[Path, int] = field(default_factory=dict)
    live: bool = True

    def fork(self) -> Flow:
        """Return a copy for one branch."""
        return Flow(dict(self.names), {}, self.live)

    def bind(self, name: str, register: int) -> None:
        """Replace what `name` stands for."""
        self.names[name] = frozenset((register,))
        self.forget(name)

    def forget(self, name: str) -> None:
        """Drop what was stored under `name`."""
        for path in [path for path in self.stored if path[0] == name]:
            del self.stored[path]

    def store(self, path: Path, register: int) -> None:
        """Remember `path` = `register`. Other names may be the same object: what they stored is forgotten."""
        kept = {
            old: held
            for old, held in self.stored.items()
            if old[0] == path[0] and len(old) == len(path) and old != path
        }
        self.stored = {**kept, path: register}


def join(flows: list[Flow]) -> Flow:
    """Return the state behind branches that meet; the dead ones count only where all are dead."""
    live = [flow for flow in flows if flow.live] or flows
    if len(live) == 1:
        return Flow(live[0].names, {}, live[0].live)
    names: dict[str, frozenset[int]] = {}
    for flow in live:
        for name, registers in flow.names.items():
            known = names.get(name)
            names[name] = registers if known is None else known | registers
    return Flow(names, {}, live[0].live)
