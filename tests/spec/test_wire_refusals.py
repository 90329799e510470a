"""What is no report is refused with the path of its fault, and nothing is converted."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixfleet_state_machine import (
    wire,
)
from support.messages import (
    CONVERGED,
    FAILED,
    KINDS,
    MOST,
    PROBE_RESULT,
    SUB_RESULT,
    envelope,
    text,
    without,
)
from support.rollout import FACTS, HOST

words = st.text(max_size=8)


def results(**changed: Any) -> dict[str, object]:
    """A report of a probe with one sub-result, some of whose keys are changed."""
    return envelope({**PROBE_RESULT, "subResults": [{**SUB_RESULT, **changed}]})


def converged(**changed: Any) -> dict[str, object]:
    return envelope({**CONVERGED, **changed})


REFUSED: list[tuple[object, str]] = [
    # The shape.
    ([], "Expected `object`, got `array`"),
    (3, "Expected `object`, got `int`"),
    ({}, "Object missing required field `hostname`"),
    (without(envelope(), "rolloutId"), "Object missing required field `rolloutId`"),
    (without(envelope(), "event"), "Object missing required field `event`"),
    (envelope(None), "Expected `object`, got `null` - at `$.event`"),
    (envelope(without(CONVERGED, "kind")), "Object missing required field `kind` - at `$.event`"),
    (converged(kind="Convergd"), "Invalid value 'Convergd' - at `$.event.kind`"),
    (converged(kind="converged"), "Invalid value 'converged' - at `$.event.kind`"),
    (converged(kind="RemoteConverged"), "Invalid value 'RemoteConverged' - at `$.event.kind`"),
    (converged(kind=3), "Expected `str` - at `$.event.kind`"),
    *(
        (envelope(without(event, key)), f"Object missing required field `{key}` - at `$.event`")
        for event in (CONVERGED, PROBE_RESULT, FAILED)
        for key in event
        if key != "kind"
    ),
    # Keys are camelCase, and are not guessed.
    (
        envelope({**without(CONVERGED, "convergedAt"), "converged_at": "2026-01-01T12:00:00Z"}),
        "Object missing required field `convergedAt` - at `$.event`",
    ),
    # Numbers.
    (converged(seq=-1), "Expected `int` >= 0 - at `$.event.seq`"),
    (converged(seq=MOST + 1), f"Expected `int` <= {MOST} - at `$.event.seq`"),
    (converged(seq=10**30), f"Expected `int` <= {MOST} - at `$.event.seq`"),
    (converged(seq=1.0), "Expected `int`, got `float` - at `$.event.seq`"),
    (converged(seq=1.5), "Expected `int`, got `float` - at `$.event.seq`"),
    (converged(seq="1"), "Expected `int`, got `str` - at `$.event.seq`"),
    (converged(seq=True), "Expected `int`, got `bool` - at `$.event.seq`"),
    (converged(seq=None), "Expected `int`, got `null` - at `$.event.seq`"),
    (
        envelope({**FAILED, "sustainedDurationSecs": MOST + 1}),
        f"Expected `int` <= {MOST} - at `$.event.sustainedDurationSecs`",
    ),
    (
        envelope({**FAILED, "sustainedDurationSecs": -1}),
        "Expected `int` >= 0 - at `$.event.sustainedDurationSecs`",
    ),
    (
        envelope(
            {"kind": "RollbackComplete", "seq": 1, **KINDS["RollbackComplete"], "exitCode": 2**31}
        ),
        f"Expected `int` <= {2**31 - 1} - at `$.event.exitCode`",
    ),
    # Times.
    (
        converged(convergedAt="2026-01-01T12:00:00"),
        "Expected `datetime` with a timezone component - at `$.event.convergedAt`",
    ),
    (
        converged(convergedAt="2026-02-30T12:00:00Z"),
        "Invalid RFC3339 encoded datetime - at `$.event.convergedAt`",
    ),
    (converged(convergedAt="soon"), "Invalid RFC3339 encoded datetime - at `$.event.convergedAt`"),
    (
        converged(convergedAt=1767268800),
        "Expected `datetime`, got `int` - at `$.event.convergedAt`",
    ),
    # Texts and enums.
    (converged(currentClosure=3), "Expected `str`, got `int` - at `$.event.currentClosure`"),
    (envelope(hostname=None), "Expected `str`, got `null` - at `$.hostname`"),
    (envelope(signature=3), "Expected `str | null`, got `int` - at `$.signature`"),
    (
        envelope({**FAILED, "policyApplied": "Halt"}),
        "Invalid enum value 'Halt' - at `$.event.policyApplied`",
    ),
    (
        envelope({**FAILED, "failingProbes": ["a", 3]}),
        "Expected `str`, got `int` - at `$.event.failingProbes[1]`",
    ),
    (
        envelope({**FAILED, "failingProbes": "http"}),
        "Expected `array`, got `str` - at `$.event.failingProbes`",
    ),
    (
        results(effectiveMode="loud"),
        "Invalid enum value 'loud' - at `$.event.subResults[0].effectiveMode`",
    ),
    (
        results(effectiveMode=None),
        "Expected `str`, got `null` - at `$.event.subResults[0].effectiveMode`",
    ),
    (results(article=5), "Expected `str | null`, got `int` - at `$.event.subResults[0].article`"),
    # Rollouts.
    *(
        (
            envelope(rolloutId=rollout),
            f"a RolloutId reads '{{channel}}@{{channel_ref}}', not '{rollout}' - at `$.rolloutId`",
        )
        for rollout in ("", "stable", "@4f2a", "stable@")
    ),
    *(
        (envelope(rolloutId=value), f"Expected `str`, got `{found}` - at `$.rolloutId`")
        for value, found in ((3, "int"), (None, "null"), ({}, "object"), ([], "array"))
    ),
]


@pytest.mark.parametrize(("value", "message"), REFUSED)
def test_a_fault_is_refused_with_its_path(value: object, message: str) -> None:
    """One error that names the place, and never a value that was made to fit."""
    with pytest.raises(msgspec.ValidationError) as caught:
        wire.decode(text(value))

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        text(envelope()) + "x",
        text(envelope())[:-1],
        text(envelope()).replace('"seq": 8', '"seq": 08'),
        text(envelope()).replace('"seq": 8', '"seq": NaN'),
        text(envelope()).replace('"', "'"),
        text(envelope()).replace(HOST, "\\ud800"),
        text(envelope()).replace(HOST, "\udc80"),
        text(envelope()).encode().replace(HOST.encode(), b"\xff"),
        text(envelope()).encode("utf-16"),
        b"\xff\xfe",
        b"",
        '{"new": ' + "[" * 100_000,
        '{"new": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_is_no_json_in_utf_8_is_refused(data: bytes | str) -> None:
    """Whoever reads from the network catches one class, whatever was sent."""
    with pytest.raises(msgspec.DecodeError):
        wire.decode(data)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40) | st.text(max_size=40))
def test_noise_is_refused_by_one_class(data: bytes | str) -> None:
    """No other exception gets out."""
    with pytest.raises(msgspec.DecodeError):
        wire.decode(data)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_value_is_refused_or_read_as_it_is(data: st.DataObject) -> None:
    """Whatever is read says the same when it is written again: nothing is converted on the way."""
    fact = data.draw(st.sampled_from(FACTS))
    event: dict[str, Any] = {"kind": fact.kind, "seq": 9, **KINDS[fact.kind]}
    key = data.draw(st.sampled_from(sorted(event)))
    event[key] = data.draw(json_values)
    try:
        read = wire.decode(text(envelope(event)))
    except msgspec.ValidationError as error:
        message = str(error)
    else:
        message = ""
        again = json.loads(wire.encode(read))["event"]
        assert again == {name: value for name, value in event.items() if value is not None}
    assert message == "" or re.search(rf" - at `\$\.event(\.{key}.*)?`$", message)
