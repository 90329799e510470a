"""What holds of a world: explores it, and judges each of its properties."""

from steptable.check.judging import check
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
    "Disagreement",
    "Judgement",
    "Overflow",
    "Result",
    "Trace",
    "Verdict",
    "check",
    "idle_effects",
    "idle_rows",
    "promises",
]
