"""Shows what SPIN found beside what we did, in a table at the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, if anything was compared."""
    counts = {name: (ours, spins) for name, ours, spins in _recorded(terminalreporter, "counts")}
    verdicts: dict[str, list[bool]] = {}
    for name, _, agrees in _recorded(terminalreporter, "verdict"):
        verdicts.setdefault(name, []).append(agrees)
    if not counts and not verdicts:
        return
    terminalreporter.section("second opinion")
    table = Table("world", title="expected of SPIN, and what SPIN found")
    for head in ("states", "SPIN", "steps", "SPIN", "depth", "SPIN", "verdicts agreed"):
        table.add_column(head, justify="right")
    nothing = ("-", "-", "-")
    for name in dict.fromkeys([*counts, *verdicts]):
        ours, spins = counts.get(name, (nothing, nothing))
        pairs = [_shown(item) for pair in zip(ours, spins, strict=True) for item in pair]
        agreed = verdicts.get(name, [])
        table.add_row(name, *pairs, f"{sum(agreed)} of {len(agreed)}")
    console = Console(file=None, width=110, force_terminal=False)
    with console.capture() as captured:
        console.print(table)
    terminalreporter.write_line(captured.get())
    terminalreporter.write_line(
        "Expected are our own figures with what SPIN adds: one state and one level for its choice "
        "of a start,\none step for each start, and one for its first state."
    )


def _shown(item: object) -> str:
    return f"{item:,}" if isinstance(item, int) else str(item)


def _recorded(reporter: pytest.TerminalReporter, kind: str) -> Iterator[Any]:
    """What the tests noted, whichever process they ran in."""
    for outcome in ("passed", "failed"):
        for report in reporter.stats.get(outcome, ()):
            for key, value in getattr(report, "user_properties", ()):
                if key == kind and getattr(report, "when", "") == "call":
                    yield value
