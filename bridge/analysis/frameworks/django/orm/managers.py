"""Managers and query set classes of the project's own: linked to their models, their methods typed by the model.

One manager often serves every model (it stands in an abstract base). What is read through `Book.objects` is a query
set of books all the same: a method of the manager's own that gives the manager back gives books.
"""

from __future__ import annotations

from functools import partial

from bridge.analysis.frameworks.django.orm.types import MODEL, QUERY_SET
from bridge.analysis.solving.binding import read
from bridge.analysis.solving.resolution import find
from bridge.analysis.solving.state import CALLABLE, Arguments, Site, State
from bridge.analysis.solving.values import EXTERNAL, GENERIC, INSTANCE

__all__ = ["INNER_MODEL", "OWN_METHOD", "ManagersOfModels"]

INNER_MODEL = "<model>"  # the field of a manager's instance that holds its model
MOST_MODELS = 6  # arbitrary: a manager of more serves all models alike, and its methods say nothing of one
OWN_METHOD = f"{QUERY_SET}.<own>"  # a method of the project's, read through a query set of a model


class ManagersOfModels:
    """What models' managers give, once for all who read them."""

    def __init__(self) -> None:
        self._of_models: dict[
            tuple[int, str], tuple[int, set[int]]
        ] = {}  # (class, attribute) -> node, sources
        self._methods: dict[tuple[int, str], int] = {}  # (manager, name) -> node

    def read(self, state: State, owner: int, name: str, nodes: list[int], target: int) -> None:
        """Let `target` hold the managers that the model `owner` has in `nodes`, its attribute `name`."""
        known = self._of_models.get((owner, name))
        if known is None:
            known = self._of_models[owner, name] = state.flow.node(), set()
        found, sources = known
        state.flow.edge(found, target)
        for node in nodes:
            if node not in sources:
                sources.add(node)
                state.flow.watch(node, partial(_take, state, owner, found))

    def own_method(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        """Read a method of the model's own manager or query set class: `Book.objects.filter().available()`."""
        _, inside, *rest = state.values.parts[value]
        owner = state.class_of(rest[0]) if rest else None
        if owner is None or name not in state.program.defined_names:
            return False
        nodes, external = find(state, owner, name)
        if not nodes or external is not None:  # an attribute that is only stored somewhere hides no method
            return False
        found = state.flow.node()
        read(state, site, rest[0], owner, name, found, inherits=False)

        def put(each: int) -> None:
            callable_ = state.values.kinds[each] in CALLABLE
            made = state.values.make(GENERIC, OWN_METHOD, inside, value, each) if callable_ else each
            state.flow.add(target, (value if each == rest[0] else made,))

        state.flow.watch(found, put)
        return True

    @staticmethod
    def call(state: State, site: Site, method: int, arguments: Arguments, target: int) -> None:
        """Call what `own_method` has read: the manager that comes back is the query set that it was read through."""
        _, _, query_set, function = state.values.parts[method]
        manager = state.values.parts[query_set][2]
        result = state.flow.node()
        state.apply(state, site, function, arguments, result)
        state.flow.watch(
            result, lambda each: state.flow.add(target, (query_set if each == manager else each,))
        )

    def inherited(self, state: State, receiver: int, name: str, target: int) -> None:
        """Let `target` hold a method that a manager or query set class has from Django."""
        known = self._methods.get((receiver, name))
        if known is None:
            known = self._methods[receiver, name] = state.flow.node()
            state.flow.watch(state.field(receiver, INNER_MODEL), partial(_put, state, receiver, name, known))
            state.late.append(partial(_unlinked, state, receiver, name, known))
        state.flow.edge(known, target)

    @staticmethod
    def element(state: State, manager: int, target: int) -> None:
        """Put an instance of the model of a manager into `target`; of no certain one where it has many."""
        models = state.field(manager, INNER_MODEL)

        def put(model: int) -> None:
            inside = _certain(state, models, model)
            is_class = state.values.kinds[inside] != EXTERNAL
            state.flow.add(target, (state.values.make(INSTANCE, inside) if is_class else inside,))

        state.flow.watch(models, put)


def _take(state: State, owner: int, target: int, manager: int) -> None:
    """Link a manager of the project's own to the model that it is read through."""
    if state.values.kinds[manager] == INSTANCE:
        state.flow.add(state.field(manager, INNER_MODEL), (owner,))
        state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, owner, manager),))
    else:
        state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, owner),))


def _certain(state: State, models: int, model: int) -> int:
    return state.values.external(MODEL) if len(state.flow.holds[models]) > MOST_MODELS else model


def _put(state: State, receiver: int, name: str, target: int, model: int) -> None:
    inside = _certain(state, state.field(receiver, INNER_MODEL), model)
    state.flow.add(target, (state.values.make(GENERIC, f"{QUERY_SET}.{name}", inside, receiver),))


def _unlinked(state: State, receiver: int, name: str, target: int) -> None:
    """A manager that no model is known to have still asks the database."""
    if not state.flow.holds[state.field(receiver, INNER_MODEL)]:
        _put(state, receiver, name, target, state.values.external(MODEL))
