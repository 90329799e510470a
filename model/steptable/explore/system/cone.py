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
from steptable.explore.system.transitions import Transition, variables_in
from steptable.partial.domain_bounds import within_domains
from steptable.partial.scalar import Scalar, both, compare, constant, either
from steptable.partial.variables import Variable


def influence(
    variables: Mapping[str, Variable], transitions: list[Transition], others: Iterable[Scalar]
) -> set[str]:
    """The variables on which some condition or property depends, directly or through others."""
    wanted = {name for node in others for name in variables_in(node)}
    for transition in transitions:
        for node in (transition.guard, *transition.checks.values(), *transition.premises.values()):
            wanted |= variables_in(node)
        wanted |= variables_in(transition.required_bounds)
    read = [
        (target, variables_in(node))
        for transition in transitions
        for target, node in transition.assignments.items()
    ]
    while True:
        more = {name for target, names in read if target in wanted for name in names} - wanted
        if not more:
            return wanted & set(variables)
        wanted |= more


def reduced(
    transition: Transition,
    cone: set[str],
    variables: Mapping[str, Variable],
    parameters: Mapping[str, Variable],
) -> None:
    """Drop what is outside the cone, and count the choices that then make no difference."""
    transition.assignments = {
        name: node for name, node in transition.assignments.items() if name in cone
    }
    if not variables_in(transition.within_bounds) <= cone | set(parameters):
        # What nothing depends on is not stored, and the world's bounds do not concern it.
        transition.within_bounds = both(
            transition.required_bounds,
            within_domains(transition.assignments, {**variables, **parameters}),
        )
    used = {name for node in transition.scalars() for name in variables_in(node)}
    every = [v for v in parameters.values() if v.path.is_within(transition.choice_root)]
    for presence in [v for v in every if v.path.is_presence]:
        inside = [v for v in every if v.path.is_within(presence.path.value)]
        if not used & {v.name for v in inside}:
            transition.multiplicity *= _combinations(inside)
            every = [v for v in every if v not in inside]
            continue
        # The values of what is absent make no difference, so one of them stands for all.
        values = [v for v in inside if v is not presence and len(v.domain) > 1]
        absent = (compare("==", expr.Bound(v.name), constant(v.domain[0])) for v in values)
        holds = either(expr.Bound(presence.name), both(*absent))
        transition.guard = both(transition.guard, holds)
        used |= variables_in(holds)
    transition.parameters = tuple(variable for variable in every if variable.name in used)
    transition.multiplicity *= prod(len(v.domain) for v in every if v.name not in used)


def _combinations(choices: list[Variable]) -> int:
    """How many choices some variables stand for: one for what is absent, whatever it might hold."""
    if not choices:
        return 1
    first, *others = choices
    if not first.path.is_presence:
        return len(first.domain) * _combinations(others)
    inside = [v for v in others if v.path.is_within(first.path.value)]
    return (1 + _combinations(inside)) * _combinations([v for v in others if v not in inside])
