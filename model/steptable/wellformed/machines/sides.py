"""Whether each side of the machine does what is its own, and says so."""

from __future__ import annotations

from collections.abc import Iterator

from steptable.errors import Fault
from steptable.machine import BySide, Machine, Row
from steptable.wellformed.machines.structure import missing


def check_sides(machine: Machine) -> list[Fault]:
    """Faults of which side emits what."""
    return [
        *(fault for row in machine.rows for fault in _row(machine, row)),
        *_rehydrated(machine),
    ]


def _row(machine: Machine, row: Row) -> Iterator[Fault]:
    where = f"row '{row.name}'"
    declared = [side for side, _ in row.emits]
    for side in machine.sides:
        if side not in declared:
            advice = f"list the effects of {side.name}, if only as ()"
            problem = f"it does not say what side {side.name} does"
            yield Fault(row.at, where, problem, advice, "missing-side")
    for side in declared:
        yield from missing("side", side, machine.sides, row.at, where)
        for act in row.acts(side):
            if not isinstance(act, BySide):
                continue
            if side not in dict(act.emissions):
                problem = f"'{act.name}' has no effect for side {side.name}"
                advice = "give it one, or remove it here"
                yield Fault(row.at, where, problem, advice, "missing-side")
        for emission in row.emissions(side):
            effect = emission.effect
            yield from missing("effect", effect, machine.effects, emission.at or row.at, where)
            if effect.side not in (None, side):
                owner = effect.side.name if effect.side else ""
                problem = f"side {side.name} emits {effect.name}, which belongs to {owner}"
                advice = f"emit it on side {owner}, or not at all"
                yield Fault(row.at, where, problem, advice, "wrong-side")


def _rehydrated(machine: Machine) -> Iterator[Fault]:
    rehydration = machine.rehydration
    if rehydration is None:
        return
    where = f"rehydration '{rehydration.name}'"
    emissions = [emission for _, listed in rehydration.emits for emission in listed]
    for emission in emissions:
        at = emission.at or rehydration.at
        yield from missing("effect", emission.effect, machine.effects, at, where)
    owners = list(dict.fromkeys(e.effect.side.name for e in emissions if e.effect.side))
    if len(owners) > 1:
        problem = f"it has effects of {' and of '.join(owners)}"
        advice = "one runtime rehydrates: keep the effects of one side"
        yield Fault(rehydration.at, where, problem, advice, "wrong-side")
