"""Measure everything, print what came out, and keep it in BENCHMARKS.md.

    python -m bench [PART ...]

The parts are reducer (the generated reducer and codec beside others), check (the command line)
and engines (how fast worlds are explored). All of them take a quarter of an hour, and are written
to BENCHMARKS.md; some of them are printed alone. Nothing is judged by the exit code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench import codec, engines, explore, report, startup, steps

ROUNDS: Final = 9
STARTS: Final = 25
CHECKS: Final = 5

PAGE: Final = Path(__file__).parents[1] / "BENCHMARKS.md"


def _reducer() -> list[str]:
    return [
        report.steps(steps.measure(ROUNDS)),
        report.wire(codec.measure(ROUNDS)),
        report.imports(startup.measure_imports(STARTS)),
    ]


def _check() -> list[str]:
    return [report.check(startup.measure_check(CHECKS))]


def _engines() -> list[str]:
    return [explore.table(explore.measured(explore.ROUNDS)), *engines.tables()]


PARTS: Final[Mapping[str, Callable[[], list[str]]]] = {
    "reducer": _reducer,
    "check": _check,
    "engines": _engines,
}


def main() -> None:
    """Run the benchmark; progress goes to stderr, the tables to stdout."""
    asked = sys.argv[1:]
    for name in asked:
        if name not in PARTS:
            sys.exit(f"there is no part '{name}'; write some of: {', '.join(PARTS)}")
    tables = [report.conditions()]
    tables += [table for name in asked or PARTS for table in PARTS[name]()]
    print("\n\n".join(tables))
    if not asked:
        PAGE.write_text(report.page(tables), "utf-8")


if __name__ == "__main__":
    main()
