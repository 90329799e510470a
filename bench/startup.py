"""What starting costs: importing the reducer beside msgspec, and the exhaustive check.

Every sample is a fresh interpreter that keeps its bytecode in a folder of the benchmark's own.
Imports find theirs compiled there, as those of installed packages do; the check begins with an
empty one, and is cold in that sense too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from time import perf_counter

from bench.measure import Figures, Sample, side_by_side

BARE = "python -c pass"
MSGSPEC = "import msgspec"
REDUCER = "import nixfleet_state_machine"
CHECK = "steptable check reducer"


def measure_imports(rounds: int) -> Figures:
    """Seconds until a fresh interpreter has run one statement and ended."""
    statements = {BARE: "pass", MSGSPEC: MSGSPEC, REDUCER: REDUCER}
    with tempfile.TemporaryDirectory() as bytecode:
        samples = {name: _python(["-c", text], bytecode) for name, text in statements.items()}
        for sample in samples.values():
            sample()
        return side_by_side("import", samples, rounds)


def measure_check(rounds: int) -> Figures:
    """Seconds that the check of world `reducer` takes, bytecode and all."""

    def sample() -> float:
        with tempfile.TemporaryDirectory() as empty:
            return _python(["-m", "steptable.cli", "check", "reducer"], empty)()

    return side_by_side("check", {CHECK: sample}, rounds)


def _python(arguments: Sequence[str], bytecode: str) -> Sample:
    command = [sys.executable, *arguments]
    variables = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)

    def sample() -> float:
        start = perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=variables)
        return perf_counter() - start

    return sample
