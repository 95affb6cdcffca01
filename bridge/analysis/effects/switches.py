"""Calls that switch something off: `save(send=False)` does not come to what stands under `if send:`.

A function whose parameters decide what runs (lowering/guards.py) gets a *variant* for each combination of constants
that it is called with: an instance more in the graph, without the calls and sinks that these constants exclude.
Parameters that are only handed on decide, too.

    view -> save(send=False) -> notify(now=send)      the variants (save, send: false), (notify, now: false)

Nothing is excluded where an argument is not a constant, the call has stars, or it is not plain to see which
argument becomes which parameter. An entry point has no variants: who knows what a framework calls it with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bridge.analysis.effects.graph import Call, Graph
from bridge.analysis.effects.kinds import ABSENT, ANYTHING, Kinds
from bridge.analysis.facts import FALSE, FIRST_PARAMETER, NONE, TRUE, Instruction, Opcode, Scope
from bridge.analysis.solving.state import Site, State
from bridge.analysis.solving.values import (
    BOUND,
    CLASS,
    CLASSWIDE,
    DECORATED,
    FUNCTION,
    INSTANCE,
    PARTIAL,
    STATIC,
)

__all__ = ["add_variants"]

# By its register; by name, one that goes by in **kwargs; or STAR, what goes by in *args.
Parameter = int | str
# What a call gives a parameter: a register of the caller, or one of its parameters that go by; None: not known.
Source = int | str | None
Known = tuple[tuple[Parameter, int], ...]  # (parameter, the kinds that it may have), ordered

STAR, NOTHING = "*", ""
READING = frozenset(
    {"get", "items", "keys", "values", "copy", "pop", "popitem", "clear"}
)  # none of these adds anything
MOST_VARIANTS = 32  # of one instance; arbitrary: beyond, calls lead to the instance itself
UNCLEAR = -1
MADE_BY = frozenset({"__init__", "__new__", "__post_init__"})


def add_variants(graph: Graph) -> None:
    """Have calls with constants lead to variants of what they call."""
    switches = _Switches(graph.state)
    deciding = switches.deciding(graph.calls)
    if not deciding:
        return
    calls, sinks = graph.calls, graph.sinks
    variants: dict[tuple[int, Known], int] = {}
    counts: dict[int, int] = defaultdict(int)

    def led(call: Call, known: Mapping[Parameter, int]) -> Call:
        parameters = deciding.get(graph.state.instances[call.target].scope)
        if not parameters:
            return call
        given = switches.given(call, parameters, known)
        key = call.target, given
        if not given or (key not in variants and counts[call.target] >= MOST_VARIANTS):
            return call
        if key not in variants:
            counts[call.target] += 1
            variants[key] = graph.add_variant(call.target)
            pending.append(key)
        return replace(call, target=variants[key])

    pending: list[tuple[int, Known]] = []
    graph.calls = {
        caller: [led(call, switches.narrowed(call.site, caller)) for call in made]
        for caller, made in calls.items()
    }
    while pending:
        instance, given = pending.pop()
        variant = variants[instance, given]
        possible = [(call, switches.narrowed(call.site, instance, given)) for call in calls.get(instance, ())]
        graph.calls[variant] = [led(call, known) for call, known in possible if all(known.values())]
        left = [
            call
            for call in sinks.get(instance, ())
            if all(switches.narrowed(call.site, instance, given).values())
        ]
        if left:
            graph.sinks[variant] = left


class _Switches:
    """Which parameters decide, and what calls give them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._scopes = state.program.scopes
        self._kinds = Kinds(self._scopes)
        self._constants: dict[int, dict[int, int]] = {}  # scope -> register -> kind
        self._on_line: dict[int, dict[int, list[int]]] = {}  # scope -> line -> the calls there
        self._changed: dict[int, bool] = {}  # scope -> whether it changes its **kwargs

    def _scope(self, site: Site) -> Scope:
        return self._scopes[self._state.instances[site.instance].scope]

    def _called(self, call: Call) -> Scope:
        return self._scopes[self._state.instances[call.target].scope]

    def narrowed(self, site: Site, instance: int, given: Known = ()) -> dict[Parameter, int]:
        """Return the kinds that the parameters of `instance` may have at a site in it; 0: the flow never comes there."""
        if site.instance != instance:
            return {}  # the body of a class in a function
        kinds = dict(given)
        if isinstance(site.key, int):
            for first, end, register, allowed, literals in self._scope(site).guards:
                if first <= site.key < end:
                    kinds[register] = kinds.get(register, ANYTHING) & self._kinds.allowed(allowed, literals)
        return kinds

    def deciding(self, calls: Mapping[int, Iterable[Call]]) -> dict[int, dict[Parameter, int]]:
        """Return scope -> its parameters that decide what runs, there or further on -> the literals they are told apart by."""
        found: dict[int, dict[Parameter, int]] = {}
        for number, facts in enumerate(self._scopes):
            for _, _, register, _, literals in facts.guards:
                known = found.setdefault(number, {})
                known[register] = known.get(register, 0) | self._kinds.literals(literals)
        callers: dict[int, list[Call]] = defaultdict(list)
        for made in calls.values():
            for call in made:
                callers[self._state.instances[call.target].scope].append(call)
        pending = list(found)
        while pending:
            scope = pending.pop()
            for call in callers[scope]:
                if not isinstance(call.site.key, int):
                    continue
                caller = self._state.instances[call.site.instance].scope
                known = found.get(caller, {})
                handed = self._handed_on(call, found[scope])
                fresh = {
                    each: bits
                    for each, bits in handed.items()
                    if known.get(each, -1) | bits != known.get(each)
                }
                if fresh:
                    known = found.setdefault(caller, known)
                    for each, bits in fresh.items():
                        known[each] = known.get(each, 0) | bits
                    pending.append(caller)
        return found

    def _handed_on(self, call: Call, parameters: Mapping[Parameter, int]) -> dict[Parameter, int]:
        """Return the caller's parameters that become one of `parameters`, with its literals."""
        names = self._scope(call.site).parameters.names
        found: dict[Parameter, int] = {}
        for sources in self._sources(call, parameters):
            for parameter, source in sources.items():
                if isinstance(source, str):
                    for each in (source, STAR):
                        found[each] = found.get(each, 0) | parameters[parameter]
                elif source is not None and FIRST_PARAMETER <= source < FIRST_PARAMETER + len(names):
                    found[source] = found.get(source, 0) | parameters[parameter]
        return found

    def given(self, call: Call, parameters: Mapping[Parameter, int], known: Mapping[Parameter, int]) -> Known:
        """Return what a call says of `parameters`: those of which it says nothing are left out."""
        kinds: dict[Parameter, int] = dict.fromkeys(parameters, 0)
        defaults: dict[Parameter, int] = {
            register: self._kinds.constant(kind, literal)
            for register, kind, literal in self._called(call).defaults
        }
        for sources in self._sources(call, kinds):
            for parameter in kinds:
                absent = ABSENT if isinstance(parameter, str) else defaults.get(parameter, ANYTHING)
                kinds[parameter] |= self._kind(call, sources, parameter, absent, known)
        told = (
            (each, self._kinds.told_apart(kind, parameters[each])) for each, kind in kinds.items() if kind
        )
        said = (pair for pair in told if pair[1] & ANYTHING != ANYTHING)
        return tuple(sorted(said, key=lambda pair: str(pair[0])))

    def _kind(
        self,
        call: Call,
        sources: Mapping[Parameter, Source],
        parameter: Parameter,
        absent: int,
        known: Mapping[Parameter, int],
    ) -> int:
        """Return the kinds that a parameter may get; `absent` where it gets nothing."""
        source = sources.get(parameter, parameter)
        if parameter not in sources:
            return absent
        if source is None:
            return ANYTHING | ABSENT
        if isinstance(source, int):
            return known.get(source, self._constant(call.site, source))
        if not self._is_by_name(call, parameter) and known.get(STAR) != ABSENT:
            return ANYTHING | ABSENT  # it may be among *args
        kind = known.get(source, ANYTHING | ABSENT)
        return kind & ANYTHING | absent if kind & ABSENT else kind

    def _is_by_name(self, call: Call, parameter: Parameter) -> bool:
        """Return whether a parameter can be given by its name only."""
        positional = len(self._called(call).parameters.positional)
        return (isinstance(parameter, str) and parameter != STAR) or (
            isinstance(parameter, int) and parameter >= FIRST_PARAMETER + positional
        )

    def _constant(self, site: Site, register: int) -> int:
        scope = self._state.instances[site.instance].scope
        constants = self._constants.get(scope)
        if constants is None:
            facts = self._scopes[scope]
            constants = self._constants[scope] = {
                each[1]: self._kinds.constant(TRUE, each[2]) if each[2] else FALSE
                for each in facts.instructions
                if each[0] == Opcode.CONSTANT
            }
            constants[facts.none] = NONE
        return constants.get(register, ANYTHING)

    def _calls_on(self, site: Site) -> Sequence[int]:
        scope = self._state.instances[site.instance].scope
        lines = self._on_line.get(scope)
        if lines is None:
            lines = self._on_line[scope] = defaultdict(list)
            for index, instruction in enumerate(self._scopes[scope].instructions):
                if instruction[0] == Opcode.CALL:
                    lines[instruction[7]].append(index)
        return lines.get(site.line, ())

    def _sources(self, call: Call, parameters: Iterable[Parameter]) -> Iterator[Mapping[Parameter, Source]]:
        """Yield, for each call on the line that leads there, parameter -> what the caller gives it.

        A parameter that is not in it gets nothing. An edge stands for all calls of a line.
        """
        site = call.site
        unknown: dict[Parameter, Source] = dict.fromkeys(parameters)
        calls = self._calls_on(site)
        if site.key not in calls:  # a property, a template, what a framework calls
            yield unknown
            return
        for index in calls:
            instruction = self._scope(site).instructions[index]
            shifts = set(self._shifts(site.instance, instruction, call.target))
            if len(shifts) == 1 and UNCLEAR not in shifts:
                shift = shifts.pop()
                found = {each: self._source(call, instruction, shift, each) for each in unknown}
                yield {each: source for each, source in found.items() if source != NOTHING}
            elif shifts or index == site.key:
                yield unknown

    def _source(self, call: Call, instruction: Instruction, shift: int, parameter: Parameter) -> Source:
        """Return what one call gives one parameter."""
        _, _, _, positional, keywords, star, *_ = instruction
        parameters = self._called(call).parameters
        own = self._scope(call.site).parameters
        if parameter == STAR:
            if len(positional) + shift > len(parameters.positional):
                return None
            return NOTHING if star is None else STAR if star == own.variadic else None
        if isinstance(parameter, str):
            name = parameter
        else:
            if parameter < FIRST_PARAMETER + shift or parameter >= FIRST_PARAMETER + len(parameters.names):
                return None  # the receiver, *args, **kwargs
            name = parameters.names[parameter - FIRST_PARAMETER]
            place = parameter - FIRST_PARAMETER - shift
            if parameter < FIRST_PARAMETER + len(parameters.positional) and place < len(positional):
                return int(positional[place])
        by_name = dict(keywords)
        return (
            int(by_name[name]) if name in by_name else self._behind_stars(call, instruction, name, parameter)
        )

    def _behind_stars(self, call: Call, instruction: Instruction, name: str, parameter: Parameter) -> Source:
        """Return where a parameter comes from that a call does not name: nowhere, or the caller's own stars."""
        star, double_star = instruction[5], instruction[6]
        own = self._scope(call.site).parameters
        if star is not None and star != own.variadic and not self._is_by_name(call, parameter):
            return None
        if double_star is None:
            return NOTHING if star is None or self._is_by_name(call, parameter) else None
        if double_star != own.keywords or self._changes_keywords(call.site):
            return None
        if name not in own.names:
            return name
        return NOTHING if star is None or self._is_by_name(call, parameter) else None

    def _changes_keywords(self, site: Site) -> bool:
        """Return whether a function does anything with its **kwargs but read them and hand them on."""
        scope = self._state.instances[site.instance].scope
        known = self._changed.get(scope)
        if known is None:
            facts = self._scopes[scope]
            register = facts.parameters.keywords
            known = self._changed[scope] = any(_changes(each, register) for each in facts.instructions)
        return known

    def _shifts(self, caller: int, instruction: Instruction, target: int) -> Iterator[int]:
        """Yield how many parameters the receiver takes, for each value that is called here and is the target."""
        scope = self._state.instances[target].scope
        function = self._state.node(caller, instruction[2])
        for value in self._state.flow.holds[function]:
            shift = self._shift(value, scope)
            if shift is not None:
                yield shift

    def _shift(self, value: int, scope: int) -> int | None:
        kinds, parts = self._state.values.kinds, self._state.values.parts
        if kinds[value] == PARTIAL:  # of the target perhaps, with arguments of its own
            inner = self._state.flow.holds[self._state.partials[value][0]]
            may = any(kinds[each] == PARTIAL or self._shift(each, scope) is not None for each in inner)
            return UNCLEAR if may else None
        shift = 0
        while kinds[value] in {DECORATED, STATIC, BOUND, CLASSWIDE}:
            shift += kinds[value] == BOUND
            value = parts[value][0]
        if kinds[value] == FUNCTION:
            return shift if parts[value][0] == scope else None
        name = self._scopes[scope].name.rpartition(".")[2]
        if (kinds[value] == CLASS and name in MADE_BY) or (kinds[value] == INSTANCE and name == "__call__"):
            return 1
        return None


def _changes(instruction: Instruction, register: int | None) -> bool:
    """Return whether an instruction may change the dictionary in `register`, or give it to who may."""
    opcode = instruction[0]
    if opcode == Opcode.CALL:
        return register in instruction[3] or any(register == each for _, each in instruction[4])
    if opcode == Opcode.ATTR:
        return instruction[2] == register and instruction[3] not in READING
    if opcode in {Opcode.ITEM, Opcode.DELATTR, Opcode.TEST, Opcode.ITERATE, Opcode.OPERATE}:
        return False
    # Under another name, in an attribute, in a list: it may be changed there.
    return any(
        each == register for each in instruction[1:] if isinstance(each, int) and not isinstance(each, bool)
    )
