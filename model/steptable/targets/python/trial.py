"""Tries generated modules before anybody relies on them: they load, and do what is declared.

A generator that has a flaw, or met a declaration that nobody thought of, must not put a module
in place that fails in the one call that counts, or does something else. So each is compiled and
loaded; every name in it, also where nothing comes by, has to be there; the reducer takes some
steps from every state beside the interpreter; the codec reads back what it writes.
"""

from __future__ import annotations

import builtins
import dis
import typing
from collections.abc import Iterator, Set
from contextlib import contextmanager
from random import Random
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

import msgspec

from steptable.errors import GenerationError, is_end_of_memory
from steptable.interpreter.evaluate import Tagged, step
from steptable.machine import Machine, Wire
from steptable.sorts import (
    Duration,
    Enum,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
)
from steptable.targets.python.in_memory import loaded
from steptable.targets.structs import Structs

_STEPS: Final = 6
"""How many inputs are tried of each event in each state."""


def try_modules(machine: Machine, package: str, reducer: str, codec: str | None) -> None:
    """Try the sources of a machine's modules. Raises `GenerationError` for one that fails."""
    with _loaded("reducer", package, reducer) as module:
        structs = Structs(machine, module)
        _take_steps(structs)
        if codec is not None and machine.wire is not None:
            with _loaded("wire", package, codec) as own:
                _read_back(structs, machine.wire, own)


@contextmanager
def _loaded(name: str, package: str, source: str) -> Iterator[ModuleType]:
    """A module that is whole, and what goes wrong with it: that is no fault of who declares."""
    try:
        with loaded(f"{package}.{name}", source) as module:
            _demand_whole(name, source, module)
            yield module
    except GenerationError:
        raise
    except Exception as error:
        if is_end_of_memory(error):
            raise
        said = f"{type(error).__name__}: {error}"
        raise GenerationError(f"{name}.py does not work: {said}") from error


def _demand_whole(name: str, source: str, module: ModuleType) -> None:
    """Look up all that the code and the types of a module name, where nothing comes by as well."""
    known = vars(module).keys() | set(dir(builtins))
    unknown = sorted(set(_loads(compile(source, f"<{name}>", "exec"), known)))
    if unknown:
        raise GenerationError(f"{name}.py uses what it does not define: {', '.join(unknown)}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct):
            msgspec.structs.fields(value)
        elif isinstance(value, FunctionType):
            typing.get_type_hints(value)


def _loads(code: CodeType, declared: Set[str]) -> Iterator[str]:
    """The names of modules that code looks up, in its functions and classes, too."""
    own = {item.argval for item in dis.get_instructions(code) if item.opname == "STORE_NAME"}
    for item in dis.get_instructions(code):
        if item.opname in ("LOAD_GLOBAL", "LOAD_NAME") and item.argval not in declared | own:
            yield item.argval
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _loads(part, declared)


# ── The reducer ──────────────────────────────────────────────────────────────────────


def _take_steps(structs: Structs) -> None:
    machine, dice = structs.machine, Random(0)
    for state in machine.states:
        for event in machine.events:
            for _ in range(_STEPS):
                record = _sample(machine.record, dice) | {machine.state_field.name: state.name}
                given = Tagged(event.name, _sample(event.fields, dice))
                policy = _sample(machine.policy, dice)
                outcome = step(machine, record, given, policy)
                if not structs.agrees(record, given, policy, outcome):
                    raise GenerationError(
                        f"reducer.py does something else than the table with {event.name} in "
                        f"state {state.name}"
                    )


# ── The codec ────────────────────────────────────────────────────────────────────────


def _read_back(structs: Structs, wire: Wire, module: ModuleType) -> None:
    machine, dice = structs.machine, Random(0)
    for fact in machine.facts:
        received = machine.half(fact, wire.receiver)
        for _ in range(_STEPS):
            payload = Tagged(fact.name, _sample(machine.payload(fact), dice))
            fields = {**_sample(wire.envelope, dice), wire.event_field: payload}
            given = {
                part.name: structs.value(part.sort, fields[part.name]) for part in wire.envelope
            }
            envelope = getattr(module, wire.envelope.name)(**given)
            sent = getattr(envelope, wire.event_field)
            event = module.to_event(sent)
            if module.decode(module.encode(envelope)) != envelope:
                raise GenerationError(f"wire.py does not read back what it writes of {fact.name}")
            if type(event).__name__ != received.name or module.to_payload(event) != sent:
                raise GenerationError(f"wire.py does not take {fact.name} for what it is")
    module.json_schema()


# ── Values ───────────────────────────────────────────────────────────────────────────


def _sample(record: Record, dice: Random) -> dict[str, Any]:
    return {part.name: _value(part.sort, dice) for part in record}


def _value(sort: Sort, dice: Random) -> Any:
    """Some value of a sort, out of few, so that values are often the same."""
    match sort:
        case Truth():
            return dice.random() < 0.5
        case Enum():
            return dice.choice(sort.values)
        case Symbol(parts=parts, separator=separator) if parts:
            plain = [letter for letter in "abcdefgh" if letter not in separator][:2]
            return separator.join(dice.choice(plain or "ab") for _ in parts)
        case Symbol():
            return dice.choice("ab")
        case Integer(low=low, high=high):
            least = max(low, min(0, high))
            return dice.randint(least, min(least + 2, high))
        case Instant() | Duration():
            return dice.randint(0, 3)
        case Optional(of=of):
            return None if dice.random() < 0.3 else _value(of, dice)
        case Record():
            return _sample(sort, dice)
        case Map(key=key, value=of):
            return {_value(key, dice): _value(of, dice) for _ in range(dice.randint(0, 2))}
        case Opaque(shape="value", of=of) if of is not None:
            return _value(of, dice)
        case Opaque(shape="list", of=of) if of is not None:
            return tuple(_value(of, dice) for _ in range(dice.randint(0, 2)))
        case Opaque(shape="map", of=of) if of is not None:
            return {"a": _value(of, dice)}
        case Opaque(shape="number"):
            return 0.5
        case Opaque(shape="flag"):
            return True
    return "said"
