"""A lamp with one button: the smallest machine, over whatever states and rows are given."""

from __future__ import annotations

from steptable.machine import (
    Effect,
    Fact,
    Machine,
    Numbering,
    Refusal,
    Row,
    Side,
    State,
    state_sort,
)
from steptable.sorts import INSTANT, U64, Symbol
from steptable.terms import Structure, field

HOUSE = Side("house")
NOTHING_TO_DO: dict[Side, tuple[()]] = {HOUSE: ()}

DARK = State("Dark", "It is off.", initial=True)
LIT = State("Lit", "It is on.")
BROKEN = State("Broken", "It is broken.", terminal=True)

PRESSED = Fact.declare(
    "Pressed",
    "Someone pressed.",
    halves={HOUSE: "Press"},
    time="at",
    durable=True,
    at=field(INSTANT),
)
BURNT = Fact.declare(
    "Burnt", "It burnt through.", halves={HOUSE: "Burn"}, time="at", durable=True, at=field(INSTANT)
)
FACTS = (PRESSED, BURNT)

HUM = Effect.declare("Hum", "Hum.", side=HOUSE, emitted_by="the lamp itself")


def row(name: str, source: State, fact: Fact, target: State) -> Row:
    """A row that does nothing but lead on."""
    return Row.declare(name, source, fact, target, emits=NOTHING_TO_DO, why="It is.", cites="§1")


SWITCH_ON = row("switch-on", DARK, PRESSED, LIT)
SWITCH_OFF = row("switch-off", LIT, PRESSED, DARK)
BURN = row("burn", LIT, BURNT, BROKEN)
ROWS = (SWITCH_ON, SWITCH_OFF, BURN)
REFUSALS = (Refusal(DARK, (BURNT,), why="It is cold."), Refusal(BROKEN, FACTS, why="It is broken."))


def lamp(
    *,
    states: tuple[State, ...] = (DARK, LIT, BROKEN),
    rows: tuple[Row, ...] = ROWS,
    refusals: tuple[Refusal, ...] = REFUSALS,
    facts: tuple[Fact, ...] = FACTS,
) -> Machine:
    """A lamp with those states, rows and refusals."""
    sort = state_sort("LampState", "What a lamp does.", *states)
    record = Structure(
        "Lamp",
        "What is remembered of a lamp.",
        room=field(Symbol("Room"), "Where it hangs.", default="hall", read_by="people"),
        state=field(sort, "What it does."),
        last=field(U64, "The number of the last event.", default=0),
    )
    return Machine(
        name="Lamp",
        doc="A lamp with a button.",
        sides=(HOUSE,),
        states=states,
        state_sort=sort,
        record=record.sort,
        facts=facts,
        effects=(HUM,),
        policy=Structure("House", "What the house wants.").sort,
        identity=("room",),
        numbering=Numbering("number", "last"),
        rows=rows,
        refusals=refusals,
    )
