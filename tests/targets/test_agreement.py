"""Interpreter, generated reducer and python-statemachine adapter say the same of every step.

The interpreter is the meaning of a machine. Each of the other two is compared with it on
whole outcomes: the record, the effects in their order, or the refusal with its guard.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, TypeAlias

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

import nixfleet_state_machine
from nixfleet_state_machine.machine import machine as nixfleet
from steptable.interpreter import evaluate
from steptable.interpreter.evaluate import Accepted, Refused, Tagged, Values
from steptable.machine import Constructor, Machine
from steptable.targets.python.reducer import reducer_source
from steptable.targets.statemachine import RefusedStep, TableMachine, state_machine
from steptable.targets.structs import Structs, instant_of
from steptable.wellformed import faults_of
from support import lease, meter, turnstile
from support.strategies import events, policies, records, walks

Said: TypeAlias = tuple[Any, ...]
"""What one of the three says of a step: ("accepted", record, effects), or a refusal."""


def settled(examples: int) -> settings:
    """As many examples, and no files left behind."""
    return settings(max_examples=examples, deadline=None, database=None)


@dataclass(frozen=True, repr=False)
class Trio:
    """One machine in its three forms. Accepted steps are compared as structs."""

    structs: Structs
    adapter: type[TableMachine]

    def __repr__(self) -> str:
        return self.machine.name  # a failure shows it; the whole declaration would bury the rest

    @property
    def machine(self) -> Machine:
        return self.structs.machine

    def accepted(self, record: Values, effects: tuple[Tagged, ...]) -> Said:
        return (
            "accepted",
            self.structs.record(record),
            tuple(self.structs.effect(effect) for effect in effects),
        )

    def interpreter_says(self, record: Values, event: Tagged, policy: Values) -> Said:
        match evaluate.step(self.machine, record, event, policy):
            case Accepted(_, after, effects):
                return self.accepted(after, effects)
            case Refused() as refused:
                return _refusal(refused)

    def reducer_says(self, record: Values, event: Tagged, policy: Values) -> Said:
        return self.said(self.structs.step(record, event, policy))

    def said(self, done: Any) -> Said:
        """What a generated function returned or raised."""
        module = self.structs.module
        if isinstance(done, module.SeqRegression):
            return ("stale", None)
        if isinstance(done, module.IllegalForState):
            return ("illegal", None)
        if isinstance(done, module.InvariantViolation):
            return ("guard", done.guard)
        record, effects = done
        return ("accepted", record, effects)

    def constructed(self, constructor: Constructor, given: Values, *first: Any) -> Any:
        """What the generated constructor makes of some fields of a record, or the error."""
        struct = self.structs.record(given)
        arguments = [getattr(struct, name) for name in constructor.arguments]
        try:
            return getattr(self.structs.module, constructor.name)(*arguments, *first)
        except self.structs.module.TransitionError as error:
            return error

    def adapter_says(self, host: TableMachine, heard: list[Tagged], event: Tagged) -> Said:
        before = host.record
        heard.clear()
        try:
            host.send_event(event)
        except RefusedStep as error:
            assert (host.record, heard) == (before, [])
            return _refusal(error.refused)
        state = host.record[self.machine.state_field.name]
        assert list(host.configuration_values) == [state]
        return self.accepted(host.record, tuple(heard))

    def host(self, record: Values, policy: Values) -> tuple[TableMachine, list[Tagged]]:
        """An instance of the adapter, and the list in which its effects arrive."""
        ears = Ears()
        return self.adapter(record, policy, listeners=[ears]), ears.heard

    def agree(self, record: Values, event: Tagged, policy: Values) -> None:
        """Fail unless all three say the same of one step."""
        host, heard = self.host(record, policy)
        expected = self.interpreter_says(record, event, policy)
        assert expected == self.reducer_says(record, event, policy)
        assert expected == self.adapter_says(host, heard, event)


class Ears:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Tagged] = []

    def on_effect(self, effect: Tagged) -> None:
        self.heard.append(effect)


def _refusal(refused: Refused) -> Said:
    return (refused.why, refused.guard.name if refused.guard else None)


def generated(machine: Machine) -> ModuleType:
    """The reducer of a machine as a module, made of its source."""
    module = ModuleType(f"generated_{machine.name}")
    sys.modules[module.__name__] = module
    exec(compile(reducer_source(machine), module.__name__, "exec"), module.__dict__)
    return module


MACHINES = {
    "nixfleet": nixfleet,
    "turnstile": turnstile.machine,
    "lease": lease.machine,
    "meter": meter.machine,
}

PAIRS = [
    pytest.param(name, state.name, event.name, id=f"{name}-{state.name}-{event.name}")
    for name, machine in MACHINES.items()
    for state in machine.states
    for event in machine.events
]


@cache
def trio_of(name: str) -> Trio:
    """One of the machines in its three forms."""
    machine = MACHINES[name]
    module = nixfleet_state_machine if machine is nixfleet else generated(machine)
    return Trio(Structs(machine, module), state_machine(machine))


@pytest.fixture(params=MACHINES, scope="module")
def trio(request: pytest.FixtureRequest) -> Trio:
    """Each machine in turn."""
    return trio_of(request.param)


def test_other_machines_are_well_formed() -> None:
    """A disagreement about an ill-formed machine would say nothing."""
    declared = (turnstile.machine, lease.machine, meter.machine)
    assert [faults_of(machine) for machine in declared] == [(), (), ()]


@pytest.mark.parametrize(("name", "state", "event"), PAIRS)
def test_all_agree_on_every_pair(name: str, state: str, event: str) -> None:
    """No pair is left to chance, nor any of its rows, nor any guard that can be blamed."""
    trio = trio_of(name)
    rows = trio.machine.rows_of(state, trio.machine.event(event).fact)
    wanted = {row.name for row in rows} | {guard.name for row in rows[:1] for guard in row.guards}
    wanted = wanted or {"illegal"}
    seen: set[str] = set()

    @given(data=st.data())
    @settled(2 if len(wanted) == 1 else 20 * len(wanted))
    def agree(data: st.DataObject) -> None:
        record = data.draw(records(trio.machine, state=state))
        sent = data.draw(events(trio.machine, record, names=[event]))
        policy = data.draw(policies(trio.machine))
        trio.agree(record, sent, policy)
        match evaluate.step(trio.machine, record, sent, policy):
            case Accepted(row):
                seen.add(row.name)
            case Refused(why, guard):
                seen.add(guard.name if guard else why)

    # Seeds in order, so that what is seen does not depend on luck; rare rows need more of them.
    for attempt in range(20):
        seed(attempt)(agree)()
        if wanted <= seen:
            break
    assert wanted == seen - {"stale"}


@given(data=st.data())
@settled(80)
def test_all_agree_on_single_steps(trio: Trio, data: st.DataObject) -> None:
    """Records that no sequence leads to are stepped alike, too."""
    machine = trio.machine
    record = data.draw(records(machine))
    state = record[machine.state_field.name]
    legal = [e.name for e in machine.events if machine.rows_of(state, e.fact)]
    names = legal if data.draw(st.booleans()) else []
    event = data.draw(events(machine, record, names=names))
    trio.agree(record, event, data.draw(policies(machine)))


@given(data=st.data())
@settled(50)
def test_all_agree_on_sequences(trio: Trio, data: st.DataObject) -> None:
    """One instance of the adapter, and one chain of records of the others, all the way."""
    machine = trio.machine
    record = evaluate.construct(machine.constructors[0], machine, data.draw(records(machine)), {})
    policy = data.draw(policies(machine))
    host, heard = trio.host(record, policy)
    for event in data.draw(walks(machine, record, policy)):
        expected = trio.interpreter_says(record, event, policy)
        assert expected == trio.reducer_says(record, event, policy)
        assert expected == trio.adapter_says(host, heard, event)
        outcome = evaluate.step(machine, record, event, policy)
        record = outcome.record if isinstance(outcome, Accepted) else record


@given(data=st.data())
@settled(15)
def test_constructors_agree(trio: Trio, data: st.DataObject) -> None:
    """A record begins the same way for whoever begins it."""
    machine = trio.machine
    for constructor in machine.constructors:
        given = data.draw(records(machine))
        if constructor.on is None:
            record = evaluate.construct(constructor, machine, given, {})
            assert trio.structs.record(record) == trio.constructed(constructor, given)
            continue
        number = {machine.numbering.record_field: 0}
        event = data.draw(events(machine, number, names=[constructor.on]))
        policy = data.draw(policies(machine))
        record = evaluate.construct(constructor, machine, given, event.fields)
        first = (trio.structs.event(event), instant_of(0), trio.structs.policy(policy))
        done = trio.constructed(constructor, given, *first)
        assert trio.interpreter_says(record, event, policy) == trio.said(done)


@given(data=st.data())
@settled(15)
def test_rehydration_agrees(trio: Trio, data: st.DataObject) -> None:
    """What is done after a restart is in the table as well."""
    machine, rehydration = trio.machine, trio.machine.rehydration
    if rehydration is None:
        return
    for state, emissions in rehydration.emits:
        record = data.draw(records(machine, state=state.name))
        expected = evaluate.emitted(emissions, {"record": record})
        done = getattr(trio.structs.module, rehydration.name)(trio.structs.record(record))
        assert tuple(trio.structs.effect(effect) for effect in expected) == done
