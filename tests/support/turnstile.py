"""A turnstile: a small machine with one side, declared for the tests.

It lets one person through for the price, and breaks when it is pushed too hard.
"""

from __future__ import annotations

from steptable.machine import (
    Constructor,
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Refusal,
    Row,
    Side,
    State,
    state_sort,
)
from steptable.sorts import INSTANT, U64, Integer
from steptable.terms import Structure, field, root

record, event, policy = root("record"), root("event"), root("policy")

GATE = Side("gate", "The turnstile itself.")

LOCKED = State("Locked", "Nobody gets through.", initial=True)
UNLOCKED = State("Unlocked", "One person may pass.")
BROKEN = State("Broken", "Somebody must come and repair it.", terminal=True)
POSITION = state_sort("Position", "What the arm does.", LOCKED, UNLOCKED, BROKEN)

COINS = Integer(0, 1000, "coins")
FORCE = Integer(0, 9)

Counter = Structure(
    "Counter",
    "What the turnstile remembers.",
    position=field(POSITION, "What the arm does."),
    paid=field(COINS, "What is in the box.", default=0, read_by="its owner"),
    pushed=field(Integer(0, 1000), "How often it was pushed in vain.", default=0),
    last_serial=field(U64, "The last number.", default=0),
)
Price = Structure("Price", "What it costs.", coins=field(COINS, "For one person."))

COIN = Fact.declare(
    "Coin",
    "Coins went in.",
    halves={GATE: "CoinInserted"},
    time="at",
    durable=True,
    amount=field(COINS, "How many."),
    at=field(INSTANT, "When."),
)
PUSH = Fact.declare(
    "Push",
    "Somebody pushed the arm.",
    halves={GATE: "ArmPushed"},
    time="at",
    durable=False,
    force=field(FORCE, "How hard."),
    at=field(INSTANT, "When."),
)

CHIME = Effect.declare("Chime", "Sound.", side=GATE, times=field(COINS, "How often."))

gentle = event.force < 9

machine = Machine(
    name="Turnstile",
    doc="A turnstile.",
    sides=(GATE,),
    states=(LOCKED, UNLOCKED, BROKEN),
    state_sort=POSITION,
    record=Counter.sort,
    facts=(COIN, PUSH),
    effects=(CHIME,),
    policy=Price.sort,
    identity=(),
    numbering=Numbering("serial", "last_serial", U64, "The event's number."),
    rows=(
        Row.declare(
            "paid",
            LOCKED,
            COIN,
            UNLOCKED,
            guards=(Guard.declare("enough", event.amount >= policy.coins, "it must be enough"),),
            sets={"paid": record.paid + event.amount},
            emits={GATE: (CHIME(times=event.amount - policy.coins),)},
            why="One person has paid.",
            cites="§1",
        ),
        Row.declare(
            "forced",
            LOCKED,
            PUSH,
            BROKEN,
            guards=(Guard.declare("hard", ~gentle, "it must be pushed hard"),),
            emits={GATE: ()},
            why="It is made of wood.",
            cites="§2",
        ),
        # Rows of one pair need not stand together.
        Row.declare("passed", UNLOCKED, PUSH, LOCKED, emits={GATE: ()}, why="One may.", cites="§1"),
        Row.declare(
            "withstood",
            LOCKED,
            PUSH,
            guards=(
                Guard.declare("gentle", gentle, "it must be pushed gently"),
                Guard.declare("often", record.pushed != 7, "it must not be the eighth time"),
            ),
            sets={"pushed": record.pushed + 1},
            emits={GATE: (CHIME(times=0),)},
            why="Nobody gets through without paying.",
            cites="§1",
        ),
    ),
    refusals=(
        Refusal(UNLOCKED, (COIN,), why="It has been paid."),
        Refusal(BROKEN, (COIN, PUSH), why="Nothing moves any more."),
    ),
    constructors=(Constructor.declare("new_turnstile", "A new one.", LOCKED, ()),),
)
