"""Measure everything, and print what came out. Nothing is judged by its exit code."""

from __future__ import annotations

from bench import codec, explore, report, startup, steps

ROUNDS = 9
STARTS = 25
CHECKS = 5


def main() -> None:
    """Run the benchmark; progress goes to stderr, the tables to stdout."""
    tables = [
        report.conditions(),
        report.steps(steps.measure(ROUNDS)),
        report.wire(codec.measure(ROUNDS)),
        report.imports(startup.measure_imports(STARTS)),
        report.check(startup.measure_check(CHECKS)),
        explore.table(explore.measured(explore.ROUNDS)),
    ]
    print("\n\n".join(tables))


if __name__ == "__main__":
    main()
