"""Measuring side by side: rounds in which every contender runs once, in turning order.

A figure is the median of the rounds, and a ratio the median of the rounds' own ratios, so that
what slows the machine for a while slows both sides of it.
"""

from __future__ import annotations

import gc
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

Sample: TypeAlias = Callable[[], float]
"""Runs something once and says how many seconds it took, per whatever is counted."""


@dataclass(frozen=True)
class Figures:
    """The seconds of every round, by contender."""

    rounds: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.rounds[name])

    def ratio(self, name: str, to: str) -> float:
        """How many times as long `name` takes as `to`."""
        pairs = zip(self.rounds[name], self.rounds[to], strict=True)
        return statistics.median(one / other for one, other in pairs)


def side_by_side(title: str, samples: Mapping[str, Sample], rounds: int) -> Figures:
    """Run every sample once a round, each round beginning with another one."""
    taken: dict[str, list[float]] = {name: [] for name in samples}
    names = list(samples)
    for transposition in range(rounds):
        print(f"{title}: round {transposition + 1} of {rounds}", file=sys.stderr)
        first = transposition % len(names)
        for name in names[first:] + names[:first]:
            taken[name].append(samples[name]())
    return Figures(taken)


def seconds(work: Iterable[Callable[[], object]]) -> float:
    """How long it takes to call everything once; garbage is not collected meanwhile."""
    ready = list(work)
    gc.collect()
    gc.disable()
    try:
        start = perf_counter()
        for call in ready:
            call()
        return perf_counter() - start
    finally:
        gc.enable()
