"""Each rule is broken by what it is for, and not by what looks like it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

import pytest

from steptable.check import check
from steptable.compare.difference import Version, difference
from steptable.compare.rules import RULES
from steptable.project.interchange import Declarations, parsed, to_json
from steptable.properties import Property, always, sometimes
from steptable.sorts import Integer
from steptable.terms import root
from steptable.world import Action, Start, Variable, World
from support.faulty.parcel import parcel

Edit: TypeAlias = Callable[[dict[str, Any]], None]

WHOLE: Final = to_json(Declarations(parcel))
U8: Final = {"is": "Integer", "low": 0, "high": 255}
TEXT: Final = {"is": "Opaque", "shape": "text"}
TRUTH: Final = {"is": "Truth"}


def edited(edit: Edit) -> Declarations:
    """The parcel with its export edited: the things that are shared, by kind and name."""
    whole = json.loads(WHOLE)
    edit(whole["shared"])
    return parsed(json.dumps(whole), "it")


def broken(edit: Edit) -> set[str]:
    """The rules that an edit of the parcel breaks."""
    old, new = Version("old", Declarations(parcel)), Version("new", edited(edit))
    return {item.rule.name for item in difference(old, new).breaches}


def fields_of(shared: dict[str, Any], kind: str, name: str) -> list[Any]:
    """The fields of a record or a fact."""
    fields: list[Any] = shared[kind][name]["fields"]
    return fields


def field(name: str, sort: Any, **parts: Any) -> dict[str, Any]:
    return {"is": "Field", "name": name, "sort": sort, **parts}


def optional(sort: Any) -> dict[str, Any]:
    return {"is": "Optional", "of": sort}


def add(kind: str, name: str, part: dict[str, Any]) -> Edit:
    """Adds a field."""
    return lambda shared: fields_of(shared, kind, name).append(part)


def drop(kind: str, name: str, part: str) -> Edit:
    """Takes a field away."""

    def edit(shared: dict[str, Any]) -> None:
        fields = fields_of(shared, kind, name)
        fields[:] = [item for item in fields if item["name"] != part]

    return edit


def change(kind: str, name: str, part: str, /, **parts: Any) -> Edit:
    """Changes a field."""

    def edit(shared: dict[str, Any]) -> None:
        next(f for f in fields_of(shared, kind, name) if f["name"] == part).update(parts)

    return edit


def machine(**parts: Any) -> Edit:
    """Changes parts of the machine."""
    return lambda shared: shared["machine"]["Parcel"].update(parts)


def row(number: int, **parts: Any) -> Edit:
    """Changes parts of a row."""
    return lambda shared: shared["machine"]["Parcel"]["rows"][number].update(parts)


def constructor(**parts: Any) -> Edit:
    return lambda shared: shared["machine"]["Parcel"]["constructors"][0].update(parts)


def rows(keep: slice) -> Edit:
    def edit(shared: dict[str, Any]) -> None:
        shared["machine"]["Parcel"]["rows"] = shared["machine"]["Parcel"]["rows"][keep]

    return edit


def state(shared: dict[str, Any]) -> None:
    """Adds a state."""
    shared["state"]["Lost"] = {"is": "State", "name": "Lost", "doc": "", "terminal": True}
    shared["machine"]["Parcel"]["states"].append({"state": "Lost"})
    member = {"is": "Member", "name": "LOST", "value": "Lost"}
    shared["enum"]["ParcelState"]["members"].append(member)


def no_state(shared: dict[str, Any]) -> None:
    """Takes away a state, and the row that leads there."""
    rows(slice(0, 2))(shared)
    del shared["machine"]["Parcel"]["states"][2]
    del shared["machine"]["Parcel"]["refusals"][2]
    del shared["machine"]["Parcel"]["rehydration"]
    del shared["enum"]["ParcelState"]["members"][2]


def effect(shared: dict[str, Any]) -> None:
    """Adds an effect."""
    shared["record"]["Weigh"] = {"is": "Record", "name": "Weigh", "fields": []}
    shared["effect"]["Weigh"] = {
        "is": "Effect", "name": "Weigh", "side": None, "fields": {"record": "Weigh"}
    }  # fmt: skip
    shared["machine"]["Parcel"]["effects"].append({"effect": "Weigh"})


def fact(shared: dict[str, Any]) -> None:
    """Adds a fact."""
    shared["fact"]["Weighed"] = {
        **shared["fact"]["Arrived"],
        "name": "Weighed",
        "halves": [[{"side": "sender"}, "HeardOfWeight"], [{"side": "carrier"}, "Weighed"]],
    }
    shared["machine"]["Parcel"]["facts"].append({"fact": "Weighed"})


def no_fact(shared: dict[str, Any]) -> None:
    del shared["machine"]["Parcel"]["facts"][1]
    del shared["machine"]["Parcel"]["rows"][1]


def event_renamed(shared: dict[str, Any]) -> None:
    shared["fact"]["Scanned"]["halves"][1][1] = "Spotted"


def fact_documented(shared: dict[str, Any]) -> None:
    shared["fact"]["Scanned"]["doc"] = "It was seen."


def speed(value: str) -> Edit:
    """Adds a value to an enumeration."""
    member = {"is": "Member", "name": value.upper(), "value": value}
    return lambda shared: shared["enum"]["Speed"]["members"].append(member)


def no_speed(shared: dict[str, Any]) -> None:
    del shared["enum"]["Speed"]["members"][1]


def guards(number: int, keep: slice) -> Edit:
    def edit(shared: dict[str, Any]) -> None:
        found = shared["machine"]["Parcel"]["rows"][number]
        found["guards"] = found["guards"][keep]

    return edit


def guarded(shared: dict[str, Any]) -> None:
    """A row asks for more."""
    guard = shared["machine"]["Parcel"]["rows"][0]["guards"][0]
    compare = {**guard["condition"], "op": "<"}
    shared["machine"]["Parcel"]["rows"][0]["guards"] = [{**guard, "condition": compare}]


def another_target(shared: dict[str, Any]) -> None:
    shared["machine"]["Parcel"]["rows"][0]["target"] = {"state": "Delivered"}


def another_source_of_grams(shared: dict[str, Any]) -> None:
    zero = {"is": "Const", "value": 0, "sort": None}
    sets = shared["machine"]["Parcel"]["rows"][0]["sets"]
    next(pair for pair in sets if pair[0] == "grams")[1] = zero


def sets_turned(shared: dict[str, Any]) -> None:
    shared["machine"]["Parcel"]["rows"][0]["sets"].reverse()


def undecided(shared: dict[str, Any]) -> None:
    """Written otherwise, over more inputs than can be tried."""
    fields = fields_of(shared, "record", "Parcel")
    condition: dict[str, Any] = {"is": "Compare", "op": "<", "left": None, "right": None}
    items = []
    for number in range(9):
        fields.append(field(f"n{number}", U8, default=0))
        mine = {"is": "Attr", "subject": {"is": "Root", "name": "record"}, "name": f"n{number}"}
        top = {"is": "Const", "value": 256, "sort": None}
        items.append({**condition, "left": mine, "right": top})
    guard = {"is": "Guard", "name": "small", "condition": {"is": "And", "items": items}, "must": ""}
    shared["machine"]["Parcel"]["rows"][2]["guards"].append(guard)


CASES: Final[dict[str, tuple[Edit, Edit]]] = {
    "import-name-removed": (event_renamed, fact_documented),
    "import-state-removed": (no_state, rows(slice(0, 2))),
    "import-state-added": (state, fact_documented),
    "import-value-removed": (no_speed, speed("slower")),
    "import-value-added": (speed("slower"), fact_documented),
    "import-event-added": (fact, effect),
    "import-effect-added": (effect, fact),
    "import-field-removed": (
        drop("record", "Print", "address"),
        drop("record", "Letter", "address"),
    ),
    "import-field-type-changed": (
        change("record", "Prices", "limit", sort=TEXT),
        change(
            "record", "Prices", "limit", sort=optional({"is": "Integer", "low": 0, "high": 100})
        ),
    ),
    "import-field-required-added": (
        add("record", "Prices", field("stamps", U8)),
        add("record", "Prices", field("stamps", U8, default=1)),
    ),
    "import-constructor-changed": (
        constructor(arguments=["address"]),
        constructor(doc="A parcel."),
    ),
    "wire-removed": (machine(wire=None), machine(doc="Another.")),
    "wire-kind-removed": (no_fact, event_renamed),
    "wire-kind-added": (fact, effect),
    "wire-field-renamed": (
        change("fact", "Scanned", "remark", name="note"),
        add("fact", "Scanned", field("note", optional(TEXT))),
    ),
    "wire-field-removed": (
        drop("fact", "Scanned", "place"),
        drop("fact", "Scanned", "remark"),
    ),
    "wire-field-required-added": (
        add("fact", "Scanned", field("by", TEXT)),
        add("fact", "Scanned", field("by", optional(TEXT))),
    ),
    "wire-field-now-required": (
        change("fact", "Scanned", "remark", sort=TEXT),
        change("fact", "Scanned", "remark", doc="Another."),
    ),
    "wire-field-now-optional": (
        change("fact", "Scanned", "place", sort=optional({"symbol": "Place"})),
        change("record", "Parcel", "address", sort=optional({"symbol": "Address"})),
    ),
    "wire-default-changed": (
        change("fact", "Scanned", "remark", default="none"),
        change("record", "Parcel", "grams", default=1),
    ),
    "wire-field-type-changed": (
        change("fact", "Scanned", "place", sort=TRUTH),
        change("fact", "Scanned", "place", sort=TEXT),
    ),
    "wire-number-narrowed": (
        change("fact", "HandedOver", "grams", sort={"is": "Integer", "low": 1, "high": 100}),
        change("fact", "HandedOver", "grams", sort={"is": "Integer", "low": 0, "high": 101}),
    ),
    "wire-number-widened": (
        change("fact", "HandedOver", "grams", sort={"is": "Integer", "low": 0, "high": 101}),
        change("fact", "HandedOver", "grams", sort={"is": "Integer", "low": 0, "high": 99}),
    ),
    "wire-value-removed": (no_speed, speed("slower")),
    "wire-value-added": (speed("slower"), no_speed),
    "journal-row-removed": (rows(slice(0, 2)), guards(2, slice(0))),
    "journal-guard-strengthened": (guarded, guards(0, slice(0))),
    "journal-target-changed": (another_target, row(0, name="another")),
    "journal-update-changed": (another_source_of_grams, sets_turned),
    "journal-effects-changed": (row(0, emits=[]), row(0, why="Another.")),
    "journal-undecided": (undecided, guards(2, slice(0))),
    "journal-start-changed": (
        constructor(state={"state": "Sent"}),
        constructor(arguments=["address"]),
    ),
    "journal-field-type-changed": (
        change("record", "Parcel", "grams", sort=TEXT),
        change("record", "Parcel", "grams", sort=optional(U8)),
    ),
    "journal-field-required-added": (
        add("record", "Parcel", field("stamps", U8)),
        add("record", "Parcel", field("stamps", U8, default=0)),
    ),
    "journal-field-removed": (
        drop("record", "Parcel", "sent_at"),
        drop("fact", "Scanned", "remark"),
    ),
}


def test_every_rule_about_the_machine_has_a_case() -> None:
    """A rule that nothing breaks protects nobody."""
    assert {rule.name for rule in RULES if rule.audience != "promise"} == set(CASES)


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_broken_by_what_it_is_for(rule: str) -> None:
    """Each rule speaks up."""
    assert rule in broken(CASES[rule][0])


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_not_broken_by_what_only_looks_like_it(rule: str) -> None:
    """A false alarm is switched off, and the true ones with it."""
    assert rule not in broken(CASES[rule][1])


def test_nothing_is_broken_by_what_nobody_sees() -> None:
    """Words for people, and names of rows, break nothing."""
    for edit in (fact_documented, sets_turned, row(0, name="another"), row(0, why="Another.")):
        assert broken(edit) == set()


# ── Promises ─────────────────────────────────────────────────────────────────────────

n = root("n")


def counting(*properties: Property, bound: int = 2) -> World:
    """A world that counts to a bound."""
    return World(
        name="count",
        doc="Counting.",
        instances=(),
        starts=(Start.declare("zero", {}),),
        variables=(Variable.declare("n", Integer(0, 9), 0),),
        actions=(Action.declare("count", guard=n < bound, sets={"n": n + 1}),),
        properties=properties,
        terminal=True,
    )


SMALL: Final = always("it is small", n <= 2, why="It is.", cites="§1")
TWO: Final = sometimes("it may be two", n == 2, why="It may.", cites="§1")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (counting(SMALL), counting(SMALL, bound=3), {"promise-broken"}),
        (counting(SMALL, bound=3), counting(SMALL), set()),
        (counting(TWO), counting(TWO, bound=1), {"promise-broken"}),
        (
            counting(SMALL),
            counting(SMALL.known_to_fail(length=3, explanation="", repair=""), bound=3),
            {"promise-broken"},
        ),
        (counting(SMALL, TWO), counting(TWO), {"promise-removed"}),
        (counting(TWO), counting(SMALL, TWO), set()),
        (
            counting(SMALL),
            counting(always("it is small", n <= 3, why="It is.", cites="§1")),
            {"promise-restated"},
        ),
        (
            counting(SMALL),
            counting(always("it is little", n <= 2, why="It is.", cites="§1")),
            set(),
        ),
    ],
    ids=["fails", "holds", "witness", "finding", "removed", "added", "restated", "renamed"],
)
def test_what_becomes_of_promises(old: World, new: World, expected: set[str]) -> None:
    """A promise that falls is a breach; one that is repaired, added or renamed is none."""
    first, second = (Version("it", Declarations(parcel, (world,))) for world in (old, new))
    found = difference(first, second, lambda world, _: check(world))

    assert {item.rule.name for item in found.breaches} == expected


def test_a_world_that_is_too_large_now_is_inconclusive_and_said_to_be() -> None:
    """What was not explored is no pass."""
    old, new = counting(SMALL), replace(counting(SMALL), doc="Another.")
    first, second = (Version("it", Declarations(parcel, (world,))) for world in (old, new))
    found = difference(
        first, second, lambda world, is_new: check(world, max_states=1 if is_new else None)
    )

    assert {item.rule.name for item in found.breaches} == {"promise-inconclusive"}
    assert not found.breaks
