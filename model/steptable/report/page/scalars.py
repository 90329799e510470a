"""What the scalars of a system are called on the page, and when they mean something.

The engine stores a value that is not there as the first of its domain (`explore.shapes`);
a reader must not take such a stand-in for a value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from steptable.explore.system.transitions import TransitionSystem, choice_sort
from steptable.machine import Machine
from steptable.partial.shapes import Decomposer, Variable, entry_name, union
from steptable.report.traces.values import shown
from steptable.sorts import Bag, Integer, Map, Optional, Queue, Record, Sort, Variant
from steptable.world import Action, Bounds

Condition: TypeAlias = tuple[str, tuple[Any, ...]]
"""A scalar, and the values of which it must have one."""


def of_states(system: TransitionSystem) -> dict[str, tuple[Condition, ...]]:
    """For each scalar of a whole state, all that must be so lest it only stands in."""
    bounds = system.world.bounds
    parts = (_within(part.name, part.sort, bounds, ()) for part in system.world.state)
    return {name: given for found in parts for name, given in found}


def of_choices(system: TransitionSystem) -> dict[str, tuple[Condition, ...]]:
    """The same for each scalar that the environment chooses."""
    bounds = system.world.bounds
    return {
        scalar: given
        for number, action in enumerate(system.world.actions)
        for name, record in _choices(system, action)
        for scalar, given in _within(f"a{number}.{name}", record, bounds, ())
    }


def _choices(system: TransitionSystem, action: Action) -> Iterator[tuple[str, Record]]:
    """What the environment may choose of an action, by the prefix of its scalars."""
    yield "choice", choice_sort(action)
    for number, delivery in enumerate(action.deliveries):
        machine: Machine = system.world.instance(delivery.instance).machine
        yield f"{number}.policy", machine.policy
        if delivery.event is not None:
            yield f"{number}.event", machine.event(delivery.event).fields


def _within(
    name: str, sort: Sort, bounds: Bounds, given: tuple[Condition, ...]
) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    """The scalars of a value with their conditions; the names are those of `explore.shapes`."""
    match sort:
        case Optional(of=of):
            yield f"{name}?", given
            yield from _within(name, of, bounds, (*given, (f"{name}?", (True,))))
        case Record(fields=fields):
            for part in fields:
                yield from _within(f"{name}.{part.name}", part.sort, bounds, given)
        case Map(key=key, value=value):
            for at in Decomposer(bounds).keys(name, key):
                entry = value if sort.total else Optional(value)
                yield from _within(entry_name(name, at), entry, bounds, given)
        case Queue(of=of, capacity=capacity):
            yield f"{name}#", given
            for slot in range(capacity):
                longer = (f"{name}#", tuple(range(slot + 1, capacity + 1)))
                yield from _within(f"{name}[{slot}]", of, bounds, (*given, longer))
        case Variant(cases=cases):
            yield f"{name}.kind", given
            for part in union(sort):
                kinds = tuple(case.name for case in cases if case.get(part.name) is not None)
                of_kind = (f"{name}.kind", kinds)
                yield from _within(f"{name}.{part.name}", part.sort, bounds, (*given, of_kind))
        case Bag(of=of):
            for at in Decomposer(bounds).keys(name, of):
                yield entry_name(name, at), given
        case _:
            yield name, given


def place(system: TransitionSystem, name: str) -> tuple[str, str]:
    """Whose a scalar is, "" where it is nobody's in particular, and its name there."""
    if name in system.parameters:
        for mark, scope in ((".choice.", ""), (".event.", ""), (".policy.", "policy ")):
            _, found, chosen = name.partition(mark)
            if found:
                return "", f"{scope}{chosen}"
    owner, _, rest = name.partition(".")
    is_owned = any(item.name == owner for item in system.world.instances)
    return (owner, rest) if is_owned else ("", name)


def told(system: TransitionSystem, variable: Variable) -> dict[str, Any]:
    """A scalar as the page tells of it: whose it is, its name, and what its values are called."""
    scope, name = place(system, variable.name)
    made: dict[str, Any] = {"scope": scope, "name": name}
    if name.endswith("?"):
        return made | {"name": name[:-1], "words": ["nothing", "something"]}
    if name.endswith("#"):
        made["name"] = f"length of {name[:-1]}"
    if variable.is_numeric:
        made["numbers"] = variable.domain
    if not isinstance(variable.sort, Integer):
        made["words"] = [shown(variable.sort, value, None) for value in variable.domain]
    return made


def below(name: str, others: Mapping[str, int]) -> bool:
    """Whether the value that a presence (`name?`) is about has scalars among others."""
    value = name.removesuffix("?")
    return any(
        other == value
        or (other != name and other.startswith((f"{value}.", f"{value}[", f"{value}#")))
        for other in others
    )
