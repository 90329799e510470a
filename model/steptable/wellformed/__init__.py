"""Static checks of a machine: every fault of a declaration in one run, with file and line.

Each module asks one question: is every part what its place asks for (`shape`), can
each text stand in every output (`texts`), does a name mean one thing (`names`), there too where a
target writes it otherwise (`written`), do states, facts and pairs add up (`structure`), does each
side do what is its own (`sides`), does each expression have its sort (`rows`, `sorting`,
`defaults`), have programs values of each sort (`unfit`), can everything fire (`firing`), and is
all that is declared also used (`usage`).
"""

from __future__ import annotations

from steptable.errors import Fault, SpecError
from steptable.machine import Machine
from steptable.wellformed.machines.defaults import check_defaults
from steptable.wellformed.machines.names import check_names
from steptable.wellformed.machines.rows import check_expressions
from steptable.wellformed.machines.sides import check_sides
from steptable.wellformed.machines.structure import check_structure
from steptable.wellformed.machines.unfit import check_fitness
from steptable.wellformed.machines.usage import check_usage
from steptable.wellformed.shape import check_shape
from steptable.wellformed.texts import check_texts


def faults_of(machine: Machine) -> tuple[Fault, ...]:
    """Every fault of the machine, in the order of the files."""
    misshapen = check_shape(machine)
    if misshapen:
        return SpecError(misshapen).faults
    frame = [
        *check_texts(machine),
        *check_names(machine),
        *check_structure(machine),
        *check_sides(machine),
    ]
    reading = check_expressions(machine)
    # Usage is judged by what expressions read; where one has no sort, that is not known.
    used = () if reading.faults else check_usage(machine, reading)
    own = [*check_fitness(machine), *check_defaults(machine)]
    return SpecError([*frame, *own, *reading.faults, *used]).faults


def require(machine: Machine) -> Machine:
    """The machine itself, if nothing is wrong with it; raises `SpecError` with every fault."""
    faults = faults_of(machine)
    if faults:
        raise SpecError(faults)
    return machine
