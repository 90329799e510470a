"""A world as a transition system: finite variables, and for each state what each action does.

A *case* is one way an action can go from one machine state: by a row, or refused. It has
a condition, the new values of variables, and what must hold for each property over
steps, all over scalars. Most of that is decided while the system is built, since
the machine's state is known there: an illegal event is refused outright, and a property
that speaks of other states is satisfied. What is left is checked on each step.

Only variables that a condition or a property depends on are kept (the cone of influence).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from steptable import expr
from steptable.errors import UsageError
from steptable.evaluate import Values, empty
from steptable.explore.shapes import Shaper, Variable, concrete, is_stand_in, scalars
from steptable.explore.symbolic import (
    FALSE,
    TRUE,
    Fields,
    Scalar,
    Symbolic,
    Symbolizer,
    both,
    choice,
    compare,
    constant,
    either,
    is_false,
    is_true,
    known_from,
    negation,
    simplify,
)
from steptable.machine import Event, Machine, Row
from steptable.sorts import Integer, Record
from steptable.world import Action, World


@dataclass
class Case:
    """One way an action can go in one machine state; `row` is None for a refusal."""

    action: Action
    event: Event
    source: str
    row: Row | None
    condition: Scalar
    updates: dict[str, Scalar]
    checks: dict[int, Scalar]
    """For properties over steps that are not decided yet, by index: what must hold."""
    premises: dict[int, Scalar]
    """For properties over steps that are implications: when the premise is met, if ever."""
    parameters: tuple[Variable, ...] = ()
    """The choices of the environment that the case depends on."""
    weight: int = 1
    """How many events this stands for: the product of the domains it does not depend on."""


@dataclass
class System:
    """What an engine needs to know of a world."""

    world: World
    variables: tuple[Variable, ...]
    """Those that are stored, the machine's state first."""
    parameters: dict[str, Variable]
    cases: dict[str, list[Case]]
    """By machine state, in the order of the actions."""
    judged: dict[int, Scalar]
    """For properties over states, by index: the condition."""
    met: dict[int, Scalar]
    """For properties over states that are implications: the premise."""
    initial: list[tuple[Values, tuple[Any, ...]]] = field(default_factory=list)
    """Whole records to start from, with their stored values."""

    def project(self, record: Values) -> tuple[Any, ...]:
        """The stored values of a whole record."""
        return tuple(
            variable.value_in({self.world.instance: record}) for variable in self.variables
        )


def build(world: World) -> System:
    """The transition system of a world."""
    return _Builder(world).build()


@dataclass
class _Way:
    """A case before its properties: where an event leads, and what it emits."""

    row: Row | None
    condition: Scalar
    after: Fields
    emits: dict[str, Symbolic]


class _Builder:
    def __init__(self, world: World) -> None:
        self.world = world
        self.machine: Machine = world.machine
        self.state = self.machine.state_field.name
        self.shaper = Shaper(world.bounds)
        self.starts = list(_starts(world))
        self.record = self._record()
        self.forgotten = dict(world.forgets)
        self.parameters: dict[str, Variable] = {}
        self.policy = self._parameters("policy", self.machine.policy)

    def build(self) -> System:
        cases = {
            state: [
                case
                for action in self.world.actions
                for case in self._cases(action, self.machine.event(action.event), state)
            ]
            for state in self.machine.state_sort.values
        }
        symbolizer = self._symbolizer({self.world.instance: self.record})
        over_states = {
            index: item.condition
            for index, item in enumerate(self.world.properties)
            if item.scope == "state"
        }
        judged = {index: symbolizer.scalar(node) for index, node in over_states.items()}
        met = {i: symbolizer.scalar(premise_of(node)) for i, node in over_states.items()}
        every = [case for group in cases.values() for case in group]
        cone = self._cone(every, [*judged.values(), *met.values()])
        for case in every:
            self._reduce(case, cone)
        variables = tuple(v for name, v in self.shaper.variables.items() if name in cone)
        system = System(self.world, variables, self.parameters, cases, judged, met)
        system.initial = [(record, system.project(record)) for record in self.starts]
        return system

    # ── Values ───────────────────────────────────────────────────────────────────────

    def _record(self) -> Fields:
        """The record; a field that no row sets and all starts agree on is a constant."""
        changing = {name for row in self.machine.rows for name, _ in row.sets} | {self.state}
        parts: dict[str, Symbolic] = {}
        ordered = sorted(self.machine.record, key=lambda part: part.name != self.state)
        for part in ordered:
            seen = {repr(record[part.name]): record[part.name] for record in self.starts}
            if part.name not in changing and len(seen) == 1:
                parts[part.name] = concrete(part.sort, next(iter(seen.values())))
            else:
                read = _reader(self.world.instance, part.name)
                parts[part.name] = self.shaper.shape(
                    f"{self.world.instance}.{part.name}", part.sort, read
                )
        return Fields(parts)

    def _parameters(self, root: str, record: Record) -> Fields:
        """Values that the environment chooses anew for each event."""
        shaper = Shaper(self.world.bounds)
        shape = shaper.shape(root, record, lambda whole: whole.get(root))
        self.parameters |= shaper.variables
        assert isinstance(shape, Fields)
        return shape

    def _values(self, name: str) -> tuple[Any, ...]:
        known = self.parameters.get(name) or self.shaper.variables[name]
        return known.domain

    def _symbolizer(self, env: Mapping[str, Symbolic]) -> Symbolizer:
        return Symbolizer(env, self._values)

    def _event(self, action: Action, event: Event, record: Fields) -> Fields:
        """The event's fields: computed by the action, or chosen by the environment."""
        computed = dict(action.fields)
        chosen = tuple(part for part in event.fields if part.name not in computed)
        free = self._parameters("event", Record(event.name, chosen))
        shaper = Shaper(self.world.bounds)
        choices = {
            name: shaper.shape(f"parameter.{name}", sort, _reader("parameter", name))
            for name, sort in action.parameters
        }
        self.parameters |= shaper.variables
        symbolizer = self._symbolizer({"record": record, "parameter": Fields(choices)})
        fields = {name: symbolizer.evaluate(node) for name, node in computed.items()}
        return Fields({**free.of, **fields})

    # ── Steps ────────────────────────────────────────────────────────────────────────

    def _cases(self, action: Action, event: Event, state: str) -> Iterator[Case]:
        record = Fields({**self.record.of, self.state: constant(state)})
        fields = self._event(action, event, record)
        for way in self._ways(event, fields, record):
            if not is_false(way.condition):
                checks, premises = self._checks(event, fields, record, way)
                updates = self._stored(record, way.after)
                yield Case(action, event, state, way.row, way.condition, updates, checks, premises)

    def _ways(self, event: Event, fields: Fields, record: Fields) -> list[_Way]:
        """What an event does to a record whose state is known: by each row, or nothing."""
        machine, numbering = self.machine, self.machine.numbering
        number, last = fields.of[numbering.event_field], record.of[numbering.record_field]
        assert isinstance(number, expr.Node)
        assert isinstance(last, expr.Node)
        fresh = compare(">", number, last)
        state = record.of[self.state]
        assert isinstance(state, expr.Const)
        ways = []
        for row in machine.rows_of(state.value, event.fact):
            env: dict[str, Symbolic] = {
                "record": record,
                "event": fields,
                "policy": self.policy,
                "row": Fields(
                    {"source": constant(row.source.name), "target": constant(row.target.name)}
                ),
                "fact": Fields(
                    {"time": fields.of[row.fact.time], "durable": constant(row.fact.durable)}
                ),
                "payload": constant(row.fact.name),
            }
            symbolizer = self._symbolizer(env)
            guards = (symbolizer.scalar(guard.condition) for guard in row.guards)
            updates = {name: symbolizer.evaluate(node) for name, node in row.sets}
            updates |= {self.state: constant(row.target.name), numbering.record_field: number}
            after = Fields({**record.of, **updates})
            emits = self._emits(row, event, symbolizer)
            ways.append(_Way(row, both(fresh, *guards), after, emits))
        refused = negation(either(*(way.condition for way in ways)))
        return [*ways, _Way(None, refused, record, {})]

    def _emits(self, row: Row, event: Event, symbolizer: Symbolizer) -> dict[str, Symbolic]:
        """How many effects of each kind a row emits, under the names that properties use."""
        counts: dict[str, Scalar] = {}
        for emission in row.emissions(event.side):
            holds = TRUE if emission.condition is None else symbolizer.scalar(emission.condition)
            name = f"emits {emission.effect.name}"
            before = counts.get(name, constant(0))
            more = _plus_one(before)
            counts[name] = more if is_true(holds) else expr.If(holds, more, before)
        return dict(counts)

    def _checks(
        self, event: Event, fields: Fields, record: Fields, way: _Way
    ) -> tuple[dict[int, Scalar], dict[int, Scalar]]:
        known = known_from(way.condition)
        taken = Fields(
            {
                "accepted": FALSE if way.row is None else TRUE,
                "side": constant(event.side.name),
                "fact": constant(event.fact.name),
                **way.emits,
            }
        )
        env = {"before": record, "after": way.after, "step": taken, "event": fields}
        symbolizer = Symbolizer(
            env, self._values, lambda half, other: self._rerun(event, fields, half, other)
        )
        checks, premises = {}, {}
        for index, item in enumerate(self.world.properties):
            if item.scope == "step" and item.fact in (None, event.fact):
                holds = simplify(symbolizer.scalar(item.condition), known)
                if not is_true(holds):
                    checks[index] = holds
                met = simplify(symbolizer.scalar(premise_of(item.condition)), known)
                if not is_false(met):
                    premises[index] = met
        return checks, premises

    def _rerun(self, event: Event, fields: Fields, half: str, record: Symbolic) -> Symbolic:
        """What the event, or the other half of its fact, does to some record."""
        assert isinstance(record, Fields)
        if half == "other":
            event = next(e for e in self.machine.events if e.fact == event.fact and e != event)
        *ways, refused = self._ways(event, fields, record)
        after: Symbolic = refused.after
        for way in ways:
            after = choice(way.condition, way.after, after)
        return Fields({"accepted": negation(refused.condition), "record": after})

    def _stored(self, before: Fields, after: Fields) -> dict[str, Scalar]:
        """What each variable becomes, where it changes."""
        first = {name: variable.domain[0] for name, variable in self.shaper.variables.items()}
        updates: dict[str, Scalar] = {}
        for name, value in after.of.items():
            shape = self.record.of[name]
            if value is before.of[name] or name in self.forgotten:
                continue
            updates |= scalars(name, shape, value, first)
        return {name: node for name, node in updates.items() if node != expr.Bound(name)}

    # ── Cone of influence ────────────────────────────────────────────────────────────

    def _cone(self, cases: Iterable[Case], judged: Iterable[Scalar]) -> set[str]:
        """The variables on which some condition or property depends, directly or through others."""
        cases = list(cases)
        wanted = {f"{self.world.instance}.{self.state}"}
        wanted |= {name for node in judged for name in names_in(node)}
        for case in cases:
            for node in (case.condition, *case.checks.values(), *case.premises.values()):
                wanted |= names_in(node)
        while True:
            more = {
                name
                for case in cases
                for target, node in case.updates.items()
                if target in wanted
                for name in names_in(node)
            } - wanted
            if not more:
                return wanted & set(self.shaper.variables)
            wanted |= more

    def _reduce(self, case: Case, cone: set[str]) -> None:
        """Drop what is outside the cone, and count the choices that then make no difference."""
        case.updates = {name: node for name, node in case.updates.items() if name in cone}
        nodes = (case.condition, *case.checks.values(), *case.premises.values())
        nodes += tuple(case.updates.values())
        used = {name for node in nodes for name in names_in(node)}
        every = self._choices(case)
        case.parameters = tuple(variable for variable in every if variable.name in used)
        for variable in every:
            if variable.name not in used:
                case.weight *= len(variable.domain)
            elif isinstance(variable.sort, Integer) and is_stand_in(variable):
                problem = f"{variable.name} has no finite domain, yet a rule depends on it"
                raise UsageError(f"world '{self.world.name}': {problem}; bound it in the action")

    def _choices(self, case: Case) -> list[Variable]:
        """All that the environment chooses for an action."""
        computed = dict(case.action.fields)
        roots = [f"event.{p.name}" for p in case.event.fields if p.name not in computed]
        roots += [f"parameter.{name}" for name, _ in case.action.parameters]
        roots += [f"policy.{part.name}" for part in self.machine.policy]
        return [
            variable
            for name, variable in self.parameters.items()
            if any(name == root or name.startswith((f"{root}.", f"{root}?")) for root in roots)
        ]


def premise_of(condition: expr.Node) -> expr.Node:
    """What must be the case for a condition to say anything: the premise of an implication."""
    match condition:
        case expr.Or((expr.Not(premise), _)):
            return premise
    return TRUE


def _starts(world: World) -> Iterator[Values]:
    """Every whole record that the world may start from."""
    for start in world.starts:
        names = [name for name, _ in start.choices]
        for values in product(*(choices for _, choices in start.choices)):
            given = dict(zip(names, values, strict=True))
            yield {
                part.name: given[part.name] if part.name in given else empty(part)
                for part in world.machine.record
            }


def _reader(root: str, name: str) -> Any:
    def read(whole: Any) -> Any:
        return whole[root].get(name)

    return read


def names_in(node: Scalar) -> set[str]:
    """The variables that a scalar reads."""
    return {item.name for item in expr.walk(node) if isinstance(item, expr.Bound)}


def _plus_one(count: Scalar) -> Scalar:
    if isinstance(count, expr.Const):
        return constant(count.value + 1)
    return expr.Arithmetic("+", count, constant(1))
