"""Whatever stands in a declaration in place of what belongs there is a fault, and never an error.

Every field of every kind of declared value, in machines and worlds, is replaced by a value of each
wrong kind, since a declaration may be made without the functions that look at their arguments.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import partial
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import pytest

from steptable.errors import Fault, Location, SpecError
from steptable.expr import Node
from steptable.kinds import is_a
from steptable.machine import Machine
from steptable.properties import Finding
from steptable.sorts import TRUTH
from steptable.terms import root
from steptable.wellformed import faults_of
from steptable.wellformed.worlds import faults_of_world
from steptable.world import Alike, Idle, World
from support.faulty.parcel import PRINT, SCANNED, SENDER, SENT, parcel
from support.faulty.road import road

WHOLE: Final = replace(
    road,
    deadlock=Finding(1, "It stands still.", "Push it.", ("send",), at=road.at),
    idle=(Idle("send", "Nobody writes."),),
    interchangeable=(Alike(("sender", "carrier")),),
)

WRONG: Final[Mapping[str, Any]] = {
    "a truth": True,
    "a number": 3,
    "a fraction": 1.5,
    "a text": "text",
    "nothing": None,
    "a list": [1],
    "a pair": (1, 2),
    "an empty tuple": (),
    "a dict": {1: 2},
    "a generator": iter(()),
    "a class": Machine,
    "a function": len,
    "a term": root("x"),
    "a node": root("x").node,
    "a state": SENT,
    "a sort": TRUTH,
    "a fact": SCANNED,
    "an effect": PRINT,
    "a side": SENDER,
    "a machine": parcel,
    "a world": road,
    "bytes": b"bytes",
}

_FREE: Final = frozenset({"at", "default", "starts", "records", "forgets", "value", "variables"})
"""Fields that hold any value; what may stand there is said by the sort of their place."""


def places(whole: Any) -> Iterator[tuple[tuple[Any, ...], type, str]]:
    """A way to each field of each kind of value within a declaration, each kind once."""
    seen: set[type] = set()
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(whole, ())]
    while waiting:
        value, path = waiting.pop(0)
        if isinstance(value, tuple):
            waiting += [(item, (*path, number)) for number, item in enumerate(value)]
        elif is_dataclass(value) and not isinstance(value, type | Location | Node):
            if isinstance(value, Machine) and path:
                continue
            kind = type(value)
            for part in fields(value):
                waiting.append((getattr(value, part.name), (*path, part.name)))
                if kind not in seen and part.name not in _FREE:
                    yield (*path, part.name), kind, part.name
            seen.add(kind)


def put(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The whole with another value in one place."""
    if not path:
        return value
    first, *rest = path
    if isinstance(whole, tuple):
        inner = put(whole[first], tuple(rest), value)
        return (*whole[:first], inner, *whole[first + 1 :])
    return replace(whole, **{first: put(getattr(whole, first), tuple(rest), value)})


def allows(hint: Any, value: Any) -> bool:
    """Whether an annotation allows a value, with all that it consists of."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(allows(kind, value) for kind in get_args(hint))
    if not is_a(value, hint):
        return False
    if isinstance(value, tuple) and get_origin(hint) is tuple:
        kinds = get_args(hint)
        kinds = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
        return all(map(allows, kinds, value))
    return True


def cases() -> Iterator[Any]:
    for whole in (parcel, WHOLE):
        for path, kind, name in places(whole):
            hint = get_type_hints(kind)[name]
            identity = f"{type(whole).__name__}-{kind.__name__}.{name}"
            yield pytest.param(whole, path, hint, id=identity)


def judged(declare: Callable[[], Machine | World]) -> tuple[Fault, ...]:
    try:
        declared = declare()
    except SpecError as error:
        return error.faults
    return faults_of(declared) if isinstance(declared, Machine) else faults_of_world(declared)


@pytest.mark.parametrize(("whole", "path", "hint"), list(cases()))
def test_a_part_of_a_wrong_kind_is_a_fault(whole: Any, path: tuple[Any, ...], hint: Any) -> None:
    """One check stands before all others, which may then rely on what annotations say."""
    wrong = {what: value for what, value in WRONG.items() if not allows(hint, value)}

    slugs = {
        what: {fault.slug for fault in judged(partial(put, whole, path, value))}
        for what, value in wrong.items()
    }
    # A term is made of what is given as soon as it is, like that of a guard.
    slug = "not-a-term" if path == ("terminal",) else "wrong-kind"
    assert {what: {slug} for what in wrong} == slugs


@pytest.mark.parametrize("what", WRONG)
def test_any_value_to_start_with_is_judged_by_its_sort(what: str) -> None:
    """What a world starts from is plain values, of which annotations say nothing."""
    value, start = WRONG[what], road.starts[0]
    records = {instance: dict(given) for instance, given in start.records}
    letters = replace(road.variables[0], starts=(value,))

    for name in records["sender"]:
        odd = records | {"sender": records["sender"] | {name: (value,)}}
        given = tuple((instance, tuple(parts.items())) for instance, parts in odd.items())
        is_one = name == "due_at" and value is None
        assert (
            bool(faults_of_world(replace(road, starts=(replace(start, records=given),)))) != is_one
        )
    is_one = what == "an empty tuple"
    assert bool(faults_of_world(replace(road, variables=(letters, *road.variables[1:])))) != is_one
