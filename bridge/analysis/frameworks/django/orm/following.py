"""What the attributes of models lead to: forward and reverse, and whether they are loaded there already.

An attribute is asked twice: of the INSTANCE, which says where it leads, and of each ORIGIN beside it, which says
whether that asks the database and what is loaded behind it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial

from bridge.analysis.frameworks.django.orm.origins import (
    FETCHED,
    MAYBE_FETCHED,
    NOTHING,
    UNTOLD,
    Names,
    add_instance,
    add_origin,
    add_set,
    behind,
    load_of,
    tell_methods,
)
from bridge.analysis.frameworks.django.orm.relations import Relation, Relations
from bridge.analysis.frameworks.django.orm.types import LAZY, MODEL
from bridge.analysis.solving.linking import module_instance
from bridge.analysis.solving.loads import Load
from bridge.analysis.solving.resolution import find, order
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import CLASS

__all__ = ["Following", "with_class"]

USERS = frozenset({"AUTH_USER_MODEL", "get_user_model"})


class Following:
    """Follows relations between models."""

    def __init__(self, relations: Relations) -> None:
        self._relations = relations
        self._by_order: dict[int, tuple[list[int], list[int]]] = {}  # class -> its order, the scopes in it
        self._led: dict[
            Hashable, int
        ] = {}  # (relation, class, what is loaded) -> the node of what it leads to
        # (origin, attribute) -> where its class has that, when its methods were told
        self._told: dict[tuple[int, str], tuple[list[int], str | None]] = {}

    # --- of an instance ---------------------------------------------------------------------

    def relation(self, state: State, site: Site, owner: int, name: str, target: int) -> bool:
        """Let `target` hold what the attribute `name` of an instance of the class `owner` leads to."""
        scopes = self._scopes(state, owner)
        relation = self._forward(scopes, name)
        if relation is None:
            return self.reverse(state, site, {_last(state, each) for each in scopes}, name, target)
        if not relation.is_many:
            state.record_read(site, LAZY, f"{_last(state, scopes[0])}.{name}")
        self._lead(state, relation, scopes[0], None, target, is_many=relation.is_many)
        return True

    def reverse(self, state: State, site: Site, names: set[str], name: str, target: int) -> bool:
        """Let `target` hold the other side of a relation to one of the models called `names`."""
        found = self._accessed(names, name)
        for relation in found:
            if relation.is_one_to_one:
                state.record_read(site, LAZY, f"{relation.target}.{name}")
            self._lead_back(state, relation, None, target)
        return bool(found)

    def is_many(self, state: State, owner: int, name: str) -> bool | None:
        """Return whether the attribute `name` of the model `owner` leads to many; None if it leads nowhere."""
        scopes = self._scopes(state, owner)
        relation = self._forward(scopes, name)
        if relation is not None:
            return relation.is_many
        found = self._accessed({_last(state, each) for each in scopes}, name)
        return not found[0].is_one_to_one if found else None

    def many_of(self, state: State, owner: int) -> list[str]:
        """Return the fields of the model `owner` that lead to many."""
        scopes = set(self._scopes(state, owner))
        return [
            each.name for each in self._relations.forward.values() if each.is_many and each.scope in scopes
        ]

    # --- of its origin ----------------------------------------------------------------------

    def load_from_origin(self, state: State, site: Site, origin: int, name: str, target: int) -> None:
        """Say whether an attribute is loaded, and what is known of that which it leads to."""
        if name not in self._relations.names:
            self._tell_methods(state, origin, name)
            return
        owner, names = state.values.parts[origin]
        scopes = self._scopes(state, owner)
        relation = self._forward(scopes, name)
        if relation is not None:
            if not relation.is_many:
                state.learn_load(site, LAZY, load_of(names, name))
            inner = _inner(names, name, relation.is_many)
            self._lead(state, relation, scopes[0], inner, target, is_many=relation.is_many)
            return
        found = self._accessed({_last(state, each) for each in scopes}, name)
        for each in found:
            if each.is_one_to_one:
                state.learn_load(site, LAZY, load_of(names, name))
            inner = _inner(names, name, not each.is_one_to_one)
            if not each.is_many:  # Django sets the way back: `book` of each of book.chapter_set.all()
                inner |= {each.name, f"{each.name}__*"}
            self._lead_back(state, each, inner, target)
        if not found:
            self._tell_methods(state, origin, name)

    def _tell_methods(self, state: State, origin: int, name: str) -> None:
        """Tell the methods `name` of an origin's class of it, once as long as the class has the same bases."""
        if name not in state.program.defined_names:
            return
        found = find(state, state.values.parts[origin][0], name)
        if self._told.get((origin, name)) is not found:
            self._told[origin, name] = found
            tell_methods(state, origin, found[0])

    # --- relations --------------------------------------------------------------------------

    def _lead(
        self,
        state: State,
        relation: Relation,
        own: int,
        names: Names | None,
        target: int,
        *,
        is_many: bool,
    ) -> None:
        """Let `target` hold what a relation of the class `own` leads to, worked out once for all who read it.

        `names`: what is loaded behind it, of an origin; None: the instances themselves.
        """
        key = (relation, own, names)
        node = self._led.get(key)
        if node is None:
            node = self._led[key] = state.flow.node()
            self._follow(state, relation, own, _put(state, node, names, is_many=is_many))
        state.flow.edge(node, target)

    def _lead_back(self, state: State, relation: Relation, names: Names | None, target: int) -> None:
        """Let `target` hold the other side of a relation, as `_lead` does."""
        key = (relation, names)
        node = self._led.get(key)
        if node is None:
            node = self._led[key] = state.flow.node()
            with_class(state, relation.scope, _put(state, node, names, is_many=not relation.is_one_to_one))
        state.flow.edge(node, target)

    def _scopes(self, state: State, owner: int) -> list[int]:
        """Return the scopes of the project's classes in the order of `owner`, as far as that is known now."""
        chain = order(state, owner)
        known = self._by_order.get(owner)
        if known is None or known[0] is not chain:  # it has another base now
            scopes = [state.values.parts[each][0] for each in chain if each in state.classes]
            known = self._by_order[owner] = chain, scopes
        return known[1]

    def _forward(self, scopes: list[int], name: str) -> Relation | None:
        found = (self._relations.forward.get((scope, name)) for scope in scopes)
        return next((each for each in found if each is not None), None)

    def _accessed(self, names: set[str], name: str) -> list[Relation]:
        """Return the relations whose other side is an attribute `name` of a model called one of `names`."""
        user = self._relations.user
        return [
            each
            for each in self._relations.reverse.get(name, ())
            if (user if each.target == "AUTH_USER_MODEL" else each.target) in names
            or (each.target == "get_user_model" and user in names)
        ]

    def _follow(self, state: State, relation: Relation, own: int, put: partial[None]) -> None:
        name = self._relations.user if relation.target in USERS else relation.target
        scopes = [own] if name == "self" else self._relations.classes.get(name, [])
        for scope in scopes:
            with_class(state, scope, put)
        if not scopes:
            put(state.values.external(_library_model(name)))


def _library_model(name: str) -> str:
    """Return what a model is called that the project does not define; "" is one of any model."""
    if name == "User":
        return "django.contrib.auth.models.User"
    return f"{MODEL}:{name}" if name else MODEL


def _put(state: State, target: int, names: Names | None, *, is_many: bool) -> partial[None]:
    """Return what puts origins with `names` loaded into `target`, None: instances of a class; or a set of them."""
    if names is None:
        return partial(add_set if is_many else add_instance, state, target, names=SAID_ELSEWHERE)
    return partial(add_set if is_many else add_origin, state, target, names=names)


ROWS: Mapping[Load, Names] = {
    Load.LOADED: frozenset({FETCHED}),
    Load.OPEN: frozenset({MAYBE_FETCHED}),
    Load.ASKS: NOTHING,
}
SAID_ELSEWHERE: Names = frozenset({UNTOLD})


def _inner(names: Names, name: str, is_many: bool) -> Names:  # noqa: FBT001 - one of three plain arguments
    """Return what is loaded behind the attribute; of many, whether they are all there, or may be."""
    load = load_of(names, name) if is_many else Load.ASKS
    return behind(names, name) | ROWS[load]


def _last(state: State, scope: int) -> str:
    return state.program.scopes[scope].name.rpartition(".")[2]


def with_class(state: State, scope: int, put: partial[None]) -> None:
    """Call `put` with the CLASS value of a scope, once its module has run."""
    program = state.program
    body = module_instance(state, program.module_of[scope])
    name = program.scopes[scope].name
    register = program.scopes[program.first_scope[program.module_of[scope]]].shared.get(name)
    if body is not None and register is not None:
        state.flow.watch(
            state.node(body, register),
            lambda value: put(value) if state.values.kinds[value] == CLASS else None,
        )
