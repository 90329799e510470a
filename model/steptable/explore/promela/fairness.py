"""Writes the part of a model that finds fair runs that avoid a goal forever.

SPIN's own fairness is of processes, and ours is of actions, so the model watches it: a weakly
fair action must again and again have happened or be impossible, and a strongly fair one that is
possible again and again must happen again and again. Where a run may have come to its loop is
guessed. From there on, the model notes which strongly fair actions have been possible, and waits
for the fair actions one after another, passing over those to which nothing is owed so far. When
all have had their turn a round is complete, and a run with rounds without end is fair: what
has been possible becomes no less, so it is at last all that is possible in the loop. Each fair
run is found, since its loop may be guessed to begin once what is possible just a few times is
past. (The conditions one after another: Choueka 1974; what each pair owes: Streett 1982.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from steptable.explore.promela.text import comment

AVOIDS: Final = "AVOIDS"
"""The macro that says that a state is none of the goal; defined where a run is looked for."""

BEGINS: Final = "BEGINS"
"""The macro that says that the goal is owed from this state on."""

AT_START: Final = "AT_START"
"""The macro that says whether the goal is owed from each start on."""

HAPPENED: Final = "HAPPENED"
"""The macro, and statement, for what just happened: a fair action by its number, or 0."""


@dataclass(frozen=True)
class Fair:
    """A fair action: its number, from 1 on, and when it is possible."""

    name: str
    number: int
    is_strong: bool
    enabled: str


def declarations(actions: Iterable[Fair]) -> Iterator[str]:
    """The variables that watch a run, and the claim that one is fair and avoids its goal."""
    fair = list(actions)
    last = len(fair) + 1
    yield f"#ifdef {AVOIDS}"
    for action in fair:
        yield f"#define CAN_{action.number} ({action.enabled}) {comment(action.name)}"
    yield f"unsigned did : {last.bit_length()}; /* The fair action that just happened, or 0. */"
    yield f"#define {HAPPENED}(action) did = action"
    yield f"bool owed = {AT_START}; /* The goal is due and has not been met. */"
    yield "bool looping; /* The run has been said to have come to its loop. */"
    yield "bool round; /* All fair actions have had their turn again. */"
    yield f"unsigned awaited : {last.bit_length()}; /* The fair action whose turn it is. */"
    for action in fair:
        if action.is_strong:
            yield f"bool possible_{action.number}; /* It has been, in the loop. */"
    yield "never {"
    for place in ("wait", "accept_round"):
        yield f"{place}:"
        yield "  if"
        yield "  :: round -> goto accept_round"
        yield "  :: !round && (owed || !looping) -> goto wait"
        yield "  fi;"
    yield "}"
    yield "#else"
    yield f"#define {HAPPENED}(action) skip"
    yield "#endif"


def watching(actions: Iterable[Fair]) -> Iterator[str]:
    """What is noted after each step, in a step of its own."""
    fair = list(actions)
    last = len(fair) + 1
    yield f"#ifdef {AVOIDS}"
    yield "  d_step {"
    yield f"    owed = {AVOIDS} && (owed || {BEGINS});"
    yield "    awaited = (owed -> awaited : 0);"
    for at in (action.number for action in fair if action.is_strong):
        yield f"    possible_{at} = awaited > 0 && (possible_{at} || CAN_{at});"
    for action in fair:
        at = action.number
        owes_nothing = f"!possible_{at}" if action.is_strong else f"!CAN_{at}"
        transposition = f"awaited == {at} && (did == {at} || {owes_nothing})"
        yield f"    awaited = ({transposition} -> {at + 1} : awaited);"
    yield f"    round = awaited == {last};"
    yield "    awaited = (round -> 1 : awaited);"
    yield "    did = 0"
    yield "  };"
    yield "#endif"


def options() -> Iterator[str]:
    """What a run may do beside the actions: stand still, and come to its loop."""
    yield f"#ifdef {AVOIDS}"
    yield "  /* A run may stand still, where nothing is owed. */"
    yield "  :: true"
    yield "  :: d_step { owed && !looping -> looping = true; awaited = 1 }"
    yield "#endif"
