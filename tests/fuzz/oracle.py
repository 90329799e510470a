"""Explores a world on whole values: every state, every choice, every step, one after another.

Nothing here is shared with the explorers: what a domain is, what a step is, what is compared
and what leaves its bounds is spelt out anew, from the words of `steptable.world`. Expressions and
rows mean what the interpreter says. It is slow, so that there is nothing to get wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final, TypeAlias

from fuzz.vocabulary import stand_in
from steptable import expr
from steptable.evaluate import Accepted, Outcome, Tagged, Values, evaluate, step
from steptable.machine import Fact, Machine
from steptable.sorts import (
    MISSING,
    Bag,
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Truth,
    Variant,
)
from steptable.world import Action, Bounds, Delivery, World

Place: TypeAlias = str
"""Where a value is, as the explorers name it: `host.probes[a]?`, `host.probes[a].status`."""

MOST_NUMBERS: Final = 4096
"""An integer with more values takes those that the bounds of the world give to numbers."""


class TooLarge(Exception):
    """The world has more states or steps than is worth the time."""


# ── Domains ──────────────────────────────────────────────────────────────────────────


def choices_of(sort: Sort, bounds: Bounds) -> list[Any]:
    """Every value of a sort that the environment can choose."""
    match sort:
        case Optional(of=of):
            return [None, *choices_of(of, bounds)]
        case Record(fields=parts):
            domains = [choices_of(part.sort, bounds) for part in parts]
            names = [part.name for part in parts]
            return [dict(zip(names, values, strict=True)) for values in product(*domains)]
        case Opaque():
            return [stand_in(sort)]
    return list(domain(sort, bounds))


def domain(sort: Sort, bounds: Bounds) -> Sequence[Any]:
    """The values of a scalar sort in a world."""
    match sort:
        case Truth():
            return (False, True)
        case Enum(values=values):
            return values
        case Symbol():
            return next((texts for symbol, texts in bounds.symbols if symbol == sort), ())
        case Integer(low, high):
            return range(low, high + 1) if high - low < MOST_NUMBERS else bounds.numbers
        case Instant() | Duration():
            return bounds.instants
    raise TypeError(sort)


@dataclass(frozen=True)
class Stray:
    """A value that is stored and is not in the domain of its place."""

    place: Place
    is_error: bool
    """Whether it is one even if nothing depends on the place."""


def strays(
    place: Place, value: Any, sort: Sort, world: World, *, of_record: bool
) -> Iterator[Stray]:
    """Everything within a value that is not in the domain of its place."""
    match sort:
        case Optional(of=of):
            if value is not None:
                yield from strays(place, value, of, world, of_record=of_record)
        case Record(fields=parts):
            for part in parts:
                inside = value[part.name]
                name = f"{place}.{part.name}"
                yield from strays(name, inside, part.sort, world, of_record=of_record)
        case Map(key=key, value=of):
            for at, item in value.items():
                if at not in domain(key, world.bounds):
                    yield Stray(f"{place}[{at}]", True)
                yield from strays(f"{place}[{at}]", item, of, world, of_record=of_record)
        case Queue(of=of, capacity=capacity):
            if len(value) > capacity:
                yield Stray(f"{place}#", True)
            for at, item in enumerate(value[:capacity]):
                yield from strays(f"{place}[{at}]", item, of, world, of_record=of_record)
        case Bag(of=of, most=most):
            for at, count in value.items():
                if at not in domain(of, world.bounds):
                    yield Stray(f"{place}[{at}]", True)
                if not 0 <= count <= most:
                    yield Stray(f"{place}[{at}]", True)
        case Variant(cases=cases):
            case_of = next(case for case in cases if case.name == value.name)
            yield from strays(place, value.fields, case_of, world, of_record=of_record)
        case Opaque():
            return
        case _:
            if value not in domain(sort, world.bounds):
                yield Stray(place, not (of_record and _may_be_any(sort)))


def _may_be_any(sort: Sort) -> bool:
    """Whether bounds of the world, not the sort itself, say which numbers or times there are."""
    is_large = isinstance(sort, Integer) and sort.high - sort.low >= MOST_NUMBERS
    return is_large or isinstance(sort, Instant | Duration)


def strays_in(state: Values, world: World) -> list[Stray]:
    """Everything in a state that is not in the domain of its place, when a step has been taken."""
    records = {item.name for item in world.instances}
    state = remembered(world, state)
    return [
        stray
        for part in world.state
        for stray in strays(
            part.name, state[part.name], part.sort, world, of_record=part.name in records
        )
    ]


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
        case Variant(cases=cases):
            case_of = next(case for case in cases if case.name == value.name)
            return value.name, frozen(value.fields, case_of)
        case Opaque():
            return None  # nothing tells two of them apart
    key: Hashable = value
    return key


# ── Steps ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Arrival:
    """An event that reached an instance, and what came of it."""

    instance: str
    event: Tagged
    policy: Values
    before: Values
    outcome: Outcome

    @property
    def accepted(self) -> bool:
        return isinstance(self.outcome, Accepted)

    @property
    def after(self) -> Values:
        return self.outcome.record if isinstance(self.outcome, Accepted) else self.before

    @property
    def effects(self) -> tuple[Tagged, ...]:
        return self.outcome.effects if isinstance(self.outcome, Accepted) else ()


@dataclass(frozen=True)
class Happening:
    """An action with its choices, from one state to another."""

    action: Action
    before: Values
    arrivals: tuple[Arrival, ...]
    after: Values

    @property
    def is_step(self) -> bool:
        """Whether anything happened at all: not just events that were refused."""
        accepted = any(arrival.accepted for arrival in self.arrivals)
        return accepted or not self.arrivals or bool(self.action.sets)

    @property
    def rows(self) -> list[str]:
        """The rows that were taken."""
        outcomes = (arrival.outcome for arrival in self.arrivals)
        return [outcome.row.name for outcome in outcomes if isinstance(outcome, Accepted)]


def happenings(world: World, state: Values) -> Iterator[Happening]:
    """Everything that can happen in a state, each action with each of its choices."""
    for action in world.actions:
        names = [name for name, _ in action.choices]
        domains = [choices_of(sort, world.bounds) for _, sort in action.choices]
        for values in product(*domains):
            env = {**state, "choice": dict(zip(names, values, strict=True))}
            if evaluate(action.guard, env):
                yield from _happen(world, state, action, env)


def _happen(world: World, state: Values, action: Action, env: Values) -> Iterator[Happening]:
    sets = {name: evaluate(node, env) for name, node in action.sets}
    reaching = [list(_reaching(world, delivery, env)) for delivery in action.deliveries]
    for arriving in product(*reaching):
        after = {**state, **sets}
        arrivals = []
        for delivery, (event, policy) in zip(action.deliveries, arriving, strict=True):
            instance = world.instance(delivery.instance)
            record = after[instance.name]
            outcome = step(instance.machine, record, event, policy)
            arrivals.append(Arrival(instance.name, event, policy, record, outcome))
            if isinstance(outcome, Accepted):
                after[instance.name] = outcome.record
                reactions = dict(instance.reactions)
                for effect in outcome.effects:
                    seen = {**after, "effect": effect.fields}
                    after |= {
                        name: evaluate(node, seen) for name, node in reactions.get(effect.name, ())
                    }
        yield Happening(action, state, tuple(arrivals), after)


def _reaching(world: World, delivery: Delivery, env: Values) -> Iterator[tuple[Tagged, Values]]:
    """Each event that a delivery may be, with each policy."""
    machine = world.instance(delivery.instance).machine
    for policy in _filled(machine.policy, delivery.policy, env, world.bounds):
        if delivery.event is not None:
            fields = machine.event(delivery.event).fields
            for values in _filled(fields, delivery.fields, env, world.bounds):
                yield Tagged(delivery.event, values), policy
        else:
            assert delivery.payload is not None
            assert machine.wire is not None
            payload: Tagged = evaluate(delivery.payload, env)
            fact = next(fact for fact in machine.facts if fact.name == payload.name)
            half = dict(fact.halves)[machine.wire.receiver]
            yield Tagged(half, payload.fields), policy


def _filled(
    record: Record, given: Sequence[tuple[str, expr.Node]], env: Values, bounds: Bounds
) -> Iterator[Values]:
    """The fields of a record: those that are given, and every choice of the others."""
    known = {name: evaluate(node, env) for name, node in given}
    free = Record(record.name, tuple(part for part in record if part.name not in known))
    for values in choices_of(free, bounds):
        yield {**values, **known}


def remembered(world: World, state: Values) -> Values:
    """A state with what instances forget put back."""
    forgets = {item.name: dict(item.forgets) for item in world.instances if item.forgets}
    return {**state, **{name: {**state[name], **kept} for name, kept in forgets.items()}}


# ── The search ───────────────────────────────────────────────────────────────────────


@dataclass
class Explored:
    """Every state that a world can reach, and every step between them."""

    world: World
    keeps: Callable[[Place], bool]
    states: dict[Hashable, Values] = field(default_factory=dict)
    depth: dict[Hashable, int] = field(default_factory=dict)
    steps: dict[Hashable, list[tuple[Happening, Hashable]]] = field(default_factory=dict)
    """The steps out of each state, each with where it leads."""
    refused: dict[Hashable, list[Happening]] = field(default_factory=dict)
    """What only delivers refused events, and so is no step."""
    overruns: list[tuple[int, Happening, tuple[Stray, ...]]] = field(default_factory=list)
    """The steps that leave the bounds of something, numbered from 1."""

    @property
    def first_overrun(self) -> int | None:
        return min((number for number, *_ in self.overruns), default=None)


def everything(_: Place) -> bool:
    """That every place is kept."""
    return True


def explore(
    world: World,
    keeps: Callable[[Place], bool] = everything,
    *,
    most_states: int,
    most_steps: int,
) -> Explored:
    """Breadth-first, on whole states. Raises `TooLarge` beyond the limits.

    A value outside its domain is an overrun if its place is kept, or if it is one anyway.
    """
    found = Explored(world, keeps)
    waiting: list[Hashable] = []
    for state in starts_of(world):
        key = frozen(state, world.state)
        if key not in found.states:
            found.states[key], found.depth[key] = state, 0
            waiting.append(key)
    tried = 0
    for here in waiting:
        found.steps[here], found.refused[here] = [], []
        for happening in happenings(world, found.states[here]):
            tried += 1
            if tried > most_steps or len(found.states) > most_states:
                raise TooLarge
            if not happening.is_step:
                found.refused[here].append(happening)
                continue
            wrong = strays_in(happening.after, world)
            told = tuple(stray for stray in wrong if stray.is_error or keeps(stray.place))
            if told:
                found.overruns.append((found.depth[here] + 1, happening, told))
                continue
            after = remembered(world, happening.after)
            there = frozen(after, world.state)
            found.steps[here].append((happening, there))
            if there not in found.states:
                found.states[there], found.depth[there] = after, found.depth[here] + 1
                waiting.append(there)
    return found


def reached(
    world: World, seen_by: World, *, depth: int, most_states: int
) -> Iterator[set[Hashable]]:
    """What can be come to in so many steps, as another world, which forgets, would see it.

    It ends where there are too many states. What leaves its bounds is gone on with.
    """
    level = {frozen(state, world.state): state for state in starts_of(world)}
    for _ in range(depth + 1):
        if len(level) > most_states:
            return
        yield {frozen(remembered(seen_by, state), world.state) for state in level.values()}
        afters = (
            remembered(world, happening.after)
            for state in level.values()
            for happening in happenings(world, state)
            if happening.is_step
        )
        level = {frozen(after, world.state): after for after in afters}


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
            names = item.machine.record.names
            choices = [given.get(part.name) or (_empty(part),) for part in item.machine.record]
            parts.append(
                [(item.name, dict(zip(names, values, strict=True))) for values in product(*choices)]
            )
        for combination in product(*parts):
            yield dict(combination)


def _empty(part: Field) -> Any:
    """What a field holds where nothing is said of it."""
    if isinstance(part.default, expr.Node):
        return evaluate(part.default, {})
    if part.default is not MISSING:
        return part.default
    return {} if isinstance(part.sort, Map) else None


# ── What promises speak of ───────────────────────────────────────────────────────────


def step_env(happening: Happening) -> dict[str, Any]:
    """What a promise over steps speaks of."""
    return {
        "before": happening.before,
        "after": happening.after,
        "action": happening.action.name,
    }


def event_env(world: World, arrival: Arrival) -> dict[str, Any]:
    """What a promise over events speaks of."""
    machine = world.instance(arrival.instance).machine
    event = machine.event(arrival.event.name)
    return {
        "before": arrival.before,
        "after": arrival.after,
        "event": arrival.event.fields,
        "step": {
            "accepted": arrival.accepted,
            "side": event.side.name,
            "fact": event.fact.name,
            "effects": arrival.effects,
        },
        "rerun": _rerun(machine, event.fact, arrival),
    }


def _rerun(machine: Machine, fact: Fact, arrival: Arrival) -> Callable[[str, Values], Values]:
    def rerun(half: str, record: Values) -> Values:
        name = arrival.event.name
        if half == "other":
            name = next(other for _, other in fact.halves if other != name)
        fields: Mapping[str, Any] = arrival.event.fields
        if half == "other":
            own = machine.event(name).fields.names
            fields = {part: arrival.event.fields.get(part) for part in own}
        outcome = step(machine, record, Tagged(name, fields), arrival.policy)
        accepted = isinstance(outcome, Accepted)
        after = outcome.record if isinstance(outcome, Accepted) else record
        return {"accepted": accepted, "record": after}

    return rerun
