"""SPIN on the benchmark model: the better of an idiomatic and a bit-packed model of *mirror*.

`rivals/mirror.pml` is written as one writes for SPIN, `rivals/mirror_packed.pml` has its state
packed by hand into two words a host. Both are searched depth-first on one core and breadth-first
on two, compiled for safety alone and with a table that just fits.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Final

RIVALS: Final = Path(__file__).parent / "rivals"
MODELS: Final = {"idiomatic": RIVALS / "mirror.pml", "packed": RIVALS / "mirror_packed.pml"}

OPTIMISED: Final = ("-O2", "-DSAFETY", "-DNOREDUCE")
PARALLEL: Final = (*OPTIMISED, "-DBFS_PAR")

OWN_START: Final = 1
"""SPIN counts a state before the policies are chosen, which is none of the model's."""

_DEEPEST: Final = 2_000_000
"""How deep its depth-first search may go; the stack for it is part of what it needs."""


@dataclass(frozen=True)
class Verified:
    """What one run of a verifier found."""

    states: int
    """The model's own, without SPIN's start."""
    seconds: float
    """As it says itself: the search alone."""
    megabytes: float


def missing() -> str:
    """What is lacking to run SPIN at all, as a sentence; empty if nothing is."""
    for program, package in (("spin", "spin"), ("gcc", "gcc")):
        if shutil.which(program) is None:
            return f"{program} is missing: apt-get install {package}"
    return ""


@contextmanager
def verifier(model: Path, size: tuple[int, int, int], options: tuple[str, ...]) -> Iterator[Path]:
    """A compiled verifier of *mirror* at a size, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        sizes = [f"-D{name}={value}" for name, value in zip("NPK", size, strict=True)]
        _run(["spin", "-a", *sizes, str(model)], folder)
        _run(["gcc", *options, "-w", "-o", "pan", "pan.c"], folder)
        yield Path(folder) / "pan"


def verified(pan: Path, states: int) -> Verified:
    """One search, with a table for so many states. Raises `ValueError` where it finds others."""
    table = f"-w{(states * 5 // 4).bit_length()}"
    parallel = "-u2" if b"BFS_PAR" in pan.with_suffix(".c").read_bytes() else ""
    text = _run(
        [str(pan), "-E", table, f"-m{_DEEPEST}", *([parallel] if parallel else [])], pan.parent
    )
    found = Verified(
        int(float(_figure(r"^\s*([\d.e+]+) states, stored", text))) - OWN_START,
        float(_figure(r"elapsed time ([\d.]+) seconds", text)),
        float(_figure(r"([\d.]+)\s+total (?:actual|shared) memory usage", text)),
    )
    if "errors: 0" not in text:
        raise ValueError(f"SPIN finds an error where there is none:\n{text}")
    return found


def from_scratch(model: Path, size: tuple[int, int, int], states: int) -> float:
    """The seconds from the model's text to its verdict: translating, compiling, searching."""
    began = perf_counter()
    with verifier(model, size, OPTIMISED) as pan:
        verified(pan, states)
    return perf_counter() - began


def _figure(pattern: str, text: str) -> str:
    exploration = re.search(pattern, text, re.MULTILINE)
    if exploration is None:
        raise ValueError(f"SPIN does not say {pattern!r}:\n{text}")
    return exploration[1]


def _run(command: list[str], folder: str | Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{command[0]} fails: {done.stdout}{done.stderr}")
    return done.stdout
