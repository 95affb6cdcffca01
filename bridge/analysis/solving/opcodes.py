"""What each instruction adds to the assignment graph."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import MappingProxyType

from bridge.analysis.facts import RESULT, YIELDED, Instruction, Opcode
from bridge.analysis.solving import containers, linking, members, texts
from bridge.analysis.solving.binding import bind, look_up_again
from bridge.analysis.solving.hints import expect
from bridge.analysis.solving.operators import operate
from bridge.analysis.solving.resolution import find, forget, order
from bridge.analysis.solving.state import Arguments, ClassRecord, Site, State
from bridge.analysis.solving.values import (
    CLASS,
    CONTAINER,
    EXTERNAL,
    FUNCTION,
)

__all__ = ["TABLE"]

Handler = Callable[[State, int, int, Instruction], None]


def _copy(state: State, instance: int, index: int, instruction: Instruction) -> None:
    base = state.instances[instance].base
    state.flow.edge(base + instruction[2], base + instruction[1])


def _constant(state: State, instance: int, index: int, instruction: Instruction) -> None:
    state.flow.add(state.node(instance, instruction[1]), (state.values.constant(instruction[2]),))


def _literal(state: State, instance: int, index: int, instruction: Instruction) -> None:
    value = state.values.external(f"<builtin>.{instruction[2]}")
    state.flow.add(state.node(instance, instruction[1]), (value,))


def _module(state: State, instance: int) -> int:
    return state.program.module_of[state.instances[instance].scope]


def _name(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, name = instruction
    linking.load_name(state, _module(state, instance), name, state.node(instance, target))


def _enclosing(state: State, instance: int, index: int) -> int:
    """Return the instance of the scope that the file counts as `index`, around `instance`."""
    wanted = state.program.scope(_module(state, instance), index)
    while state.instances[instance].scope != wanted:
        instance = state.instances[instance].parent
    return instance


def _free(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, scope, register = instruction
    around = _enclosing(state, instance, scope)
    if register < 0:  # the class itself, for super()
        state.flow.add(state.node(instance, target), (state.instances[around].class_value,))
    else:
        state.flow.edge(state.node(around, register), state.node(instance, target))


def _set_name(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, name, source = instruction
    module = _module(state, instance)
    scope = state.program.first_scope[module]
    register = state.program.scopes[scope].shared.get(name)
    body = linking.module_instance(state, module)
    if register is not None and body is not None:
        state.flow.edge(state.node(instance, source), state.node(body, register))


def _set_free(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, scope, register, source = instruction
    around = _enclosing(state, instance, scope)
    state.flow.edge(state.node(instance, source), state.node(around, register))


def _attribute(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, name, line = instruction
    base = state.instances[instance].base
    members.load(state, Site(instance, index, line), base + source, name, base + target)


def _set_attribute(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, name, source, line = instruction
    base = state.instances[instance].base
    members.store(state, Site(instance, index, line), base + target, name, base + source)


def _item(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, key, line = instruction
    base = state.instances[instance].base
    containers.load_item(state, Site(instance, index, line), base + source, base + key, base + target)


def _set_item(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, key, source, line = instruction
    base = state.instances[instance].base
    containers.store_item(state, Site(instance, index, line), base + target, base + key, base + source)


def _slice(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, low, high = instruction
    base = state.instances[instance].base
    containers.slice_of(state, Site(instance, index, 0), base + source, low, high, base + target)


def _call(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, function, positional, keywords, star, double_star, line, flags, _ = instruction
    base = state.instances[instance].base
    arguments = Arguments(
        tuple(base + each for each in positional),
        tuple((name, base + each) for name, each in keywords),
        None if star is None else base + star,
        None if double_star is None else base + double_star,
    )
    site = Site(instance, index, line, flags)
    state.calls.append((instance, instruction))
    state.flow.watch(base + function, partial(_apply, state, site, arguments, base + target))


def _apply(state: State, site: Site, arguments: Arguments, target: int, value: int) -> None:
    state.apply(state, site, value, arguments, target)


def _function(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, scope, defaults, hints = instruction
    base = state.instances[instance].base
    number = state.program.scope(_module(state, instance), scope)
    value = state.values.make(FUNCTION, number, instance)
    state.defaults[value] = tuple((register, base + each) for register, each in defaults)
    state.hints[value] = tuple((register, base + each, form) for register, each, form in hints)
    facts = state.program.scopes[number]
    implicit = facts.name.rpartition(".")[2]
    if state.program.scopes[state.instances[instance].scope].kind == "class":
        value = _implicit_descriptor(state, value, implicit)
    state.flow.add(base + target, (value,))


def _implicit_descriptor(state: State, value: int, name: str) -> int:
    """`__init_subclass__` and `__class_getitem__` are class methods, `__new__` a static one, undeclared."""
    from bridge.analysis.solving.values import CLASSWIDE, STATIC

    if name in {"__init_subclass__", "__class_getitem__"}:
        return state.values.make(CLASSWIDE, value)
    return state.values.make(STATIC, value) if name == "__new__" else value


def _class(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, scope, bases, _metaclass = instruction
    number = state.program.scope(_module(state, instance), scope)
    body = state.instance(number, instance, depth=state.instances[instance].depth)
    value = state.values.make(CLASS, number, instance)
    if value not in state.classes:
        state.instances[body].class_value = value
        state.instances[body].is_called = True
        state.classes[value] = ClassRecord(body, [[] for _ in bases])
        site = Site(instance, index, state.program.scopes[number].line)
        for position, each in enumerate(bases):
            state.flow.watch(state.node(instance, each), partial(_add_base, state, site, value, position))
    state.flow.add(state.node(instance, target), (value,))


def _add_base(state: State, site: Site, value: int, position: int, base: int) -> None:
    if state.values.kinds[base] not in {CLASS, EXTERNAL} or base == value:
        return
    state.classes[value].bases[position].append(base)
    below = (value, *sorted(state.classes[value].subclasses))
    for each in below:
        forget(state, each)
    for each in order(state, base):
        if each in state.classes:
            state.classes[each].subclasses.update(below)
    for each in below:
        for ask in list(state.classes[each].askers):
            ask()
        look_up_again(state, each)
    if state.values.kinds[base] == CLASS:
        for node in find(state, base, "__init_subclass__")[0]:
            bound = state.flow.node()
            state.flow.watch(node, partial(_bind_to, state, site, value, bound))
            state.flow.watch(bound, lambda each: state.apply(state, site, each, Arguments(), None))


def _bind_to(state: State, site: Site, receiver: int, bound: int, value: int) -> None:
    bind(state, site, value, receiver, bound)


def _sequence(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, kind, items, stars = instruction
    base = state.instances[instance].base
    containers.make_sequence(
        state,
        Site(instance, index, 0),
        kind,
        [base + each for each in items],
        [base + each for each in stars],
        base + target,
    )


def _dict(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, pairs, merged = instruction
    base = state.instances[instance].base
    containers.make_dict(
        state,
        Site(instance, index, 0),
        [(base + key, base + value) for key, value in pairs],
        [base + each for each in merged],
        base + target,
    )


def _iterate(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, line = instruction
    base = state.instances[instance].base
    containers.iterate(state, Site(instance, index, line), base + source, base + target)


def _unpack(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, position, tail = instruction
    base = state.instances[instance].base
    line = state.program.scopes[state.instances[instance].scope].line
    containers.unpack(state, Site(instance, index, line), base + source, position, tail, base + target)


def _enter(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, line = instruction
    base = state.instances[instance].base
    containers.enter_context(state, Site(instance, index, line), base + source, base + target)


def _yield(state: State, instance: int, index: int, instruction: Instruction) -> None:
    state.flow.edge(state.node(instance, instruction[1]), state.node(instance, YIELDED))


def _delegate(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, source, line = instruction
    base = state.instances[instance].base
    containers.iterate(state, Site(instance, index, line), base + source, base + YIELDED)

    def take_result(value: int) -> None:
        if state.values.kinds[value] == CONTAINER:
            state.flow.edge(state.field(value, "result"), base + target)

    state.flow.watch(base + source, take_result)


def _return(state: State, instance: int, index: int, instruction: Instruction) -> None:
    state.flow.edge(state.node(instance, instruction[1]), state.node(instance, RESULT))


def _import(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, module, whole = instruction
    linking.import_module(state, module, state.node(instance, target), whole=whole)


def _from(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, level, module, name = instruction
    importer = _module(state, instance)
    linking.import_from(state, importer, level, module, name, state.node(instance, target))


def _star(state: State, instance: int, index: int, instruction: Instruction) -> None:
    linking.import_star(state, _module(state, instance), instruction[1], instruction[2])


def _raise(state: State, instance: int, index: int, instruction: Instruction) -> None:
    """`raise Cls` makes an instance."""
    _, source, line = instruction
    site = Site(instance, index, line)

    def raised(value: int) -> None:
        if state.values.kinds[value] == CLASS:
            state.apply(state, site, value, Arguments(), None)

    state.flow.watch(state.node(instance, source), raised)


def _format(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, parts = instruction
    base = state.instances[instance].base
    state.flow.add(base + target, (state.values.external("<builtin>.str"),))
    nodes = tuple(part if isinstance(part, str) else base + part for part in parts)
    texts.join_texts(state, nodes, base + target)


def _test(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, source, line = instruction
    containers.ask(state, Site(instance, index, line), state.node(instance, source), containers.TRUTH)


def _hint(state: State, instance: int, index: int, instruction: Instruction) -> None:
    _, target, annotation, form = instruction
    base = state.instances[instance].base
    state.late.append(partial(expect, state, base + target, base + annotation, form))


def _delete_attribute(state: State, instance: int, index: int, instruction: Instruction) -> None:
    """Add nothing: the graph has no order in time, so what an attribute once held, it holds."""


TABLE: MappingProxyType[int, Handler] = MappingProxyType(
    {
        Opcode.COPY: _copy,
        Opcode.CONSTANT: _constant,
        Opcode.LITERAL: _literal,
        Opcode.NAME: _name,
        Opcode.FREE: _free,
        Opcode.SETNAME: _set_name,
        Opcode.SETFREE: _set_free,
        Opcode.ATTR: _attribute,
        Opcode.SETATTR: _set_attribute,
        Opcode.DELATTR: _delete_attribute,
        Opcode.ITEM: _item,
        Opcode.SETITEM: _set_item,
        Opcode.SLICE: _slice,
        Opcode.CALL: _call,
        Opcode.FUNCTION: _function,
        Opcode.CLASS: _class,
        Opcode.SEQUENCE: _sequence,
        Opcode.DICT: _dict,
        Opcode.ITERATE: _iterate,
        Opcode.UNPACK: _unpack,
        Opcode.ENTER: _enter,
        Opcode.YIELD: _yield,
        Opcode.DELEGATE: _delegate,
        Opcode.RETURN: _return,
        Opcode.IMPORT: _import,
        Opcode.FROM: _from,
        Opcode.STAR: _star,
        Opcode.RAISE: _raise,
        Opcode.OPERATE: operate,
        Opcode.HINT: _hint,
        Opcode.TEST: _test,
        Opcode.FORMAT: _format,
    }
)
