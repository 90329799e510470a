"""What is read and written beside envelopes says the same on both sides of the text, too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

import msgspec
import pytest

import nixfleet_state_machine as nsm
from nixfleet_state_machine import wire
from support.rollout import HOST, NOW, OPENED, ROLLOUT, SOAKING, TARGET, changed, event

LATE = "2026-01-01T08:59:59.9999999Z"
CUT = datetime(2026, 1, 1, 8, 59, 59, 999999, UTC)
CONVERGED = (
    b'{"kind":"RemoteConverged","convergedAt":"2026-01-01T08:59:59.9999999Z",'
    b'"currentClosure":"x","seq":1}'
)
HAPPENED = nsm.RemoteConverged(CUT, "x", 1)


class Entry(msgspec.Struct):
    """A line of somebody's own journal."""

    at: datetime
    event: nsm.Event
    others: list[datetime] = []


@pytest.mark.parametrize(
    ("data", "kind", "value"),
    [
        (b"[%b]" % CONVERGED, list[nsm.Event], [HAPPENED]),
        (b"[%b]" % CONVERGED, tuple[nsm.Event, ...], (HAPPENED,)),
        (b"[%b]" % CONVERGED, Sequence[nsm.RemoteConverged], [HAPPENED]),
        (b"[1,%b]" % CONVERGED, tuple[int, nsm.Event], (1, HAPPENED)),
        (b"[%b]" % CONVERGED, Annotated[list[nsm.Event], "noted"], [HAPPENED]),
        (b'{"a":[%b]}' % CONVERGED, dict[str, list[nsm.Event]], {"a": [HAPPENED]}),
        (b'"%b"' % LATE.encode(), datetime, CUT),
        (
            b'{"at":"%b","event":%b,"others":["%b"]}' % (LATE.encode(), CONVERGED, LATE.encode()),
            Entry,
            Entry(CUT, HAPPENED, [CUT]),
        ),
    ],
)
def test_no_time_is_later_than_it_says_whatever_it_stands_in(
    data: bytes, kind: Any, value: Any
) -> None:
    """A journal is read back as a list, and its deadlines are those that were written."""
    assert wire.read(data, kind) == value


def test_an_event_of_any_kind_is_read_by_the_name_of_all() -> None:
    """Type checkers take a union where they take a class, and know what comes of it."""
    happened: nsm.Event = wire.read(CONVERGED, nsm.Event)
    converged: nsm.RemoteConverged = wire.read(CONVERGED, nsm.RemoteConverged)

    assert [happened, converged] == [HAPPENED, HAPPENED]


@pytest.mark.parametrize("digits", ["1" + "0" * 60, "-1" + "0" * 60, "1" + "0" * 300])
def test_a_long_number_is_read_as_itself(digits: str) -> None:
    """Its length is no reason to read another."""
    data = f'{{"kind":"EmitMetric","name":"n","labels":{{}},"value":{digits}}}'

    assert wire.read(data, nsm.EmitMetric).value == float(digits)


@pytest.mark.parametrize("digits", ["1" * 400, "1" * 5000, "-" + "1" * 5000])
def test_a_number_beyond_floats_is_refused(digits: str) -> None:
    """Infinity is no number of JSON, and could not be written down again."""
    data = f'{{"kind":"EmitMetric","name":"n","labels":{{}},"value":{digits}}}'

    with pytest.raises(msgspec.ValidationError, match=r"finite float|out of range"):
        wire.read(data, nsm.EmitMetric)


@pytest.mark.parametrize("value", [10**400, -(10**400), 2**53 + 1])
def test_an_integer_that_is_no_float_is_no_measurement(value: int) -> None:
    """It would be read back as another one, or not at all."""
    with pytest.raises(TypeError, match=r"EmitMetric\.value must be a finite float"):
        nsm.EmitMetric(name="n", labels={}, value=value)
    assert wire.read(wire.encode(nsm.EmitMetric("n", {}, 2**64)), nsm.EmitMetric).value == 2.0**64


HALF = "\ud800"


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (event("LocalActivationFailed", stderr_tail=HALF), "LocalActivationFailed.stderr_tail"),
        (changed(SOAKING, hostname=HALF), "HostRolloutState.hostname"),
        (nsm.EmitLog("info", "t", "m", {"a": HALF}), "EmitLog.fields[...]"),
        (nsm.EmitLog("info", "t", "m", {HALF: "a"}), "EmitLog.fields key"),
        (wire.Envelope(HOST, ROLLOUT, wire.Converged(NOW, HALF, 1)), "Envelope.event.current"),
        ((nsm.LocalFireSwitch(ROLLOUT, TARGET), nsm.LocalFireSwitch(ROLLOUT, HALF)), "[1].target"),
        (HALF, "what is written"),
    ],
)
def test_half_a_character_is_refused_by_the_name_of_its_field(value: Any, where: str) -> None:
    """What a program wrote to its error stream need be no text, and comes in as halves."""
    with pytest.raises(TypeError) as caught:
        wire.encode(value)

    assert str(caught.value).startswith(where)
    assert str(caught.value).endswith(r"must be a text of whole characters, not str '\ud800'")


@pytest.mark.parametrize(
    "value",
    [
        [float("nan")],
        {"a": float("inf")},
        [OPENED.replace(tzinfo=None)],
        Entry(OPENED.astimezone(timezone(timedelta(seconds=30))), event("LocalConvergedReached")),
        Entry(OPENED, nsm.LocalEmitEvent(ROLLOUT, "x", 1)),  # type: ignore[arg-type]
    ],
)
def test_what_would_be_written_as_something_else_is_refused_in_others_structs_too(
    value: Any,
) -> None:
    """JSON has no such number, and RFC 3339 no such zone."""
    with pytest.raises(TypeError, match=" must be "):
        wire.encode(value)


def test_a_kind_of_megabytes_is_not_repeated() -> None:
    """Loggers write what represents an error as well as what it says."""
    data = b'{"hostname":"a","rolloutId":"a@b","event":{"kind":"%b"}}' % (b"x" * 10**6)

    with pytest.raises(wire.UnknownKind) as caught:
        wire.decode(data)

    assert len(repr(caught.value)) < 1000
