"""A row that stands in several states means in each what a copy of it would mean there."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.worlds import world_of
from steptable.check import check, idle_rows
from steptable.compare.behaviour import Behaviour, Renaming, behaviour
from steptable.drawing.coverage import world_coverage
from steptable.elaboration import elaborated
from steptable.explore.engines import search
from steptable.explore.system.builder import build
from steptable.interpreter.evaluate import Accepted, Tagged, evaluate, step
from steptable.machine import Fact, Machine, Refusal, Row
from steptable.project.interchange import Declarations, from_json, parsed, to_json
from steptable.properties import never
from steptable.report.page.contents import contents
from steptable.sorts import U64
from steptable.targets.diagrams.dot import machine_dot
from steptable.targets.diagrams.matrix import matrix_table
from steptable.targets.diagrams.mermaid import machine_mermaid
from steptable.targets.diagrams.svg import machine_svg
from steptable.targets.python.in_memory import generated
from steptable.targets.python.reducer import reducer_source
from steptable.targets.statemachine import RefusedStep, state_machine
from steptable.terms import Term, instant, root
from steptable.wellformed import faults_of
from steptable.world import Action, Instance, Start, World, deliver
from support.faulty.parcel import (
    ARRIVED,
    ARRIVING,
    DELIVERED,
    FACTS,
    HANDED_OVER,
    PACKED,
    SCANNED,
    SCANNING,
    SENDING,
    SENT,
    parcel,
)
from support.faulty.road import NEW, PRICE, road
from support.random_machine import random_machine
from support.strategies import Domain, events, policies, records

NOTHING = Behaviour((), (), (), (), ())
DRAWN = Domain(instants=(0, 1, 2), symbols={"Key": ("k", "l")})

SEEN = replace(SCANNING, source=(PACKED, SENT), target=None)
BROUGHT = replace(ARRIVING, source=(PACKED, SENT))

several = replace(
    parcel,
    rows=(SENDING, SEEN, BROUGHT),
    refusals=(
        Refusal(SENT, (HANDED_OVER,), why="It has left."),
        Refusal(DELIVERED, FACTS, why="It is there."),
    ),
)
"""A parcel that can be scanned and fetched before it has left."""

copies = replace(several, rows=several.rows_apart)
"""The same, written out."""


def test_the_machines_of_these_tests_are_well_formed() -> None:
    """What follows would otherwise say nothing."""
    assert (faults_of(several), faults_of(copies)) == ((), ())


def test_a_row_is_one_declaration_and_one_row_in_each_of_its_states() -> None:
    """Where it is one of a state's, its name says of which."""
    assert [row.name for row in several.rows] == ["sent", "scanned", "arrived"]
    assert [(row.name, *(end.name for end in row.ends)) for row in several.rows_apart] == [
        ("sent", "Packed", "Sent"),
        ("scanned in Packed", "Packed", "Packed"),
        ("scanned in Sent", "Sent", "Sent"),
        ("arrived in Packed", "Packed", "Delivered"),
        ("arrived in Sent", "Sent", "Delivered"),
    ]


@pytest.mark.parametrize("source", [SENT, (SENT,), [SENT]], ids=["state", "tuple", "list"])
def test_one_state_is_one_however_it_is_written(source: object) -> None:
    """Equal declarations are equal values, and have equal texts."""
    known = Row.declare("seen", SENT, SCANNED, emits={}, why="It is.", cites="§1")
    assert Row.declare("seen", source, SCANNED, emits={}, why="It is.", cites="§1") == known  # type: ignore[arg-type]


def test_random_machines_mean_what_their_copies_mean() -> None:
    """Whatever its guards and effects say, and whatever other rows stand in one of the states."""
    taken: set[bool] = set()

    @given(seed=st.integers(0, 10_000), data=st.data())
    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    def both(seed: int, data: st.DataObject) -> None:
        machine = random_machine(Random(seed))
        apart = replace(machine, rows=machine.rows_apart)
        record = data.draw(records(machine, DRAWN))
        event = data.draw(events(machine, record, DRAWN))
        policy = data.draw(policies(machine, DRAWN))
        outcome = step(machine, record, event, policy)
        assert outcome == step(apart, record, event, policy)
        if isinstance(outcome, Accepted):
            taken.add(outcome.row in machine.rows)

    both()

    assert taken == {True, False}


@pytest.mark.parametrize("seed", range(12))
def test_interpreter_reducer_and_adapter_agree(seed: int) -> None:
    """The generated code has one branch for states that do the same, and names none of them."""
    for machine in {item.machine.name: item.machine for item in world_of(seed).instances}.values():
        if machine.numbering.sort == U64:  # other numbers have too few values for what is drawn
            all_agree(machine)
    if seed == 0:
        all_agree(several)


def all_agree(machine: Machine) -> None:
    """Fail unless all say the same of many steps."""
    adapter = state_machine(machine)

    @given(data=st.data())
    @settings(max_examples=15, deadline=None, database=None, derandomize=True)
    def agree(data: st.DataObject) -> None:
        record = data.draw(records(machine, DRAWN))
        event = data.draw(events(machine, record, DRAWN))
        policy = data.draw(policies(machine, DRAWN))
        outcome, done = step(machine, record, event, policy), structs.step(record, event, policy)
        heard: list[Tagged] = []
        host = adapter(record, policy, listeners=[Ears(heard)])
        if isinstance(outcome, Accepted):
            host.send_event(event)
            assert (host.record, tuple(heard)) == (outcome.record, outcome.effects)
            effects = tuple(structs.effect(item) for item in outcome.effects)
            assert done == (structs.record(outcome.record), effects)
        else:
            with pytest.raises(RefusedStep) as refused:
                host.send_event(event)
            assert refused.value.refused == outcome
            assert isinstance(done, Exception)

    with generated(machine) as structs:
        agree()


class Ears:
    """A listener that keeps what it hears."""

    def __init__(self, heard: list[Tagged]) -> None:
        self.heard = heard

    def on_effect(self, effect: Tagged) -> None:
        self.heard.append(effect)


def test_the_reducer_has_one_branch_for_the_states_of_a_row() -> None:
    """What is declared once is written once, and reads that way."""
    source = reducer_source(several)

    assert source.count("FrozenMap({**state.scans") == 1
    assert "if state.state is not _PACKED and state.state is not _SENT:" in source
    assert "scanned (Packed or Sent). The latest sight" in source
    assert "arrived (Packed or Sent → Delivered)." in source


def test_what_source_and_target_stand_for_is_read_from_the_record_where_it_differs() -> None:
    """A target writes such a row once, and knows from which state it was taken."""
    moved = next(e for e in parcel.effects if e.name == "Moved")(target=root("row").target)
    noted = replace(SEEN, emits=tuple((side, (moved,)) for side in several.sides))
    plain, apart = (elaborated(several, row, several.sides[0]) for row in (noted, noted.apart[0]))

    assert plain.emissions[0].fields == (("target", root("record").state.node),)
    assert [evaluate(node, {}) for _, node in apart.emissions[0].fields] == ["Packed"]


def test_a_row_that_is_split_or_merged_is_no_change() -> None:
    """How often something is written is no behaviour."""
    named = [
        replace(row, name={"scanned in Packed": "weighed"}.get(row.name, row.name))
        for row in several.rows_apart
    ]
    renamed = replace(several, rows=tuple(named))

    assert behaviour(several, copies) == behaviour(copies, several) == NOTHING
    assert behaviour(several, renamed) == replace(
        NOTHING, renamed=(Renaming("row", "Packed, Scanned", "scanned in Packed", "weighed"),)
    )


def test_a_row_that_stands_in_one_state_less_is_a_change_of_that_state_alone() -> None:
    """The other state does what it did."""
    fewer = replace(several, rows=(SENDING, SCANNING, BROUGHT))

    assert [(c.state, c.fact, c.kind) for c in behaviour(several, fewer).changes] == [
        ("Packed", "Scanned", "removed")
    ]


def test_declarations_are_read_back() -> None:
    """A list where there was a reference, and nothing for a target that is no one state."""
    text = to_json(Declarations(several))
    rows = json.loads(text)["shared"]["machine"]["Parcel"]["rows"]

    assert from_json(text, "it").machine == several
    assert [(row["source"], row["target"]) for row in rows] == [
        ({"state": "Packed"}, {"state": "Sent"}),
        ([{"state": "Packed"}, {"state": "Sent"}], None),
        ([{"state": "Packed"}, {"state": "Sent"}], {"state": "Delivered"}),
    ]


def test_random_declarations_are_read_back() -> None:
    """Nobody chose these rows so that they could be."""
    for seed in range(8):
        machine = random_machine(Random(seed))
        assert parsed(to_json(Declarations(machine)), "it").machine == machine


# ── What is drawn ────────────────────────────────────────────────────────────────────


def test_drawings_show_the_row_at_each_of_its_states() -> None:
    """Somebody who looks at one state sees everything that can happen there."""
    dot, mermaid = machine_dot(several), machine_mermaid(several)
    ids = re.findall(r'id="([^"]*)"', dot)

    assert dot == machine_dot(copies)
    assert mermaid == machine_mermaid(copies)
    assert machine_svg(several) == machine_svg(copies)
    assert matrix_table(several) == matrix_table(copies)
    assert len(ids) == len(set(ids))
    assert {"row:sent", "row:arrived in Packed", "row:arrived in Sent"} <= set(ids)


# ── What is explored ─────────────────────────────────────────────────────────────────

one = root("one")
SENDER = several.sides[0]


def happening(fact: Fact, guard: Term) -> Action:
    """Something happens to a parcel that is not much used yet."""
    event = several.half(fact, SENDER).name
    given = {"number": one.last + 1, "at": instant(0)}
    return Action.declare(
        fact.name, guard=guard & (one.last < 2), events=[deliver("one", event, PRICE, **given)]
    )


def yard(machine: Machine) -> World:
    """A world in which a parcel is scanned before it leaves, and never on its way."""
    return World(
        name="yard",
        doc="Where parcels wait.",
        instances=(Instance.declare("one", machine),),
        variables=(),
        starts=(Start.declare("new", {"one": NEW}),),
        actions=(
            happening(HANDED_OVER, one.state == PACKED),
            happening(SCANNED, one.state == PACKED),
            happening(ARRIVED, ~(one.state == DELIVERED)),
        ),
        bounds=replace(road.bounds, numbers=(0, 1, 2)),
        properties=(never("it is lost", one.last > 2, why="", cites=""),),
    )


def test_a_world_of_it_is_the_world_of_its_copies() -> None:
    """The explorer knows in which state it is, and takes the row for what it is there."""
    found, expected = (check(yard(machine)) for machine in (several, copies))

    assert (found.states, found.rows_taken) == (expected.states, expected.rows_taken)
    assert found.states > 5


def test_a_state_in_which_it_is_never_taken_is_told_as_a_row_is() -> None:
    """A copy that nothing needs would have been told, too."""
    result = check(yard(several))

    assert [row.name for row in idle_rows([result])] == [
        "scanned in Sent",
        "arrived in Packed",  # nobody has weighed it
    ]
    assert set(result.rows_taken) == {
        "sent",
        "scanned in Packed",
        "arrived in Sent",
    }


def test_coverage_is_painted_where_it_was_seen() -> None:
    """A drawing in which a row is bold where it was not taken would say what is not so."""
    coverage = world_coverage(search(build(yard(several))), several)

    assert "scanned in Sent" not in coverage.rows
    assert coverage.rows["scanned in Packed"] > 0


def test_the_page_has_it_at_each_of_its_states() -> None:
    """The page finds by its name what a step took."""
    shown = contents(several, [check(yard(several))])

    assert [
        (row["name"], row["source"], row["target"]) for row in shown["machines"][0]["rows"]
    ] == [
        ("sent", 0, 1),
        ("scanned in Packed", 0, 0),
        ("scanned in Sent", 1, 1),
        ("arrived in Packed", 0, 2),
        ("arrived in Sent", 1, 2),
    ]
