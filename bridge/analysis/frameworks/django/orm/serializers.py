"""REST framework's serializers while values are followed: what they show, check and save.

`BookSerializer(rows, many=True)` is told apart by what it is given, as GENERIC(serializer, instance, node, is many), beside
the instance of its class. What it reads of each row stands in functions that lowering wrote out of its fields.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bridge.analysis.facts import FIRST_PARAMETER, IN_LOOP
from bridge.analysis.frameworks.django.orm.following import Following
from bridge.analysis.frameworks.django.orm.origins import ANY, add_instance
from bridge.analysis.frameworks.django.orm.types import MODEL
from bridge.analysis.lowering.serializers import EVERY, FIELDS, ROWS, SHOWN, VALIDATORS
from bridge.analysis.solving.binding import call_method, read
from bridge.analysis.solving.containers import iterate
from bridge.analysis.solving.members import load_from
from bridge.analysis.solving.resolution import external_bases, find
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import BOUND, CLASS, CONSTANT, FUNCTION, GENERIC, INSTANCE, ORIGIN

__all__ = ["NOT_GIVEN", "SERIALIZER", "Serializers"]

SERIALIZER = "rest_framework.serializers.Serializer"
OF_MODELS = ("ModelSerializer", "HyperlinkedModelSerializer")  # they know how to save
SAVING = frozenset({"save", "create", "update"})
ROW = FIRST_PARAMETER + 1  # the register of the row in what lowering wrote out
MOST_ROWS = 16  # arbitrary: of more models, and what is known of each, nobody can tell which are shown
NOT_GIVEN = -1  # instead of a node: it was given no instance


class Serializers:
    """What the project's serializers do. `created` saves an instance of a model at a place."""

    def __init__(self, following: Following, created: Callable[[State, Site, int], None]) -> None:
        self._following = following
        self._created = created

    # --- making one -------------------------------------------------------------------------

    def made(self, state: State, cls: int, arguments: Arguments, target: int) -> None:
        """Put what tells a new serializer apart beside it."""
        if _is_serializer(state, cls):
            keywords = dict(arguments.keywords)
            given = arguments.positional[0] if arguments.positional else keywords.get("instance", NOT_GIVEN)
            many = keywords.get("many")
            is_many = many is not None and not _is_false(state, many)
            state.flow.add(target, (self.given(state, cls, given, is_many=is_many),))

    @staticmethod
    def given(state: State, cls: int, node: int, *, is_many: bool = False) -> int:
        """Return the serializer of the class `cls` that is given what `node` holds."""
        receiver = state.values.make(INSTANCE, cls)
        return state.values.make(GENERIC, SERIALIZER, receiver, node, is_many)

    # --- its attributes ---------------------------------------------------------------------

    def load(self, state: State, site: Site, value: int, name: str, target: int) -> None:
        """Load an attribute of what `made` or `given` put there: `data` shows, some methods are called."""
        _, receiver, node, is_many = state.values.parts[value]
        if name == "data" and node != NOT_GIVEN:
            rows = state.flow.node()
            if is_many:
                iterate(state, site, node, rows)
                site = site._replace(flags=site.flags | IN_LOOP)
            else:
                state.flow.watch(node, partial(_put_row, state, rows))
            self._show(state, site, receiver, rows)
        elif name == "is_valid" or name in SAVING:
            made = state.values.make(GENERIC, f"{SERIALIZER}.{name}", receiver, node, is_many)
            state.flow.add(target, (made,))

    def inherited(self, state: State, site: Site, receiver: int, external: str, target: int) -> bool:
        """Let `target` hold what a serializer has from the library: what shows a row, or saves."""
        name = external.rpartition(".")[2]
        owner = state.class_of(receiver)
        if owner is None or name not in {"to_representation", *SAVING} or not _is_serializer(state, owner):
            return False
        if name == "to_representation":
            read(state, site, receiver, owner, FIELDS, target, inherits=False)
            return True
        if name == "save":
            return False  # said of what is told apart
        made = state.values.make(GENERIC, f"{SERIALIZER}.{name}", receiver, NOT_GIVEN, False)
        state.flow.add(target, (made,))
        return True

    # --- calls ------------------------------------------------------------------------------

    def call(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
        """Call a method that `load` or `inherited` gave."""
        name, receiver, node, _ = state.values.parts[value]
        method = name.rpartition(".")[2]
        state.record_external(site, name)
        if method == "is_valid":
            for each in ("run_validation", "to_internal_value", "validate", VALIDATORS):
                call_method(state, site, receiver, each, arguments)
            return
        if method == "save":
            method = "create" if node == NOT_GIVEN else "update"
            rows = (node,) if node != NOT_GIVEN else ()
            sent = (*rows, state.holding(state.values.external("<builtin>.dict")))
            if call_method(state, site, receiver, method, Arguments(sent), target):
                return
        self._save(state, site, receiver, target)

    def _save(self, state: State, site: Site, receiver: int, target: int) -> None:
        """Save as the library's own `create` and `update` do: an instance of the model that Meta names."""
        owner = state.class_of(receiver)
        assert owner is not None
        if any(each.rpartition(".")[2] in OF_MODELS for each in external_bases(state, owner)):
            state.record_external(site, f"{MODEL}.save")
            for meta in find(state, owner, "Meta")[0]:
                state.flow.watch(meta, partial(self._save_model, state, site, target))

    def _save_model(self, state: State, site: Site, target: int, meta: int) -> None:
        if state.values.kinds[meta] == CLASS:
            for node in find(state, meta, "model")[0]:
                state.flow.watch(node, partial(self._saved, state, site, target))

    def _saved(self, state: State, site: Site, target: int, model: int) -> None:
        if state.values.kinds[model] == CLASS:
            self._created(state, site, model)
            add_instance(state, target, model, names=frozenset({ANY}))

    # --- showing ----------------------------------------------------------------------------

    @staticmethod
    def _show(state: State, site: Site, receiver: int, rows: int) -> None:
        if not call_method(state, site, receiver, "to_representation", Arguments((rows,))):
            call_method(state, site, receiver, FIELDS, Arguments((rows,)))

    def shown(self, state: State, site: Site, value: int, name: str, target: int) -> None:
        """Read the attribute `name`, which ends with `SHOWN`, as a serializer does that shows it."""
        given = state.flow.holds[state.node(site.instance, ROW)]
        if state.values.kinds[value] not in {INSTANCE, ORIGIN} or len(given) > MOST_ROWS:
            return
        owner = state.values.parts[value][0]
        names = self._following.many_of(state, owner) if name == EVERY else [name.removesuffix(SHOWN)]
        for each in names:
            is_many = self._following.is_many(state, owner, each)
            if is_many is None:
                self._show_plain(state, site, value, each, target)
            elif is_many:
                rows = state.flow.node()
                load_from(state, site, value, each, rows)
                iterate(state, site, rows, target)

    @staticmethod
    def _show_plain(state: State, site: Site, value: int, name: str, target: int) -> None:
        if name not in state.program.defined_names:
            return  # a column
        node = state.flow.node()
        load_from(state, site, value, name, node)

        def show(each: int) -> None:
            if state.values.kinds[each] in {FUNCTION, BOUND}:
                state.apply(state, site, each, Arguments(), target)

        state.flow.watch(node, show)


def _put_row(state: State, rows: int, value: int) -> None:
    """Put what may be one row into `rows`: a query set is what another caller gives, who says that it is many."""
    if state.values.kinds[value] != GENERIC:
        state.flow.add(rows, (value,))


def _is_serializer(state: State, cls: int) -> bool:
    return bool(find(state, cls, ROWS)[0])  # every such class has them


def _is_false(state: State, node: int) -> bool:
    held = state.flow.holds[node]
    return bool(held) and all(
        state.values.kinds[each] == CONSTANT and not state.values.parts[each][1] for each in held
    )
