"""Runs SPIN on a model, and reads what it found."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SAFETY: Final = ("-DSAFETY", "-DNOREDUCE", "-DBFS")
"""Every state, breadth-first, so that an error is found at the least depth."""

RUNS: Final = ("-DNOREDUCE",)
"""Every state, depth-first, as the search for acceptance cycles needs it."""

_DEEPEST: Final = 1_000_000
"""Steps that a depth-first search may go down."""


@dataclass(frozen=True)
class Findings:
    """What SPIN says of a model: its counts, and the error that ended the search, if one did."""

    states: int
    transitions: int
    depth: int
    error: str = ""
    error_depth: int = 0


def spin(model: str, folder: Path, *, number: int = 0, runs: bool = False) -> Findings:
    """Check a property of a model by its number; 0 only explores.

    Raises `AssertionError` where the search did not come to an end of its own.
    """
    (folder / "model.pml").write_text(model, encoding="utf-8")
    # Left to itself, SPIN drops the variables that no step reads, and counts fewer states.
    _said(folder, "spin", "-a", "-o2", f"-DPROPERTY={number}", "model.pml")
    _said(folder, "cc", "-w", *(RUNS if runs else SAFETY), "-o", "pan", "pan.c")
    said = _said(folder, "./pan", "-w22", *(("-a", f"-m{_DEEPEST}") if runs else ()))
    for trouble in ("out of memory", "max search depth too small", "no accept labels"):
        assert trouble not in said, said
    error = re.search(r"^pan:1: (.+?)(?: 0)? \(at depth (\d+)\)$", said, re.MULTILINE)
    if error is None:
        assert "Search not completed" not in said, said
    name, depth = error.groups() if error else ("", "0")
    return Findings(
        states=_number(r"(\d+) states, stored", said),
        transitions=_number(r"(\d+) transitions", said),
        depth=_number(r"depth reached (\d+)", said),
        error=name,
        error_depth=int(depth),
    )


def _number(pattern: str, said: str) -> int:
    exploration = re.search(pattern, said)
    assert exploration is not None, said
    return int(exploration[1])


def _said(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout
