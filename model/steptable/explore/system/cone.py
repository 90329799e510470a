"""The cone of influence: which variables and choices make a difference, and which do not.

What no condition and no property depends on, directly or through other variables, is not
stored; choices that make no difference are counted, not made. What is dropped so may hold
instants and numbers beyond those of the world, which stand for others; it is an error all the
same if a number leaves the range that its own sort declares, or a variable of the world its domain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod

from steptable import expr
from steptable.explore.system.transitions import Case, names_in
from steptable.partial.domain_bounds import limits
from steptable.partial.scalar import Scalar, both, compare, constant, either
from steptable.partial.shapes import Variable


def influence(
    known: Mapping[str, Variable], cases: list[Case], others: Iterable[Scalar]
) -> set[str]:
    """The variables on which some condition or property depends, directly or through others."""
    wanted = {name for node in others for name in names_in(node)}
    for case in cases:
        for node in (case.condition, *case.checks.values(), *case.premises.values()):
            wanted |= names_in(node)
        wanted |= names_in(case.kept)
    read = [(target, names_in(node)) for case in cases for target, node in case.updates.items()]
    while True:
        more = {name for target, names in read if target in wanted for name in names} - wanted
        if not more:
            return wanted & set(known)
        wanted |= more


def reduce(
    case: Case, cone: set[str], known: Mapping[str, Variable], parameters: Mapping[str, Variable]
) -> None:
    """Drop what is outside the cone, and count the choices that then make no difference."""
    case.updates = {name: node for name, node in case.updates.items() if name in cone}
    if not names_in(case.limits) <= cone | set(parameters):
        # What nothing depends on is not stored, and the world's bounds do not concern it.
        case.limits = both(case.kept, limits(case.updates, {**known, **parameters}))
    used = {name for node in case.nodes() for name in names_in(node)}
    every = [v for name, v in parameters.items() if name.startswith(case.prefix)]
    for presence in [v for v in every if v.name.endswith("?")]:
        inside = [v for v in every if _is_within(v.name, presence.name[:-1])]
        if not used & {v.name for v in inside}:
            case.weight *= _ways(inside)
            every = [v for v in every if v not in inside]
            continue
        # The values of what is absent make no difference, so one of them stands for all.
        values = [v for v in inside if v is not presence and len(v.domain) > 1]
        absent = (compare("==", expr.Bound(v.name), constant(v.domain[0])) for v in values)
        holds = either(expr.Bound(presence.name), both(*absent))
        case.condition = both(case.condition, holds)
        used |= names_in(holds)
    case.parameters = tuple(variable for variable in every if variable.name in used)
    case.weight *= prod(len(v.domain) for v in every if v.name not in used)


def _ways(choices: list[Variable]) -> int:
    """How many choices some variables stand for: one for what is absent, whatever it might hold."""
    if not choices:
        return 1
    first, *others = choices
    if not first.name.endswith("?"):
        return len(first.domain) * _ways(others)
    inside = [v for v in others if _is_within(v.name, first.name[:-1])]
    return (1 + _ways(inside)) * _ways([v for v in others if v not in inside])


def _is_within(name: str, path: str) -> bool:
    """Whether a variable is the presence or a part of the optional value at a path."""
    return name == path or name.startswith((f"{path}?", f"{path}.", f"{path}["))
