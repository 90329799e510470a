"""What falls when a part of a row is taken away, of machines that read what need not be there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steptable.check import check
from steptable.check.mutation import unneeded_guards
from steptable.machine import Guard
from steptable.properties import never
from steptable.sorts import Field, Integer, Optional
from steptable.terms import root
from steptable.world import Action, Bounds, Instance, Start, World, deliver
from support.turnstile import Counter, machine, record

gate = root("gate")
HELD = Guard.declare("held", record.held.is_known, must="somebody must hold it")
WHY: dict[str, Any] = {"why": "It was promised.", "cites": "no one"}

held = replace(
    machine,
    record=Counter.sort.with_fields(Field("held", Optional(Integer(0, 9)))),
    rows=tuple(
        replace(row, guards=(HELD,), sets=(("pushed", (record.held.value + 1).node),))
        if row.name == "passed"
        else row
        for row in machine.rows
    ),
)


def test_a_guard_that_values_rely_on_is_needed() -> None:
    """Without it the row would add to what is not there; no world need show that."""
    world = World(
        name="street",
        doc="A turnstile that somebody may hold.",
        instances=(Instance.declare("gate", held, forgets={"last_serial": 0}),),
        starts=(
            Start.declare(
                "open",
                {"gate": {"position": "Unlocked", "last_serial": 0, "held": [None, 0]}},
            ),
        ),
        actions=(
            Action.declare(
                "push", events=[deliver("gate", "ArmPushed", serial=gate.last_serial + 1, force=9)]
            ),
        ),
        properties=(never("it is pushed", gate.pushed == 1, **WHY),),
        bounds=Bounds.declare(symbols={}, instants=(0,)),
        terminal=True,
    )
    result = check(world)

    assert [item.verdict for item in result.judgements] == ["violated"]
    assert HELD not in [guard for _, guard in unneeded_guards([result])]
