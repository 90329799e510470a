"""A world as a transition system: finite variables, and what each action does to them.

Much of it is decided while the system is built, since what never changes is a constant (`values`),
and so is the machine state that an event meets (`actions`). What is left is over scalars, and is
checked on each step. Only variables that a condition or a property depends on are kept (`cone`).
"""

from __future__ import annotations

from steptable.explore.system.actions import ActionTransitions
from steptable.explore.system.cone import influence, reduced
from steptable.explore.system.forgetting import is_forgotten, refuse_forgotten
from steptable.explore.system.properties import WorldProperties
from steptable.explore.system.transitions import TransitionSystem
from steptable.explore.system.unbounded import refuse_unbounded
from steptable.explore.system.values import WorldValues
from steptable.world import World


def build(world: World) -> TransitionSystem:
    """The transition system of a world. Raises `SpecError` for what has no finite domain."""
    values, properties = WorldValues(world), WorldProperties(world)
    action_transitions = ActionTransitions(world, values, properties)
    transitions = [
        transition
        for number, action in enumerate(world.actions)
        for transition in action_transitions.of(number, action)
    ]
    evaluator = values.evaluator(values.base)
    conditions = properties.state_checks(evaluator)
    premises = properties.state_premises(evaluator)
    terminal = evaluator.scalar(world.may_end)
    stored = values.stored
    cone = influence(stored, transitions, [*conditions.values(), *premises.values(), terminal])
    for transition in transitions:
        reduced(transition, cone, stored, values.parameters)
    variables = tuple(variable for name, variable in stored.items() if name in cone)
    refuse_unbounded(
        world,
        (variable for variable in variables if not is_forgotten(world, variable.path)),
        (
            (transition.action, parameter)
            for transition in transitions
            for parameter in transition.parameters
        ),
    )
    system = TransitionSystem(
        world,
        variables,
        values.parameters,
        transitions,
        conditions,
        properties.premises,
        premises,
        terminal,
    )
    refuse_forgotten(system)
    system.initial = [(state, system.project(state)) for state in values.starts]
    return system
