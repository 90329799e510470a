"""Static checks of a world: every fault of a declaration in one run, with file and line.

As with machines, each module asks one question: is every part what its place asks for
(`shape`), can each text stand in every output (`texts`), does a name mean one thing
(`world_names`), do bounds leave values and can they be held (`world_bounds`, `world_sorts`), is
what can change places there (`world_symmetry`), does the world start from whole values
(`world_starts`, `world_values`), do actions and reactions fit (`world_actions`), and do properties
speak of what there is (`world_properties`). What can be read where is said in one place
(`world_scopes`).
"""

from __future__ import annotations

from steptable.errors import Fault, SpecError
from steptable.wellformed.shape import check_shape
from steptable.wellformed.texts import check_texts
from steptable.wellformed.worlds.actions import check_actions
from steptable.wellformed.worlds.bounds import check_bounds
from steptable.wellformed.worlds.names import check_names
from steptable.wellformed.worlds.properties import check_properties
from steptable.wellformed.worlds.sorts import check_sorts
from steptable.wellformed.worlds.starts import check_starts
from steptable.wellformed.worlds.symmetry import check_symmetry
from steptable.world import World


def faults_of_world(world: World) -> tuple[Fault, ...]:
    """Every fault of a world whose machines are well-formed, in the order of the files."""
    misshapen = check_shape(world)
    if misshapen:
        return SpecError(misshapen).faults
    return SpecError(
        [
            *check_texts(world),
            *check_names(world),
            *check_bounds(world),
            *check_sorts(world),
            *check_symmetry(world),
            *check_starts(world),
            *check_actions(world),
            *check_properties(world),
        ]
    ).faults


def require_world(world: World) -> World:
    """The world itself, if nothing is wrong with it; raises `SpecError` with every fault."""
    faults = faults_of_world(world)
    if faults:
        raise SpecError(faults)
    return world
