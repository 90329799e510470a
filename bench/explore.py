"""How fast worlds are explored: the Python engine beside a plain search of the same model.

The model is *mirror(1, 3, 4)* of the known models, once declared and once written by hand over
tuples. Both count states and transitions and judge the invariant; the engine also remembers
where each state was reached from, since it must show how. Its figure includes reading the
declaration and generating code. Garbage collection, which would dominate, is off for both.

    python -m bench.explore
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench import measure, plain_mirror
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build

# Known models stand with the tests.
sys.path.append(str(Path(__file__).parents[1] / "tests"))
from known_models.mirror import mirror

PROBES, CAPACITY = 3, 4
STATES, TRANSITIONS = 196_988, 478_056
STATES_PER_SECOND = 150_000
ROUNDS = 5

ENGINE, PLAIN = "steptable, Python engine", "plain search over tuples"


def by_engine() -> tuple[int, int]:
    """The distinct states and transitions that the engine finds."""
    exploration = search(build(mirror(1, PROBES, CAPACITY)))
    if exploration.deciding_states:
        raise ValueError("the invariant fails")
    return len(exploration), exploration.transitions


def by_hand() -> tuple[int, int]:
    """The same by the plain search."""
    return plain_mirror.search(PROBES, CAPACITY)


def measured(rounds: int) -> measure.Figures:
    """Seconds that each takes for the whole model, in turn."""
    samples = {
        ENGINE: lambda: measure.seconds([by_engine]),
        PLAIN: lambda: measure.seconds([by_hand]),
    }
    return measure.side_by_side("explore", samples, rounds)


def table(figures: measure.Figures) -> str:
    """States per second of both, and their ratio."""
    lines = [f"mirror(1, {PROBES}, {CAPACITY}): {STATES:,} states, {TRANSITIONS:,} transitions"]
    rates = {name: STATES / figures.median(name) for name in (ENGINE, PLAIN)}
    lines += [f"{name:<26}{rate:>10,.0f} states/s" for name, rate in rates.items()]
    ratio = figures.ratio(PLAIN, ENGINE)
    wanted = f"wanted: {STATES_PER_SECOND:,} where the plain search does about 250,000"
    return "\n".join([*lines, f"the engine is {ratio:.2f} times as fast ({wanted})"])


def main() -> None:
    """Measure, and print what came out."""
    print(table(measured(ROUNDS)))


if __name__ == "__main__":
    main()
