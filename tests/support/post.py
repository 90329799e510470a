"""A world for the tests: one parcel, and an environment that does its worst to it.

It is small, and has what an explorer must take apart: two sides, optional parts, a map of
records, guards that compare instants and look through the map, policies, and effects. Each
guard of `arrived` is needed by one of the promises; no promise speaks of policies, and so none
needs `light`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from steptable.machine import Machine, Wire
from steptable.properties import after, always, always_event, before, sometimes, step
from steptable.sorts import PAYLOAD
from steptable.terms import Structure, field, root
from steptable.world import Bounds, Instance, Start, World, any_event
from support.faulty.parcel import (
    ARRIVED,
    CARRIER,
    DELIVERED,
    PACKED,
    SENT,
    Address,
    House,
    Place,
    Speed,
    Town,
    event,
)
from support.faulty.parcel import parcel as by_letter

REPORT = Structure(
    "Report",
    "A report on its way.",
    address=field(Address, "The parcel."),
    event=field(PAYLOAD, "What happened."),
)
parcel = replace(by_letter, wire=Wire(REPORT.sort, event_field="event", receiver=CARRIER))

EARLY, DUE, LATE = 0, 1, 2
PLACES: Final = ("depot", "harbour")
FRESH: Final = {"address": "here/1", "state": PACKED, "due_at": [None, DUE], "last": 1}
UNDER_WAY: Final = {**FRESH, "state": SENT, "speed": "fast", "grams": 1, "sent_at": EARLY}

it = root("parcel")
fast_everywhere = it.scans.every(lambda scan: scan.speed == Speed.FAST)

world = World(
    name="post",
    doc="One parcel under any event of either half, with any payload.",
    instances=(Instance.declare("parcel", parcel, forgets={"last": 1}),),
    starts=(
        Start.declare("fresh", {"parcel": FRESH}),
        Start.declare("under way", {"parcel": UNDER_WAY}),
    ),
    actions=any_event("parcel", parcel, number_steps=range(-1, 3)),
    bounds=Bounds.declare(
        symbols={Address: ("here/1",), Town: ("here",), House: ("1",), Place: PLACES},
        instants=(EARLY, DUE, LATE),
    ),
    properties=(
        always_event(
            "a refused event changes nothing",
            (~step.accepted).implies(after == before),
            why="It is safe to ask.",
            cites="§1",
        ),
        always_event(
            "ends absorb",
            (before.state == DELIVERED).implies(~step.accepted),
            why="It is there.",
            cites="§3",
        ),
        always(
            "fast parcels that are there were fast everywhere",
            ((it.state == DELIVERED) & (it.speed == Speed.FAST)).implies(fast_everywhere),
            why="Whoever asks for speed pays for it on the whole way, and is to have it "
            "on the whole way.",
            cites="§3",
        ),
        always(
            "what is there was weighed",
            (it.state == DELIVERED).implies(it.grams > 0),
            why="It is charged by weight.",
            cites="§3",
        ),
        always_event(
            "what arrives is in time",
            (step.accepted & (after.state == DELIVERED)).implies(
                before.due_at.is_known.implies(event.at <= before.due_at.value)
            ),
            fact=ARRIVED,
            why="It was promised.",
            cites="§3",
        ),
        sometimes("a parcel is packed", it.state == PACKED, why="They are.", cites="§1"),
        sometimes("a parcel arrives", it.state == DELIVERED, why="They do.", cites="§3"),
        sometimes(
            "a slow one arrives",
            (it.state == DELIVERED) & (it.speed == Speed.SLOW),
            why="They do.",
            cites="§3",
        ),
    ),
    terminal=it.state == DELIVERED,
)


def holding(changed: Machine, *starts: Start) -> World:
    """The world with another parcel in it."""
    (only,) = world.instances
    return replace(
        world, instances=(replace(only, machine=changed),), starts=starts or world.starts
    )


def without_guard(row_name: str, guard: str) -> World:
    """The world of a parcel one of whose rows lacks one of its guards."""
    rows = tuple(
        replace(row, guards=tuple(item for item in row.guards if item.name != guard))
        if row.name == row_name
        else row
        for row in parcel.rows
    )
    assert rows != parcel.rows, f"{row_name} has no guard {guard}"
    return holding(replace(parcel, rows=rows))
