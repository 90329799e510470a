"""What holds of a world: explores it, and judges each of its properties."""

from steptable.check.running import Check, Outcome, Watcher, Way, check
from steptable.check.verdicts import (
    Judgement,
    Result,
    Verdict,
    idle_effects,
    idle_rows,
    promises,
)
from steptable.explore.overruns import Overflow
from steptable.explore.retracing import Disagreement, Trace

__all__ = [
    "Check",
    "Disagreement",
    "Judgement",
    "Outcome",
    "Overflow",
    "Result",
    "Trace",
    "Verdict",
    "Watcher",
    "Way",
    "check",
    "idle_effects",
    "idle_rows",
    "promises",
]
