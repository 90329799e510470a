"""What the exploration of a world found, as plain data: it can be kept, and sent between processes.

Traces are there as the actions and choices of their steps, parts of declarations by name or place.
What that means for a world as it is declared, `steptable.check.results` says.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias, assert_never

import msgspec

from steptable.check.verdicts import Verdict
from steptable.explore.retracing import Choices, Trace
from steptable.partial.paths import About, Entry, Part, Path, Segment, Slot

PlainPath: TypeAlias = tuple[tuple[str, str | int], ...]
"""Where a scalar lies: the kind of each segment of its path, and what that is called."""


def plain_path(path: Path) -> PlainPath:
    """A path as plain data."""
    return tuple(map(_plain_segment, path.segments))


def _plain_segment(segment: Segment) -> tuple[str, str | int]:
    match segment:
        case Part(name):
            return "part", name
        case Entry(key):
            return "entry", key
        case Slot(number):
            return "slot", number
        case About():
            return "about", segment.value
        case _:
            assert_never(segment)


def path_of(plain: PlainPath) -> Path:
    """The path that some plain data is of. `LookupError` or `ValueError` if it is of none."""
    return Path(tuple(_SEGMENTS[kind](name) for kind, name in plain))


_SEGMENTS: Final[dict[str, Callable[[Any], Segment]]] = {
    "part": Part,
    "entry": Entry,
    "slot": Slot,
    "about": About,
}


class PlainTrace(msgspec.Struct, frozen=True):
    """A trace, by what it takes to take its steps again."""

    key: str
    loop: int | None
    steps: tuple[tuple[str, Choices], ...]
    """The action of each step, and its choices."""

    @classmethod
    def of(cls, trace: Trace) -> PlainTrace:
        names = (step.action.name for step in trace.steps)
        return cls(trace.key, trace.loop, tuple(zip(names, trace.choices, strict=True)))


class PlainVerdict(msgspec.Struct, frozen=True):
    """What was found out about one property, whatever is pinned of it."""

    verdict: Verdict
    trace: PlainTrace | None = None
    unmet: tuple[int, ...] = ()
    """The premises that were never met, by their indexes among those of the world."""


class PlainResult(msgspec.Struct, frozen=True, tag="found"):
    """All that was found out about a world."""

    verdicts: tuple[PlainVerdict, ...]
    """Of all that is promised, in order."""
    states: int
    transitions: int
    levels: tuple[int, ...]
    rows_taken: dict[str, int]
    effects_emitted: tuple[str, ...]
    idle_actions: tuple[str, ...]
    used: tuple[str, ...]
    """The names of the parts of the world that are of use."""
    unread: tuple[str, ...]
    """The names of the variables that nothing reads."""
    stopped: str
    growth: tuple[tuple[PlainPath, int], ...]
    symmetry: str
    asymmetry: str


class PlainOverflow(msgspec.Struct, frozen=True, tag="overflow"):
    """That a value leaves its bounds, at the end of a trace."""

    trace: PlainTrace


PlainOutcome: TypeAlias = PlainResult | PlainOverflow


def written(finding: PlainOutcome) -> bytes:
    """What was found as a text."""
    # Counts can be larger than msgspec writes integers.
    return json.dumps(msgspec.to_builtins(finding)).encode()


def read(text: bytes) -> PlainOutcome | None:
    """What was found, out of its text; None if it is none."""
    try:
        return msgspec.convert(json.loads(text), type=PlainResult | PlainOverflow)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None
