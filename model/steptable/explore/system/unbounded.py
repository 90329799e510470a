"""Whether all numbers that something depends on have a finite domain in a world."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from steptable.errors import Fault, SpecError
from steptable.partial.variables import Variable, is_stand_in
from steptable.world import Action, World

_PROBLEM: Final = "has no finite domain, yet something depends on it"


def refuse_unbounded(
    world: World, stored: Iterable[Variable], chosen: Iterable[tuple[Action, Variable]]
) -> None:
    """Raise `SpecError` for each integer that only a stand-in bounds.

    `stored` are the variables of states; `chosen` are choices with their action, both of
    them such that something depends on them.
    """
    if not world.bounds.numbers:
        faults = [*_stored(world, stored), *_chosen(world, chosen)]
        if faults:
            raise SpecError(faults)


def _stored(world: World, variables: Iterable[Variable]) -> Iterator[Fault]:
    places = {item.name: item.at for item in world.instances}
    places |= {item.name: item.at for item in world.variables}
    for variable in filter(is_stand_in, variables):
        owner = variable.path.root
        where = f"world '{world.name}', '{owner}'"
        # Every place of a queue, and every key of a map, is the same declaration.
        problem, advice = (
            f"'{variable.path.declaration}' {_PROBLEM}",
            "bound its numbers, or forget it",
        )
        yield Fault(places[owner], where, problem, advice, "unbounded")


def _chosen(world: World, choices: Iterable[tuple[Action, Variable]]) -> Iterator[Fault]:
    for action, variable in choices:
        if is_stand_in(variable):
            where = f"world '{world.name}', action '{action.name}'"
            name = variable.path.after(variable.path.parent)
            problem = f"its choice of '{name}' {_PROBLEM}"
            advice = "compute it in the action, or bound its numbers"
            yield Fault(action.at, where, problem, advice, "unbounded")
