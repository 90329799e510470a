"""What an instance forgets makes no difference, or the world is refused.

A counter that is put back never gets to where a guard waits for it, so that a promise would hold
of the world that forgets and not of the one that is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from steptable.check import check
from steptable.errors import SpecError
from steptable.properties import (
    Property,
    after,
    always,
    always_event,
    always_step,
    before,
    never,
    rerun,
    step,
)
from steptable.sorts import Integer
from steptable.terms import Operand, Term, instant, root
from steptable.world import (
    Action,
    Bounds,
    Instance,
    Start,
    Variable,
    World,
    choice,
    deliver,
)
from support.turnstile import CHIME, machine

gate, wallet, heard = root("gate"), root("wallet"), root("heard")
WHY: dict[str, Any] = {"why": "It was promised.", "cites": "no one"}


def world(
    *properties: Property,
    number: Operand = gate.last_serial + 1,
    forgets: Mapping[str, Any],
    on: Mapping[str, Operand] | None = None,
    guard: Term | None = None,
    terminal: Operand = True,
    numbers: tuple[int, ...] = (),
) -> World:
    """Somebody pushes the arm of a turnstile as often as the box has room for numbers."""
    return World(
        name="street",
        doc="A turnstile that is pushed.",
        instances=(
            Instance.declare("gate", machine, on={CHIME: on} if on else None, forgets=forgets),
        ),
        variables=(Variable.declare("heard", Integer(0, 3), 0),),
        starts=(Start.declare("new", {"gate": {"position": "Locked", "last_serial": 0}}),),
        actions=(
            Action.declare(
                "push",
                choices={"more": Integer(0, 1)},
                guard=guard,
                events=[deliver("gate", "ArmPushed", serial=number, force=1, at=instant(0))],
            ),
        ),
        properties=properties,
        bounds=Bounds.declare(symbols={}, instants=(0,), numbers=numbers),
        terminal=terminal,
    )


def refusal(of: World) -> list[str]:
    with pytest.raises(SpecError) as caught:
        check(of)
    assert {fault.slug for fault in caught.value.faults} == {"forgotten"}
    assert {fault.location for fault in caught.value.faults} == {of.instances[0].at}
    return [fault.problem for fault in caught.value.faults]


def test_a_counter_that_a_guard_compares_is_not_forgotten() -> None:
    """After eight times the arm does not give way any more; it never gets there if it forgets."""
    of = world(forgets={"last_serial": 0, "pushed": 0})

    assert refusal(of) == ["'pushed' is forgotten, yet action 'push' depends on it"]


@pytest.mark.parametrize(
    "said",
    [
        never("it is the eighth", gate.last_serial >= 8, **WHY),
        always("the numbers are even", (gate.last_serial == 2).implies(heard == 0), **WHY),
        always_step("numbers are small", after.gate.last_serial < 9, **WHY),
        always_event("numbers are small", after.last_serial < 9, **WHY),
        always_event("it begins with 0", (before.last_serial == 0).implies(step.accepted), **WHY),
    ],
)
def test_a_number_that_a_property_speaks_of_is_not_forgotten(said: Property) -> None:
    """It would be judged of 0 and 1, and of no other number."""
    of = world(said, forgets={"last_serial": 0})

    assert refusal(of) == [f"'last_serial' is forgotten, yet property '{said.name}' depends on it"]


@pytest.mark.parametrize(
    ("more", "reader"),
    [
        ({"number": 1}, "action 'push'"),
        ({"number": choice.more + 1}, "action 'push'"),
        ({"guard": gate.last_serial < 5}, "action 'push'"),
        ({"on": {"heard": gate.last_serial}}, "what action 'push' makes of 'heard'"),
        ({"terminal": gate.last_serial > 5}, "where the world may end"),
    ],
)
def test_a_number_that_the_world_reads_is_not_forgotten(more: dict[str, Any], reader: str) -> None:
    """Neither by what happens, nor by what is stored, nor by where it may end."""
    of = world(
        never("it is heard", heard > 1, **WHY), forgets={"last_serial": 0}, numbers=(0, 1), **more
    )

    assert f"'last_serial' is forgotten, yet {reader} depends on it" in refusal(of)


@pytest.mark.parametrize(
    "said",
    [
        always_event(
            "numbers rise", step.accepted.iff(after.last_serial > before.last_serial), **WHY
        ),
        always_step(
            "numbers rise by one", after.gate.last_serial <= before.gate.last_serial + 1, **WHY
        ),
        always_event("again it is stale", ~rerun(record=after).accepted | ~step.accepted, **WHY),
    ],
)
def test_what_compares_numbers_with_each_other_may_forget_them(said: Property) -> None:
    """Their difference is what it was, wherever they are counted from."""
    of = world(said, forgets={"last_serial": 0}, number=gate.last_serial + choice.more)

    assert [item.verdict for item in check(of).judgements] == ["holds"]
