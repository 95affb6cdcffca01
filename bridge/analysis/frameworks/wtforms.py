"""WTForms: what a form's `validate` runs, of the project's own.

class Named(FlaskForm):
    name = StringField(validators=[is_free])       form.validate(), form.validate_on_submit()
    def validate_name(self, field): ...

A method `validate_x` runs only where the form has a field `x`. A form's own `validate` that never asks its base runs neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.analysis.facts import Opcode
from bridge.analysis.frameworks.base import Options
from bridge.analysis.frameworks.classes import elements, external_bases
from bridge.analysis.frameworks.roots import members_of
from bridge.analysis.model import Discovery
from bridge.analysis.project import Project
from bridge.analysis.solving.engine import settle
from bridge.analysis.solving.resolution import find, order
from bridge.analysis.solving.state import Arguments, Site, State
from bridge.analysis.solving.values import BOUND, CONSTANT, EXTERNAL, FUNCTION, INSTANCE

__all__ = ["FormsReader", "connect_forms"]

LIBRARIES = ("wtforms.", "flask_wtf.", "wtforms_sqlalchemy.", "wtforms_alchemy.")
VALIDATE = "validate"
ON_SUBMIT = "validate_on_submit"
INLINE = "validate_"
CALLABLE = frozenset({FUNCTION, BOUND, INSTANCE})
SECOND = 1  # the position of `validators` in a field's call, after the label


@dataclass(frozen=True, slots=True)
class FormsReader:
    """Counts validators as called by what validates a form; finds no routes."""

    name: str = "wtforms"

    def read(self, state: State, project: Project, options: Options) -> Discovery:
        """Add the calls to the state; nothing of the report is this reader's own."""
        del project, options
        connect_forms(state)
        return Discovery()


def connect_forms(state: State) -> None:
    """Call the validators of each form where its `validate` or `validate_on_submit` is read."""
    found = list(_validations(state))
    if not found:
        return
    given = _given_validators(state)
    for site, receiver, name in found:
        own = list(members_of(state, receiver, VALIDATE))
        if name == ON_SUBMIT:
            for each in own:
                state.apply(state, site, each, Arguments(()), None)
        if not own or any(_asks_base(state, each) for each in own):
            _run_validators(state, site, receiver, given)
    settle(state)


def _validations(state: State) -> Iterator[tuple[Site, int, str]]:
    """Yield (where, form, method) for every form that is validated."""
    forms: dict[int, bool] = {}
    for number, instance in enumerate(list(state.instances)):
        for index, each in enumerate(state.program.scopes[instance.scope].instructions):
            if each[0] != Opcode.ATTR or each[3] not in {VALIDATE, ON_SUBMIT}:
                continue
            for value in sorted(state.flow.holds[state.node(number, each[2])]):
                owner = state.class_of(value) if state.values.kinds[value] == INSTANCE else None
                if owner is not None and forms.setdefault(owner, _is_form(state, owner)):
                    yield Site(number, (each[3], index, value), each[4]), value, each[3]


def _is_form(state: State, owner: int) -> bool:
    return any(each.startswith(LIBRARIES) for each in external_bases(state, owner))


def _asks_base(state: State, function: int) -> bool:
    inner = state.values.parts[function][0] if state.values.kinds[function] == BOUND else function
    scope = state.program.scopes[state.values.parts[inner][0]]
    return any(each[0] == Opcode.ATTR and each[3] == VALIDATE for each in scope.instructions)


def _run_validators(state: State, site: Site, receiver: int, given: dict[int, list[int]]) -> None:
    owner = state.class_of(receiver)
    assert owner is not None
    form, field = state.holding(receiver), state.flow.node()
    for base in order(state, owner):
        if base not in state.classes:
            continue
        body = state.classes[base].instance
        for each in given.get(body, ()):
            state.apply(state, site, each, Arguments((form, field)), None)
        for name in state.program.scopes[state.instances[body].scope].shared:
            if name.startswith(INLINE) and _has_field(state, owner, name.removeprefix(INLINE)):
                for each in members_of(state, receiver, name):
                    state.apply(state, site, each, Arguments((field,)), None)


def _has_field(state: State, owner: int, name: str) -> bool:
    """Return whether a form has a field of this name: `name = None` in a subclass takes it away."""
    return any(
        state.values.kinds[each] != CONSTANT
        for node in find(state, owner, name)[0]
        for each in state.flow.holds[node]
    )


def _given_validators(state: State) -> dict[int, list[int]]:
    """Return the project's validators that fields are given, by the class body that the fields stand in."""
    bodies = {each.instance for each in state.classes.values()}
    found: dict[int, list[int]] = {}
    for site, (callees, arguments) in list(state.handed_out.items()):
        if site.instance in bodies and any(_is_librarys(state, each) for each in callees):
            lists = [node for name, node in arguments.keywords if name == "validators"]
            lists += arguments.positional[SECOND : SECOND + 1]
            known = found.setdefault(site.instance, [])
            for node in lists:
                known += [
                    each
                    for each in elements(state, state.flow.holds[node])
                    if state.values.kinds[each] in CALLABLE and each not in known
                ]
    return found


def _is_librarys(state: State, value: int) -> bool:
    return state.values.kinds[value] == EXTERNAL and str(state.values.parts[value][0]).startswith(LIBRARIES)
