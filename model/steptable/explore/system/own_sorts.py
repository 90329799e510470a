"""Whether what an action gives to an event, or to its policy, is within the range of its own sort.

Nothing need be stored of it: a program could not even make such an event. What is forgotten is
what it is put back to, as it is wherever a step is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping

from steptable.explore.system.forgetting import is_forgotten
from steptable.explore.system.transitions import variables_in
from steptable.partial.intervals import range_of
from steptable.partial.paths import Path
from steptable.partial.scalar import (
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    negation,
    substitute,
)
from steptable.partial.symbolic import Structure, Symbolic, SymbolicMap, SymbolicRecord, as_option
from steptable.partial.variables import Variable
from steptable.sorts import Integer, Map, Optional, Record, Sort
from steptable.world import World


def within_sort(
    sort: Sort, value: Symbolic, world: World, variables: Mapping[str, Variable]
) -> Scalar:
    """What must hold so that every number in a value is one of its sort."""
    match sort, value:
        case Optional(of=of), _:
            option = as_option(value)  # a plain value is one that is there
            if option.value is None:
                return TRUE
            return either(negation(option.present), within_sort(of, option.value, world, variables))
        case Record(fields=parts), SymbolicRecord(of):
            return both(*(within_sort(p.sort, of[p.name], world, variables) for p in parts))
        case Map(value=inside), SymbolicMap(of):
            entry = Optional(inside)
            return both(*(within_sort(entry, item, world, variables) for item in of.values()))
        case Integer(), _ if not isinstance(value, Structure):
            return _in_range(sort, value, world, variables)
    return TRUE


def _put_back(world: World) -> dict[str, Scalar]:
    """The numbers that are forgotten, as what they are put back to."""
    return {
        str(Path.of(item.name, name)): constant(value)
        for item in world.instances
        for name, value in item.forgets
        if isinstance(value, int)
    }


def _in_range(
    sort: Integer, number: Scalar, world: World, variables: Mapping[str, Variable]
) -> Scalar:
    number = substitute(number, _put_back(world))
    if any(is_forgotten(world, variables[name].path) for name in variables_in(number)):
        return TRUE  # a part of something larger
    low, high = range_of(number, variables)
    return both(
        TRUE if sort.low <= low else compare(">=", number, constant(sort.low)),
        TRUE if high <= sort.high else compare("<=", number, constant(sort.high)),
    )
