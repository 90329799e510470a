"""Explores a world on whole values: every state, every choice, every step, one after another.

Nothing here is shared with the explorers: what a domain is, what a step is, what is compared
and what leaves its bounds is spelt out anew, from the words of `steptable.world`. Expressions and
rows mean what the interpreter says. It is slow, so that there is nothing to get wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from fuzz.domains import Place, Stray, choices_of, frozen, remembered, strays_in
from steptable import expr
from steptable.interpreter.evaluate import Accepted, Outcome, Tagged, Values, evaluate, step
from steptable.machine import Fact, Machine
from steptable.sorts import MISSING, Field, Integer, Map, Optional, Record, Sort
from steptable.world import Action, Bounds, Delivery, World


class TooLarge(Exception):
    """The world has more states or steps than is worth the time."""


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
            wrong = [*strays_in(happening.after, world), *_strange(world, happening)]
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


def _strange(world: World, happening: Happening) -> Iterator[Stray]:
    """Numbers that an action gives to an event or a policy, and that are none of their sorts."""
    for delivery, arrival in zip(happening.action.deliveries, happening.arrivals, strict=True):
        machine = world.instance(delivery.instance).machine
        fields = machine.event(arrival.event.name).fields
        pairs = ((fields, delivery.fields, arrival.event.fields),)
        for record, given, values in (*pairs, (machine.policy, delivery.policy, arrival.policy)):
            for name, _ in given:
                part = record.get(name)
                assert part is not None
                yield from _beyond(f"{delivery.instance}, {name}", values[name], part.sort)


def _beyond(place: Place, value: Any, sort: Sort) -> Iterator[Stray]:
    """The numbers within a value that are beyond the range of their own sorts."""
    match sort:
        case Integer(low, high) if not low <= value <= high:
            yield Stray(place, is_error=True)
        case Optional(of=of) if value is not None:
            yield from _beyond(place, value, of)
        case Record(fields=parts):
            for part in parts:
                yield from _beyond(place, value[part.name], part.sort)
        case Map(value=of):
            for item in value.values():
                yield from _beyond(place, item, of)


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
        # Effects, which may read what the other half alone has, are not asked for.
        outcome = step(machine, record, Tagged(name, fields), arrival.policy, emits=False)
        accepted = isinstance(outcome, Accepted)
        after = outcome.record if isinstance(outcome, Accepted) else record
        return {"accepted": accepted, "record": after}

    return rerun
