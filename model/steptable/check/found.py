"""What the exploration of a world found, as plain data: it can be kept, and sent between processes.

Traces are there as the actions and choices of their steps, parts of declarations by name or place.
What that means for a world as it is declared, `steptable.check.results` says.
"""

from __future__ import annotations

import json
from typing import TypeAlias

import msgspec

from steptable.check.verdicts import Verdict
from steptable.explore.retracing import Trace


class FoundTrace(msgspec.Struct, frozen=True):
    """A trace, by what it takes to take its steps again."""

    key: str
    loop: int | None
    steps: tuple[tuple[str, dict[str, int]], ...]
    """The action of each step, and its choices."""

    @classmethod
    def of(cls, trace: Trace) -> FoundTrace:
        names = (step.action.name for step in trace.steps)
        choices = (dict(chosen) for chosen in trace.choices)
        return cls(trace.key, trace.loop, tuple(zip(names, choices, strict=True)))


class FoundVerdict(msgspec.Struct, frozen=True):
    """What was found out about one property, whatever is pinned of it."""

    verdict: Verdict
    trace: FoundTrace | None = None
    unmet: tuple[int, ...] = ()
    """The premises that were never met, by their indexes among those of the world."""


class Found(msgspec.Struct, frozen=True, tag="found"):
    """All that was found out about a world."""

    verdicts: tuple[FoundVerdict, ...]
    """Of all that is promised, in order."""
    states: int
    transitions: int
    levels: tuple[int, ...]
    rows_taken: dict[str, int]
    effects_emitted: tuple[str, ...]
    idle_actions: tuple[str, ...]
    used: tuple[str, ...]
    """The names of the parts of the world that are of use."""
    stopped: str
    growth: tuple[tuple[str, int], ...]
    symmetry: str
    asymmetry: str


class FoundOverflow(msgspec.Struct, frozen=True, tag="overflow"):
    """That a value leaves its bounds, at the end of a trace."""

    trace: FoundTrace
    wrong: tuple[str, ...]


Finding: TypeAlias = Found | FoundOverflow


def written(finding: Finding) -> bytes:
    """What was found as a text."""
    # Counts can be larger than msgspec writes integers.
    return json.dumps(msgspec.to_builtins(finding)).encode()


def read(text: bytes) -> Finding | None:
    """What was found, out of its text; None if it is none."""
    try:
        return msgspec.convert(json.loads(text), type=Found | FoundOverflow)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None
