"""Asks why something never comes about: which part of its condition is never met.

What has several conditions is tried with the first of them, then with the first two, and so on:
the first with which it comes about no longer is named. Each of these questions is a world of its
own, explored as any other, so that the answer means what a verdict means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, TypeAlias

from steptable import expr
from steptable.check.running import check
from steptable.check.verdicts import Result
from steptable.errors import Location, SpecError
from steptable.explore.usage import Unused
from steptable.machine import Machine, Row
from steptable.parts import delivery_part
from steptable.properties import Property
from steptable.targets.words import words
from steptable.world import Action, Delivery, World

MOST_STATES: Final = 100_000
"""Larger worlds are not explored anew to find out why something never happens."""

MOST_QUESTIONS: Final = 8
"""Of a run in which very much never happens, the first so many things are looked into."""


@dataclass(frozen=True)
class Reason:
    """Why something never comes about, as a sentence, and where to look."""

    text: str
    at: Location

    def __str__(self) -> str:
        return f"{self.text} ({self.at})"


class _TooLarge(Exception):
    """A world has too many states to be explored for the sake of a question."""


def why_never_happens(world: World, action: Action) -> Reason:
    """Which part of its guard keeps an action from ever happening."""
    clauses = _clauses(action.guard)
    probes = [
        replace(action, name=f"{action.name} {n}", guard=_all(clauses[:n]), sets=(), deliveries=())
        for n in range(1, len(clauses))
    ]
    happens = _happening(world, probes)
    number = next((n for n, probe in enumerate(probes) if probe.name not in happens), len(probes))
    return Reason(
        f"this part of its guard is never true{_before(number)}: {words(clauses[number])}",
        _place(clauses[number], action.at),
    )


def why_always_refused(world: World, action: Action, delivery: Delivery) -> Reason | None:
    """By what an event is refused whenever it comes; None where a payload says which it is."""
    if delivery.event is None:
        return None
    machine = world.instance(delivery.instance).machine
    fact = machine.event(delivery.event).fact
    state = expr.Attr(expr.Root(delivery.instance), machine.state_field.name)
    probes = [
        replace(
            action,
            name=f"{action.name} {item.name}",
            guard=_all([*_clauses(action.guard), expr.Compare("==", state, item.as_node())]),
            sets=(),
            deliveries=(),
        )
        for item in machine.states
    ]
    happens = _happening(world, probes)
    known = zip(probes, machine.states, strict=True)
    states = [item.name for probe, item in known if probe.name in happens]
    rows = [row for name in states for row in machine.rows_of(name, fact)]
    came = f"it comes in state {' and '.join(states)}"
    if not rows:
        return Reason(f"{came} alone, where no row takes it", delivery.at)
    guards = [f"guard '{guard.name}' of row '{row.name}'" for row in rows for guard in row.guards]
    by = f"by {' or '.join(guards)}" if guards else "since its number is not above the last one"
    return Reason(f"{came}, and is refused {by}", rows[0].at)


def why_never_taken(results: Sequence[Result], row: Row) -> Reason | None:
    """Which guard of a row is never true where it could be taken; None where that is not known."""
    worlds = [item.world for item in results if _has(item, row)]
    if not worlds or any(item.states > MOST_STATES for item in results if _has(item, row)):
        return None
    for number in range(len(row.guards) + 1):
        tried = replace(row, guards=row.guards[:number])
        if number == len(row.guards) or not any(_takes(world, row, tried) for world in worlds):
            break
    states = " or ".join(state.name for state in row.sources)
    if number == 0:
        text = f"{row.fact.name} never comes in state {states}, in no world"
        return Reason(text, row.at)
    guard = row.guards[number - 1]
    text = f"guard '{guard.name}' is never true{_before(number - 1)} in state {states}"
    return Reason(text, guard.at)


def why_unwitnessed(world: World, item: Property) -> Reason | None:
    """Which part of a condition is never met by a state that meets those before it."""
    clauses = _clauses(item.condition)
    if len(clauses) < 2:
        return None
    asked = tuple(
        replace(item, name=f"{item.name} {n}", condition=_all(clauses[:n]), finding=None)
        for n in range(1, len(clauses))
    )
    found = _explored(replace(_bare(world), properties=asked))
    met = [judgement.verdict == "witnessed" for judgement in found.judgements[: len(asked)]]
    number = met.index(False) if False in met else len(met)
    text = f"this part is never true{_before(number)}: {words(clauses[number])}"
    return Reason(text, _place(clauses[number], item.at))


def _before(number: int) -> str:
    return " where those before it are" if number else ""


def _clauses(condition: expr.Node) -> tuple[expr.Node, ...]:
    return condition.items if isinstance(condition, expr.And) and condition.items else (condition,)


def _all(clauses: Sequence[expr.Node]) -> expr.Node:
    return clauses[0] if len(clauses) == 1 else expr.And(tuple(clauses))


def _place(node: expr.Node, otherwise: Location) -> Location:
    return node.at or otherwise


def _bare(world: World) -> World:
    """A world without what is judged of it: only what happens in it."""
    return replace(world, properties=(), terminal=True, deadlock=None, interchangeable=(), idle=())


def _happening(world: World, probes: Sequence[Action]) -> set[str]:
    """Which of some actions that change nothing would happen in a world."""
    if not probes:
        return set()
    found = _explored(replace(_bare(world), actions=(*world.actions, *probes)))
    return {probe.name for probe in probes} - set(found.idle_actions)


def _explored(world: World) -> Result:
    found = check(world, max_states=MOST_STATES)
    if found.stopped:
        raise _TooLarge
    return found


def _has(result: Result, row: Row) -> bool:
    return any(row in item.machine.rows for item in result.world.instances)


def _takes(world: World, row: Row, tried: Row) -> bool:
    """Whether a row would be taken in a world with other guards."""

    def changed(machine: Machine) -> Machine:
        rows = tuple(tried if item == row else item for item in machine.rows)
        return replace(machine, rows=rows)

    instances = tuple(
        replace(item, machine=changed(item.machine)) for item in _bare(world).instances
    )
    try:
        found = _explored(replace(_bare(world), instances=instances))
        return bool(found.rows_taken.get(row.name))
    except SpecError:  # without its guards it leaves the bounds, so it is taken
        return True


Asked: TypeAlias = tuple[str, Unused | Row | Property]
"""What never comes about, and the world it is said of; of rows, that is all of them: ""."""


def reasons(results: Sequence[Result], rows: Sequence[Row]) -> dict[Asked, Reason]:
    """Why parts of worlds, rows and witnesses never come about, as far as is found out."""
    questions = [question for result in results for question in _of_world(result)]
    questions += [(("", row), partial(why_never_taken, results, row)) for row in rows]
    reason_of: dict[Asked, Reason] = {}
    for asked, answer in questions[:MOST_QUESTIONS]:
        with suppress(_TooLarge):
            if why := answer():
                reason_of[asked] = why
    return reason_of


def _of_world(result: Result) -> Iterator[tuple[Asked, Callable[[], Reason | None]]]:
    """What never comes about in a world, each with how to find out why."""
    world, dead = result.world, {item.name: item for item in result.dead if item.never}
    for action in world.actions:
        if action.name in dead:
            yield (world.name, dead[action.name]), partial(why_never_happens, world, action)
        for number, delivery in enumerate(action.deliveries):
            if part := dead.get(delivery_part(action.name, number)):
                answer = partial(why_always_refused, world, action, delivery)
                yield (world.name, part), answer
    for judgement in result.judgements:
        if judgement.verdict == "unwitnessed":
            item = judgement.judged
            yield (world.name, item), partial(why_unwitnessed, world, item)
