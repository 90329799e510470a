"""Static checks of a machine: every fault of a declaration in one run, with file and line.

Four questions, one module each: do names and pairs add up (`structure`), does each
expression have its sort (`rows`, `sorting`), can everything fire (`firing`), and is
everything that is declared also used (`usage`).
"""

from __future__ import annotations

from steptable.errors import Fault, SpecError
from steptable.machine import Machine
from steptable.wellformed.rows import check_expressions
from steptable.wellformed.structure import check_structure
from steptable.wellformed.usage import check_usage


def faults_of(machine: Machine) -> tuple[Fault, ...]:
    """Every fault of the machine, in the order of the files."""
    structural = check_structure(machine)
    reading = check_expressions(machine)
    # Usage is judged by what expressions read; where one has no sort, that is not known.
    used = () if reading.faults else check_usage(machine, reading)
    return SpecError([*structural, *reading.faults, *used]).faults


def require(machine: Machine) -> Machine:
    """The machine itself, if nothing is wrong with it; raises `SpecError` with every fault."""
    faults = faults_of(machine)
    if faults:
        raise SpecError(faults)
    return machine
