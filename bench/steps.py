"""One event through a reducer: the generated one, a hand-written one, and two libraries."""

from __future__ import annotations

from bench.contenders import CONTENDERS, GENERATED, Contender
from bench.measure import Figures, Sample, seconds, side_by_side
from bench.walks import Walk, walks

ROUND_SECONDS = 0.06
"""How long one contender runs in one round, about."""


def measure(rounds: int) -> Figures:
    """Seconds per event of every contender; raises ValueError if they don't all do the same."""
    taken = walks()
    for contender in CONTENDERS:
        check(contender, taken)
    samples = {contender.name: _sample(contender, taken) for contender in CONTENDERS}
    return side_by_side("step", samples, rounds)


def check(contender: Contender, taken: tuple[Walk, ...]) -> None:
    """Raise ValueError unless a contender's records and effects are the generated reducer's."""
    for walk in taken:
        if contender.prepare(walk).outcomes() != GENERATED.prepare(walk).outcomes():
            raise ValueError(f"{contender.name} does not do the same on '{walk.name}'")


def _sample(contender: Contender, taken: tuple[Walk, ...]) -> Sample:
    events = sum(len(walk.events) for walk in taken)

    def times(count: int) -> float:
        runs = [contender.prepare(walk) for _ in range(count) for walk in taken]
        return seconds(run.walk for run in runs) / count

    times(2)
    count = max(1, round(ROUND_SECONDS / times(3)))
    return lambda: times(count) / events
