"""A small world with nothing wrong in it: a parcel's sender and carrier, and letters between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from steptable.errors import declared_at
from steptable.machine import Machine
from steptable.properties import (
    Property,
    action,
    after,
    always,
    always_event,
    always_step,
    before,
    emits,
    leads_to,
    never,
    sometimes,
    step,
)
from steptable.sorts import INSTANT, TRUTH, Bag, Integer, Optional, Queue, Symbol
from steptable.terms import if_else, instant, root, seconds
from steptable.world import (
    Action,
    Alike,
    Bounds,
    Instance,
    Start,
    Variable,
    World,
    choice,
    deliver,
    effect,
    payload_sort,
    receive,
)
from support.faulty.lamp import DARK
from support.faulty.parcel import (
    ARRIVED,
    DELIVERED,
    MOVED,
    PACKED,
    SENT,
    TELL,
    Address,
    House,
    ParcelState,
    Place,
    Speed,
    Town,
    parcel,
)

sender, carrier = root("sender"), root("carrier")
letters, seen, clock, trips = root("letters"), root("seen"), root("clock"), root("trips")
van, lost = root("van"), root("lost")

NEW = {"address": "Ulm/5", "state": PACKED}
PRICE = {"limit": 5}

SENDER = Instance.declare(
    "sender",
    parcel,
    on={
        TELL: {"letters": letters.push(effect.report)},
        MOVED: {"seen": if_else(seen.count_of(effect.target) < 1, seen.add(effect.target), seen)},
    },
)
CARRIER = Instance.declare("carrier", parcel)

LETTERS = Variable.declare("letters", Queue(payload_sort(parcel), 2), ())
LOST = Variable.declare("lost", TRUTH, False)
VARIABLES = (
    LETTERS,
    Variable.declare("seen", Bag(ParcelState, 1), {"Packed": 1}),
    Variable.declare("clock", INSTANT, 0),
    Variable.declare("trips", Integer(0, 2), 0),
    Variable.declare("van", Optional(Place), [None, "depot"]),
    LOST,
)
START = Start.declare(
    "new", {"sender": {**NEW, "due_at": [None, 1]}, "carrier": NEW}, {"trips": [0, 1]}
)

head = letters.head
HANDING_OVER = Action.declare(
    "hand over",
    party="sender",
    says="the sender hands over {grams} grams, {speed}",
    choices={"grams": Integer(0, 1), "speed": Speed},
    guard=sender.state == PACKED,
    sets={"van": "depot", "trips": if_else(trips < 2, trips + 1, 2)},
    events=[
        deliver(
            "sender",
            "GaveAway",
            PRICE,
            number=sender.last + 1,
            grams=choice.grams,
            speed=choice.speed,
            at=clock,
        )
    ],
    fair="weak",
)
READING = Action.declare(
    "read",
    party="carrier",
    says="the carrier reads a letter",
    guard=head.is_known & (head.value.kind != "Scanned"),
    sets={"letters": letters.pop()},
    events=[receive("carrier", head.value, PRICE)],
    fair="strong",
)
WAITING = Action.declare(
    "wait", guard=clock < instant(1), sets={"clock": clock + seconds(1), "lost": ~lost}
)
ACTIONS = (HANDING_OVER, READING, WAITING)

READ = leads_to("it is read", letters.queued > 0, letters.queued == 0, why="", cites="")
PROPERTIES = (
    always("a known van is at the depot", (van == "depot") | ~van.is_known, why="", cites=""),
    never("the carrier is ahead", carrier.last > sender.last, why="", cites=""),
    sometimes("it is sent", sender.state == SENT, why="", cites=""),
    always_step(
        "only waiting takes time",
        (action != "wait").implies(before.clock == after.clock),
        why="",
        cites="",
    ),
    always_event(
        "what is refused tells nothing", step.accepted | (emits(step, TELL) == 0), why="", cites=""
    ),
    always_event(
        "arrival is an end",
        step.accepted.implies(after.state == DELIVERED),
        fact=ARRIVED,
        instance="carrier",
        why="",
        cites="",
    ),
    READ,
)

road = World(
    name="road",
    doc="A parcel on the road.",
    instances=(SENDER, CARRIER),
    variables=VARIABLES,
    starts=(START,),
    actions=ACTIONS,
    properties=PROPERTIES,
    bounds=Bounds.declare(
        symbols={
            Address: ("Ulm/5",),
            Town: ("Ulm",),
            House: ("5",),
            Place: ("depot", "door"),
        },
        instants=(0, 1),
        numbers=range(6),
    ),
    terminal=letters.queued == 0,
)


def with_action(changed: Action) -> World:
    """The road with one action more."""
    return replace(road, actions=(*ACTIONS, changed))


def with_variable(added: Variable) -> World:
    """The road with one variable more."""
    return replace(road, variables=(*VARIABLES, added))


def with_start(added: Start) -> World:
    """The road with one start more."""
    return replace(road, starts=(START, added))


def with_promise(added: Property) -> World:
    """The road with one property more."""
    return replace(road, properties=(*PROPERTIES, added))


def with_sender(changed: Instance) -> World:
    """The road with another sender."""
    return replace(road, instances=(changed, CARRIER))


def with_alike(*families: Alike | Symbol, of: World | None = None) -> World:
    """The road, or another world, with something in it that is called interchangeable."""
    return replace(of or road, interchangeable=families, at=declared_at())


def bounded(**changed: Any) -> Bounds:
    """The bounds of the road with some parts changed."""
    return replace(road.bounds, **changed)


def with_bulb(bulb: Machine, *added: Action) -> World:
    """The road with a lamp beside it, and perhaps more actions."""
    return replace(
        road,
        instances=(SENDER, CARRIER, Instance.declare("bulb", bulb)),
        starts=(Start.declare("new", {"sender": NEW, "carrier": NEW, "bulb": {"state": DARK}}),),
        actions=(*ACTIONS, *added),
        bounds=bounded(symbols=(*road.bounds.symbols, (Symbol("Room"), ("hall",)))),
    )
