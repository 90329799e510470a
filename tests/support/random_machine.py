"""A small machine with two sides, whose rows are drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final

from steptable.machine import (
    Effect,
    Fact,
    Guard,
    Machine,
    Numbering,
    Row,
    Side,
    State,
    Wire,
    by_side,
    state_sort,
)
from steptable.sorts import INSTANT, PAYLOAD, TRUTH, U64, Map, Optional
from steptable.terms import Operand, Structure, Term, field, root
from support.random_terms import COLOUR, KEY, SMALL, Author

record, event, policy = root("record"), root("event"), root("policy")
row, fact = root("row"), root("fact")

NEAR: Final = Side("near", "Where it is.")
FAR: Final = Side("far", "Where it is known of.")

OFF = State("Off", "Dark.", initial=True)
ON = State("On", "Bright.")
BROKEN = State("Broken", "For good.", terminal=True)
CONDITION = state_sort("Condition", "How it is.", OFF, ON, BROKEN)

Lamp = Structure(
    "Lamp",
    "What a lamp remembers.",
    state=field(CONDITION),
    colour=field(Optional(COLOUR)),
    level=field(SMALL, default=0),
    notes=field(Map(KEY, COLOUR)),
    last=field(U64, default=0),
)
Policy = Structure("Policy", "What is allowed.", strict=field(TRUTH))

TURNED = Fact.declare(
    "Turned",
    "The knob was turned.",
    halves={NEAR: "NearTurned", FAR: "FarTurned"},
    time="at",
    durable=True,
    colour=field(COLOUR),
    at=field(INSTANT),
)
KNOCKED = Fact.declare(
    "Knocked",
    "It fell.",
    halves={NEAR: "NearKnocked", FAR: "FarKnocked"},
    time="at",
    durable=False,
    key=field(KEY),
    hard=field(TRUTH),
    at=field(INSTANT),
)
FACTS: Final = (TURNED, KNOCKED)
"""What can happen to a lamp."""

SHINE = Effect.declare("Shine", "Be seen.", side=None, colour=field(COLOUR), level=field(SMALL))
TELL = Effect.declare("Tell", "Say what happened.", side=NEAR, payload=field(PAYLOAD))
NOTE = Effect.declare("Note", "Write it down.", side=FAR, level=field(SMALL))
MOVED = Effect.declare(
    "Moved",
    "Keep what became of it.",
    side=None,
    source=field(CONDITION),
    target=field(CONDITION),
    at=field(INSTANT),
    lasts=field(TRUTH),
    colour=field(Optional(COLOUR)),
    notes=field(Map(KEY, COLOUR)),
    level=field(SMALL, default=1),
)
"""Its last three fields may be left out."""


def random_machine(dice: Random) -> Machine:
    """A machine with at most two rows for each pair of a state and a fact.

    Some stand in both states that have rows.
    """
    rows = tuple(
        row
        for of in FACTS
        for sources in (((OFF, ON),) if dice.random() < 0.3 else ((OFF,), (ON,)))
        for row in _rows(dice, sources, of)
    )
    return Machine(
        name="Lamp",
        doc="A lamp.",
        sides=(NEAR, FAR),
        states=(OFF, ON, BROKEN),
        state_sort=CONDITION,
        record=Lamp.sort,
        facts=FACTS,
        effects=(SHINE, TELL, NOTE, MOVED),
        policy=Policy.sort,
        identity=(),
        numbering=Numbering("seq", "last", U64),
        rows=rows,
        refusals=(),
        wire=Wire(Structure("Envelope", "What travels.").sort, "event", FAR),
    )


def _rows(dice: Random, sources: tuple[State, ...], of: Fact) -> Iterator[Row]:
    author = Author(dice)
    for part in Lamp.sort:
        if part.name != "last":
            author.read(getattr(record, part.name), part.sort)
    for part in of.fields:
        author.read(getattr(event, part.name), part.sort)
    author.read(policy.strict, TRUTH)
    name = f"{' or '.join(source.name for source in sources)} {of.name}"
    match dice.choice(("none", "one", "guarded", "two")):
        case "one":
            yield _row(dice, author, name, sources, of, guard=None)
        case "guarded":
            yield _row(dice, author, name, sources, of, guard=author.condition())
        case "two":
            guard = author.condition()
            yield _row(dice, author, f"{name} so", sources, of, guard=guard)
            # It may stand in fewer states than the one that it excludes.
            fewer = sources[dice.randint(0, 1) :] if len(sources) > 1 else sources
            yield _row(dice, author, f"{name} not so", fewer, of, guard=~guard)


def _row(
    dice: Random,
    author: Author,
    name: str,
    sources: tuple[State, ...],
    of: Fact,
    *,
    guard: Term | None,
) -> Row:
    changing = dice.sample(("colour", "level", "notes"), dice.randint(0, 3))
    sets: dict[str, Operand] = {
        part.name: author.value(part.sort) for part in Lamp.sort if part.name in changing
    }
    shine = SHINE(colour=author.value(COLOUR), level=author.value(SMALL))
    told = by_side("tell", {NEAR: TELL(payload=root("payload")), FAR: NOTE(level=record.level)})
    left_out = {"colour": author.value(COLOUR)} if dice.random() < 0.5 else {}
    moved = MOVED(
        source=row.source, target=row.target, at=fact.time, lasts=fact.durable, **left_out
    ).when(author.condition() | (row.source == row.target))
    acts = (shine, shine.when(author.condition()), moved, told)[dice.randint(0, 4) :]
    return Row.declare(
        name,
        sources,
        of,
        dice.choice((None, ON, OFF, BROKEN) if len(sources) == 1 else (None, BROKEN)),
        guards=() if guard is None else (Guard.declare("so", guard, "it must be so"),),
        sets=sets,
        emits={NEAR: acts, FAR: acts},
        why="It was drawn.",
        cites="hypothesis",
    )
