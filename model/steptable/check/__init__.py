"""What holds of a world: explores it, and judges each of its properties."""

from steptable.check.running import Check, EngineOptions, Outcome, Watcher, check
from steptable.check.verdicts import (
    Judgement,
    Result,
    Verdict,
    idle_effects,
    idle_rows,
    properties_of,
)
from steptable.explore.overflows import Overflow
from steptable.explore.retracing import Disagreement, Trace

__all__ = [
    "Check",
    "Disagreement",
    "EngineOptions",
    "Judgement",
    "Outcome",
    "Overflow",
    "Result",
    "Trace",
    "Verdict",
    "Watcher",
    "check",
    "idle_effects",
    "idle_rows",
    "properties_of",
]
