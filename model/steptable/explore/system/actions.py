"""The transitions of the actions of a world, over scalars.

A transition is of one outcome of an action: by which rows its events go, or that they are refused.
It begins with the machine state of each instance that the action reaches as a constant, so that an
illegal event is refused outright, and a property that speaks of other states is satisfied.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from steptable import expr
from steptable.explore.system.events import EventOutcome, IncomingEvent, assigned
from steptable.explore.system.keys import EffectKey, Meetable, PropertyKey
from steptable.explore.system.properties import WorldProperties
from steptable.explore.system.transitions import (
    CHOICE,
    DeliveredEvent,
    Transition,
    choice_root,
    choice_sort,
    event_path,
    policy_path,
)
from steptable.explore.system.values import WorldValues
from steptable.machine import Event
from steptable.partial.domain_bounds import within_domains
from steptable.partial.evaluator import PartialEvaluator
from steptable.partial.paths import Path
from steptable.partial.scalar import (
    FALSE,
    TRUE,
    Scalar,
    both,
    compare,
    constant,
    either,
    is_false,
    is_true,
    known_from,
    simplify,
)
from steptable.partial.symbolic import (
    Symbolic,
    SymbolicOptional,
    SymbolicRecord,
    SymbolicVariant,
    choice,
)
from steptable.sorts import Record
from steptable.world import Action, Delivery, Instance, World


@dataclass
class _PartialStep:
    """An action under way: what must have been the case, the state so far, what was taken."""

    condition: Scalar
    env: dict[str, Symbolic]
    taken: tuple[DeliveredEvent, ...] = ()
    checks: tuple[tuple[PropertyKey, Scalar], ...] = ()
    """What must hold for properties over events."""
    premises: tuple[tuple[Meetable, Scalar], ...] = ()
    """When their premises are met, and effects emitted."""
    within_own_sorts: Scalar = TRUE
    """What must hold so that events and policies are within their own sorts."""


class ActionTransitions:
    """The transitions of the actions of a world."""

    def __init__(self, world: World, values: WorldValues, properties: WorldProperties) -> None:
        self.world = world
        self.values = values
        self.properties = properties

    def of(self, number: int, action: Action) -> Iterator[Transition]:
        """The transitions of an action, by its number."""
        root = choice_root(number)
        chosen = self.values.choices(root.joined(CHOICE), choice_sort(action))
        involved = list(dict.fromkeys(delivery.instance for delivery in action.deliveries))
        machines = [self.world.instance(name).machine for name in involved]
        for states in product(*(machine.state_sort.values for machine in machines)):
            env = dict(self.values.base)
            in_states = []
            for name, machine, state in zip(involved, machines, states, strict=True):
                record, holder = self.values.base[name], machine.state_field.name
                assert isinstance(record, SymbolicRecord)
                current = record.of[holder]
                assert isinstance(current, expr.Node)
                in_states.append(compare("==", current, constant(state)))
                env[name] = SymbolicRecord({**record.of, holder: constant(state)})
            yield from self._in_states(action, root, env, both(*in_states), chosen)

    def _in_states(
        self,
        action: Action,
        root: Path,
        env: dict[str, Symbolic],
        in_states: Scalar,
        chosen: SymbolicRecord,
    ) -> Iterator[Transition]:
        evaluator = self.values.evaluator({**env, "choice": chosen})
        condition = both(in_states, evaluator.scalar(action.guard))
        if is_false(condition):
            return
        sets = self._set(evaluator, action.sets)
        runs = [_PartialStep(condition, {**env, **sets})]
        for number, delivery in enumerate(action.deliveries):
            event, policy = root.joined(event_path(number)), root.joined(policy_path(number))
            runs = [
                after
                for run in runs
                for after in self._delivered(delivery, event, policy, evaluator, run)
            ]
        for run in runs:
            yield self._transition(action, root, env, run)

    def _set(
        self, evaluator: PartialEvaluator, sets: Iterable[tuple[str, expr.Node]]
    ) -> dict[str, Symbolic]:
        return {name: evaluator.evaluate(node) for name, node in sets}

    def _transition(
        self, action: Action, root: Path, env: dict[str, Symbolic], run: _PartialStep
    ) -> Transition:
        established = known_from(run.condition)
        of_step = self._of_step(action, env, run)
        checks: dict[PropertyKey, Scalar] = {}
        for key, condition in (*run.checks, *self.properties.step_checks(of_step)):
            holds = simplify(condition, established)
            if not is_true(holds):
                checks[key] = both(checks.get(key, TRUE), holds)
        premises: dict[Meetable, Scalar] = {}
        for met, condition in (*run.premises, *self.properties.step_premises(of_step)):
            holds = simplify(condition, established)
            if not is_false(holds):
                premises[met] = either(premises.get(met, FALSE), holds)
        updates, fit = self.values.updates(env, run.env)
        variables = self.values.variables
        lasting = {name: node for name, node in updates.items() if self.values.keeps_bounds(name)}
        required_bounds = simplify(
            both(fit, run.within_own_sorts, within_domains(lasting, variables)), established
        )
        within_bounds = both(
            required_bounds, simplify(within_domains(updates, variables), established)
        )
        return Transition(
            action,
            root,
            run.taken,
            run.condition,
            updates,
            checks,
            premises,
            within_bounds,
            required_bounds,
        )

    def _of_step(
        self, action: Action, env: dict[str, Symbolic], run: _PartialStep
    ) -> PartialEvaluator:
        """What properties over steps speak of."""
        return self.values.evaluator(
            {
                "before": SymbolicRecord(env),
                "after": SymbolicRecord(run.env),
                "action": constant(action.name),
            }
        )

    # ── Events ───────────────────────────────────────────────────────────────────────

    def _delivered(
        self,
        delivery: Delivery,
        event_choices: Path,
        policy_choices: Path,
        evaluator: PartialEvaluator,
        run: _PartialStep,
    ) -> Iterator[_PartialStep]:
        instance = self.world.instance(delivery.instance)
        machine = instance.machine
        policy_fields = {name: evaluator.evaluate(node) for name, node in delivery.policy}
        run = replace(
            run,
            within_own_sorts=both(
                run.within_own_sorts, self.values.within_sorts(machine.policy, policy_fields)
            ),
        )
        free = Record("policy", tuple(p for p in machine.policy if p.name not in policy_fields))
        policy = assigned(self.values.choices(policy_choices, free).of, policy_fields)
        for event, holds, fields in self._events(event_choices, delivery, evaluator):
            condition = both(run.condition, holds)
            if not is_false(condition):
                incoming = IncomingEvent(
                    machine, event, fields, policy, self.values.variables, self.values.decomposer
                )
                names = dict(delivery.fields)
                own = {name: value for name, value in fields.of.items() if name in names}
                fit = both(run.within_own_sorts, self.values.within_sorts(event.fields, own))
                yield from self._applied(
                    instance, incoming, replace(run, condition=condition, within_own_sorts=fit)
                )

    def _events(
        self, choices: Path, delivery: Delivery, evaluator: PartialEvaluator
    ) -> Iterator[tuple[Event, Scalar, SymbolicRecord]]:
        """The event that is delivered, or each that a payload can be, with its condition."""
        machine = self.world.instance(delivery.instance).machine
        if delivery.event is not None:
            event = machine.event(delivery.event)
            event_fields = {name: evaluator.evaluate(node) for name, node in delivery.fields}
            free = Record(event.name, tuple(p for p in event.fields if p.name not in event_fields))
            yield event, TRUE, assigned(self.values.choices(choices, free).of, event_fields)
            return
        assert delivery.payload is not None
        assert machine.wire is not None
        payload = evaluator.evaluate(delivery.payload)
        present: Scalar = TRUE
        if isinstance(payload, SymbolicOptional):
            present, payload = payload.present, payload.value or FALSE
        assert isinstance(payload, SymbolicVariant)
        for fact in machine.facts:
            event = machine.half(fact, machine.wire.receiver)
            holds = both(present, compare("==", payload.kind, constant(fact.name)))
            own = {name: payload.fields[name] for name in event.fields.names}
            yield event, holds, SymbolicRecord(own)

    def _applied(
        self, instance: Instance, incoming: IncomingEvent, run: _PartialStep
    ) -> Iterator[_PartialStep]:
        record = run.env[instance.name]
        assert isinstance(record, SymbolicRecord)
        holder = instance.machine.state_field.name
        state = record.of[holder]
        assert isinstance(state, expr.Node)
        if not isinstance(state, expr.Const):
            # The action has just put another record in its place.
            for value in instance.machine.state_sort.values:
                condition = both(run.condition, compare("==", state, constant(value)))
                known = SymbolicRecord({**record.of, holder: constant(value)})
                env = {**run.env, instance.name: known}
                if not is_false(condition):
                    so = replace(run, condition=condition, env=env)
                    yield from self._applied(instance, incoming, so)
            return
        for outcome in incoming.outcomes(record):
            condition = both(run.condition, outcome.condition)
            if is_false(condition):
                continue
            env = incoming.env(record, outcome)
            evaluator = self.values.evaluator(env, incoming.rerun)
            emitted = (
                (EffectKey(instance.name, name), holds) for name, holds, _ in outcome.emitted
            )
            yield _PartialStep(
                condition,
                self._reacted(instance, outcome, {**run.env, instance.name: outcome.after}),
                (*run.taken, DeliveredEvent(instance.name, incoming.event, outcome.row)),
                (*run.checks, *self.properties.event_checks(instance, incoming.event, evaluator)),
                (
                    *run.premises,
                    *self.properties.event_premises(instance, incoming.event, evaluator),
                    *emitted,
                ),
                run.within_own_sorts,
            )

    def _reacted(
        self, instance: Instance, outcome: EventOutcome, env: dict[str, Symbolic]
    ) -> dict[str, Symbolic]:
        """What the world makes of the effects, one after another."""
        reactions = dict(instance.reactions)
        for effect, holds, fields in outcome.emitted:
            if effect in reactions:
                evaluator = self.values.evaluator({**env, "effect": fields})
                sets = self._set(evaluator, reactions[effect])
                env |= {name: choice(holds, value, env[name]) for name, value in sets.items()}
        return env
