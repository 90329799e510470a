"""The figures as tables: what was measured, beside what, and whether it is what is aimed at."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench import codec, contenders, startup
from bench.measure import Figures

PROGRAMS = (("gcc", "--version"), ("spin", "-V"))
PACKAGES = ("msgspec", "transitions", "python-statemachine")
RIVALS = (
    (contenders.HANDWRITTEN, 1.0),
    (contenders.TRANSITIONS, 5.0),
    (contenders.STATEMACHINE, 60.0),
    (contenders.ADAPTER, 60.0),
)
EVENTS_PER_SECOND = 250_000
IMPORT_RATIO = 1.5
CHECK_SECONDS = 5.0


def conditions() -> str:
    """The machine, the versions, the time and the command."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    programs = ", ".join(_version_of(*command) for command in PROGRAMS)
    return "\n".join(
        [
            f"machine  {_processor()}, {os.cpu_count()} cores, {platform.system()}",
            f"python   {platform.python_implementation()} {platform.python_version()}",
            f"packages {packages}",
            f"programs {programs}",
            f"date     {datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            f"command  {Path(sys.executable).name} -m bench {' '.join(sys.argv[1:])}".rstrip(),
        ]
    )


def page(tables: Sequence[str]) -> str:
    """The figures as a page to keep."""
    blocks = "\n\n".join(f"```text\n{table}\n```" for table in tables)
    return f"{_INTRODUCTION}\n{blocks}\n"


_INTRODUCTION = """\
<!-- Written by `make bench`. Do not edit. -->

# Benchmarks

What is compared is measured in the same run, in turn; figures are medians. Machines differ and are
noisy, so the ratios count. A target that is missed says so.
"""


def _version_of(*command: str) -> str:
    """What a program says of itself, in its first line."""
    if shutil.which(command[0]) is None:
        return f"{command[0]} missing"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0].strip()


def _processor() -> str:
    """The model of the processor, as Linux or else as the platform calls it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def steps(figures: Figures) -> str:
    """Every contender's time per event, and how many times as long it takes."""
    ours = contenders.GENERATED.name
    rows = [[ours, f"{figures.median(ours) * 1e9:,.0f} ns", "", "", ""]]
    for rival, target in RIVALS:
        ratio = figures.ratio(rival.name, ours)
        time = f"{figures.median(rival.name) * 1e9:,.0f} ns"
        rows.append(
            [rival.name, time, f"{ratio:,.2f}x", f"≥ {target:g}x", verdict(ratio >= target)]
        )
    return table(["step", "per event", "takes", "target", ""], rows)


def wire(figures: Figures) -> str:
    """Events a second through the codec, and what of msgspec's own speed that is."""
    rate, alone = 1 / figures.median(codec.WHOLE), 1 / figures.median(codec.ALONE)
    slower = figures.ratio(codec.WHOLE, codec.ALONE)
    met = verdict(rate >= EVENTS_PER_SECOND)
    target = f"≥ {EVENTS_PER_SECOND:,}/s"
    rows = [
        [codec.ALONE, f"{alone:,.0f}/s", "", "", ""],
        [codec.WHOLE, f"{rate:,.0f}/s", f"{slower:.1f}x", target, met],
    ]
    return table(["wire", "events", "takes", "target", ""], rows)


def imports(figures: Figures) -> str:
    """Wall times of whole interpreters, and the ratio of what the two imports add to a bare one."""
    bare, theirs, ours = (
        figures.median(name) for name in (startup.BARE, startup.MSGSPEC, startup.REDUCER)
    )
    ratio = (ours - bare) / (theirs - bare)
    target = f"≤ {IMPORT_RATIO:g}x"
    rows = [
        [startup.BARE, f"{bare * 1e3:.1f} ms", "", "", "", ""],
        [startup.MSGSPEC, f"{theirs * 1e3:.1f} ms", f"{(theirs - bare) * 1e3:.1f} ms", "", "", ""],
        [
            startup.REDUCER,
            f"{ours * 1e3:.1f} ms",
            f"{(ours - bare) * 1e3:.1f} ms",
            f"{ratio:.2f}x",
            target,
            verdict(ratio <= IMPORT_RATIO),
        ],
    ]
    return table(["import", "wall", "adds", "takes", "target", ""], rows)


def check(figures: Figures) -> str:
    """How long the exhaustive check takes."""
    wall = figures.median(startup.CHECK)
    met = verdict(wall <= CHECK_SECONDS)
    row = [startup.CHECK, f"{wall:.2f} s", f"≤ {CHECK_SECONDS:g} s", met]
    return table(["check", "wall", "target", ""], [row])


def verdict(met: bool) -> str:
    return "meets" if met else "misses"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as what is in them, the first and the last to the left."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]

    def line(cells: Sequence[str]) -> Iterator[str]:
        last = len(cells) - 1
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            yield cell.ljust(width) if place in (0, last) else cell.rjust(width)

    return "\n".join("  ".join(line(cells)).rstrip() for cells in (heads, *rows))
