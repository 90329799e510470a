"""The ceiling of an explorer on this machine: prefetched random look-ups in a table of its size."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent / "rivals" / "lookups.c"


@contextmanager
def compiled() -> Iterator[Path]:
    """The program, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "lookups"
        subprocess.run(["gcc", "-O2", "-o", str(program), str(SOURCE)], check=True)
        yield program


def seconds(program: Path, table: int, lookups: int) -> float:
    """How long so many look-ups take in a table of so many bytes, without making it."""
    command = [str(program), str(table), str(lookups)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return lookups / float(done.stdout)
