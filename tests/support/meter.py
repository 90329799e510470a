"""A parking meter: a machine declared for the tests, that calculates.

Every operator on numbers, instants and durations stands in a guard, an update, an effect and a
condition of an effect, nested in each other both ways round.
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
from steptable.sorts import DURATION, INSTANT, U64, Integer
from steptable.terms import Structure, field, greatest, if_else, least, root, seconds

record, event, policy = root("record"), root("event"), root("policy")

STREET = Side("street", "The meter itself.")

RUNNING = State("Running", "There is time left.", initial=True)
FULL = State("Full", "No coin fits in any more.", terminal=True)
STATUS = state_sort("Status", "Whether it takes coins.", RUNNING, FULL)

COINS = Integer(-20, 1000, "coins")
SLOTS = Integer(1, 7)

Tariff = Structure(
    "Tariff",
    "What it costs.",
    minutes=field(Integer(-3, 9), "For a coin."),
    step=field(DURATION, "How long a minute is here."),
    slots=field(SLOTS, "Coins that make a stack."),
)
Meter = Structure(
    "Meter",
    "What the meter remembers.",
    status=field(STATUS, "Whether it takes coins."),
    paid=field(COINS, "What is in it.", default=0),
    balance=field(Integer(-9, 9), "How it stands.", default=0),
    slots=field(
        SLOTS, "Coins of a stack; a row may take them all away.", default=3, read_by="its owner"
    ),
    until=field(INSTANT, "How long one may stay."),
    rest=field(DURATION, "What is left.", read_by="its owner"),
    last_serial=field(U64, "The last number.", default=0),
)

COIN = Fact.declare(
    "Coin",
    "Coins went in.",
    halves={STREET: "CoinInserted"},
    time="at",
    durable=True,
    amount=field(Integer(-4, 9), "How many."),
    at=field(INSTANT, "When."),
)

PRINT = Effect.declare(
    "Print",
    "A ticket.",
    side=STREET,
    coins=field(COINS, "How many."),
    until=field(INSTANT, "How long."),
    rest=field(DURATION, "What is left."),
)

value = event.amount * policy.minutes
odd = record.paid * record.paid % 2
time = policy.step * value

machine = Machine(
    name="Meter",
    doc="A parking meter.",
    sides=(STREET,),
    states=(RUNNING, FULL),
    state_sort=STATUS,
    record=Meter.sort,
    facts=(COIN,),
    effects=(PRINT,),
    policy=Tariff.sort,
    identity=(),
    numbering=Numbering("serial", "last_serial", U64, "The event's number."),
    rows=(
        Row.declare(
            "refilled",
            RUNNING,
            COIN,
            guards=(
                Guard.declare("even", odd == 0, "it must be even"),
                Guard.declare("stacks", (record.paid - event.amount) % 3 != 1, "it must stack"),
                Guard.declare("room", -record.balance * 2 - -3 < 15, "there must be room"),
            ),
            sets={
                "paid": least(greatest(record.paid + value * 2, -20), 1000),
                "balance": -(event.amount - record.balance) % policy.slots - record.balance % 2,
                "slots": record.slots - event.amount % record.slots,
                "until": greatest(record.until, event.at) + time,
                "rest": -(2 * record.rest - least(policy.step, seconds(5))),
            },
            emits={
                STREET: (
                    PRINT(
                        coins=10 * (value - 3) % policy.slots * -1,
                        until=least(event.at - policy.step * 2, record.until),
                        rest=if_else(value > 0, time, -time),
                    ).when(least(value, record.paid, 4) % 2 == 0),
                )
            },
            why="Coins are time.",
            cites="§1",
        ),
        Row.declare(
            "filled",
            RUNNING,
            COIN,
            FULL,
            guards=(
                Guard.declare("odd", odd == 1, "it must be odd"),
                Guard.declare("calm", -record.balance <= 0, "it must be in credit"),
            ),
            emits={STREET: ()},
            why="Odd coins are stuck.",
            cites="§2",
        ),
    ),
    refusals=(Refusal(FULL, (COIN,), why="It is full."),),
    constructors=(
        Constructor.declare("new_meter", "A meter that was put up.", RUNNING, ("until", "rest")),
    ),
)
