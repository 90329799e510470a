"""A world as a transition system: finite variables, and what each action does to them.

A *case* is one way an action can go: by which rows its events go, or that they are refused.
It has a condition, the new values of variables, and what must hold for each property, all
over scalars. Much of that is decided while the system is built: the machine state of each
instance that an action reaches is a constant there, so an illegal event is refused outright,
and a property that speaks of other states is satisfied. What is left is checked on each step.

Only variables that a condition or a property depends on are kept (the cone of influence).
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from steptable import expr
from steptable.explore.system.cone import influence, reduced
from steptable.explore.system.events import EventOutcome, IncomingEvent, assigned
from steptable.explore.system.forgetting import is_forgotten, refuse_forgotten
from steptable.explore.system.given import within_sort
from steptable.explore.system.premises import Premises
from steptable.explore.system.starts import starts_of
from steptable.explore.system.transitions import (
    CHOICE,
    EMITTED,
    DeliveredEvent,
    Transition,
    TransitionSystem,
    choice_root,
    choice_sort,
    effects_of,
    event_path,
    policy_path,
)
from steptable.explore.system.unbounded import refuse_unbounded
from steptable.machine import Event
from steptable.partial.assignments import assignments, fits
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
from steptable.partial.shapes import Decomposer
from steptable.partial.symbolic import (
    Symbolic,
    SymbolicOptional,
    SymbolicRecord,
    SymbolicVariant,
    choice,
)
from steptable.partial.variables import Variable, has_range
from steptable.sorts import Record, Sort, Symbol
from steptable.world import Action, Delivery, Instance, World


def build(world: World) -> TransitionSystem:
    """The transition system of a world. Raises `SpecError` for what has no finite domain."""
    return _Builder(world).build()


@dataclass
class _PartialStep:
    """An action under way: what must have been the case, the state so far, what was taken."""

    condition: Scalar
    env: dict[str, Symbolic]
    taken: tuple[DeliveredEvent, ...] = ()
    checks: tuple[tuple[int, Scalar, Scalar], ...] = ()
    """Of properties over events what must hold, and of premises when they are met, by index."""
    given: Scalar = TRUE
    """What must hold so that events and policies are within their own sorts."""


class _Builder:
    def __init__(self, world: World) -> None:
        self.world = world
        self.premises = Premises.of_world(world)
        self.shaper = Decomposer(world.bounds)
        self.starts = list(starts_of(world))
        self.parameters: dict[str, Variable] = {}
        self.known = ChainMap(self.parameters, self.shaper.variables)
        """Every variable, as far as it has been declared."""
        self.base = self._base()
        self.first = {name: variable.domain[0] for name, variable in self.shaper.variables.items()}

    def build(self) -> TransitionSystem:
        transitions = [
            transition
            for n, action in enumerate(self.world.actions)
            for transition in self._transitions(n, action)
        ]
        of_states = {
            index: item
            for index, item in enumerate(self.world.properties)
            if item.scope in ("state", "run")
        }
        evaluator = self._evaluator(self.base)
        judged = {i: evaluator.scalar(item.condition) for i, item in of_states.items()}
        asked = self.premises.of_scopes("state", "run")
        met = {index: evaluator.scalar(item.condition) for index, item in asked.items()}
        terminal = TRUE if self.world.terminal is None else evaluator.scalar(self.world.terminal)
        known = self.shaper.variables
        others = [*judged.values(), *met.values(), terminal]
        cone = influence(known, transitions, others)
        for transition in transitions:
            reduced(transition, cone, known, self.parameters)
        variables = tuple(v for name, v in known.items() if name in cone)
        chosen = (
            (transition.action, item)
            for transition in transitions
            for item in transition.parameters
        )
        refuse_unbounded(
            self.world, (v for v in variables if not is_forgotten(self.world, v.path)), chosen
        )
        system = TransitionSystem(
            self.world,
            variables,
            self.parameters,
            transitions,
            judged,
            self.premises,
            met,
            terminal,
        )
        refuse_forgotten(system)
        system.initial = [(state, system.project(state)) for state in self.starts]
        return system

    # ── Values ───────────────────────────────────────────────────────────────────────

    def _base(self) -> dict[str, Symbolic]:
        """Every instance and variable, with constants for what never changes."""
        base: dict[str, Symbolic] = {}
        for instance in self.world.instances:
            machine = instance.machine
            changing = {name for row in machine.rows for name, _ in row.sets}
            changing |= {machine.state_field.name, machine.numbering.record_field}
            # An action may put a whole record in place of another.
            if any(name == instance.name for name in self._set_names()):
                changing |= set(machine.record.names)
            # What is forgotten may be anything: nothing is to depend on it.
            changing |= {name for name, _ in instance.forgets}
            parts = {
                part.name: self._part(
                    Path.of(instance.name, part.name), part.sort, changes=part.name in changing
                )
                for part in sorted(machine.record, key=lambda p: p.name != machine.state_field.name)
            }
            base[instance.name] = SymbolicRecord(
                {name: parts[name] for name in machine.record.names}
            )
        for variable in self.world.variables:
            base[variable.name] = self._part(
                Path.of(variable.name), variable.sort, changes=variable.name in self._set_names()
            )
        return base

    def _set_names(self) -> set[str]:
        reactions = [sets for item in self.world.instances for _, sets in item.reactions]
        actions = [action.sets for action in self.world.actions]
        return {name for sets in (*reactions, *actions) for name, _ in sets}

    def _part(self, path: Path, sort: Sort, *, changes: bool) -> Symbolic:
        read = _reader(path.names)
        seen = {repr(read(state)): read(state) for state in self.starts}
        if not changes and len(seen) == 1:
            return self.shaper.concrete(sort, next(iter(seen.values())))
        return self.shaper.shape(path, sort, read)

    def _choices(self, path: Path, record: Record) -> SymbolicRecord:
        """Values that the environment chooses for one action."""
        decomposer = Decomposer(self.world.bounds)
        shape = decomposer.shape(path, record, lambda whole: whole)
        self.parameters |= decomposer.variables
        assert isinstance(shape, SymbolicRecord)
        return shape

    def _evaluator(self, env: dict[str, Symbolic]) -> PartialEvaluator:
        return PartialEvaluator(env, self.known, self.shaper)

    # ── Actions ──────────────────────────────────────────────────────────────────────

    def _transitions(self, number: int, action: Action) -> Iterator[Transition]:
        root = choice_root(number)
        chosen = self._choices(root.joined(CHOICE), choice_sort(action))
        involved = list(dict.fromkeys(delivery.instance for delivery in action.deliveries))
        machines = [self.world.instance(name).machine for name in involved]
        for states in product(*(machine.state_sort.values for machine in machines)):
            env = dict(self.base)
            known = []
            for name, machine, state in zip(involved, machines, states, strict=True):
                record, holder = self.base[name], machine.state_field.name
                assert isinstance(record, SymbolicRecord)
                current = record.of[holder]
                assert isinstance(current, expr.Node)
                known.append(compare("==", current, constant(state)))
                env[name] = SymbolicRecord({**record.of, holder: constant(state)})
            yield from self._in_states(action, root, env, both(*known), chosen)

    def _in_states(
        self,
        action: Action,
        root: Path,
        env: dict[str, Symbolic],
        known: Scalar,
        chosen: SymbolicRecord,
    ) -> Iterator[Transition]:
        evaluator = self._evaluator({**env, "choice": chosen})
        condition = both(known, evaluator.scalar(action.guard))
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
        known = known_from(run.condition)
        checks: dict[int, Scalar] = {}
        premises: dict[int, Scalar] = {}
        for index, condition, when in (*run.checks, *self._step_checks(action, env, run)):
            holds, premise = simplify(condition, known), simplify(when, known)
            if not is_true(holds):
                checks[index] = both(checks.get(index, TRUE), holds)
            if not is_false(premise):
                premises[index] = either(premises.get(index, FALSE), premise)
        updates, fit = self._stored(env, run.env)
        variables = self.shaper.variables | self.parameters
        lasting = {name: node for name, node in updates.items() if self._keeps_bounds(name)}
        kept = simplify(both(fit, run.given, within_domains(lasting, variables)), known)
        room = both(kept, simplify(within_domains(updates, variables), known))
        return Transition(
            action, root, run.taken, run.condition, updates, checks, premises, room, kept
        )

    def _keeps_bounds(self, name: str) -> bool:
        """Whether a variable must keep its bounds even if nothing depends on it.

        It is one of the world, declared for its bounds; or a number with a range of its own; or a
        text, which is one of a few. What is forgotten has none.
        """
        variable = self.shaper.variables[name]
        of_record = any(variable.path.root == item.name for item in self.world.instances)
        lasts = not of_record or has_range(variable) or isinstance(variable.sort, Symbol)
        return lasts and not is_forgotten(self.world, variable.path)

    def _step_checks(
        self, action: Action, env: dict[str, Symbolic], run: _PartialStep
    ) -> Iterator[tuple[int, Scalar, Scalar]]:
        ends: dict[str, Symbolic] = {
            "before": SymbolicRecord(env),
            "after": SymbolicRecord(run.env),
            "action": constant(action.name),
        }
        evaluator = self._evaluator(ends)
        for index, item in enumerate(self.world.properties):
            if item.scope == "step":
                yield index, evaluator.scalar(item.condition), FALSE
        for index, premise in self.premises.of_scopes("step").items():
            yield index, TRUE, evaluator.scalar(premise.condition)

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
        given = {name: evaluator.evaluate(node) for name, node in delivery.policy}
        run = replace(run, given=both(run.given, self._within(machine.policy, given)))
        free = Record("policy", tuple(p for p in machine.policy if p.name not in given))
        policy = assigned(self._choices(policy_choices, free).of, given)
        for event, holds, fields in self._events(event_choices, delivery, evaluator):
            condition = both(run.condition, holds)
            if not is_false(condition):
                reach = IncomingEvent(machine, event, fields, policy, self.known, self.shaper)
                names = dict(delivery.fields)
                own = {name: value for name, value in fields.of.items() if name in names}
                fit = both(run.given, self._within(event.fields, own))
                yield from self._applied(
                    instance, reach, replace(run, condition=condition, given=fit)
                )

    def _within(self, record: Record, given: Mapping[str, Symbolic]) -> Scalar:
        """What must hold so that given fields are values of their own sorts."""
        variables = self.shaper.variables | self.parameters
        parts = (part for part in record if part.name in given)
        return both(*(within_sort(p.sort, given[p.name], self.world, variables) for p in parts))

    def _events(
        self, choices: Path, delivery: Delivery, evaluator: PartialEvaluator
    ) -> Iterator[tuple[Event, Scalar, SymbolicRecord]]:
        """The event that is delivered, or each that a payload can be, with its condition."""
        machine = self.world.instance(delivery.instance).machine
        if delivery.event is not None:
            event = machine.event(delivery.event)
            given = {name: evaluator.evaluate(node) for name, node in delivery.fields}
            free = Record(event.name, tuple(p for p in event.fields if p.name not in given))
            yield event, TRUE, assigned(self._choices(choices, free).of, given)
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
        self, instance: Instance, reach: IncomingEvent, run: _PartialStep
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
                    yield from self._applied(instance, reach, so)
            return
        for way in reach.outcomes(record):
            condition = both(run.condition, way.condition)
            if is_false(condition):
                continue
            yield _PartialStep(
                condition,
                self._reacted(instance, way, {**run.env, instance.name: way.after}),
                (*run.taken, DeliveredEvent(instance.name, reach.event, way.row)),
                (
                    *run.checks,
                    *self._event_checks(instance, reach, record, way),
                    *self._emissions(instance, way),
                ),
                run.given,
            )

    def _reacted(
        self, instance: Instance, way: EventOutcome, env: dict[str, Symbolic]
    ) -> dict[str, Symbolic]:
        """What the world makes of the effects, one after another."""
        reactions = dict(instance.reactions)
        for effect, holds, fields in way.emitted:
            if effect in reactions:
                evaluator = self._evaluator({**env, "effect": fields})
                sets = self._set(evaluator, reactions[effect])
                env |= {name: choice(holds, value, env[name]) for name, value in sets.items()}
        return env

    def _emissions(
        self, instance: Instance, way: EventOutcome
    ) -> Iterator[tuple[int, Scalar, Scalar]]:
        """Each kind of effect that is produced, noted like the premise of a property."""
        known = effects_of(self.world)
        for effect, holds, _ in way.emitted:
            yield EMITTED - known.index((instance.name, effect)), TRUE, holds

    def _event_checks(
        self, instance: Instance, reach: IncomingEvent, record: SymbolicRecord, way: EventOutcome
    ) -> Iterator[tuple[int, Scalar, Scalar]]:
        env = reach.env(record, way)
        evaluator = PartialEvaluator(env, self.known, self.shaper, reach.rerun)
        for index, item in enumerate(self.world.properties):
            if (
                item.scope == "event"
                and item.fact in (None, reach.event.fact)
                and item.instance in (None, instance.name)
            ):
                yield index, evaluator.scalar(item.condition), FALSE
        for index, premise in self.premises.of_scopes("event").items():
            if premise.is_of(reach.event.fact, instance.name):
                yield index, TRUE, evaluator.scalar(premise.condition)

    # ── Variables ────────────────────────────────────────────────────────────────────

    def _stored(
        self, before: dict[str, Symbolic], after: dict[str, Symbolic]
    ) -> tuple[dict[str, Scalar], Scalar]:
        """What each variable becomes, where it changes; and whether the values fit their places."""
        updates: dict[str, Scalar] = {}
        fit: list[Scalar] = []
        for path, shape, value in self._changed(before, after):
            updates |= assignments(shape, value, self.first)
            if not is_forgotten(self.world, path):
                fit.append(fits(shape, value))
        moved = {name: node for name, node in updates.items() if node != expr.Bound(name)}
        return moved, both(*fit)

    def _changed(
        self, before: dict[str, Symbolic], after: dict[str, Symbolic]
    ) -> Iterator[tuple[Path, Symbolic, Symbolic]]:
        """The variables of the world, and the fields of records, that change: shape and value."""
        instances = {item.name for item in self.world.instances}
        for name, value in after.items():
            shape, old = self.base[name], before[name]
            if name not in instances:
                if value is not old:
                    yield Path.of(name), shape, value
                continue
            assert isinstance(shape, SymbolicRecord)
            assert isinstance(old, SymbolicRecord)
            assert isinstance(value, SymbolicRecord)
            for part, new in value.of.items():
                if new is not old.of[part]:
                    yield Path.of(name, part), shape.of[part], new


def _reader(path: tuple[str, ...]) -> Any:
    def read(whole: Any) -> Any:
        for name in path:
            whole = whole[name]
        return whole

    return read
