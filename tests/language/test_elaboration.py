"""What is written out of a row means what the interpreter says of it."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fuzz.worlds import world_of
from nixfleet_state_machine.machine import machine as nixfleet
from steptable import expr
from steptable.elaboration import ElaboratedRow, elaborated, freshness
from steptable.interpreter.evaluate import (
    Accepted,
    Outcome,
    Refused,
    Tagged,
    Values,
    evaluate,
    step,
)
from steptable.machine import Machine
from support import lease, turnstile
from support.random_machine import MOVED, random_machine
from support.strategies import Domain, events, policies, records

DRAWN = Domain(instants=(0, 1, 2), symbols={"Key": ("k", "l")})


def written_out_step(machine: Machine, record: Values, event: Tagged, policy: Values) -> Outcome:
    """A step that reads nothing but elaborated rows, whose roots are all that there are."""
    env: dict[str, Any] = {"record": record, "event": event.fields, "policy": policy}
    if not evaluate(freshness(machine), env):
        return Refused("stale")
    kind = machine.event(event.name)
    rows = [
        ElaboratedRow(machine, row, kind)
        for row in machine.rows_of(record[machine.state_field.name], kind.fact)
    ]
    blamed = None
    for row in rows:
        failing = [item for item in row.requirements if not evaluate(item.condition, env)]
        if not failing:
            return taken(row, env)
        blamed = blamed or failing[0].guard
    return Refused("guard", blamed) if rows else Refused("illegal")


def taken(row: ElaboratedRow, env: dict[str, Any]) -> Accepted:
    """What a row makes of a record, and its effects."""
    changes = {name: evaluate(node, env) for name, node in row.assignments}
    travelling = {name: evaluate(node, env) for name, node in row.payload.fields}
    env = {**env, "payload": Tagged(row.payload.record.name, travelling)}
    effects = tuple(
        Tagged(item.effect.name, {name: evaluate(node, env) for name, node in item.fields})
        for item in row.emissions
        if item.condition is None or evaluate(item.condition, env)
    )
    return Accepted(row.row, {**env["record"], **changes}, effects)


def agree(
    machine: Machine,
    data: st.DataObject,
    domain: Domain = DRAWN,
    *,
    written_out: Machine | None = None,
) -> Outcome:
    """Fail unless both say the same of some step, and say what that is."""
    record = data.draw(records(machine, domain))
    event = data.draw(events(machine, record, domain))
    policy = data.draw(policies(machine, domain))
    expected = step(machine, record, event, policy)
    assert expected == written_out_step(written_out or machine, record, event, policy)
    return expected


def agree_often(machine: Machine, examples: int, domain: Domain = DRAWN) -> None:
    """Fail unless both say the same of many steps."""

    @given(data=st.data())
    @settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    def both(data: st.DataObject) -> None:
        agree(machine, data, domain)

    both()


def test_rows_of_random_machines_say_written_out_what_the_interpreter_says() -> None:
    """Every target reads what is written out, and the interpreter alone is what it means."""
    seen: set[str] = set()

    @given(seed=st.integers(0, 10_000), data=st.data())
    @settings(max_examples=150, deadline=None, database=None, derandomize=True)
    def both(seed: int, data: st.DataObject) -> None:
        outcome = agree(random_machine(Random(seed)), data)
        seen.add("accepted" if isinstance(outcome, Accepted) else outcome.why)

    both()

    assert seen == {"accepted", "stale", "illegal", "guard"}


@pytest.mark.parametrize(
    "machine", [nixfleet, lease.machine, turnstile.machine], ids=lambda of: of.name
)
def test_rows_of_declared_machines_say_written_out_what_the_interpreter_says(
    machine: Machine,
) -> None:
    """What people write has forms that are not drawn."""
    agree_often(machine, 40, Domain())


def test_what_is_written_out_of_other_rows_is_found_out() -> None:
    """Agreement would say little if it came about whatever is written out."""
    machine = lease.machine
    others = replace(machine, rows=tuple(replace(row, sets=()) for row in machine.rows))

    @given(data=st.data())
    @settings(deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    def both(data: st.DataObject) -> None:
        agree(machine, data, Domain(), written_out=others)

    with pytest.raises(AssertionError):
        both()


@pytest.mark.parametrize("seed", range(12))
def test_rows_out_of_the_whole_language_say_written_out_what_the_interpreter_says(
    seed: int,
) -> None:
    """Nobody chose these machines, their numbers, records and effects."""
    for instance in world_of(seed).instances:
        agree_often(instance.machine, 10)


@pytest.mark.parametrize("seed", range(10))
def test_nothing_but_record_event_policy_and_payload_is_left_to_read(seed: int) -> None:
    """A target that knows these four roots can write every row."""
    machine = random_machine(Random(seed))
    for row in machine.rows:
        for side in machine.sides:
            plain = elaborated(machine, row, side)
            nodes = [item.condition for item in plain.requirements]
            nodes += [node for _, node in (*plain.assignments, *plain.payload.fields)]
            for emission in plain.emissions:
                nodes += [node for _, node in emission.fields]
                nodes += [] if emission.condition is None else [emission.condition]
            roots = {n.name for node in nodes for n in expr.walk(node) if isinstance(n, expr.Root)}

            assert roots <= {"record", "event", "policy", "payload"}
            # A constant without a sort takes that of its place.
            assert all(node in plain.sorts for node in nodes if not isinstance(node, expr.Const))


def test_an_effect_has_all_of_its_fields_also_those_that_are_left_out() -> None:
    """A target that makes a struct, and a world that reads one, need not know of defaults."""
    for seed in range(10):
        machine = random_machine(Random(seed))
        for row in machine.rows:
            for side in machine.sides:
                for emission in elaborated(machine, row, side).emissions:
                    assert tuple(dict(emission.fields)) == emission.effect.fields.names
                    if emission.effect == MOVED:
                        assert evaluate(dict(emission.fields)["level"], {}) == 1
