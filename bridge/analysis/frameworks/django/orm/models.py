"""The solver's extension for Django's ORM."""

from __future__ import annotations

from functools import partial

from bridge.analysis.frameworks.django.orm.following import Following, with_class
from bridge.analysis.frameworks.django.orm.managers import INNER_MODEL, OWN_METHOD, ManagersOfModels
from bridge.analysis.frameworks.django.orm.origins import (
    FETCHED,
    LOADERS,
    MAYBE_FETCHED,
    NOTHING,
    UNTOLD,
    add_instance,
    add_origin,
    add_set,
    given_to,
    loaded_by,
    loading,
    made_of,
    set_with,
)
from bridge.analysis.frameworks.django.orm.relations import Relations
from bridge.analysis.frameworks.django.orm.serializers import SERIALIZER, Serializers
from bridge.analysis.frameworks.django.orm.signal_calls import SignalCalls
from bridge.analysis.frameworks.django.orm.types import (
    FACTORIES,
    FIRING,
    ITEM,
    MANAGERS,
    MODEL,
    MODEL_METHODS,
    PAIR,
    QUERY_SET,
    ROW,
    SETS,
)
from bridge.analysis.frameworks.django.orm.views import VIEW, ViewsOfModels
from bridge.analysis.frameworks.django.templates.rendering import Rendering
from bridge.analysis.lowering.serializers import SHOWN
from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.containers import copy_fields, new_container
from bridge.analysis.solving.loads import Load
from bridge.analysis.solving.resolution import external_bases, find
from bridge.analysis.solving.state import NO_ARGUMENTS, Arguments, Site, State
from bridge.analysis.solving.values import CLASS, CONSTANT, CONTAINER, EXTERNAL, GENERIC, INSTANCE, ORIGIN

__all__ = ["Models"]

SPECIAL = frozenset({"as_manager"})
REQUEST_USER = "django.http.HttpRequest.user"
SETS_OF_USERS = {"groups": "Group", "user_permissions": "Permission"}  # Django's own User has them


class Models:
    """Types query sets by their model, follows relations, and calls receivers of signals."""

    def __init__(self, relations: Relations, rendering: Rendering) -> None:
        self._relations = relations
        self._following = Following(relations)
        self.rendering = rendering
        self.signals = SignalCalls()
        self._is_model: dict[int, bool] = {}
        self._managers = ManagersOfModels()
        self.views = ViewsOfModels(self.element)
        self.serializers = Serializers(self._following, self._created)

    def names(self, name: str) -> bool:
        """Return whether an attribute may be a manager, a relation or the request's user."""
        return (
            name in self._relations.names
            or name in MANAGERS
            or name == "user"
            or name in SPECIAL
            or name in SETS_OF_USERS
            or name.endswith(SHOWN)
        )

    # --- attributes -------------------------------------------------------------------------

    def keeps(self, state: State, value: int, name: str) -> bool:
        """Return True: a foreign key gives back the instance that it was given."""
        return True

    def load(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        """Let `target` hold a manager, what a relation leads to, or a member of a query set."""
        kind = state.values.kinds[value]
        if name.endswith(SHOWN):
            self.serializers.shown(state, site, value, name, target)
            return True
        if kind == GENERIC:
            self._load_from_generic(state, site, value, name, target)
            return True
        if name in SPECIAL:
            return self._special(state, value, name, target)
        if kind == EXTERNAL:
            return self._load_from_external(state, site, value, name, target)
        if kind == ORIGIN:
            self._following.load_from_origin(state, site, value, name, target)
            return True
        if kind not in {CLASS, INSTANCE}:
            return False
        owner = state.class_of(value)
        assert owner is not None
        if name in MANAGERS:
            return self._manager(state, site, value, owner, name, target)
        return kind == INSTANCE and self._following.relation(state, site, owner, name, target)

    def _special(self, state: State, value: int, name: str, target: int) -> bool:
        """`QuerySet.as_manager` gives what makes a manager when it is called: the class itself."""
        if state.values.kinds[value] == CLASS and name == "as_manager" and self._is_set(state, value):
            state.flow.add(target, (value,))
            return True
        return False

    def _manager(self, state: State, site: Site, value: int, owner: int, name: str, target: int) -> bool:
        nodes, _ = find(state, owner, name)
        if not nodes:
            if self._derives(state, owner):
                add_set(state, target, owner)
            return self._derives(state, owner)
        self._managers.read(state, owner, name, nodes, target)
        return True

    def _load_from_external(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        text = str(state.values.parts[value][0])
        if name in {"objects", "_default_manager"} and text[:1].islower():
            state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, value),))
            return True
        if name == "user" and text.endswith(("HttpRequest", "request.Request", "WSGIRequest")):
            state.record_implicit(site, REQUEST_USER)
            self._add_user(state, target)
            return True
        if text == "django.contrib.auth.models.User" and name in SETS_OF_USERS:
            inside = state.values.external(f"django.contrib.auth.models.{SETS_OF_USERS[name]}")
            state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, inside),))
            return True
        if text.endswith((".User", ".user", "AbstractUser")):
            return self._following.reverse(state, site, {"User", self._relations.user}, name, target)
        return False

    def _add_user(self, state: State, target: int) -> None:
        scopes = self._relations.classes.get(self._relations.user, [])
        for scope in scopes:
            with_class(state, scope, partial(add_instance, state, target))
        if not scopes:
            state.flow.add(target, (state.values.external("django.contrib.auth.models.User"),))

    def _load_from_generic(self, state: State, site: Site, value: int, name: str, target: int) -> None:
        base, inside = state.values.parts[value][:2]
        if base == SERIALIZER:
            self.serializers.load(state, site, value, name, target)
            return
        if base != QUERY_SET:
            member = f"{base}.{name}"
            state.flow.add(target, (state.values.make(GENERIC, member, *state.values.parts[value][1:]),))
            return
        if name == "model":
            state.flow.add(target, (inside,))
            return
        if not self._managers.own_method(state, site, value, name, target):
            state.flow.add(target, (state.values.make(GENERIC, f"{QUERY_SET}.{name}", inside, value),))

    # --- what a library's base has ----------------------------------------------------------

    def inherited(self, state: State, site: Site, receiver: int, external: str, target: int) -> bool:
        """Let `target` hold a method of a model, or of a manager or query set of the project's own."""
        name = external.rpartition(".")[2]
        owner = state.class_of(receiver)
        if owner is None:
            return False
        if name in MODEL_METHODS and self._derives(state, owner):
            state.flow.add(target, (state.values.make(GENERIC, f"{MODEL}.{name}", owner, receiver),))
            return True
        if self._is_set(state, owner) and state.values.kinds[receiver] == INSTANCE:
            if name == "model":
                state.flow.edge(state.field(receiver, INNER_MODEL), target)
                return True
            self._managers.inherited(state, receiver, name, target)
            return True
        return self.serializers.inherited(state, site, receiver, external, target) or self.views.inherited(
            state, receiver, external, target
        )

    def _derives(self, state: State, owner: int) -> bool:
        known = self._is_model.get(owner)
        if not known:
            known = self._is_model[owner] = any(map(_is_model_base, external_bases(state, owner)))
        return known

    @staticmethod
    def _is_set(state: State, owner: int) -> bool:
        names = external_bases(state, owner)
        return any(name.endswith(("Manager", "QuerySet", "Queryset")) for name in names)

    # --- calls ------------------------------------------------------------------------------

    def made(self, state: State, value: int, arguments: Arguments, target: int) -> None:
        """Say of a new instance of a model what it was given."""
        if self._derives(state, value):
            add_origin(state, target, value, made_of(arguments))
        else:
            self.serializers.made(state, value, arguments, target)

    def call(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> bool:
        """Call a method of a query set or model, or one of Django's functions about them."""
        if state.values.kinds[value] == GENERIC:
            self._call_generic(state, site, value, arguments, target)
            return True
        name = str(state.values.parts[value][0])
        if self.rendering.call(state, site, name, arguments, target):
            return True
        if name.endswith(".get_context_data"):
            self._context_data(state, site, name, arguments, target)
            return True
        if name in FACTORIES and arguments.positional:
            state.record_external(site, name)
            state.flow.watch(arguments.positional[0], partial(self._element_of, state, target))
            return True
        if name.endswith(".Prefetch") and arguments.positional:
            state.flow.watch(arguments.positional[0], partial(_prefetched, state, target))
            return True
        if name.endswith(".from_queryset") and arguments.positional:
            state.flow.edge(arguments.positional[0], target)
            return True
        if name == "django.contrib.auth.get_user_model":
            return self._user_model(state, target)
        return self.signals.call(state, site, name, arguments, target)

    def _user_model(self, state: State, target: int) -> bool:
        scopes = self._relations.classes.get(self._relations.user, [])
        for scope in scopes:
            with_class(state, scope, partial(_put, state, target))
        if not scopes:
            state.flow.add(target, (state.values.external("django.contrib.auth.models.User"),))
        return True

    def _context_data(self, state: State, site: Site, name: str, arguments: Arguments, target: int) -> None:
        """`super().get_context_data(x=1, **kwargs)` gives a dictionary with these keys, among others."""
        made = new_container(state, "dict", site)
        if any(each in name for each in ("List", "Filter", "Multiple")):
            rows = state.field(made, state.values.constant("object_list"))
            add_set(state, rows, state.values.external(MODEL))
        for key, node in arguments.keywords:
            state.flow.edge(node, state.field(made, state.values.constant(key)))
        if arguments.double_star is not None:
            state.flow.watch(arguments.double_star, lambda value: copy_fields(state, value, made))
        state.flow.add(target, (made,))

    def _element_of(self, state: State, target: int, source: int) -> None:
        """Put an instance of the model that a class, manager or query set is about into `target`."""
        kind = state.values.kinds[source]
        if kind in {CLASS, EXTERNAL}:
            add_instance(state, target, source)
        elif kind in {GENERIC, INSTANCE}:
            self.element(state, source, target)

    def _call_generic(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
        name, inside, *rest = state.values.parts[value]
        if name == OWN_METHOD:
            self._managers.call(state, site, value, arguments, target)
            return
        if str(name).startswith(VIEW):
            self.views.call(state, site, value, arguments, target)
            return
        if str(name).startswith(SERIALIZER):
            self.serializers.call(state, site, value, arguments, target)
            return
        if self.signals.call_made(state, site, value, arguments, target):
            return
        state.record_external(site, str(name))
        if arguments != NO_ARGUMENTS:
            state.hand_out(site, value, arguments)
        receiver = rest[0] if rest else -1
        last = str(name).rpartition(".")[2]
        if str(name).startswith(f"{MODEL}."):
            self.signals.fire_of(state, site, last, inside, receiver)
        elif last in LOADERS:
            state.flow.add(target, (loading(state, receiver, inside, given_to(state, arguments)),))
        elif last in SETS:
            state.flow.add(target, (_narrowed(state, receiver, inside, last),))
        elif last in ITEM:
            names = made_of(arguments) if last in FIRING else loaded_by(state, receiver)
            add_instance(state, target, inside, names=names)
        elif last in PAIR:
            pair = state.values.make(CONTAINER, "tuple", (site.instance, site.key, "pair"))
            first = state.field(pair, state.values.constant(0))
            add_instance(state, first, inside, names=loaded_by(state, receiver))
            state.lengths[pair] = 2
            state.flow.add(target, (pair,))
        elif last in ROW:
            state.flow.add(
                target, (state.values.make(GENERIC, QUERY_SET, state.values.external("<builtin>.dict")),)
            )
        elif last == "as_manager":
            state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, inside),))
        else:
            state.flow.add(target, (state.values.external("<builtin>.object"),))
        if last in FIRING:
            self._created(state, site, inside)

    def _created(self, state: State, site: Site, model: int) -> None:
        """`create` makes an instance and saves it: the model's own `save` runs, or the signals fire at once."""
        if state.values.kinds[model] != CLASS:
            return
        made = state.values.make(INSTANCE, model)
        if not call_method(state, site, made, "save", NO_ARGUMENTS):
            self.signals.fire_of(state, site, "save", model, made)

    # --- loops and questions ----------------------------------------------------------------

    def iterate(self, state: State, site: Site, value: int, target: int) -> bool:
        """Put the instances of a query set into `target`; the loop asks the database."""
        if not self._asks(state, value, "__iter__"):
            return False
        # In an async function a plain `for` over a query set raises: what stands there is `async for`.
        if not state.program.scopes[state.instances[site.instance].scope].is_async:
            self._note(state, site, value, f"{QUERY_SET}.__iter__")
        self.element(state, value, target)
        return True

    @staticmethod
    def _note(state: State, site: Site, query_set: int, sink: str) -> None:
        """Note that a query set is asked for its rows; they may be there."""
        state.record_read(site, sink, "")
        names = loaded_by(state, query_set)
        if UNTOLD not in names:
            is_open = MAYBE_FETCHED in names
            state.learn_load(
                site, sink, Load.LOADED if FETCHED in names else Load.OPEN if is_open else Load.ASKS
            )

    def element(self, state: State, value: int, target: int) -> None:
        """Put an instance of a query set's model into `target`."""
        if state.values.kinds[value] == GENERIC:
            inside = state.values.parts[value][1]
            add_instance(state, target, inside, names=loaded_by(state, value))
        else:
            self._managers.element(state, value, target)

    def ask(self, state: State, site: Site, value: int, dunder: str) -> bool:
        """Note that a query set is asked for its length, its truth, or an element."""
        if not self._asks(state, value, dunder):
            return False
        self._note(state, site, value, f"{QUERY_SET}.{dunder}")
        return True

    def _asks(self, state: State, value: int, dunder: str) -> bool:
        if state.values.kinds[value] == GENERIC:
            return bool(state.values.parts[value][0] == QUERY_SET)
        owner = state.class_of(value)
        return owner is not None and not find(state, owner, dunder)[0] and self._is_query_set(state, owner)

    @staticmethod
    def _is_query_set(state: State, owner: int) -> bool:
        return any(name.endswith(("QuerySet", "Queryset")) for name in external_bases(state, owner))


def _put(state: State, target: int, value: int) -> None:
    state.flow.add(target, (value,))


def _narrowed(state: State, receiver: int, inside: int, method: str) -> int:
    """Return what a method of a query set gives that gives another: what was fetched counts for `all` only."""
    if receiver == -1:
        return state.values.make(GENERIC, QUERY_SET, inside)
    names = loaded_by(state, receiver) if method != "all" else NOTHING
    fetched = names & {FETCHED, MAYBE_FETCHED}
    return set_with(state, inside, names - fetched) if fetched else receiver


def _prefetched(state: State, target: int, lookup: int) -> None:
    """Put the name that a Prefetch is about into `target`; its own query set may load more."""
    text = state.values.parts[lookup][1] if state.values.kinds[lookup] == CONSTANT else ""
    state.flow.add(target, (state.values.constant(f"{text}__*") if text else lookup,))


def _is_model_base(name: str) -> bool:
    return name == MODEL or name.endswith(
        ("Model", ".AbstractUser", ".AbstractBaseUser", ".Page", ".AbstractUserProfile")
    )
