"""A machine whose every name means something to some format."""

from __future__ import annotations

from steptable.machine import (
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
from steptable.sorts import INSTANT, U64, Symbol
from steptable.terms import Structure, field, root

LEFT = Side("left|hand")
RIGHT = Side("right <hand>")
event = root("event")


def formatting_machine() -> Machine:
    """A machine whose every name means something to some format, with parallel rows."""
    off = State('Off "<&>"', "Doc\nover | two lines.", initial=True)
    on = State("On\\n*_[x]_*", 'A "quoted" doc.')
    end = State("end", "Doc --> Doc: %% {}.", terminal=True)
    fact = Fact.declare(
        "note `over|under`;",
        "Fact\nof two lines.",
        halves={LEFT: "Left<Event>", RIGHT: 'Right"Event"'},
        time="at",
        durable=True,
        at=field(INSTANT),
        said=field(Symbol("Text")),
    )
    shout = Effect.declare("Shout <b>!</b>", "Shout.", side=None, what=field(Symbol("Text")))
    whisper = Effect.declare("Whisper & co", "Whisper.", side=LEFT, what=field(Symbol("Text")))
    loud = Guard.declare('loud: "}"', event.said == 'a"b|c<d>\n%%', must="be <loud>")
    soft = Guard.declare("soft-->", event.said != 'a"b|c<d>\n%%', must="be soft")

    def row(name: str, source: State, target: State, *guards: Guard) -> Row:
        return Row.declare(
            name,
            source,
            fact,
            target,
            guards=guards,
            emits={LEFT: (shout(what=event.said), whisper(what=event.said)), RIGHT: ()},
            why='Because\n"so" <it> goes.',
            cites="§ \\ 1",
        )

    states = (off, on, end)
    rows = (
        row("<loud row>", off, on, loud),
        row('"soft" row', off, on, soft),
        row("stay|here\\", on, on, loud),
        row("direction LR", on, end, soft),
    )
    numbers = Structure("Thing", "", state=field(state_sort("S", "", *states)), last=field(U64))
    return Machine(
        name='Hostile "<machine>"',
        doc="Line one.\nLine two.",
        sides=(LEFT, RIGHT),
        states=states,
        state_sort=state_sort("S", "", *states),
        record=numbers.sort,
        facts=(fact,),
        effects=(shout, whisper),
        policy=Structure("Policy", "").sort,
        identity=(),
        numbering=Numbering("number", "last"),
        rows=rows,
        refusals=(Refusal(end, (fact,), "It's | over,\n<really>."),),
    )
