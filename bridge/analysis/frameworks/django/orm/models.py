"""The solver's extension for Django's ORM."""

from __future__ import annotations

from functools import partial

from bridge.analysis.frameworks.django.orm.managers import INNER_MODEL, OWN_METHOD, ManagersOfModels
from bridge.analysis.frameworks.django.orm.relations import Relation, Relations
from bridge.analysis.frameworks.django.orm.signal_calls import SignalCalls
from bridge.analysis.frameworks.django.orm.types import (
    FACTORIES,
    FIRING,
    ITEM,
    LAZY,
    MANAGERS,
    MODEL,
    MODEL_METHODS,
    PAIR,
    QUERY_SET,
    ROW,
    SETS,
)
from bridge.analysis.frameworks.django.templates.rendering import Rendering
from bridge.analysis.solving.binding import call_method
from bridge.analysis.solving.containers import copy_fields, new_container
from bridge.analysis.solving.linking import module_instance
from bridge.analysis.solving.resolution import external_bases, find, order
from bridge.analysis.solving.state import NO_ARGUMENTS, Arguments, Site, State
from bridge.analysis.solving.values import CLASS, CONTAINER, EXTERNAL, GENERIC, INSTANCE

__all__ = ["Models"]

USERS = frozenset({"AUTH_USER_MODEL", "get_user_model"})
SPECIAL = frozenset({"as_manager"})
REQUEST_USER = "django.http.HttpRequest.user"


class Models:
    """Types query sets by their model, follows relations, and calls receivers of signals."""

    def __init__(self, relations: Relations, rendering: Rendering) -> None:
        self._relations = relations
        self.rendering = rendering
        self._signals = SignalCalls()
        self._is_model: dict[int, bool] = {}
        self._managers = ManagersOfModels()

    def names(self, name: str) -> bool:
        """Return whether an attribute may be a manager, a relation or the request's user."""
        return name in self._relations.names or name in MANAGERS or name == "user" or name in SPECIAL

    # --- attributes -------------------------------------------------------------------------

    def load(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        """Let `target` hold a manager, what a relation leads to, or a member of a query set."""
        kind = state.values.kinds[value]
        if kind == GENERIC:
            self._load_from_generic(state, site, value, name, target)
            return True
        if name in SPECIAL:
            return self._special(state, value, name, target)
        if kind == EXTERNAL:
            return self._load_from_external(state, site, value, name, target)
        if kind not in {CLASS, INSTANCE}:
            return False
        owner = state.class_of(value)
        assert owner is not None
        if name in MANAGERS:
            return self._manager(state, site, value, owner, name, target)
        return kind == INSTANCE and self._relation(state, site, owner, name, target)

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
                self._add_set(state, target, owner)
            return self._derives(state, owner)
        self._managers.read(state, owner, name, nodes, target)
        return True

    def _relation(self, state: State, site: Site, owner: int, name: str, target: int) -> bool:
        scopes = [state.values.parts[each][0] for each in order(state, owner) if each in state.classes]
        for scope in scopes:
            relation = self._relations.forward.get((scope, name))
            if relation is not None:
                self._follow(state, site, relation, scopes[0], target)
                return True
        names = {state.program.scopes[each].name.rpartition(".")[2] for each in scopes}
        return self._reverse(state, site, names, name, target)

    def _reverse(self, state: State, site: Site, names: set[str], name: str, target: int) -> bool:
        found = False
        for relation in self._relations.reverse.get(name, ()):
            wanted = self._relations.user if relation.target == "AUTH_USER_MODEL" else relation.target
            if wanted in names or (relation.target == "get_user_model" and self._relations.user in names):
                found = True
                if relation.is_one_to_one:
                    state.record_implicit(site, LAZY)
                    self._with_class(state, relation.scope, partial(self._add_instance, state, target))
                else:
                    self._with_class(state, relation.scope, partial(self._add_set, state, target))
        return found

    def _follow(self, state: State, site: Site, relation: Relation, own: int, target: int) -> None:
        if not relation.is_many:
            state.record_implicit(site, LAZY)
        put = partial(self._add_set if relation.is_many else self._add_instance, state, target)
        name = self._relations.user if relation.target in USERS else relation.target
        scopes = [own] if name == "self" else self._relations.classes.get(name, [])
        for scope in scopes:
            self._with_class(state, scope, put)
        if not scopes:
            put(
                state.values.external(
                    f"django.contrib.auth.models.{name}" if name == "User" else f"{MODEL}:{name}"
                )
            )

    def _with_class(self, state: State, scope: int, put: partial[None]) -> None:
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

    @staticmethod
    def _add_instance(state: State, target: int, cls: int) -> None:
        external = state.values.kinds[cls] == EXTERNAL
        state.flow.add(target, (cls if external else state.values.make(INSTANCE, cls),))

    @staticmethod
    def _add_set(state: State, target: int, cls: int) -> None:
        state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, cls),))

    def _load_from_external(self, state: State, site: Site, value: int, name: str, target: int) -> bool:
        text = str(state.values.parts[value][0])
        if name in {"objects", "_default_manager"} and text[:1].islower():
            state.flow.add(target, (state.values.make(GENERIC, QUERY_SET, value),))
            return True
        if name == "user" and text.endswith(("HttpRequest", "request.Request", "WSGIRequest")):
            state.record_implicit(site, REQUEST_USER)
            self._add_user(state, target)
            return True
        if text.endswith((".User", ".user", "AbstractUser")):
            return self._reverse(state, site, {"User", self._relations.user}, name, target)
        return False

    def _add_user(self, state: State, target: int) -> None:
        scopes = self._relations.classes.get(self._relations.user, [])
        for scope in scopes:
            self._with_class(state, scope, partial(self._add_instance, state, target))
        if not scopes:
            state.flow.add(target, (state.values.external("django.contrib.auth.models.User"),))

    def _load_from_generic(self, state: State, site: Site, value: int, name: str, target: int) -> None:
        base, inside = state.values.parts[value][:2]
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
        return False

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
        if name.endswith(".from_queryset") and arguments.positional:
            state.flow.edge(arguments.positional[0], target)
            return True
        if name == "django.contrib.auth.get_user_model":
            return self._user_model(state, target)
        return self._signals.call(state, site, name, arguments, target)

    def _user_model(self, state: State, target: int) -> bool:
        scopes = self._relations.classes.get(self._relations.user, [])
        for scope in scopes:
            self._with_class(state, scope, partial(_put, state, target))
        if not scopes:
            state.flow.add(target, (state.values.external("django.contrib.auth.models.User"),))
        return True

    def _context_data(self, state: State, site: Site, name: str, arguments: Arguments, target: int) -> None:
        """`super().get_context_data(x=1, **kwargs)` gives a dictionary with these keys, among others."""
        made = new_container(state, "dict", site)
        if any(each in name for each in ("List", "Filter", "Multiple")):
            rows = state.field(made, state.values.constant("object_list"))
            self._add_set(state, rows, state.values.external(MODEL))
        for key, node in arguments.keywords:
            state.flow.edge(node, state.field(made, state.values.constant(key)))
        if arguments.double_star is not None:
            state.flow.watch(arguments.double_star, lambda value: copy_fields(state, value, made))
        state.flow.add(target, (made,))

    def _element_of(self, state: State, target: int, source: int) -> None:
        """Put an instance of the model that a class, manager or query set is about into `target`."""
        kind = state.values.kinds[source]
        if kind in {CLASS, EXTERNAL}:
            self._add_instance(state, target, source)
        elif kind in {GENERIC, INSTANCE}:
            self.element(state, source, target)

    def _call_generic(self, state: State, site: Site, value: int, arguments: Arguments, target: int) -> None:
        name, inside, *rest = state.values.parts[value]
        if name == OWN_METHOD:
            self._managers.call(state, site, value, arguments, target)
            return
        if self._signals.call_made(state, site, value, arguments, target):
            return
        state.record_external(site, str(name))
        if arguments != NO_ARGUMENTS:
            state.hand_out(site, value, arguments)
        receiver = rest[0] if rest else -1
        last = str(name).rpartition(".")[2]
        if str(name).startswith(f"{MODEL}."):
            self._signals.fire_of(state, site, last, inside, receiver)
        elif last in SETS:
            state.flow.add(
                target, (receiver if receiver != -1 else state.values.make(GENERIC, QUERY_SET, inside),)
            )
        elif last in ITEM:
            self._add_instance(state, target, inside)
        elif last in PAIR:
            pair = state.values.make(CONTAINER, "tuple", (site.instance, site.key, "pair"))
            self._add_instance(state, state.field(pair, state.values.constant(0)), inside)
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
            self._signals.fire_of(state, site, "save", model, made)

    # --- loops and questions ----------------------------------------------------------------

    def iterate(self, state: State, site: Site, value: int, target: int) -> bool:
        """Put the instances of a query set into `target`; the loop asks the database."""
        if not self._asks(state, value, "__iter__"):
            return False
        # In an async function a plain `for` over a query set raises: what stands there is `async for`.
        if not state.program.scopes[state.instances[site.instance].scope].is_async:
            state.record_implicit(site, f"{QUERY_SET}.__iter__")
        self.element(state, value, target)
        return True

    def element(self, state: State, value: int, target: int) -> None:
        """Put an instance of a query set's model into `target`."""
        if state.values.kinds[value] == GENERIC:
            self._add_instance(state, target, state.values.parts[value][1])
        else:
            self._managers.element(state, value, target)

    def ask(self, state: State, site: Site, value: int, dunder: str) -> bool:
        """Note that a query set is asked for its length, its truth, or an element."""
        if not self._asks(state, value, dunder):
            return False
        state.record_implicit(site, f"{QUERY_SET}.{dunder}")
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


def _is_model_base(name: str) -> bool:
    return name == MODEL or name.endswith(
        ("Model", ".AbstractUser", ".AbstractBaseUser", ".Page", ".AbstractUserProfile")
    )
