"""Whether a property that is known to fail still fails in the way that its finding has pinned."""

from __future__ import annotations

from collections.abc import Sequence

from steptable.explore.retracing import Trace
from steptable.properties import Finding


def differs(finding: Finding, trace: Trace) -> str:
    """How a counterexample is another one than the finding has pinned; empty if it is not."""
    length = len(trace.steps)
    if length != finding.length:
        return f"its shortest counterexample has {length} steps, not {finding.length}"
    if finding.through and not _goes(trace, finding.through):
        return f"it fails in another way, not {way(finding.through)}"
    return ""


def way(through: Sequence[str]) -> str:
    """The actions that a counterexample goes through, in words."""
    *others, last = (f"'{name}'" for name in through)
    return f"through {', '.join(others)} and at last {last}" if others else f"by {last}"


def pin(trace: Trace) -> str:
    """What to write of a counterexample, so that it and no other is pinned."""
    names = [_quoted(step.action.name) for step in trace.steps]
    if not names:
        return "length=0"
    through = ", ".join(names) if len(names) > 1 else f"{names[0]},"
    return f"length={len(names)}, through=({through})"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _goes(trace: Trace, through: Sequence[str]) -> bool:
    """Whether a trace goes through some actions, in order, and breaks its property at the last."""
    names = [step.action.name for step in trace.steps]
    # A run that stands still breaks its property with the last step of its path, like any other.
    transpositions = len(names) if trace.loop is None else trace.loop
    ends = (
        range(transpositions, len(names))
        if transpositions < len(names)
        else range(len(names) - 1, len(names))
    )
    *others, last = through
    return any(names[end] == last and _is_within(others, names[:end]) for end in ends if end >= 0)


def _is_within(wanted: Sequence[str], names: Sequence[str]) -> bool:
    """Whether names come in some order among others."""
    left = iter(names)
    return all(name in left for name in wanted)
