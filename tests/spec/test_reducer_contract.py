"""What programs that import the reducer rely on: names, values, and how its structs behave."""

from __future__ import annotations

import copy
import dataclasses
import enum
import pickle
import subprocess
import sys
from datetime import datetime
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nixfleet_state_machine as nsm
from nixfleet_state_machine import (
    HostState,
    OnHealthFailure,
    ProbeMode,
    ProbeStatus,
    RolloutId,
    RolloutPolicy,
    step,
    wire,
)
from support.rollout import (
    BY_EVENT,
    FACTS,
    FAILED,
    HALT,
    HOST,
    LOCAL,
    NOW,
    OPENED,
    PENDING,
    REMOTE,
    ROLLOUT,
    SOAKING,
    changed,
    event,
    moved,
    probe,
)

EFFECTS = (
    "LocalFireSwitch",
    "LocalFireRollbackTo",
    "LocalResetProbeCache",
    "LocalEmitEvent",
    "RemoteQueueDispatch",
    "RemoteInsertQuarantine",
    "RemoteOpenRolloutRecord",
    "RemoteAppendEventLog",
    "RecordTransition",
    "EmitMetric",
    "EmitLog",
)
NAMES = (
    *("step", "new_pending", "bootstrap", "rehydration_effects"),
    *("HostState", "HostRolloutState", "ProbeRecord", "ProbeStatus", "ProbeMode"),
    *("ProbeSubResult", "ProbeTopologyEntry", "OnHealthFailure", "RolloutPolicy", "RolloutId"),
    *("Event", "Effect", *LOCAL, *REMOTE, *EFFECTS),
    *("TransitionError", "IllegalForState", "SeqRegression", "InvariantViolation"),
)


# ── Names ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
def test_every_promised_name_can_be_imported(name: str) -> None:
    """Programs import by these names, and a star import brings them too."""
    assert hasattr(nsm, name)
    assert name in nsm.__all__


def test_events_and_effects_are_the_unions_of_what_is_promised() -> None:
    """A `match` over them is exhaustive when it names these."""
    assert {kind.__name__ for kind in get_args(nsm.Event)} == {*LOCAL, *REMOTE}
    assert {kind.__name__ for kind in get_args(nsm.Effect)} == set(EFFECTS)
    assert len(LOCAL + REMOTE) == 24
    assert len(EFFECTS) == 11


def test_the_wire_has_the_twelve_payloads_and_the_envelope() -> None:
    """`wire.DispatchAck` … `wire.Converged`, `wire.decode`, `wire.encode`, `wire.to_event`."""
    kinds = {fact.kind for fact in FACTS}

    assert len(kinds) == 12
    assert kinds | {"Envelope", "decode", "encode", "to_event"} <= set(wire.__all__)
    assert all(hasattr(wire, name) for name in wire.__all__)
    assert wire.Envelope.__struct_fields__ == ("hostname", "rollout_id", "event", "signature")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (
            HostState,
            {
                "PENDING": "Pending",
                "ACTIVATING": "Activating",
                "SOAKING": "Soaking",
                "CONVERGED": "Converged",
                "FAILED": "Failed",
                "REVERTED": "Reverted",
            },
        ),
        (ProbeMode, {"ENFORCE": "enforce", "OBSERVE": "observe", "DISABLED": "disabled"}),
        (ProbeStatus, {"PASS": "pass", "FAIL": "fail"}),
        (OnHealthFailure, {"HALT": "halt", "ROLLBACK_AND_HALT": "rollback-and-halt"}),
    ],
)
def test_members_and_their_texts(kind: type[enum.Enum], values: dict[str, str]) -> None:
    """The texts are those of stored data and of the wire."""
    assert {member.name: member.value for member in kind} == values


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("LocalFireSwitch", ("rollout_id", "target")),
        ("LocalFireRollbackTo", ("rollout_id", "closure")),
        ("LocalResetProbeCache", ("rollout_id",)),
        ("LocalEmitEvent", ("rollout_id", "payload", "durable")),
        ("RemoteQueueDispatch", ("host", "rollout_id", "target_closure", "soak_due_at")),
        ("RemoteInsertQuarantine", ("channel", "closure")),
        ("RemoteOpenRolloutRecord", ("rollout_id", "channel", "host")),
        ("RemoteAppendEventLog", ("host", "rollout_id", "payload")),
        ("RecordTransition", ("host", "rollout_id", "source", "target", "at")),
        ("EmitMetric", ("name", "labels", "value")),
        ("EmitLog", ("level", "target", "message", "fields")),
    ],
)
def test_the_fields_of_every_effect(name: str, fields: tuple[str, ...]) -> None:
    """Runtimes match on them by name and by position."""
    assert getattr(nsm, name).__struct_fields__ == fields
    assert getattr(nsm, name).__match_args__ == fields


@pytest.mark.parametrize("name", [*LOCAL, *REMOTE])
def test_the_fields_of_every_event(name: str) -> None:
    """Each carries what its fact does, and a number."""
    fact = BY_EVENT[name]
    own = fact.local_fields if name == fact.local else {}

    fields = set(getattr(nsm, name).__struct_fields__)
    assert fields == {*fact.fields, *own, "seq"}


def test_a_policy_needs_what_to_do_on_failure_and_nothing_else() -> None:
    """The other fields are for the planner, and have defaults."""
    policy = RolloutPolicy(on_health_failure=OnHealthFailure.HALT)

    assert (policy.strategy, policy.waves, policy.health_gate) == ("", (), nsm.HealthGate())
    with pytest.raises(TypeError, match="Missing required argument 'on_health_failure'"):
        RolloutPolicy()  # type: ignore[call-arg]  # what is refused


# ── Rollout ids ──────────────────────────────────────────────────────────────────────


def test_a_rollout_id_is_text_with_two_parts() -> None:
    """It is what it reads, wherever a text is wanted."""
    rollout = RolloutId("stable@4f2a")

    assert rollout == "stable@4f2a"
    assert isinstance(rollout, str)
    assert (rollout.channel, rollout.channel_ref) == ("stable", "4f2a")
    assert {rollout, "stable@4f2a"} == {rollout}
    assert f"{rollout}" == "stable@4f2a"


def test_a_rollout_id_splits_at_the_first_separator() -> None:
    """The reference may hold others."""
    rollout = RolloutId("stable@a@b@")

    assert (rollout.channel, rollout.channel_ref) == ("stable", "a@b@")


@given(channel=st.text(min_size=1), ref=st.text(min_size=1))
def test_the_parts_of_a_rollout_id_are_what_it_was_made_of(channel: str, ref: str) -> None:
    """Whatever text, as long as neither part is empty and the channel has no separator."""
    if "@" not in channel:
        rollout = RolloutId(f"{channel}@{ref}")
        assert (rollout.channel, rollout.channel_ref) == (channel, ref)


@pytest.mark.parametrize("text", ["", "@", "stable", "stable@", "@4f2a"])
def test_a_text_that_is_no_rollout_id_is_refused(text: str) -> None:
    """With what it should read like, and what it reads."""
    with pytest.raises(ValueError, match=r"reads '\{channel\}@\{channel_ref\}', not '") as caught:
        RolloutId(text)

    assert str(caught.value).endswith(f"not '{text}'")


@pytest.mark.parametrize("value", [5, None, b"stable@4f2a", ["stable@4f2a"]])
def test_what_is_no_text_is_no_rollout_id(value: Any) -> None:
    """Nothing is converted."""
    with pytest.raises(TypeError, match="a RolloutId is a text, not "):
        RolloutId(value)


# ── Structs ──────────────────────────────────────────────────────────────────────────

STRUCTS = [
    pytest.param(value, id=type(value).__name__)
    for value in (
        HALT,
        SOAKING,
        changed(SOAKING, probes={"http": probe(ProbeStatus.PASS, ProbeMode.ENFORCE)}),
        probe(ProbeStatus.PASS, ProbeMode.ENFORCE),
        *(event(name) for name in BY_EVENT),
        *(fact.payload() for fact in FACTS),
        *step(FAILED, event("RemoteRollbackComplete"), NOW, HALT)[1],
        *step(PENDING, event("LocalActivate"), NOW, HALT)[1],
        moved(HostState.PENDING, HostState.ACTIVATING, OPENED),
        wire.Envelope(hostname=HOST, rollout_id=ROLLOUT, event=FACTS[0].payload()),
        nsm.EmitMetric(name="n", labels={"a": "b"}, value=1.5),
        ROLLOUT,
    )
]


@pytest.mark.parametrize("value", STRUCTS)
def test_a_value_survives_pickling_and_copying(value: Any) -> None:
    """Programs send them between processes and keep them."""
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert other == value
        assert type(other) is type(value)


@pytest.mark.parametrize("value", STRUCTS)
def test_a_value_cannot_be_changed(value: Any) -> None:
    """A record that was handed on is the record that was judged."""
    name = next(iter(getattr(value, "__struct_fields__", ("value",))))
    with pytest.raises(AttributeError):
        setattr(value, name, None)
    with pytest.raises(AttributeError):
        value.something_else = 1


@pytest.mark.parametrize("value", STRUCTS)
def test_the_repr_of_a_struct_names_its_type_and_every_field(value: Any) -> None:
    """It is what an assertion of a failing test shows."""
    shown = repr(value)
    fields = getattr(value, "__struct_fields__", ())

    assert all(f"{name}={getattr(value, name)!r}" in shown for name in fields)
    assert not fields or shown.startswith(f"{type(value).__name__}(")


def test_every_value_is_hashable() -> None:
    """Events, effects and records can be in sets and keys: nothing in them can be changed."""
    for name in BY_EVENT:
        assert len({event(name), event(name)}) == 1
        assert event(name) != event(name, 10)
    assert len({*step(PENDING, event("LocalActivate"), NOW, HALT)[1]}) == 3
    assert len({HALT, RolloutPolicy(on_health_failure=OnHealthFailure.HALT)}) == 1
    probed = changed(SOAKING, probes={"http": probe(ProbeStatus.PASS, ProbeMode.ENFORCE)})
    assert len({SOAKING, probed, copy.deepcopy(probed), pickle.loads(pickle.dumps(probed))}) == 2
    assert len({nsm.EmitMetric(name="n", labels={"a": "b"}, value=1.5) for _ in range(2)}) == 1


def test_the_two_halves_and_the_payload_of_a_fact_are_different_things() -> None:
    """Though they carry the same, none equals another."""
    fact = FACTS[1]

    assert fact.event(fact.local) != fact.event(fact.remote)
    assert fact.event(fact.remote) != fact.payload()


@pytest.mark.parametrize("name", NAMES)
def test_every_class_and_function_says_what_it_is(name: str) -> None:
    """The docstrings come out of the declarations."""
    assert (getattr(nsm, name).__doc__ or "").strip() or name in {"Event", "Effect"}


def test_the_annotations_of_every_struct_can_be_resolved() -> None:
    """So that tools which look at types, msgspec's decoder among them, can use them all."""
    for name in NAMES:
        kind = getattr(nsm, name)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            assert {field.name for field in msgspec.structs.fields(kind)} == set(
                kind.__struct_fields__
            )


# ── Importing ────────────────────────────────────────────────────────────────────────


def test_importing_loads_neither_declarations_nor_engine() -> None:
    """A program that steps records pays for msgspec and nothing else."""
    code = (
        "import sys, nixfleet_state_machine, nixfleet_state_machine.wire\n"
        "own = {m for m in sys.modules if m.split('.')[0] in ('nixfleet_state_machine', "
        "'steptable')}\n"
        "print(*sorted(own))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == [
        "nixfleet_state_machine",
        "nixfleet_state_machine.reducer",
        "nixfleet_state_machine.wire",
    ]


def test_structs_are_no_dataclasses_and_have_their_own_replace() -> None:
    """`msgspec.structs.replace` makes a changed copy, and leaves the original."""
    assert not dataclasses.is_dataclass(SOAKING)
    later = datetime.fromisoformat("2027-01-01T00:00:00+00:00")

    assert msgspec.structs.replace(SOAKING, soak_due_at=later).soak_due_at == later
    assert SOAKING.soak_due_at != later
