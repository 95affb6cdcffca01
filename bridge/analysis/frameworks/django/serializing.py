"""What a view of REST framework runs on its rows, where it leaves that to the framework: serializers and permissions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.analysis.frameworks.django.orm.models import Models
from bridge.analysis.frameworks.django.orm.serializers import NOT_GIVEN
from bridge.analysis.frameworks.django.requests import enter_with_request
from bridge.analysis.frameworks.roots import enter_root, members_of
from bridge.analysis.lowering.serializers import FIELDS, GUARD, ROWS
from bridge.analysis.model import Root
from bridge.analysis.solving.passing import pass_positional
from bridge.analysis.solving.state import UNKNOWN_KEY, Site, State
from bridge.analysis.solving.values import CONTAINER, INSTANCE

__all__ = ["GIVEN", "give_hook", "guarding", "showing"]

GIVEN = ("perform_create", "perform_update", "perform_destroy")  # methods that the framework's handlers call


def showing(state: State, view: int, serializer: int, *, is_many: bool) -> Iterator[Root]:
    """Yield the roots of what the CLASS `serializer` shows of the rows (`is_many`), or the object, of the CLASS `view`."""
    models = state.extension
    if not isinstance(models, Models):
        return
    of_view = state.values.make(INSTANCE, view)
    receiver = state.values.make(INSTANCE, serializer)
    given = models.views.objects(state, of_view)
    names = (ROWS,) if is_many else ("to_representation", FIELDS)
    if is_many:
        given = _listed(state, of_view, models)
    for name in names:
        found = tuple(members_of(state, receiver, name))
        for each in found:
            root = enter_root(state, each, "serializer", site=Site(0, ("shown", view, is_many), 0))
            pass_positional(state, root.instance, 1, given)
            yield root
        if found:
            return


def guarding(state: State, view: int, permission: int) -> Iterator[Root]:
    """Yield the roots of what the CLASS `permission` says of the object of the CLASS `view`."""
    receiver = state.values.make(INSTANCE, permission)
    of_view = state.values.make(INSTANCE, view)
    for each in tuple(members_of(state, receiver, GUARD)):
        root = enter_with_request(state, each, "permission", site=Site(0, ("guarded", view), 0))
        pass_positional(state, root.instance, 2, state.holding(of_view))
        if isinstance(state.extension, Models):
            pass_positional(state, root.instance, 3, state.extension.views.objects(state, of_view))
        yield root


def _listed(state: State, of_view: int, models: Models) -> int:
    """Return the node of a list of the rows of a view: they are there, the view's own list has asked for them."""
    made = state.values.make(CONTAINER, "list", (0, ("shown", of_view), ""))
    state.flow.edge(models.views.elements(state, of_view), state.field(made, UNKNOWN_KEY))
    return state.holding(made)


def give_hook(state: State, view: int, serializers: Iterable[int], name: str, root: Root) -> None:
    """Let a method of the CLASS `view` that the framework calls hold what it is given: `perform_create(self, serializer)`."""
    models = state.extension
    if not isinstance(models, Models):
        return
    objects = models.views.objects(state, state.values.make(INSTANCE, view))
    if name == "perform_destroy":
        pass_positional(state, root.instance, 1, objects)
    for each in serializers:
        given = NOT_GIVEN if name == "perform_create" else objects
        for value in (models.serializers.given(state, each, given), state.values.make(INSTANCE, each)):
            pass_positional(state, root.instance, 1, state.holding(value))
