"""A codec for reports that hold every sort of value, also within one another."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import msgspec
import pytest

from steptable import expr
from steptable.machine import Machine, Wire
from steptable.sorts import (
    FLAG,
    INSTANT,
    NUMBER,
    PAYLOAD,
    TRUTH,
    U64,
    Enum,
    Integer,
    Map,
    Member,
    Opaque,
    Optional,
    Symbol,
)
from steptable.targets.python.expressions import Source
from steptable.targets.python.reducer import reducer_source
from steptable.targets.python.source import literal
from steptable.targets.python.wire import wire_source
from steptable.terms import Structure, field
from support.turnstile import COIN, GATE
from support.turnstile import machine as turnstile

HALL, GATE_NAME = Symbol("Hall", "A hall."), Symbol("GateName", "A gate.")
DOOR = Symbol("Door", "A door.", (HALL, GATE_NAME), "/")
PLACE = Symbol("Place", "A place.", (HALL, GATE_NAME, Symbol("Slot", "A slot.")), ":")
DEEP = Integer(-(2**65), -(2**64), "deep")
LIGHT = Enum("Light", (Member("ON", "on"), Member("OFF", "off")))
SLOT = Integer(0, 3, "slot")
NOTE = Structure(
    "Note",
    "A note.",
    at=field(INSTANT, "When."),
    door=field(Optional(DOOR), "Where."),
    count=field(U64, "How many."),
).sort
EXTRA = Structure(
    "Extra",
    "What else a coin tells.",
    notes=field(Opaque("list", NOTE), "Several."),
    one=field(Opaque("value", NOTE), "One."),
    by=field(Opaque("map", INSTANT), "By name."),
    maybe=field(Optional(Opaque("list", INSTANT)), "Some, or none."),
    place=field(PLACE, "Where."),
    big=field(Optional(U64), "How many."),
    flag=field(FLAG, "Whether."),
    weight=field(NUMBER, "How much."),
    doors=field(Opaque("list", DOOR), "Which."),
    depth=field(DEEP, "How deep."),
    spare=field(U64, "How many are left.", default=2),
    by_door=field(Map(DOOR, TRUTH), "Which of them, if any are named.", default={}),
    by_light=field(Map(LIGHT, INSTANT), "When each was lit.", default={}),
    by_slot=field(Map(SLOT, Map(Integer(-1, 1), DOOR)), "What is where.", default={}),
    slots=field(Optional(Opaque("list", Map(SLOT, TRUTH))), "What is taken."),
).sort.fields
ENVELOPE = Structure(
    "Envelope",
    "What travels.",
    door=field(DOOR, "Where."),
    event=field(PAYLOAD, "What."),
    sent=field(Optional(INSTANT), "When."),
    hops=field(Optional(U64), "How far."),
).sort
AT = "2026-01-01T12:00:00Z"
NOTED = {"at": AT, "door": "a/b", "count": 5}
COINED: dict[str, Any] = {
    "kind": "Coin",
    "amount": 3,
    "at": AT,
    "notes": [NOTED, NOTED],
    "one": NOTED,
    "by": {"x": AT},
    "maybe": [AT],
    "place": "a:b:c",
    "big": 2**64 - 1,
    "flag": True,
    "weight": 1.5,
    "doors": ["a/b"],
    "depth": -(2**64) - 1,
    "byDoor": {"a/b": True},
    "byLight": {"off": AT},
    "bySlot": {"0": {"-1": "a/b", "0": "c/d"}, "3": {}},
    "slots": [{"2": True}, {}],
    "spare": 2**64 - 1,
    "serial": 1,
}


def machine() -> Machine:
    """The turnstile, whose coins tell more."""
    coin = replace(COIN, fields=COIN.fields + EXTRA)
    return replace(
        turnstile,
        facts=tuple(coin if fact == COIN else fact for fact in turnstile.facts),
        rows=tuple(replace(row, fact=coin) if row.fact == COIN else row for row in turnstile.rows),
        wire=Wire(ENVELOPE, "event", GATE),
    )


@pytest.fixture(scope="module")
def codec(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The generated codec, imported from a package of its own."""
    declared, name = machine(), "coins_by_wire"
    assert declared.wire is not None
    folder: Path = tmp_path_factory.mktemp("generated")
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    (folder / name / "reducer.py").write_text(reducer_source(declared), "utf-8")
    wire = wire_source(declared, declared.wire, name)
    (folder / name / "wire.py").write_text(wire, "utf-8")
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(f"{name}.wire")
    finally:
        sys.path.remove(str(folder))


def report(**changed: Any) -> dict[str, Any]:
    return {"door": "a/b", "event": {**COINED, **changed}, "sent": AT, "hops": 3}


def test_every_sort_is_read_as_it_was_written(codec: ModuleType) -> None:
    """However it is spelled, and at whatever depth."""
    read = codec.decode(json.dumps(report()))

    assert read.event.notes[1].at == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert (read.event.notes[1].door.hall, read.event.place.slot) == ("a", "c")
    written = codec.encode(read)
    assert json.loads(written) == report()
    for spelled in (written, written.replace(b"12:00:00Z", b"12:00:00.0000009Z"), written + b" "):
        assert codec.decode(spelled) == codec.read(spelled, codec.Envelope) == read
    assert codec.to_payload(codec.to_event(read.event)) == read.event


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            report(notes=[NOTED, {**NOTED, "at": "2026-01-01 12:00:00Z"}]),
            "Invalid RFC3339 encoded datetime - at `$.event.notes[1].at`",
        ),
        (
            report(notes=[{**NOTED, "count": 2**64}]),
            f"Expected `int` <= {2**64 - 1} - at `$.event.notes[0].count`",
        ),
        (
            report(one={**NOTED, "door": "a"}),
            "a Door reads '{hall}/{gate_name}', not 'a' - at `$.event.one.door`",
        ),
        (report(one={**NOTED, "at": 3}), "Expected `datetime`, got `int` - at `$.event.one.at`"),
        (report(by={"x": "soon"}), "Invalid RFC3339 encoded datetime - at `$.event.by[...]`"),
        (
            report(maybe=["2026-01-01T12:00:00"]),
            "Expected `datetime` with a timezone component - at `$.event.maybe[0]`",
        ),
        (report(maybe=[3]), "Expected `datetime`, got `int` - at `$.event.maybe[0]`"),
        (
            report(place="a:b"),
            "a Place reads '{hall}:{gate_name}:{slot}', not 'a:b' - at `$.event.place`",
        ),
        (report(spare=2**64), f"Expected `int` <= {2**64 - 1} - at `$.event.spare`"),
        (report(big=2**64), f"Expected `int` <= {2**64 - 1} - at `$.event.big`"),
        (
            report(depth=-(2**65) - 1),
            f"Expected `int` from {-(2**65)} to {-(2**64)} - at `$.event.depth`",
        ),
        (
            report(depth=0),
            f"Expected `int` from {-(2**65)} to {-(2**64)} - at `$.event.depth`",
        ),
        (
            report(byLight={"dim": AT}),
            "Invalid enum value 'dim' - at `key` in `$.event.byLight`",
        ),
        (
            report(bySlot={"4": {}}),
            "Expected `int` from 0 to 3 as a key - at `$.event.bySlot[...]`",
        ),
        (
            report(bySlot={"01": {}}),
            "Expected `int` in digits as a key - at `$.event.bySlot[...]`",
        ),
        (
            report(bySlot={"0": {"-0": "a/b"}}),
            "Expected `int` in digits as a key - at `$.event.bySlot[...][...]`",
        ),
        (
            report(bySlot={"0": {"1.0": "a/b"}}),
            "Expected `int` in digits as a key - at `$.event.bySlot[...][...]`",
        ),
        (
            report(slots=[{"true": True}]),
            "Expected `int` in digits as a key - at `$.event.slots[0][...]`",
        ),
        ({**report(), "hops": 2**64}, f"Expected `int` <= {2**64 - 1} - at `$.hops`"),
        ({**report(), "sent": "soon"}, "Invalid RFC3339 encoded datetime - at `$.sent`"),
    ],
)
def test_a_fault_is_found_at_any_depth(
    codec: ModuleType, changed: dict[str, Any], message: str
) -> None:
    """With its path, and by the schema as well."""
    schema = jsonschema.Draft202012Validator(codec.json_schema())
    with pytest.raises(msgspec.ValidationError) as caught:
        codec.decode(json.dumps(changed))

    assert str(caught.value) == message
    assert (schema.is_valid(report()), schema.is_valid(changed)) == (True, False)


def test_a_key_that_comes_twice_is_found_at_any_depth(codec: ModuleType) -> None:
    """A list of records is counted like the rest."""
    data = json.dumps(report())
    assert codec.decode(data)

    with pytest.raises(msgspec.ValidationError, match="key `count` twice"):
        codec.decode(data.replace('"count": 5', '"count": 5, "count": 5', 1))


def test_what_is_left_out_is_what_the_declaration_says(codec: ModuleType) -> None:
    """A map, and a number that is wider than msgspec's own."""
    left = ("byDoor", "bySlot", "slots", "spare")
    short = {name: value for name, value in COINED.items() if name not in left}
    coin = codec.decode(json.dumps({**report(), "event": short})).event

    assert (coin.by_door, coin.by_slot, coin.slots, coin.spare) == ({}, {}, None, 2)


def test_keys_are_what_they_are_declared_as(codec: ModuleType) -> None:
    """A program looks up what it holds, not the texts that JSON has of it."""
    coin = codec.decode(json.dumps(report())).event
    reducer = sys.modules[type(coin).__module__]

    assert [kind.name for kind in coin.by_light] == ["OFF"]
    assert coin.by_light[reducer.Light.OFF] == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert coin.by_slot == {0: {-1: "a/b", 0: "c/d"}, 3: {}}
    assert coin.slots == ({2: True}, {})


@pytest.mark.parametrize("key", ["4", "01", "-0", "+1", " 1", "1.0", "true", "", "1" * 5000])
def test_no_text_is_taken_for_a_number_that_it_is_not_written_as(
    codec: ModuleType, key: str
) -> None:
    """Two spellings of one key would be two entries for whoever wrote them."""
    text = json.dumps(report(bySlot={key: {}}))

    with pytest.raises(msgspec.ValidationError):
        codec.decode(text)
    with pytest.raises(msgspec.ValidationError):
        codec.read(text, codec.Envelope)
    with pytest.raises(msgspec.ValidationError, match="key `1` twice"):
        codec.decode(json.dumps(report(bySlot={"1": {}})).replace('"1": {}', '"1": {}, "1": {}'))


def test_a_key_of_another_type_is_refused(codec: ModuleType) -> None:
    """A truth is the number 1 to Python, and a text looks like a member."""
    event = codec.to_event(codec.decode(json.dumps(report())).event)
    given = {part: getattr(event, part) for part in event.__struct_fields__}

    for name, value in (
        ("by_slot", {True: {}}),
        ("by_slot", {"1": {}}),
        ("by_slot", {4: {}}),
        ("by_light", {"on": datetime(2026, 1, 1, 12, tzinfo=UTC)}),
    ):
        with pytest.raises(TypeError, match=f"{name} key"):
            type(event)(**{**given, name: value})


@pytest.mark.parametrize(
    ("value", "sort", "text"),
    [
        (None, Optional(Map(DOOR, TRUTH)), "None"),
        ({}, Optional(Map(DOOR, TRUTH)), "FrozenMap()"),
        ({"a/b": True}, Map(DOOR, TRUTH), 'FrozenMap({Door("a/b"): True})'),
        (
            {"x": "on"},
            Map(HALL, Enum("Light", (Member("ON", "on"),))),
            'FrozenMap({"x": Light.ON})',
        ),
    ],
)
def test_nothing_is_no_empty_map_and_what_is_in_a_map_is_of_its_sorts(
    value: Any, sort: Any, text: str
) -> None:
    """A table that clears an optional map leaves nothing, in the interpreter and here."""
    assert literal(value, sort) == text


def test_a_text_that_is_written_out_is_of_the_sort_that_it_stands_for() -> None:
    """A plain text has no parts, and is no value of a type that has."""
    written, source = expr.Const("a/b", Symbol("text")), Source({}, {})

    assert source.write(expr.Part(written, DOOR, HALL)) == 'Door("a/b").hall'
    assert source.write(written, DOOR) == 'Door("a/b")'
    assert source.write(written, HALL) == '"a/b"'
