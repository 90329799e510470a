"""The check passes because it looked: what is broken in the machine is found, shortest first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steptable.check import Disagreement, Result, check, idle_rows
from steptable.machine import Machine, Row
from steptable.targets.python.in_memory import generated
from steptable.targets.structs import Structs
from steptable.terms import root
from steptable.world import Start
from support.faulty.parcel import DELIVERED, PACKED, SCANNING, SENDING, SENT
from support.post import holding, parcel, without_guard, world

SENT_WHEN_DUE = ("sent_at", root("record").due_at.node)
FRESH = next(start for start in world.starts if start.name == "fresh")
FAST = "fast parcels that are there were fast everywhere"
WEIGHED = "what is there was weighed"
IN_TIME = "what arrives is in time"


def with_row(changed: Row) -> Machine:
    """The parcel with one row in place of the row of that name."""
    rows = tuple(changed if row.name == changed.name else row for row in parcel.rows)
    assert rows != parcel.rows
    return replace(parcel, rows=rows)


def without(guard: str) -> Machine:
    """The parcel that arrives without one of the conditions of that."""
    return without_guard("arrived", guard).instances[0].machine


def judged(changed: Machine, *starts: Start) -> Result:
    return check(holding(changed, *starts))


def fallen(result: Result) -> dict[str, int]:
    """The properties that do not pass, with the length of their trace."""
    return {
        judgement.judged.name: len(judgement.trace.steps) if judgement.trace else -1
        for judgement in result.judgements
        if not judgement.passes
    }


def test_everything_declared_passes_and_is_replayed_through_the_reducer() -> None:
    """What is promised holds, and each witness is one of the generated reducer too."""
    with generated(parcel) as structs:
        result = check(world, {parcel.name: structs})

    assert fallen(result) == {}
    assert result.passes
    assert {judgement.verdict for judgement in result.judgements} == {"holds", "witnessed"}
    assert idle_rows([result]) == ()
    assert result.idle_actions == ()


MUTATIONS: dict[str, tuple[Machine, dict[str, int]]] = {
    "no guard on the way": (without("fast-all-the-way"), {FAST: 2}),
    "no guard on the weight": (without("weighed"), {WEIGHED: 2}),
    "no guard on the time": (without("in-time"), {IN_TIME: 1}),
    # Of a fast parcel no slow sight is known, so that nothing is left to be judged.
    "a sight that is not remembered": (with_row(replace(SCANNING, sets=())), {FAST: -1}),
    "a parcel that is seen when it is there": (
        with_row(replace(SCANNING, source=DELIVERED)),
        {"ends absorb": 2, "no deadlock": 1},
    ),
    "a parcel that comes back": (
        with_row(replace(SENDING, source=DELIVERED, target=PACKED)),
        {"ends absorb": 2, "a slow one arrives": -1, "no deadlock": 0},
    ),
    "a row that nothing leads to": (
        replace(parcel, rows=(SENDING, SCANNING)),
        {
            "ends absorb": -1,
            FAST: -1,
            WEIGHED: -1,
            IN_TIME: -1,
            "a parcel arrives": -1,
            "a slow one arrives": -1,
        },
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_broken_machine_is_found_out(name: str) -> None:
    """Each mistake makes the properties fall that speak of it, each with its shortest trace."""
    changed, expected = MUTATIONS[name]

    assert fallen(judged(changed)) == expected


def test_rows_that_no_step_takes_are_named() -> None:
    """A row that can't be taken is no part of the machine, and must not look like one."""
    result = judged(with_row(replace(SENDING, target=DELIVERED)), FRESH)

    assert {row.name for row in idle_rows([result])} == {
        row.name for row in parcel.rows if row.source == SENT
    }
    assert not result.passes


def test_a_property_whose_premise_is_never_met_does_not_pass() -> None:
    """'Whatever has arrived …' says nothing of parcels that never arrive."""
    result = judged(replace(parcel, rows=(SENDING, SCANNING)))
    vacuous = {judgement.judged.name for judgement in result.judgements if judgement.vacuous}

    assert vacuous == {"ends absorb", FAST, WEIGHED, IN_TIME}
    assert "a parcel arrives" in fallen(result)


def test_a_search_that_is_cut_short_is_inconclusive() -> None:
    """What was not looked at is never called a pass; what was found still counts."""
    result = check(world, max_states=30)
    verdicts = {judgement.judged.name: judgement.verdict for judgement in result.judgements}

    assert result.stopped
    assert not result.passes
    assert verdicts["ends absorb"] == "inconclusive"
    assert verdicts["a parcel is packed"] == "witnessed"


def test_a_reducer_that_does_something_else_is_a_disagreement() -> None:
    """A trace that the generated reducer does not reproduce is never shown as a finding."""
    sets = (*(pair for pair in SENDING.sets if pair[0] != "sent_at"), SENT_WHEN_DUE)
    changed = with_row(replace(SENDING, sets=sets))

    with generated(parcel) as structs:
        other = Structs(changed, structs.module)
        with pytest.raises(Disagreement, match="does not do what the table says for GaveAway"):
            check(holding(changed, FRESH), {changed.name: other})


def test_traces_are_whole_and_walkable() -> None:
    """Each step starts where the one before it ended, but for what the world forgets."""
    result = judged(without("fast-all-the-way"))
    trace = next(j.trace for j in result.judgements if j.verdict == "violated")
    assert trace is not None

    assert trace.steps[0].before == trace.start
    ended = trace.steps[0].after["parcel"] | dict(world.instance("parcel").forgets)
    assert trace.steps[1].before["parcel"] == ended
    assert trace.steps[-1].after["parcel"]["state"] == "Delivered"
    (applied,) = trace.steps[-1].applied
    assert applied.row is not None
    assert applied.row.name == "arrived"
