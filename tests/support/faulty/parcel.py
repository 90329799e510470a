"""A small machine with nothing wrong in it: a parcel, seen by its sender and by its carrier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steptable.machine import (
    Constructor,
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Refusal,
    Rehydration,
    Row,
    Side,
    State,
    Wire,
    by_side,
    state_sort,
)
from steptable.sorts import INSTANT, PAYLOAD, TEXT, TRUTH, U64, Integer, Map, Optional, Symbol
from steptable.terms import Enumeration, Structure, field, root

SENDER = Side("sender")
CARRIER = Side("carrier")

PACKED = State("Packed", "It is packed.", initial=True)
SENT = State("Sent", "It is under way.")
DELIVERED = State("Delivered", "It has arrived.", terminal=True)
STATES = (PACKED, SENT, DELIVERED)
ParcelState = state_sort("ParcelState", "Where a parcel is.", *STATES)

Town = Symbol("Town")
House = Symbol("House")
Address = Symbol("Address", "A town and a house in it.", parts=(Town, House), separator="/")
Place = Symbol("Place")
Grams = Integer(0, 100)
Speed = Enumeration("Speed", "How fast it goes.", FAST="fast", SLOW="slow")

Scan = Structure(
    "Scan",
    "The latest sight of a parcel at a place.",
    speed=field(Speed, "How fast it goes."),
    seen_at=field(INSTANT, "When it was seen.", read_by="people"),
    remark=field(Optional(TEXT), "What was said.", read_by="people"),
)

Parcel = Structure(
    "Parcel",
    "What is remembered of a parcel.",
    address=field(Address, "Where it goes."),
    state=field(ParcelState, "Where it is."),
    grams=field(Grams, "What it weighs.", default=0),
    due_at=field(Optional(INSTANT), "When it must arrive."),
    speed=field(Optional(Speed.sort), "How fast it goes."),
    sent_at=field(Optional(INSTANT), "When it was sent.", read_by="people"),
    scans=field(Map(Place, Scan.sort), "Where it was seen."),
    last=field(U64, "The number of the last event.", default=0),
)

Prices = Structure("Prices", "What the carrier asks for.", limit=field(Grams, "The most it takes."))

record, event, policy, payload = root("record"), root("event"), root("policy"), root("payload")
row, fact, given = root("row"), root("fact"), root("given")

HANDED_OVER = Fact.declare(
    "HandedOver",
    "The sender handed the parcel over.",
    halves={SENDER: "GaveAway", CARRIER: "TookIn"},
    time="at",
    durable=True,
    at=field(INSTANT, "When."),
    grams=field(Grams, "What it weighs."),
    speed=field(Speed, "How fast it goes."),
    extra={SENDER: {"address": field(Address, "Where it goes.")}},
)
SCANNED = Fact.declare(
    "Scanned",
    "The parcel was seen on its way.",
    halves={SENDER: "HeardOf", CARRIER: "Saw"},
    time="at",
    durable=False,
    at=field(INSTANT, "When."),
    place=field(Place, "Where."),
    speed=field(Speed, "How fast it goes."),
    remark=field(Optional(TEXT), "What was said."),
)
ARRIVED = Fact.declare(
    "Arrived",
    "The parcel arrived.",
    halves={SENDER: "HeardOfArrival", CARRIER: "Brought"},
    time="at",
    durable=True,
    at=field(INSTANT, "When."),
)
FACTS = (HANDED_OVER, SCANNED, ARRIVED)

PRINT = Effect.declare(
    "Print", "Print the label.", side=SENDER, address=field(Address, "The label.")
)
CHARGE = Effect.declare(
    "Charge", "Ask for money.", side=CARRIER, grams=field(Grams, "For what."), note=field(TEXT, "")
)
TELL = Effect.declare(
    "Tell",
    "Tell the other side.",
    side=SENDER,
    report=field(PAYLOAD, "What happened."),
    durable=field(TRUTH, "Whether it must not be lost."),
)
KEEP = Effect.declare("Keep", "Keep a report.", side=CARRIER, report=field(PAYLOAD, "The report."))
MOVED = Effect.declare(
    "Moved", "Write down a change.", side=None, target=field(ParcelState, "Where it is now.")
)
EFFECTS = (PRINT, CHARGE, TELL, KEEP, MOVED)

report = by_side(
    "report", {SENDER: TELL(report=payload, durable=fact.durable), CARRIER: KEEP(report=payload)}
)
moved = MOVED(target=row.target)

SENDING = Row.declare(
    "sent",
    PACKED,
    HANDED_OVER,
    SENT,
    guards=(Guard.declare("light", event.grams <= policy.limit, must="it must be light enough"),),
    sets={"sent_at": event.at, "grams": event.grams, "speed": event.speed},
    emits={
        SENDER: (report, PRINT(address=record.address), moved),
        CARRIER: (
            report,
            CHARGE(grams=event.grams, note="by weight").when(event.speed == Speed.FAST),
            moved,
        ),
    },
    why="It is handed over once.",
    cites="§1",
)
SCANNING = Row.declare(
    "scanned",
    SENT,
    SCANNED,
    sets={
        "scans": record.scans.put(
            event.place, Scan(speed=event.speed, seen_at=event.at, remark=event.remark)
        )
    },
    emits={SENDER: (report,), CARRIER: (report,)},
    why="The latest sight of a place counts.",
    cites="§2",
)
ARRIVING = Row.declare(
    "arrived",
    SENT,
    ARRIVED,
    DELIVERED,
    guards=(
        Guard.declare(
            "in-time",
            record.due_at.is_known.implies(event.at <= record.due_at.value),
            must="it must be in time",
        ),
        Guard.declare(
            "fast-all-the-way",
            (record.speed == Speed.FAST).implies(
                record.scans.every(lambda scan: scan.speed == Speed.FAST)
            ),
            must="a fast parcel must be fast everywhere",
        ),
        Guard.declare("weighed", record.grams > 0, must="it must have been weighed"),
    ),
    emits={SENDER: (report, moved), CARRIER: (report, moved)},
    why="It arrives once.",
    cites="§3",
)
ROWS = (SENDING, SCANNING, ARRIVING)
REFUSALS = (
    Refusal(PACKED, (SCANNED, ARRIVED), why="It has not left."),
    Refusal(SENT, (HANDED_OVER,), why="It has left."),
    Refusal(DELIVERED, FACTS, why="It is there."),
)

packed = Constructor.declare("packed", "A new parcel.", PACKED, ("address", "due_at"))
taken_in = Constructor.declare(
    "given_away",
    "A parcel nobody had heard of.",
    PACKED,
    ("due_at",),
    sets={"address": event.address},
    on="GaveAway",
)

LETTER = Wire(
    Structure(
        "Letter",
        "A report on its way.",
        address=field(Address, "The parcel."),
        content=field(PAYLOAD, "The report."),
    ).sort,
    event_field="content",
    receiver=CARRIER,
)

parcel = Machine(
    name="Parcel",
    doc="A parcel on its way.",
    sides=(SENDER, CARRIER),
    states=STATES,
    state_sort=ParcelState,
    record=Parcel.sort,
    facts=FACTS,
    effects=EFFECTS,
    policy=Prices.sort,
    identity=("address",),
    numbering=Numbering("number", "last"),
    rows=ROWS,
    refusals=REFUSALS,
    constructors=(packed, taken_in),
    rehydration=Rehydration(
        "reprint",
        "Print again.",
        ((PACKED, ()), (SENT, (PRINT(address=record.address),)), (DELIVERED, ())),
    ),
    wire=LETTER,
)


def with_row(changed: Row, **parts: Any) -> Machine:
    """The parcel with one row in place of the row of that name."""
    rows = tuple(changed if row.name == changed.name else row for row in ROWS)
    return replace(parcel, rows=rows, **parts)


def with_fields(*added: Any) -> Machine:
    """The parcel with more fields in its record."""
    return replace(parcel, record=parcel.record.with_fields(*added))
