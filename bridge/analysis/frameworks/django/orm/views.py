"""What class-based views give of the model that they are about: their query set, and the object that a URL names.

Django's generic views and REST framework's keep a query set in `queryset`, or make one of `model`. They give it, one
object of it or a page of it through methods that a project calls and overrides, and keep what they got in attributes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bridge.analysis.frameworks.django.orm.origins import ANY, NOTHING, add_instance, add_set, loaded_by
from bridge.analysis.frameworks.django.orm.types import MODEL, QUERY_SET
from bridge.analysis.solving.binding import call_method, read
from bridge.analysis.solving.resolution import external_bases, find
from bridge.analysis.solving.state import (
    ANY as ANY_ELEMENT,
    UNKNOWN_KEY,
    Arguments,
    Site,
    State,
)
from bridge.analysis.solving.values import CLASS, CONTAINER, GENERIC, INSTANCE

__all__ = ["VIEW", "ViewsOfModels"]

VIEW = "django.views.generic.base.View"  # what the names of these methods begin with, whoever's view it is

METHODS = frozenset(
    {
        "get_queryset",
        "get_object",
        "filter_queryset",
        "paginate_queryset",
        "get_serializer",
        "get_serializer_class",
    }
)
KEPT = frozenset({"object", "object_list"})  # attributes that the library sets
MAKING = ("CreateView", "CreateModelMixin")  # the object of these was not read: it is made of what was sent
VIEWS = ("View", "ViewSet", "APIView", "ObjectMixin", "ModelMixin", "FormMixin")


class ViewsOfModels:
    """What views' methods and attributes give, worked out once for each view class."""

    def __init__(self, element: Callable[[State, int, int], None]) -> None:
        self._element = element  # puts an instance of a query set's model into a node
        self._known: dict[tuple[int, str], int] = {}  # (receiver, what) -> node

    def inherited(self, state: State, receiver: int, external: str, target: int) -> bool:
        """Let `target` hold what a view has from a library's view class."""
        name = external.rpartition(".")[2]
        if name not in METHODS and name not in KEPT:
            return False
        owner = state.class_of(receiver)
        if owner is None or state.values.kinds[receiver] != INSTANCE or not _is_view(state, owner):
            return False
        if name in METHODS:
            state.flow.add(target, (state.values.make(GENERIC, f"{VIEW}.{name}", receiver, external),))
        else:
            state.flow.edge(
                self.rows(state, receiver) if name == "object_list" else self.objects(state, receiver), target
            )
        return True

    def call(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
        """Call what `inherited` gave."""
        name, receiver, external = state.values.parts[value]
        method = name.rpartition(".")[2]
        state.record_external(site, external)
        if method == "get_queryset":
            state.flow.edge(self._own_rows(state, receiver), target)
        elif method == "get_object":
            rows = self._called(state, site, receiver, "get_queryset")
            call_method(state, site, receiver, "filter_queryset", Arguments((rows,)))
            state.record_external(site, f"{QUERY_SET}.get")
            state.flow.watch(rows, partial(self._put_object, state, receiver, target))
        elif method == "get_serializer_class":
            state.flow.edge(self._attribute(state, receiver, "serializer_class"), target)
        elif method == "get_serializer":
            classes = self._called(state, site, receiver, "get_serializer_class")
            state.flow.watch(classes, lambda each: state.apply(state, site, each, arguments, target))
        elif len(arguments.positional) == 1:
            self._pass_rows(state, site, method, arguments.positional[0], target)

    def rows(self, state: State, receiver: int) -> int:
        """Return the node of the query sets that a view is about, as its own `get_queryset` gives them, if it has one."""
        return self._once(state, receiver, "rows", self._fill_rows)

    def objects(self, state: State, receiver: int) -> int:
        """Return the node of the objects that a view is about."""
        return self._once(state, receiver, "object", self._fill_object)

    def elements(self, state: State, receiver: int) -> int:
        """Return the node of the instances in a view's rows."""
        return self._once(state, receiver, "elements", self._fill_elements)

    # --- worked out once --------------------------------------------------------------------

    def _once(self, state: State, receiver: int, what: str, fill: Callable[[State, int, int], None]) -> int:
        node = self._known.get((receiver, what))
        if node is None:
            node = self._known[receiver, what] = state.flow.node()
            fill(state, receiver, node)
        return node

    def _fill_rows(self, state: State, receiver: int, node: int) -> None:
        if not call_method(state, _nowhere(receiver), receiver, "get_queryset", target=node):
            state.flow.edge(self._own_rows(state, receiver), node)

    def _fill_object(self, state: State, receiver: int, node: int) -> None:
        if not call_method(state, _nowhere(receiver), receiver, "get_object", target=node):
            state.flow.watch(self.rows(state, receiver), partial(self._put_object, state, receiver, node))

    def _fill_elements(self, state: State, receiver: int, node: int) -> None:
        state.flow.watch(self.rows(state, receiver), partial(self._put_object, state, receiver, node))

    def _own_rows(self, state: State, receiver: int) -> int:
        """Return the node of what the library's `get_queryset` gives."""
        return self._once(state, receiver, "own rows", self._fill_own_rows)

    def _fill_own_rows(self, state: State, receiver: int, node: int) -> None:
        state.flow.watch(
            self._attribute(state, receiver, "queryset"), lambda each: _put_set(state, node, each)
        )
        owner = state.class_of(receiver)
        if owner is not None and not find(state, owner, "queryset")[0]:
            state.flow.watch(
                self._attribute(state, receiver, "model"), lambda each: _put_set(state, node, each)
            )
        state.late.append(partial(_unknown, state, node))

    def _attribute(self, state: State, receiver: int, name: str) -> int:
        def fill(state: State, receiver: int, node: int) -> None:
            owner = state.class_of(receiver)
            assert owner is not None
            if name in state.program.stored_names:
                state.flow.edge(state.field(receiver, name), node)
            read(state, _nowhere(receiver), receiver, owner, name, node, inherits=False)

        return self._once(state, receiver, f"attribute {name}", fill)

    # --- at a call --------------------------------------------------------------------------

    def _called(self, state: State, site: Site, receiver: int, name: str) -> int:
        """Return the node of what the view's method `name` gives, called from here if it is the project's."""
        node = state.flow.node()
        if not call_method(state, site, receiver, name, target=node):
            own = "serializer_class" if name == "get_serializer_class" else ""
            given = self._attribute(state, receiver, own) if own else self._own_rows(state, receiver)
            state.flow.edge(given, node)
        return node

    def _put_object(self, state: State, receiver: int, target: int, rows: int) -> None:
        owner = state.class_of(receiver)
        if state.values.kinds[rows] != GENERIC or owner is None or state.values.parts[rows][0] != QUERY_SET:
            return
        names = loaded_by(state, rows)
        if any(each.rpartition(".")[2] in MAKING for each in external_bases(state, owner)):
            names |= {ANY}
        add_instance(state, target, state.values.parts[rows][1], names=names)

    def _pass_rows(self, state: State, site: Site, method: str, source: int, target: int) -> None:
        """`filter_queryset(rows)` gives rows; `paginate_queryset(rows)` asks for a page of them, if there are pages."""
        if method == "filter_queryset":
            state.flow.edge(source, target)
            return
        page = state.values.make(CONTAINER, "list", (site.instance, site.key, "page"))
        elements = state.field(page, UNKNOWN_KEY)

        def put(rows: int) -> None:
            if state.values.kinds[rows] == GENERIC and state.values.parts[rows][0] == QUERY_SET:
                self._element(state, rows, elements)
                state.record_external(site, f"{QUERY_SET}.__iter__")
            elif state.values.kinds[rows] == CONTAINER:
                state.flow.edge(state.field(rows, ANY_ELEMENT), elements)

        state.flow.watch(source, put)
        state.flow.add(target, (page,))


def _nowhere(receiver: int) -> Site:
    return Site(0, ("view", receiver), 0)


def _is_view(state: State, owner: int) -> bool:
    return any(each.rpartition(".")[2].endswith(VIEWS) for each in external_bases(state, owner))


def _put_set(state: State, target: int, value: int) -> None:
    """Put a query set of a model, or the query set itself, into `target`."""
    kind = state.values.kinds[value]
    if kind == CLASS:
        add_set(state, target, value, names=NOTHING)
    elif kind in {GENERIC, INSTANCE}:
        state.flow.add(target, (value,))


def _unknown(state: State, node: int) -> None:
    """A view of which model is not known still asks the database."""
    if not state.flow.holds[node]:
        add_set(state, node, state.values.external(MODEL))
