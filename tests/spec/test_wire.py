"""The JSON between agent and control plane: what it reads like, both ways."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nixfleet_state_machine as nsm
from nixfleet_state_machine import (
    OnHealthFailure,
    ProbeMode,
    ProbeStatus,
    ProbeSubResult,
    ProbeTopologyEntry,
    RolloutId,
    RolloutPolicy,
    wire,
)
from support.messages import (
    CONVERGED,
    KINDS,
    MOST,
    PROBE_RESULT,
    SUB_RESULT,
    envelope,
    sent,
    text,
)
from support.rollout import BY_EVENT, FACTS, HOST, ROLLOUT, FactRow

# ── What it reads like ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fact", FACTS, ids=[fact.kind for fact in FACTS])
def test_each_kind_reads_as_it_is_written_down(fact: FactRow) -> None:
    """Keys are camelCase, the kind is named, and nothing that is empty appears."""
    event = {"kind": fact.kind, "seq": 9, **KINDS[fact.kind]}

    encoded = wire.encode(sent(fact.payload()))
    assert json.loads(encoded) == envelope(event)
    assert wire.decode(text(envelope(event))) == sent(fact.payload())


def test_a_signature_is_left_out_when_there_is_none() -> None:
    """And carried when there is one."""
    payload = FACTS[-1].payload()

    assert b"signature" not in wire.encode(sent(payload))
    signed = sent(payload, signature="c2ln")
    assert json.loads(wire.encode(signed))["signature"] == "c2ln"
    assert wire.decode(wire.encode(signed)) == signed
    assert wire.decode(text(envelope(signature=None))).signature is None


def test_a_probe_result_leaves_out_what_is_empty() -> None:
    """`failureReason` and `subResults`; an empty list is not nothing."""
    plain = wire.decode(text(envelope(PROBE_RESULT))).event
    assert isinstance(plain, wire.ProbeResult)
    assert (plain.failure_reason, plain.sub_results) == (None, None)
    assert json.loads(wire.encode(plain)) == PROBE_RESULT

    full = {**PROBE_RESULT, "failureReason": "refused", "subResults": []}
    assert json.loads(wire.encode(wire.decode(text(envelope(full))).event)) == full


def test_a_sub_result_counts_as_enforced_unless_it_says_otherwise() -> None:
    """`effectiveMode` may be left out when read and is always written; empty parts never are."""
    result = {
        **PROBE_RESULT,
        "subResults": [SUB_RESULT, {**SUB_RESULT, "effectiveMode": "observe"}],
    }
    event = wire.decode(text(envelope(result))).event

    assert isinstance(event, wire.ProbeResult)
    assert event.sub_results == (
        ProbeSubResult(control_id="AC-2", status=ProbeStatus.PASS, framework="nist"),
        ProbeSubResult(
            control_id="AC-2",
            status=ProbeStatus.PASS,
            framework="nist",
            effective_mode=ProbeMode.OBSERVE,
        ),
    )
    assert json.loads(wire.encode(event.sub_results)) == [
        {**SUB_RESULT, "effectiveMode": "enforce"},
        {**SUB_RESULT, "effectiveMode": "observe"},
    ]


def test_unknown_keys_are_passed_over() -> None:
    """An agent of a later version may say more than this one knows."""
    known = envelope({**PROBE_RESULT, "subResults": [SUB_RESULT]})
    more = envelope(
        {**PROBE_RESULT, "subResults": [{**SUB_RESULT, "new": 1}], "new": {"a": [None]}}, new=True
    )

    assert wire.decode(text(more)) == wire.decode(text(known))


def test_times_keep_their_zone_and_their_microseconds() -> None:
    """Finer parts of a second are cut off, so that no time is read as a later one."""
    for written, read in {
        "2026-01-01T12:00:00Z": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "2026-01-01T14:00:00+02:00": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "2026-01-01T12:00:00.000001Z": datetime(2026, 1, 1, 12, 0, 0, 1, tzinfo=UTC),
        "2026-01-01T12:00:00.000000600Z": datetime(2026, 1, 1, 12, tzinfo=UTC),
        "2026-01-01T11:59:59.9999999Z": datetime(2026, 1, 1, 11, 59, 59, 999999, tzinfo=UTC),
        "2026-01-01t12:00:00z": datetime(2026, 1, 1, 12, tzinfo=UTC),
    }.items():
        event = wire.decode(text(envelope({**CONVERGED, "convergedAt": written}))).event
        assert isinstance(event, wire.Converged)
        assert event.converged_at == read


def test_records_and_effects_can_be_written_too() -> None:
    """A runtime keeps its records and queues its effects as JSON, with the rollout as text."""
    record, done = nsm.step(
        nsm.new_pending(ROLLOUT, HOST, "stable", "t", datetime(2026, 1, 1, tzinfo=UTC), None),
        BY_EVENT["RemoteDispatchAck"].event("RemoteDispatchAck"),
        datetime(2026, 1, 1, tzinfo=UTC),
        RolloutPolicy(on_health_failure=OnHealthFailure.HALT),
    )

    assert json.loads(wire.encode(record))["rolloutId"] == ROLLOUT
    assert [item["kind"] for item in json.loads(wire.encode(done))] == [
        "RemoteAppendEventLog",
        "RecordTransition",
    ]
    with pytest.raises(TypeError, match="object has no place on the wire"):
        wire.encode(object())


# ── Round trips ──────────────────────────────────────────────────────────────────────

words = st.text(max_size=8)
u64 = st.one_of(st.integers(0, 3), st.integers(2**63 - 2, MOST), st.integers(0, MOST))
i32 = st.integers(-(2**31), 2**31 - 1)
zones = st.integers(-23 * 60, 23 * 60).map(lambda m: timezone(timedelta(minutes=m)))
# The strategy takes its bounds without a zone, and gives each value one.
FIRST, LAST = (datetime(year, 1, 2, tzinfo=UTC).replace(tzinfo=None) for year in (1970, 2200))
times = st.datetimes(FIRST, LAST, timezones=zones)
optional_words = st.none() | words
sub_results = st.builds(
    ProbeSubResult,
    control_id=words,
    status=st.sampled_from(ProbeStatus),
    framework=words,
    article=optional_words,
    effective_mode=st.sampled_from(ProbeMode),
    override_reason=optional_words,
)
entries = st.builds(
    ProbeTopologyEntry, probe_name=words, kind=words, mode=st.sampled_from(ProbeMode)
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "current_closure_at_dispatch": words,
    "received_at": times,
    "started_at": times,
    "switch_method": words,
    "observed_current_closure": words,
    "exit_code": i32,
    "completed_at": times,
    "component": words,
    "deferred_at": times,
    "stderr_tail": words,
    "failed_at": times,
    "probes": st.lists(entries, max_size=3).map(tuple),
    "declared_at": times,
    "probe_name": words,
    "mode": st.sampled_from(ProbeMode),
    "observed_at": times,
    "status": st.sampled_from(ProbeStatus),
    "failure_reason": optional_words,
    "sub_results": st.none() | st.lists(sub_results, max_size=3).map(tuple),
    "first_failed_at": times,
    "sustained_duration_secs": u64,
    "failing_probes": st.lists(words, max_size=3).map(tuple),
    "policy_applied": st.sampled_from(OnHealthFailure),
    "reverted_to_closure": words,
    "converged_at": times,
    "current_closure": words,
    "seq": u64,
}
payloads = st.sampled_from(FACTS).flatmap(
    lambda fact: st.builds(
        getattr(wire, fact.kind), **{name: FIELDS[name] for name in (*fact.fields, "seq")}
    )
)
rollouts = st.builds(
    lambda channel, ref: RolloutId(f"{channel}@{ref}"),
    st.text(min_size=1, max_size=5).filter(lambda channel: "@" not in channel),
    st.text(min_size=1, max_size=5),
)
envelopes = st.builds(
    wire.Envelope, hostname=words, rollout_id=rollouts, event=payloads, signature=optional_words
)


@settings(max_examples=300, deadline=None)
@given(envelopes)
def test_what_is_written_is_read_back(value: wire.Envelope) -> None:
    """Every payload of every kind, in an envelope."""
    encoded = wire.encode(value)

    assert wire.decode(encoded) == value
    assert wire.decode(encoded.decode()) == value
    assert type(wire.decode(encoded).rollout_id) is RolloutId
    assert wire.encode(wire.decode(encoded)) == encoded


@settings(max_examples=200, deadline=None)
@given(payloads)
def test_a_kind_maps_to_its_remote_event_and_back(payload: Any) -> None:
    """Nothing is lost between what travels and what the mirror steps."""
    fact = next(fact for fact in FACTS if fact.kind == type(payload).__name__)
    received = wire.to_event(payload)

    assert type(received).__name__ == fact.remote
    assert {name: getattr(received, name) for name in received.__struct_fields__} == {
        name: getattr(payload, name) for name in payload.__struct_fields__
    }
    assert wire.to_payload(received) == payload


@pytest.mark.parametrize("fact", FACTS, ids=[fact.kind for fact in FACTS])
def test_both_halves_are_reported_by_the_same_payload(fact: FactRow) -> None:
    """The agent's own fields, which come from the control plane, do not travel back to it."""
    assert wire.to_payload(fact.event(fact.local)) == fact.payload()
    assert wire.to_payload(fact.event(fact.remote)) == fact.payload()


@pytest.mark.parametrize("wrong", ["Converged", None, 3, sent(FACTS[-1].payload())])
def test_what_is_neither_payload_nor_event_is_no_part_of_the_mapping(wrong: Any) -> None:
    """It is a mistake of the program."""
    kind = type(wrong).__name__

    with pytest.raises(TypeError, match=f"^to_event takes a payload, not {kind}$"):
        wire.to_event(wrong)
    with pytest.raises(TypeError, match=f"^to_payload takes an event, not {kind}$"):
        wire.to_payload(wrong)
