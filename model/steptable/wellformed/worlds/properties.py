"""Whether properties speak of what there is, and findings are of what can fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from steptable import expr
from steptable.errors import Fault, Location
from steptable.machine import Machine
from steptable.properties import Finding, Property
from steptable.sorts import TRUTH, Sort
from steptable.wellformed.machines.structure import missing
from steptable.wellformed.worlds.scopes import (
    event_scope,
    machines_in,
    sorter_of,
    state_scope,
    step_scope,
    unknown,
)
from steptable.world import World

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "state": ("always", "never", "sometimes"),
    "step": ("always",),
    "event": ("always",),
    "run": ("eventually", "leads_to"),
}
"""What can be said over each of the things that a property may speak of."""


def check_properties(world: World) -> Iterator[Fault]:
    """Faults of properties, and of where a world says that all is done."""
    for item in world.properties:
        where = f"world '{world.name}', property '{item.name}'"
        yield from _frame(world, item, where)
        match item.scope:
            case "event":
                yield from _over_events(world, item, where)
            case "step":
                yield from _condition(world, item, f"property '{item.name}'", step_scope(world))
            case "state" | "run":
                yield from _condition(world, item, f"property '{item.name}'", state_scope(world))
    sorter = sorter_of(world, "where it may end", world.at, state_scope(world))
    sorter.expect(world.may_end, TRUTH, "the condition")
    yield from sorter.faults
    if world.deadlock is not None:
        yield from _known_deadlock(world, world.deadlock)


def _known_deadlock(world: World, finding: Finding) -> Iterator[Fault]:
    where = f"world '{world.name}', its known deadlock"
    if world.may_end_anywhere:
        problem = "deadlocks are not looked for in a world that may end anywhere"
        advice = "say where it may end, or remove the finding"
        yield Fault(world.at, where, problem, advice, "bad-finding")
    yield from _pin(world, finding, world.at, where)


def _frame(world: World, item: Property, where: str) -> Iterator[Fault]:
    yield from unknown("scope", item.scope, _KINDS, item.at, where)
    kinds = _KINDS.get(item.scope, (item.kind,))
    yield from unknown(f"property over a {item.scope} of kind", item.kind, kinds, item.at, where)
    if item.finding is None:
        return
    if item.kind == "sometimes":
        problem = "it wants a witness, and a finding pins a counterexample"
        advice = "write never(...), which fails where there is a witness"
        yield Fault(item.at, where, problem, advice, "bad-finding")
    yield from _pin(world, item.finding, item.at, where)


def _pin(world: World, finding: Finding, at: Location, where: str) -> Iterator[Fault]:
    if finding.length < 0:
        problem = f"its counterexample can't have {finding.length} steps"
        yield Fault(at, where, problem, "write how many there are", "bad-finding")
    known = [action.name for action in world.actions]
    for name in finding.through:
        yield from unknown("action", name, known, finding.at, f"{where}, its finding")
    if len(finding.through) > max(finding.length, 0):
        problem = f"it goes through more actions than the {finding.length} steps that it has"
        yield Fault(finding.at, where, problem, "leave some out", "bad-finding")


def _over_events(world: World, item: Property, where: str) -> Iterator[Fault]:
    names = [instance.name for instance in world.instances]
    if item.instance is not None and item.instance not in names:
        yield from unknown("instance", item.instance, names, item.at, where)
        return
    machines = machines_in(world, item.instance)
    if not machines:
        problem = "no event happens in a world without instances"
        yield Fault(item.at, where, problem, "speak of states or steps", "no-event")
        return
    if item.fact is not None:
        facts = [fact for machine in machines for fact in machine.facts]
        yield from missing("fact", item.fact, facts, item.at, where)
        machines = [machine for machine in machines if item.fact in machine.facts]
    for machine in machines:
        named = f"property '{item.name}'"
        if len(machines) > 1:
            named += f" of events of {machine.name}"
        yield from _condition(world, item, named, event_scope(machine, item))
    if machines:
        yield from _effects(item, machines, where)


def _condition(world: World, item: Property, where: str, scope: dict[str, Sort]) -> Iterator[Fault]:
    sorter = sorter_of(world, where, item.at, scope)
    sorter.expect(item.condition, TRUTH, "its condition")
    if item.premise is not None:
        sorter.expect(item.premise, TRUTH, "its premise")
    yield from sorter.faults


def _effects(item: Property, machines: list[Machine], where: str) -> Iterator[Fault]:
    known = [effect.name for machine in machines for effect in machine.effects]
    for node in expr.walk(item.condition):
        if isinstance(node, expr.Emitted):
            yield from unknown("effect", node.effect, known, node.at or item.at, where)
