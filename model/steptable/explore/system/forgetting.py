"""Whether what instances forget makes no difference, which is checked and not believed.

A forgotten field is a variable like any other while a system is built. Where an action numbers
an event relative to the field, as `host.last + 1`, the comparison of that number with the field
does not depend on it, and the field is gone from it: `last + 1 > last` is `1 > 0`. If it is gone
from everything that is kept, a world that remembers it goes the same ways as one that forgets.
"""

from __future__ import annotations

from collections.abc import Iterator, Set

from steptable.errors import Fault, SpecError
from steptable.explore.system.keys import Meetable, keyed
from steptable.explore.system.transitions import TransitionSystem, variables_in
from steptable.partial.paths import Path
from steptable.partial.scalar import Scalar
from steptable.world import World


def is_forgotten(world: World, path: Path) -> bool:
    """Whether a path leads to or into a field that its instance forgets."""
    names = path.names[:2]
    return any((item.name, field) == names for item in world.instances for field, _ in item.forgets)


def refuse_forgotten(system: TransitionSystem) -> None:
    """Raise `SpecError` for each forgotten field that something depends on, with what does."""
    world = system.world
    stored = {variable.name: variable.path for variable in system.variables}
    forgotten = {name: path for name, path in stored.items() if is_forgotten(world, path)}
    if not forgotten:
        return
    faults = []
    for reader, node in _readers(system, stored.keys() - forgotten):
        for name in sorted(variables_in(node) & forgotten.keys()):
            instance, field = forgotten[name].names[:2]
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


def _readers(system: TransitionSystem, kept: Set[str]) -> Iterator[tuple[str, Scalar]]:
    """Everything that an engine computes, each with what to call it."""
    promised = {key: f"property '{item.name}'" for key, item in keyed(system.world).items()}
    asked: dict[Meetable, str] = {
        premise: promised[key]
        for key, premises in system.premises.needed.items()
        for premise in premises
    }
    for transition in system.transitions:
        action = f"action '{transition.action.name}'"
        yield action, transition.guard
        yield action, transition.required_bounds
        yield from ((promised[key], node) for key, node in transition.checks.items())
        # Effects are noted among premises, and are the action's own.
        yield from ((asked.get(met, action), node) for met, node in transition.premises.items())
        for target, node in transition.assignments.items():
            if target in kept:
                yield f"what {action} makes of '{target}'", node
    yield from ((promised[key], node) for key, node in system.conditions.items())
    yield from ((asked[premise], node) for premise, node in system.premise_conditions.items())
    yield "where the world may end", system.terminal
