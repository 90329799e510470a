"""Explores a world by the interpreter alone, on whole values: slow, and nothing to get wrong.

It shares no code with the explorer but the interpreter: domains, bounds and what counts as a step
are spelt out anew, so that both are right or one of them is found out. `brute_verdicts` judges.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from steptable.evaluate import Values, empty
from steptable.simulate import Free, Step, take
from steptable.sorts import (
    Bag,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Truth,
    Variant,
)
from steptable.world import Action, Bounds, Delivery, World


class TooLarge(Exception):
    """The world has more states or steps than is worth the time."""


def values_of(sort: Sort, bounds: Bounds) -> list[Any]:
    """Every value of a sort that the environment can choose."""
    match sort:
        case Truth():
            return [False, True]
        case Enum(members=members):
            return [member.value for member in members]
        case Symbol():
            return list(bounds.of(sort))
        case Integer(low, high):
            numbers = range(low, high + 1) if high - low < 100 else bounds.numbers
            return list(numbers)
        case Instant():
            return list(bounds.instants)
        case Optional(of=of):
            return [None, *values_of(of, bounds)]
        case Record(fields=parts):
            names = [part.name for part in parts]
            domains = [values_of(part.sort, bounds) for part in parts]
            return [dict(zip(names, values, strict=True)) for values in product(*domains)]
    raise AssertionError(sort)


def fits(value: Any, sort: Sort, bounds: Bounds) -> bool:
    """Whether a value is within its bounds."""
    match sort:
        case Optional(of=of):
            return value is None or fits(value, of, bounds)
        case Record(fields=parts):
            return all(fits(value[part.name], part.sort, bounds) for part in parts)
        case Map(key=key, value=of):
            known = set(value) <= set(bounds.of(key))
            return known and all(fits(item, of, bounds) for item in value.values())
        case Queue(of=of, capacity=capacity):
            return len(value) <= capacity and all(fits(item, of, bounds) for item in value)
        case Bag(most=most):
            return all(0 <= count <= most for count in value.values())
        case Variant():
            case_of = sort.case(value.name)
            assert case_of is not None
            return fits(value.fields, case_of, bounds)
        case _:
            return value in values_of(sort, bounds)


def frozen(value: Any, sort: Sort) -> Hashable:
    """A value as something to look up; a bag is the same whether or not it says "none"."""
    match sort:
        case Optional(of=of):
            return None if value is None else (frozen(value, of),)
        case Record(fields=parts):
            return tuple(frozen(value[part.name], part.sort) for part in parts)
        case Map(value=of):
            return frozenset((key, frozen(item, of)) for key, item in value.items())
        case Queue(of=of):
            return tuple(frozen(item, of) for item in value)
        case Bag():
            return frozenset((key, count) for key, count in value.items() if count)
        case Variant():
            case_of = sort.case(value.name)
            assert case_of is not None
            return value.name, frozen(value.fields, case_of)
    key: Hashable = value
    return key


@dataclass
class Explored:
    """Every state that a world can reach, and every step between them."""

    world: World
    states: dict[Hashable, Values] = field(default_factory=dict)
    depth: dict[Hashable, int] = field(default_factory=dict)
    steps: dict[Hashable, list[tuple[Step, Hashable]]] = field(default_factory=dict)
    """The steps out of each state, each with where it leads."""
    refused: dict[Hashable, list[Step]] = field(default_factory=dict)
    """What only delivers refused events, and so is no step."""
    overruns: list[int] = field(default_factory=list)
    """The numbers of the steps that leave the bounds of something, counted from 1."""
    told: list[int] = field(default_factory=list)
    """Those of them that are an error even if nothing depends on what leaves its bounds."""


def explore(world: World, *, most_states: int, most_steps: int) -> Explored:
    """Breadth-first, on whole states. Raises `TooLarge` beyond the limits."""
    found = Explored(world)
    waiting = []
    for state in starts_of(world):
        key = frozen(state, world.state)
        if key not in found.states:
            found.states[key], found.depth[key] = state, 0
            waiting.append(key)
    tried = 0
    for here in waiting:
        found.steps[here], found.refused[here] = [], []
        for step in _attempts(world, found.states[here]):
            tried += 1
            if tried > most_steps or len(found.states) > most_states:
                raise TooLarge
            if not is_step(step):
                found.refused[here].append(step)
            elif not all(
                fits(step.after[part.name], part.sort, world.bounds) for part in world.state
            ):
                found.overruns.append(found.depth[here] + 1)
                if not _keeps(world, step.after):
                    found.told.append(found.depth[here] + 1)
            else:
                after = remembered(world, step.after)
                there = frozen(after, world.state)
                found.steps[here].append((step, there))
                if there not in found.states:
                    found.states[there], found.depth[there] = after, found.depth[here] + 1
                    waiting.append(there)
    return found


def starts_of(world: World) -> Iterator[Values]:
    """Every state to start from."""
    for start in world.starts:
        own = dict(start.variables)
        parts: list[list[tuple[str, Any]]] = [
            [(item.name, value) for value in own.get(item.name, item.starts)]
            for item in world.variables
        ]
        for item in world.instances:
            given = dict(dict(start.records)[item.name])
            choices = [given.get(part.name) or (empty(part),) for part in item.machine.record]
            parts.append(
                [
                    (item.name, dict(zip(item.machine.record.names, values, strict=True)))
                    for values in product(*choices)
                ]
            )
        for combination in product(*parts):
            yield dict(combination)


def _keeps(world: World, state: Values) -> bool:
    """Whether every variable is within its bounds, and every field within a range of its own."""
    records = {item.name: item.machine.record for item in world.instances}
    return all(
        _in_range(state[part.name], records[part.name])
        if part.name in records
        else fits(state[part.name], part.sort, world.bounds)
        for part in world.state
    )


def _in_range(value: Any, sort: Sort) -> bool:
    match sort:
        case Optional(of=of):
            return value is None or _in_range(value, of)
        case Record(fields=parts):
            return all(_in_range(value[part.name], part.sort) for part in parts)
        case Map(value=of):
            return all(_in_range(item, of) for item in value.values())
        case Integer(low, high):
            return bool(low <= value <= high)
    return True


def _attempts(world: World, state: Values) -> Iterator[Step]:
    """Every action with every choice, where its guard holds."""
    for action in world.actions:
        for chosen in values_of(Record("choice", _choices(action)), world.bounds):
            frees = [_frees(world, delivery) for delivery in action.deliveries]
            for free in product(*frees):
                step = take(world, state, action, chosen, free)
                if step is not None:
                    yield step


def _choices(action: Action) -> tuple[Field, ...]:
    return tuple(Field(name, sort) for name, sort in action.choices)


def _frees(world: World, delivery: Delivery) -> list[Free]:
    """Everything that the environment may add to a delivery."""
    machine = world.instance(delivery.instance).machine
    fields: list[Values] = [{}]
    if delivery.event is not None:
        fields = _rest(machine.event(delivery.event).fields, dict(delivery.fields), world.bounds)
    policies = _rest(machine.policy, dict(delivery.policy), world.bounds)
    return [Free(*pair) for pair in product(fields, policies)]


def _rest(record: Record, given: Mapping[str, Any], bounds: Bounds) -> list[Values]:
    parts = tuple(part for part in record if part.name not in given)
    return values_of(Record(record.name, parts), bounds)


def is_step(step: Step) -> bool:
    """Whether it is a step at all, and not just events that were refused."""
    accepted = any(applied.row is not None for applied in step.applied)
    return accepted or not step.applied or bool(step.action.sets)


def remembered(world: World, state: Values) -> Values:
    """A state with what instances forget put back."""
    return {
        **state,
        **{
            item.name: {**state[item.name], **dict(item.forgets)}
            for item in world.instances
            if item.forgets
        },
    }
