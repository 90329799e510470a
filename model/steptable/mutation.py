"""Asks whether each guard is needed: what falls when it is taken away.

A guard that can be dropped without any property noticing is either superfluous or a promise
that nobody has written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from steptable.check import Result, check
from steptable.machine import Guard, Machine, Row
from steptable.world import World


def unneeded_guards(results: Sequence[Result]) -> list[tuple[Row, Guard]]:
    """The guards whose absence no world notices; the smallest worlds are tried first."""
    tried = sorted(results, key=lambda result: result.states)
    guards = {
        (row.name, guard.name): (row, guard)
        for result in tried
        for instance in result.world.instances
        for row in instance.machine.rows
        for guard in row.guards
    }
    return [
        (row, guard)
        for row, guard in guards.values()
        if not any(_notices(result, row, guard) for result in tried)
    ]


def without_guard(machine: Machine, row: Row, guard: Guard) -> Machine:
    """The machine with one guard of one row taken away."""
    kept = tuple(other for other in row.guards if other != guard)
    rows = tuple(replace(other, guards=kept) if other == row else other for other in machine.rows)
    return replace(machine, rows=rows)


def _notices(result: Result, row: Row, guard: Guard) -> bool:
    world = result.world
    if not any(row in instance.machine.rows for instance in world.instances):
        return False
    return list(_verdicts(check(_changed(world, row, guard)))) != list(_verdicts(result))


def _changed(world: World, row: Row, guard: Guard) -> World:
    instances = tuple(
        replace(instance, machine=without_guard(instance.machine, row, guard))
        for instance in world.instances
    )
    return replace(world, instances=instances)


def _verdicts(result: Result) -> Iterator[tuple[str, str, bool, str]]:
    for judgement in result.judgements:
        yield judgement.judged.name, judgement.verdict, judgement.vacuous, judgement.remark
