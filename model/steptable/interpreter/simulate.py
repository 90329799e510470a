"""One step of a world, by the interpreter: what an action means, on whole values.

Slow and obvious, like the interpreter of machines that it is built on; every explorer is
tested against it, and each trace is walked again with it before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from steptable.interpreter.evaluate import Accepted, Outcome, Tagged, Values, evaluate, step
from steptable.machine import Event, Machine, Row
from steptable.world import Action, Delivery, World


@dataclass(frozen=True)
class Applied:
    """An event that reached an instance, and what came of it."""

    instance: str
    event: Tagged
    policy: Values
    before: Values
    outcome: Outcome

    @property
    def after(self) -> Values:
        return self.outcome.record if isinstance(self.outcome, Accepted) else self.before

    @property
    def row(self) -> Row | None:
        return self.outcome.row if isinstance(self.outcome, Accepted) else None

    @property
    def effects(self) -> tuple[Tagged, ...]:
        return self.outcome.effects if isinstance(self.outcome, Accepted) else ()


@dataclass(frozen=True)
class Step:
    """One action taken: with which choices, from where, what it delivered, to where."""

    action: Action
    choices: Values
    before: Values
    applied: tuple[Applied, ...]
    after: Values


@dataclass(frozen=True)
class Free:
    """What the environment chooses of a delivery: event fields and policy that are not given."""

    fields: Values
    policy: Values


def take(
    world: World, state: Values, action: Action, choices: Values, free: Sequence[Free]
) -> Step | None:
    """The step of an action, or None where its guard does not hold."""
    env = {**state, "choice": choices}
    if not evaluate(action.guard, env):
        return None
    after = {**state, **{name: evaluate(node, env) for name, node in action.sets}}
    applied = []
    for delivery, chosen in zip(action.deliveries, free, strict=True):
        machine = world.instance(delivery.instance).machine
        event = _event(machine, delivery, env, chosen)
        given = {name: evaluate(node, env) for name, node in delivery.policy}
        policy = {**chosen.policy, **given}
        record = after[delivery.instance]
        outcome = step(machine, record, event, policy)
        applied.append(Applied(delivery.instance, event, policy, record, outcome))
        if isinstance(outcome, Accepted):
            after[delivery.instance] = outcome.record
            after = _reacted(world, delivery.instance, outcome.effects, after)
    return Step(action, choices, state, tuple(applied), after)


def _event(machine: Machine, delivery: Delivery, env: Values, chosen: Free) -> Tagged:
    if delivery.event is not None:
        given = {name: evaluate(node, env) for name, node in delivery.fields}
        return Tagged(delivery.event, {**chosen.fields, **given})
    if delivery.payload is None or machine.wire is None:
        raise TypeError("a delivery needs an event, or a payload of a machine with a wire")
    payload: Tagged = evaluate(delivery.payload, env)
    fact = next(item for item in machine.facts if item.name == payload.name)
    return Tagged(machine.half(fact, machine.wire.receiver).name, payload.fields)


def _reacted(
    world: World, instance: str, effects: tuple[Tagged, ...], state: dict[str, Any]
) -> dict[str, Any]:
    reactions = dict(world.instance(instance).reactions)
    for effect in effects:
        env = {**state, "effect": effect.fields}
        sets = reactions.get(effect.name, ())
        state = {**state, **{name: evaluate(node, env) for name, node in sets}}
    return state


def event_env(machine: Machine, applied: Applied) -> dict[str, Any]:
    """What a property over events speaks of, for an event that was applied."""
    event = machine.event(applied.event.name)
    return {
        "before": applied.before,
        "after": applied.after,
        "event": applied.event.fields,
        "step": {
            "accepted": applied.row is not None,
            "side": event.side.name,
            "fact": event.fact.name,
            "effects": applied.effects,
        },
        "rerun": _rerun(machine, event, applied),
    }


def step_env(taken: Step) -> dict[str, Any]:
    """What a property over steps speaks of."""
    return {"before": taken.before, "after": taken.after, "action": taken.action.name}


def _rerun(machine: Machine, event: Event, applied: Applied) -> Callable[[str, Values], Values]:
    def rerun(half: str, record: Values) -> Values:
        kind = event
        if half == "other":
            kind = machine.other_half(event)
        # The other half may have fields of its own, which nothing but its effects may read.
        fields = {name: applied.event.fields.get(name) for name in kind.fields.names}
        event_of_kind = Tagged(kind.name, fields)
        outcome = step(machine, record, event_of_kind, applied.policy, emits=False)
        taken = isinstance(outcome, Accepted)
        return {
            "accepted": taken,
            "record": outcome.record if isinstance(outcome, Accepted) else record,
        }

    return rerun
