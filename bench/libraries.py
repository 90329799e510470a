"""Walks for the state machine libraries: `transitions`, and python-statemachine in two ways.

Each is used as its own documentation advises, without what it does not need: no queue, no
automatic transitions, rows that stay are internal, and the trigger of each event is looked up
before the clock runs. python-statemachine is measured with the same object as `transitions`,
and as the class that this project makes of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from statemachine import State, StateMachine
from transitions import Machine

from bench.mutable import ROWS, Rollout
from bench.walks import POLICY, Outcome, Walk
from nixfleet_state_machine import Event, HostState, reducer
from nixfleet_state_machine.machine import machine as declared
from steptable.interpreter.evaluate import Tagged
from steptable.support.renaming import snake
from steptable.targets.statemachine import TableMachine, state_machine
from steptable.targets.structs import Structs, values_of


@dataclass(frozen=True)
class Driven:
    """A walk for a library that drives an object."""

    rollout: Rollout
    calls: Sequence[tuple[Callable[..., Any], Event]]

    def walk(self) -> None:
        for trigger, event in self.calls:
            trigger(event)

    def outcomes(self) -> list[Outcome]:
        made = []
        for trigger, event in self.calls:
            trigger(event)
            made.append((self.rollout.record(), self.rollout.effects))
        return made


def with_transitions(walk: Walk) -> Driven:
    """A walk for `transitions`, whose triggers are methods of the rollout."""
    rollout = Rollout(walk.start, POLICY)
    machine = _transitions_machine()
    machine.add_model(rollout, initial=rollout.state)
    # The machine need not keep it: the triggers are there now.
    machine.models.remove(rollout)
    return Driven(rollout, _calls(rollout, walk))


def with_statemachine(walk: Walk) -> Driven:
    """A walk for python-statemachine, whose triggers are methods of the machine."""
    rollout = Rollout(walk.start, POLICY)
    return Driven(rollout, _calls(_statemachine_class()(rollout), walk))


def _calls(owner: object, walk: Walk) -> list[tuple[Callable[..., Any], Event]]:
    return [(getattr(owner, snake(type(event).__name__)), event) for event in walk.events]


def _states() -> list[HostState]:
    """The states that the rows by hand speak of, in their order."""
    known = {state for row in ROWS for state in (row.source, row.target)}
    return [state for state in HostState if state in known]


@cache
def _transitions_machine() -> Machine:
    rows = [
        {
            "trigger": snake(event.__name__),
            "source": row.source.value,
            "dest": None if row.source is row.target else row.target.value,
            "conditions": list(row.guards),
            "before": row.action,
        }
        for row in ROWS
        for event in row.events
    ]
    states = [state.value for state in _states()]
    return Machine(None, states, "Pending", rows, auto_transitions=False)


@cache
def _statemachine_class() -> type[StateMachine]:
    ends = {row.target for row in ROWS} - {row.source for row in ROWS}
    states = {
        state: State(value=state.value, initial=state is HostState.PENDING, final=state in ends)
        for state in _states()
    }
    for row in ROWS:
        states[row.source].to(
            states[row.target],
            event=" ".join(snake(event.__name__) for event in row.events),
            internal=row.source is row.target,
            cond=list(row.guards),
            on=row.action,
        )
    return type("ByHand", (StateMachine,), {snake(state.value): states[state] for state in states})


class Adapted:
    """A walk for the class that is made of the table; it listens for effects."""

    def __init__(self, walk: Walk) -> None:
        self._events: list[Tagged] = [values_of(event) for event in walk.events]
        self._effects: list[Tagged] = []
        record, policy = values_of(walk.start), values_of(POLICY)
        self._machine = _adapter()(record, policy, listeners=[self])

    def on_effect(self, effect: Tagged) -> None:
        self._effects.append(effect)

    def walk(self) -> None:
        send = self._machine.send_event
        for event in self._events:
            send(event)

    def outcomes(self) -> list[Outcome]:
        structs, made = Structs(declared, reducer), []
        for event in self._events:
            self._effects.clear()
            self._machine.send_event(event)
            effects = tuple(structs.effect(effect) for effect in self._effects)
            made.append((structs.record(self._machine.record), effects))
        return made


@cache
def _adapter() -> type[TableMachine]:
    return state_machine(declared)
