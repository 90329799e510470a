"""Whether what instances forget makes no difference, which is checked and not believed.

A forgotten field is a variable like any other while a system is built. Where an action numbers
an event relative to the field, as `host.last + 1`, the comparison of that number with the field
does not depend on it, and the field is gone from it: `last + 1 > last` is `1 > 0`. If it is gone
from everything that is kept, a world that remembers it goes the same ways as one that forgets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from steptable.errors import Fault, SpecError
from steptable.explore.cases import Case, names_in
from steptable.explore.scalar import Scalar
from steptable.world import World


def is_forgotten(world: World, path: str) -> bool:
    """Whether a variable is part of a field that its instance forgets."""
    return any(
        re.match(rf"{re.escape(f'{item.name}.{field}')}(?![^.?#\[])", path)
        for item in world.instances
        for field, _ in item.forgets
    )


def refuse_forgotten(
    world: World,
    cone: Set[str],
    cases: Iterable[Case],
    over_states: Iterable[tuple[int, Scalar]],
    terminal: Scalar,
) -> None:
    """Raise `SpecError` for each forgotten field that something depends on, with what does."""
    forgotten = {name for name in cone if is_forgotten(world, name)}
    if not forgotten:
        return
    faults = []
    for reader, node in _readers(world, cone, cases, over_states, terminal):
        for name in sorted(names_in(node) & forgotten):
            instance, field = name.split(".")[:2]
            field = re.split(r"[?#\[]", field)[0]
            faults.append(
                Fault(
                    world.instance(instance).at,
                    f"world '{world.name}', instance '{instance}'",
                    f"'{field}' is forgotten, yet {reader} depends on it",
                    "keep it, and bound its numbers; or read it only relative to what it is "
                    "compared with",
                    "forgotten",
                )
            )
    raise SpecError(faults)


def _readers(
    world: World,
    cone: Set[str],
    cases: Iterable[Case],
    over_states: Iterable[tuple[int, Scalar]],
    terminal: Scalar,
) -> Iterator[tuple[str, Scalar]]:
    """Everything that an engine computes, each with what to call it."""
    for case in cases:
        action = f"action '{case.action.name}'"
        yield action, case.condition
        yield action, case.kept
        for index, node in (*case.checks.items(), *case.premises.items()):
            # Effects are noted among them, below every index of a property.
            yield (f"property '{world.properties[index].name}'" if index >= 0 else action), node
        for target, node in case.updates.items():
            if target in cone and not is_forgotten(world, target):
                yield f"what {action} makes of '{target}'", node
    for index, node in over_states:
        yield f"property '{world.properties[index].name}'", node
    yield "where the world may end", terminal
