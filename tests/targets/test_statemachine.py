"""The python-statemachine adapter, as somebody sees it who knows that library."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from statemachine import State
from statemachine.exceptions import InvalidStateValue

from nixfleet_state_machine import OnHealthFailure, RolloutId, RolloutPolicy, new_pending
from nixfleet_state_machine.machine import machine
from steptable.errors import UsageError
from steptable.interpreter.evaluate import Refused, Tagged, Values
from steptable.machine import Machine
from steptable.support.renaming import snake
from steptable.targets.statemachine import RefusedStep, TableMachine, state_machine
from steptable.targets.structs import values_of
from support import turnstile

HostRollout = state_machine(machine)

START = datetime(2026, 1, 1, tzinfo=UTC)
SOAK_DUE = START + timedelta(minutes=10)

HALT = values_of(RolloutPolicy(on_health_failure=OnHealthFailure.HALT))
ROLLBACK = values_of(RolloutPolicy(on_health_failure=OnHealthFailure.ROLLBACK_AND_HALT))


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def pending() -> Values:
    """A record as the control plane opens it."""
    record: Values = values_of(
        new_pending(RolloutId("stable@r1"), "web-1", "stable", "new", START, SOAK_DUE)
    )
    return record


class Runtime:
    """A listener that carries out two kinds of effects, and writes down all of them."""

    def __init__(self) -> None:
        self.switched_to: list[str] = []
        self.rolled_back_to: list[str] = []
        self.log: list[str] = []

    def on_effect_local_fire_switch(self, effect: Tagged) -> None:
        self.switched_to.append(effect.fields["target"])

    def on_effect_local_fire_rollback_to(self, effect: Tagged) -> None:
        self.rolled_back_to.append(effect.fields["closure"])

    def on_effect(self, effect: Tagged) -> None:
        self.log.append(effect.name)


def activate(host: Any, seq: int = 1) -> None:
    host.local_activate(
        seq=seq,
        received_at=at(0),
        current_closure_at_dispatch="old",
        target_closure="new",
        soak_due_at=SOAK_DUE,
    )


def complete(host: Any, seq: int = 2) -> None:
    host.local_activation_completed(
        seq=seq, observed_current_closure="new", exit_code=0, completed_at=at(1)
    )


def refusal(send: Callable[[], object]) -> RefusedStep:
    with pytest.raises(RefusedStep) as caught:
        send()
    return caught.value


def test_states_and_events_are_those_of_the_table() -> None:
    """Whoever inspects the class sees the machine, with the library's own means."""
    states = {state.value: (state.initial, state.final) for state in HostRollout.states}
    targets = {
        (state.value, str(event), transition.target.value)
        for state in HostRollout.states
        for transition in state.transitions
        for event in transition.events
        if isinstance(transition.target, State)
    }

    assert states == {state.name: (state.initial, state.terminal) for state in machine.states}
    assert targets == {
        (state.name, snake(event.name), (row.target or state).name)
        for state in machine.states
        for event in machine.events
        for row in machine.rows_of(state.name, event.fact)
    }
    assert ("Failed", "remote_rollback_complete", "Reverted") in targets


def test_a_host_converges() -> None:
    """The story that a rollout hopes for, told through the library's API."""
    runtime = Runtime()
    host: Any = HostRollout(pending(), HALT, listeners=[runtime])

    assert host.pending.is_active
    activate(host)
    assert runtime.switched_to == ["new"]
    host.local_activation_started(seq=2, started_at=at(0), switch_method="test")
    complete(host, seq=3)
    assert host.soaking.is_active
    for seq, status in ((4, "fail"), (5, "pass")):
        host.local_probe_result(
            seq=seq, probe_name="http", mode="enforce", status=status, observed_at=at(seq)
        )
    host.local_converged_reached(seq=9, converged_at=SOAK_DUE, current_closure="new")

    assert list(host.configuration_values) == ["Converged"]
    assert host.is_terminated
    assert host.record["last_event_seq"] == 9
    assert host.record["probes"]["http"]["status"] == "pass"
    assert runtime.log == [
        *("RecordTransition", "LocalEmitEvent", "LocalFireSwitch"),
        "LocalEmitEvent",
        *("LocalResetProbeCache", "LocalEmitEvent", "RecordTransition"),
        "LocalEmitEvent",
        "LocalEmitEvent",
        *("LocalEmitEvent", "RecordTransition"),
    ]


def test_a_host_is_rolled_back() -> None:
    """The other story: the policy of the signed manifest sends the host to where it was."""
    runtime = Runtime()
    host: Any = HostRollout(pending(), ROLLBACK, listeners=[runtime])

    activate(host)
    host.local_activation_failed(seq=2, exit_code=4, stderr_tail="no", failed_at=at(1))
    assert runtime.rolled_back_to == ["old"]
    host.local_rollback_completed(seq=3, reverted_to_closure="old", exit_code=0, completed_at=at(2))

    assert list(host.configuration_values) == ["Reverted"]
    assert host.record["policy_applied"] == "rollback-and-halt"
    assert host.record["reverted_to"] == host.record["current_closure"] == "old"


def test_under_halt_a_failed_host_stays() -> None:
    """A rollback is the policy's decision, not the adapter's."""
    runtime = Runtime()
    host: Any = HostRollout(pending(), HALT, listeners=[runtime])

    activate(host)
    host.local_activation_failed(seq=2, exit_code=4, stderr_tail="no", failed_at=at(1))

    assert host.failed.is_active
    assert runtime.rolled_back_to == []


@pytest.mark.parametrize(
    ("event", "why", "guard", "says"),
    [
        (
            Tagged("RemoteActivationStarted", {"seq": 2, "started_at": at(1), "switch_method": ""}),
            "stale",
            None,
            "RemoteActivationStarted is stale: its number is not above the last accepted one",
        ),
        (
            Tagged("RemoteActivationStarted", {"seq": 3, "started_at": at(1), "switch_method": ""}),
            "illegal",
            None,
            "a record that is Soaking does not accept RemoteActivationStarted",
        ),
        (
            Tagged("RemoteConverged", {"seq": 3, "converged_at": at(2), "current_closure": "new"}),
            "guard",
            "soak-is-over",
            "refused: the soak must be over",
        ),
        (
            Tagged("RemoteConverged", {"seq": 3, "converged_at": at(2), "current_closure": "old"}),
            "guard",
            "closure-is-target",
            "refused: the host must run its target closure",
        ),
    ],
)
def test_a_refusal_changes_nothing(event: Tagged, why: str, guard: str | None, says: str) -> None:
    """A refused event leaves state, record and listeners alone, and says why in one sentence."""
    runtime = Runtime()
    host: Any = HostRollout(pending(), HALT)
    activate(host)
    complete(host)
    host.add_listener(runtime)
    before = host.record

    error = refusal(lambda: host.send_event(event))

    assert (host.record, runtime.log) == (before, [])
    assert list(host.configuration_values) == ["Soaking"]
    assert (error.refused.why, error.refused.guard and error.refused.guard.name) == (why, guard)
    assert (error.event, error.state, str(error)) == (event, "Soaking", says)


def test_a_refused_number_can_be_used_again() -> None:
    """A refusal consumes no number."""
    host: Any = HostRollout(pending(), HALT)

    error = refusal(lambda: complete(host, seq=1))
    activate(host, seq=1)

    assert error.refused == Refused("illegal")
    assert host.record["last_event_seq"] == 1


def test_a_terminated_machine_tells_stale_from_illegal() -> None:
    """The library stops at a final state, and the order of checks holds there, too."""
    host: Any = HostRollout({**pending(), "state": "Converged", "last_event_seq": 5}, HALT)

    assert refusal(lambda: activate(host, seq=5)).refused == Refused("stale")
    assert refusal(lambda: activate(host, seq=6)).refused == Refused("illegal")


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_a_machine_pickles_with_its_listeners(protocol: int) -> None:
    """A program keeps it, or sends it to another process, and goes on from where it is."""
    host = HostRollout(pending(), HALT, listeners=[Runtime()])
    activate(host)
    kind = type(pickle.loads(pickle.dumps(host, protocol)))
    other: Any = pickle.loads(pickle.dumps(host, protocol))

    assert kind is HostRollout
    assert (other.record, other.configuration_values) == (host.record, host.configuration_values)
    other.local_activation_started(seq=2, started_at=at(1), switch_method="switch")
    (runtime,) = other.active_listeners
    assert runtime.log == [
        "RecordTransition",
        "LocalEmitEvent",
        "LocalFireSwitch",
        "LocalEmitEvent",
    ]
    assert (host.record["last_event_seq"], other.record["last_event_seq"]) == (1, 2)


def test_a_machine_is_known_in_a_process_that_did_not_make_it() -> None:
    """Its class is made anew there, of the same table."""
    host = HostRollout(pending(), HALT)
    activate(host)
    program = (
        "import pickle, sys\n"
        "host = pickle.load(sys.stdin.buffer)\n"
        "from steptable.targets.statemachine import state_machine\n"
        "assert type(host) is state_machine(type(host).table)\n"
        "print(type(host).__name__, *host.configuration_values)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=pickle.dumps(host),
        capture_output=True,
        check=True,
    )

    assert done.stdout.split() == [b"HostRollout", b"Activating"]


class Subclass(HostRollout):  # type: ignore[misc, valid-type]  # made of a table, at run time
    """A class with a name of its own."""


def test_a_subclass_is_pickled_by_its_name() -> None:
    """As any class is."""
    assert type(pickle.loads(pickle.dumps(Subclass(pending(), HALT)))) is Subclass


def test_a_declaration_survives_pickling() -> None:
    """It is what the class of a machine is made of elsewhere."""
    assert pickle.loads(pickle.dumps(machine)) == machine


def test_a_refusal_pickles() -> None:
    """It may cross a process boundary with all its parts."""
    host: Any = HostRollout(pending(), HALT)

    error = refusal(lambda: complete(host))
    copy = pickle.loads(pickle.dumps(error))

    assert (copy.event, copy.state, copy.refused) == (error.event, error.state, error.refused)
    assert str(copy) == str(error)


def test_an_event_can_be_sent_by_call_by_name_and_as_a_value() -> None:
    """The library's ways, and the interpreter's, lead to the same record."""
    fields = {
        "seq": 1,
        "received_at": at(0),
        "current_closure_at_dispatch": "old",
    }
    called: Any = HostRollout(pending(), HALT)
    named = HostRollout(pending(), HALT)
    valued = HostRollout(pending(), HALT)

    called.remote_dispatch_ack(**fields)
    named.send("remote_dispatch_ack", **fields)
    valued.send_event(Tagged("RemoteDispatchAck", fields))

    assert called.record == named.record == valued.record


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"seq": 1}, "remote_failed lacks 'failed_at'"),
        ({"seq": 1, "when": 0}, "remote_failed has no field 'when'"),
    ],
)
def test_wrong_fields_are_a_type_error(fields: dict[str, Any], says: str) -> None:
    """An event is called like a function, and complains like one."""
    host: Any = HostRollout(pending(), HALT)

    with pytest.raises(TypeError, match=says):
        host.remote_failed(**fields)


def test_a_record_is_taken_up_where_it_is() -> None:
    """After a restart no callback runs and nothing is emitted until an event comes."""
    runtime, entered = Runtime(), Entries()

    host = HostRollout({**pending(), "state": "Failed"}, HALT, listeners=[runtime, entered])

    assert list(host.configuration_values) == ["Failed"]
    assert (runtime.log, entered.states) == ([], [])


def test_a_record_in_an_unknown_state_is_refused() -> None:
    """Otherwise the first event would fail far from the mistake."""
    with pytest.raises(InvalidStateValue):
        HostRollout({**pending(), "state": "Nowhere"}, HALT)


class Entries:
    """A listener in the library's own manner."""

    def __init__(self) -> None:
        self.states: list[tuple[str, int]] = []

    def on_enter_state(self, target: State, machine: TableMachine, fields: Values) -> None:
        assert machine.record["last_event_seq"] == fields["seq"]
        self.states.append((target.value, fields["seq"]))


def test_the_librarys_callbacks_see_the_record_after_the_step() -> None:
    """A state is entered by changing it only, and with its record up to date."""
    entered = Entries()
    host: Any = HostRollout(pending(), HALT, listeners=[entered])

    activate(host)
    host.local_activation_started(seq=2, started_at=at(0), switch_method="test")
    complete(host, seq=3)

    assert entered.states == [("Activating", 1), ("Soaking", 3)]


def test_a_subclass_hears_effects_itself() -> None:
    """Subclassing is the library's other way of adding behaviour."""

    class Host(HostRollout):  # type: ignore[valid-type,misc]
        heard: tuple[str, ...] = ()

        def on_effect(self, effect: Tagged) -> None:
            self.heard += (effect.name,)

    host: Any = Host(pending(), HALT)
    activate(host)

    assert host.heard == ("RecordTransition", "LocalEmitEvent", "LocalFireSwitch")


class Objection(Exception):
    """What the listener below raises."""


@pytest.mark.parametrize(
    "callback", ["before_transition", "on_local_activate", "on_enter_state", "on_exit_state"]
)
def test_a_callback_that_raises_undoes_the_step(callback: str) -> None:
    """Half a step is never seen: neither the state nor the rest of the record."""

    def refuse() -> None:
        raise Objection

    objector = Runtime()
    setattr(objector, callback, refuse)
    host: Any = HostRollout(pending(), HALT, listeners=[objector])

    with pytest.raises(Objection):
        activate(host)

    assert (host.record, objector.log) == (pending(), [])
    assert list(host.configuration_values) == ["Pending"]


def test_an_event_sent_by_a_listener_comes_after_the_step() -> None:
    """A step runs to its end; a refusal of the next one names the next one."""

    class Hasty:
        def on_effect(self, effect: Tagged) -> None:
            if effect.name == "LocalFireSwitch":
                complete(host, seq=2)
                complete(host, seq=3)

    host: Any = HostRollout(pending(), HALT, listeners=[Hasty()])

    error = refusal(lambda: activate(host))

    assert (error.event.name, error.event.fields["seq"]) == ("LocalActivationCompleted", 3)
    assert error.refused == Refused("illegal")
    assert (host.record["state"], host.record["last_event_seq"]) == ("Soaking", 2)


def test_several_rows_of_a_pair_are_tried_in_order() -> None:
    """The library picks the first whose guards hold; if none does, the first row is blamed."""
    gate: Any = state_machine(turnstile.machine)(
        {"position": "Locked", "paid": 0, "pushed": 6, "last_serial": 0}, {"coins": 2}
    )

    gate.arm_pushed(serial=1, force=1, at=0)
    error = refusal(lambda: gate.arm_pushed(serial=2, force=1, at=0))
    gate.arm_pushed(serial=2, force=9, at=0)

    assert error.refused.guard is not None
    assert error.refused.guard.name == "hard"
    assert gate.record == {"position": "Broken", "paid": 0, "pushed": 7, "last_serial": 2}


def test_a_name_that_the_library_uses_is_refused() -> None:
    """A state called like a method of the library would silently replace it."""
    states = tuple(replace(state, name="Send") for state in turnstile.machine.states[:1])
    taken: Machine = replace(
        turnstile.machine, states=(*states, *turnstile.machine.states[1:]), rows=(), refusals=()
    )

    with pytest.raises(UsageError, match="'send' has a meaning of its own"):
        state_machine(taken)


@pytest.mark.parametrize("name", ["OnTransition", "OnEnterState", "on_arm_pushed", "OnEnterBroken"])
def test_a_name_of_a_method_that_the_library_calls_is_refused(name: str) -> None:
    """It would be called with arguments that are none of its own, in the middle of a step."""
    first, *others = turnstile.machine.states
    taken: Machine = replace(
        turnstile.machine, states=(replace(first, name=name), *others), rows=(), refusals=()
    )

    with pytest.raises(UsageError, match="' has a meaning of its own"):
        state_machine(taken)


def test_an_event_that_every_state_refuses_is_refused() -> None:
    """The library has no event without a transition; the table has an answer to every pair."""
    rows = tuple(row for row in turnstile.machine.rows if row.fact is not turnstile.COIN)
    gate = state_machine(replace(turnstile.machine, rows=rows))
    record = {"position": "Locked", "paid": 0, "pushed": 0, "last_serial": 0}
    host = gate(record, {"coins": 1})

    with pytest.raises(RefusedStep) as caught:
        host.send_event(Tagged("CoinInserted", {"amount": 1, "at": 0, "serial": 1}))

    assert (caught.value.refused, host.record) == (Refused("illegal"), record)
