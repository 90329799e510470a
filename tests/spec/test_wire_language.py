"""The codec and the JSON Schema take exactly the same reports, and both take only JSON."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema.protocols import Validator

from nixfleet_state_machine import wire
from support.messages import CONVERGED, KINDS, MOST, PROBE_RESULT, SUB_RESULT, envelope, text
from support.rollout import FACTS

# ── The oracle ───────────────────────────────────────────────────────────────────────


def whole(_checker: object, value: object) -> bool:
    """JSON Schema takes 1.0 for an integer too, which is said beside the schema."""
    return type(value) is int


def validators() -> list[Validator]:
    """The schema as it is read where formats are checked, and where they are notes."""
    base = jsonschema.Draft202012Validator
    checker = base.TYPE_CHECKER.redefine("integer", whole)
    extend: Any = jsonschema.validators.extend
    strict = extend(base, type_checker=checker)
    schema = wire.json_schema()
    base.check_schema(schema)
    return [strict(schema), strict(schema, format_checker=base.FORMAT_CHECKER)]


VALIDATORS = validators()


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def no_number(name: str) -> None:
    raise AssertionError(name)


def is_described(data: bytes) -> bool:
    """Whether a text is JSON, says each key once, and is what the schema describes."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=once, parse_constant=no_number)
        json.dumps(value, ensure_ascii=False).encode()
    except (AssertionError, ValueError):
        return False
    found = {validator.is_valid(value) for validator in VALIDATORS}
    assert len(found) == 1, "formats make a difference"
    return found.pop()


def is_read(data: bytes) -> bool:
    """Whether the codec takes a text, as bytes and as a string alike."""
    try:
        wire.decode(data)
    except msgspec.DecodeError:
        return False
    return True


# ── Instants ─────────────────────────────────────────────────────────────────────────

INSTANTS = {
    "2026-01-01T12:00:00Z": True,
    "2026-01-01t12:00:00z": True,
    "2026-01-01T12:00:00-00:00": True,
    "2026-01-01T12:00:00+23:59": True,
    "2026-01-01T12:00:00.123456789012345Z": True,
    "2024-02-29T00:00:00Z": True,
    "2000-02-29T00:00:00Z": True,
    "0001-01-01T00:00:00Z": True,
    "0001-01-01T00:00:00-01:00": True,
    "9999-12-31T23:59:59.9999999Z": True,
    "9999-12-31T23:59:59+01:00": True,
    # Not in the calendar, or not in a day.
    "0000-01-01T00:00:00Z": False,
    "2023-02-29T00:00:00Z": False,
    "1900-02-29T00:00:00Z": False,
    "2026-04-31T00:00:00Z": False,
    "2026-13-01T00:00:00Z": False,
    "2026-01-01T24:00:00Z": False,
    "2026-01-01T12:60:00Z": False,
    "2026-12-31T23:59:60Z": False,
    # Beyond the calendar once it is UTC.
    "0001-01-01T00:00:00+01:00": False,
    "9999-12-31T23:59:59-01:00": False,
    # ISO 8601, or nobody's.
    "2026-01-01 12:00:00Z": False,
    "2026-01-01T12:00:00": False,
    "2026-01-01T12:00Z": False,
    "20260101T120000Z": False,
    "2026-W01-4T12:00:00Z": False,
    "2026-01-01T12:00:00+02": False,
    "2026-01-01T12:00:00+0200": False,
    "2026-01-01T12:00:00+24:00": False,
    "2026-01-01T12:00:00+14:60": False,
    "2026-01-01T12:00:00+02:00:30": False,
    "2026-01-01T12:00:00,5Z": False,
    "2026-01-01T12:00:00.Z": False,
    "2026-01-01T12:00:00Z\n": False,
    " 2026-01-01T12:00:00Z": False,
    "٢٠٢٦-01-01T12:00:00Z": False,
    "1767268800": False,
    "": False,
}


@pytest.mark.parametrize(("written", "taken"), INSTANTS.items())
def test_instants_are_those_of_rfc_3339_that_a_clock_can_show(written: str, taken: bool) -> None:
    """A time that one of two sides reads otherwise passes a deadline on one of them."""
    data = text(envelope({**CONVERGED, "convergedAt": written})).encode()

    assert (is_read(data), is_described(data)) == (taken, taken)


shapes = st.from_regex(
    r"[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?",
    fullmatch=True,
)


@settings(max_examples=200, deadline=None)
@given(shapes)
@example("0001-01-01T00:00:00.5+00:01")
@example("9999-12-31T23:59:59.5-00:01")
def test_random_instants_are_read_where_they_are_described(written: str) -> None:
    """Days of months, leap years and both ends of the calendar come out alike."""
    data = text(envelope({**CONVERGED, "convergedAt": written})).encode()

    assert is_read(data) == is_described(data)


# ── Values ───────────────────────────────────────────────────────────────────────────

FULL: list[dict[str, Any]] = [
    *({"kind": fact.kind, "seq": 9, **KINDS[fact.kind]} for fact in FACTS),
    {**PROBE_RESULT, "failureReason": "refused", "subResults": [SUB_RESULT, {**SUB_RESULT}]},
]
odd_values = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1.5, 1.0, 2**31, 2**63, MOST, MOST + 1, 10**30, -(2**31) - 1),
        *("", "x", "halt", "fail", "enforce", "Halt", "a@b", "@", "2026-01-01T12:00:00Z"),
        *([], {}, ["x"], [None], {"kind": "Converged"}, "Converged", "\x00", "\u2028", "é"),
    ]
).map(copy.deepcopy)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path]
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        found += [below for key, item in items for below in places(item, (*path, key))]
    return found


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_is_read_is_what_is_described(data: st.DataObject) -> None:
    """Whatever is left out, added, or something else than it was."""
    value: Any = copy.deepcopy(envelope(data.draw(st.sampled_from(FULL))))
    for _ in range(data.draw(st.integers(1, 2))):
        *above, key = data.draw(st.sampled_from(places(value)[1:]))
        owner = value
        for step in above:
            owner = owner[step]
        match data.draw(st.sampled_from(["change", "remove", "add"])):
            case "change":
                owner[key] = data.draw(odd_values)
            case "remove":
                del owner[key]
            case _ if isinstance(owner, dict):
                owner[data.draw(st.sampled_from(["new", "kind", "signature", "seq"]))] = data.draw(
                    odd_values
                )
    spelled = json.dumps(value, ensure_ascii=data.draw(st.booleans())).encode()

    assert is_read(spelled) == is_described(spelled)


# ── Texts ────────────────────────────────────────────────────────────────────────────

WORDS = text(envelope({**PROBE_RESULT, "new": ["x", {"y": 1.5}]}, newer="z\\n")).encode()
pieces = st.sampled_from(
    [
        *(
            b'"',
            b"\\",
            b"\\u",
            b"\\ud800",
            b"\\udc00",
            b"\\u0041",
            b"\xff",
            b"\xc0\x80",
            b"\xed\xa0\x80",
        ),
        *(
            b"\xf4\x90\x80\x80",
            b"\x00",
            b"\n",
            b"\x7f",
            b"\xef\xbb\xbf",
            b",",
            b":",
            b"[",
            b"}",
            b"0",
        ),
        *(b"NaN", b"-", b"1e5", b"-0", b'"seq":1,', b'"new":1,', b"true", b" ", b"\t", b"\xc2\xa0"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(WORDS)), st.integers(0, 3), pieces), max_size=2))
def test_only_json_is_read_also_where_it_is_passed_over(
    changes: list[tuple[int, int, bytes]],
) -> None:
    """What another parser refuses, or reads otherwise, never passes."""
    data = WORDS
    for at, length, piece in changes:
        data = data[:at] + piece + data[at + length :]

    assert is_read(data) == is_described(data)


@pytest.mark.parametrize(
    "data",
    [
        WORDS.replace(b'"newer": "', b'"newer": "\xff'),
        WORDS.replace(b'"newer"', b'"new\xff"'),
        WORDS.replace(b'"newer": "', b'"newer": "\\ud800'),
        WORDS.replace(b'"newer": "', b'"newer": "\\udc00'),
        WORDS.replace(b'"newer"', b'"\\udfff"'),
        WORDS.replace(b'"newer": "', b'"newer": "\\x'),
        WORDS.replace(b'"newer": "', b'"newer": "\n'),
        WORDS.replace(b"1.5", b"01"),
    ],
)
def test_what_is_passed_over_must_be_json_too(data: bytes) -> None:
    """A key that is unknown today is read tomorrow."""
    assert data != WORDS
    assert is_read(WORDS)
    with pytest.raises(msgspec.DecodeError):
        wire.decode(data)


@pytest.mark.parametrize(
    "data",
    [
        WORDS.replace(b'"seq": 7', b'"seq": 7, "seq": 8'),
        WORDS.replace(b'"seq": 7', b'"seq": 7, "seq": 7'),
        WORDS.replace(b'"seq": 7', b'"seq": 7, "s\\u0065q": 8'),
        WORDS.replace(b'"hostname": ', b'"hostname": "other", "hostname": '),
        WORDS.replace(b'"new": ', b'"new": 1, "new": '),
        WORDS.replace(b'"y": 1.5', b'"y": 1, "y": 2'),
        WORDS.replace(b'"kind": ', b'"kind": "Converged", "kind": '),
        wire.encode(wire.decode(WORDS)).replace(b'"seq":7', b'"seq":7,"seq":8'),
        wire.encode(wire.decode(WORDS)).replace(b'"seq":7', b'"seq":8,"seq":7'),
    ],
)
def test_a_key_that_comes_twice_is_refused(data: bytes) -> None:
    """One parser takes the first value and another one the last: two reports in one text."""
    assert is_read(WORDS)
    with pytest.raises(msgspec.DecodeError):
        wire.decode(data)


def test_a_number_of_any_length_may_stand_where_it_is_passed_over() -> None:
    """It is JSON, and nobody reads it."""
    data = WORDS.replace(b"1.5", b"9" * 10_000)

    assert wire.decode(data) == wire.decode(WORDS)


# ── Errors ───────────────────────────────────────────────────────────────────────────

LONG = "x" * 10_000_000


@pytest.mark.parametrize(
    "value",
    [
        envelope({**CONVERGED, "kind": LONG}),
        envelope({**CONVERGED, "convergedAt": LONG}),
        envelope({**PROBE_RESULT, "mode": LONG}),
        envelope(rolloutId=LONG),
        envelope({**PROBE_RESULT, "subResults": [{**SUB_RESULT, "status": LONG}]}),
    ],
)
def test_an_error_does_not_repeat_megabytes(value: object) -> None:
    """Errors are logged."""
    with pytest.raises(msgspec.ValidationError) as caught:
        wire.decode(text(value))

    assert len(str(caught.value)) < 400


def test_a_key_of_megabytes_that_comes_twice_is_not_repeated() -> None:
    """Nor is what a message quotes in other words."""
    data = text(envelope())[:-1] + f', "{LONG}": 1, "{LONG}": 2}}'
    with pytest.raises(msgspec.ValidationError) as caught:
        wire.decode(data)

    assert len(str(caught.value)) < 400


def test_a_kind_that_is_not_known_yet_is_told_apart() -> None:
    """A control plane that is older than its agents drops such a report, and goes on."""
    newer = envelope({"kind": "ProbePaused", "seq": 4, "pausedAt": "soon"})
    with pytest.raises(wire.UnknownKind) as caught:
        wire.decode(text(newer))

    assert caught.value.kind == "ProbePaused"
    assert str(caught.value) == "Invalid value 'ProbePaused' - at `$.event.kind`"
    assert isinstance(caught.value, msgspec.ValidationError)


@pytest.mark.parametrize(
    "data",
    [
        text(envelope({**CONVERGED, "kind": 3})),
        text(envelope({**CONVERGED, "kind": None})),
        text(envelope({"seq": 4})),
        text(envelope({**CONVERGED, "kind": "ProbePaused"}, hostname=3)),
        text(envelope({**CONVERGED, "kind": "ProbePaused"}, rolloutId="stable")),
        text(envelope({**CONVERGED, "kind": "ProbePaused"}))[:-1],
        text(envelope({**CONVERGED, "kind": "ProbePaused"})) + "]",
        text(envelope({**CONVERGED, "kind": "ProbePaused"}))[:-1] + ', "signature": 3}',
        text(envelope({**CONVERGED, "kind": "ProbePaused"}))[:-1] + ', "hostname": "b"}',
        text(envelope({**CONVERGED, "convergedAt": "soon"})),
    ],
)
def test_what_is_broken_is_no_unknown_kind(data: str) -> None:
    """Whoever drops what is newer must hear of what is broken."""
    with pytest.raises(msgspec.DecodeError) as caught:
        wire.decode(data)

    assert not isinstance(caught.value, wire.UnknownKind)
