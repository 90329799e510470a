"""Whether names, states, sides and pairs add up, apart from what expressions say."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator

import networkx as nx

from steptable.errors import Fault, Location, suggestion
from steptable.machine import BySide, Machine, Row, records_in
from steptable.sorts import INSTANT
from steptable.terms import Term


def check_structure(machine: Machine) -> list[Fault]:
    """Faults of the frame that rows stand in."""
    return [
        *_names(machine),
        *_parts(machine),
        *_states(machine),
        *_pairs(machine),
        *_sides(machine),
    ]


def _names(machine: Machine) -> Iterator[Fault]:
    kinds: dict[str, Iterable[tuple[str, Location]]] = {
        "state": [(state.name, state.at) for state in machine.states],
        "fact": [(fact.name, fact.at) for fact in machine.facts],
        "event": [(name, fact.at) for fact in machine.facts for _, name in fact.halves],
        "effect": [(effect.name, effect.at) for effect in machine.effects],
        "row": [(row.name, row.at) for row in machine.rows],
    }
    for kind, named in kinds.items():
        first: dict[str, Location] = {}
        for name, at in named:
            if name in first:
                problem = f"there is another {kind} of that name at {first[name]}"
                yield Fault(at, f"{kind} '{name}'", problem, "rename one", "duplicate-name")
            first.setdefault(name, at)
    for row in machine.rows:
        names = [guard.name for guard in row.guards]
        for guard in row.guards:
            if names.count(guard.name) > 1:
                problem = f"row '{row.name}' has two guards of that name"
                yield Fault(
                    guard.at, f"guard '{guard.name}'", problem, "rename one", "duplicate-name"
                )
    taken = {name for name in vars(Term) if not name.startswith("_")}
    records = [*records_in(machine.record, machine.policy), machine.record, machine.policy]
    for record in (*records, *(event.fields for event in machine.events)):
        for part in record:
            if part.name in taken or keyword.iskeyword(part.name) or not part.name.isidentifier():
                where = f"{record}, field '{part.name}'"
                problem = "the name has a meaning of its own in expressions"
                yield Fault(part.at, where, problem, "write another name", "reserved-name")


def _parts(machine: Machine) -> Iterator[Fault]:
    holders = [part for part in machine.record if part.sort == machine.state_sort]
    if len(holders) != 1:
        problem = f"{len(holders)} fields of the record hold a state"
        advice = f"declare one field of sort {machine.state_sort}"
        yield Fault(machine.at, f"machine '{machine.name}'", problem, advice, "state-field")
    for name in machine.identity:
        if name not in machine.record.names:
            advice = suggestion(name, machine.record.names)
            problem = f"{machine.record} has no field '{name}'"
            yield Fault(machine.at, "identity", problem, advice, "unknown-name")
    numbering = machine.numbering
    counter = machine.record.get(numbering.record_field)
    if counter is None or counter.sort != numbering.sort:
        problem = f"the record has no field '{numbering.record_field}' of sort {numbering.sort}"
        advice = suggestion(numbering.record_field, machine.record.names)
        yield Fault(machine.at, "numbering", problem, advice, "numbering")
    for fact in machine.facts:
        where = f"fact '{fact.name}'"
        time = next((part for part in fact.fields if part.name == fact.time), None)
        if time is None or time.sort != INSTANT:
            instants = [part.name for part in fact.fields if part.sort == INSTANT]
            problem = f"its time '{fact.time}' is no instant among its fields"
            yield Fault(fact.at, where, problem, suggestion(fact.time, instants), "fact-time")
        sides = [side for side, _ in fact.halves]
        for side in machine.sides:
            if sides.count(side) != 1:
                problem = f"side {side.name} has {sides.count(side)} events for it"
                yield Fault(fact.at, where, problem, "name one event per side", "fact-halves")
    if machine.wire is not None:
        envelope = machine.wire.envelope
        if envelope.get(machine.wire.event_field) is None:
            problem = f"the envelope has no field '{machine.wire.event_field}'"
            advice = suggestion(machine.wire.event_field, envelope.names)
            yield Fault(machine.at, f"envelope '{envelope}'", problem, advice, "unknown-name")


def _states(machine: Machine) -> Iterator[Fault]:
    initial = [state for state in machine.states if state.initial]
    if len(initial) != 1:
        problem = f"{len(initial)} states are initial"
        advice = "mark one state with initial=True"
        yield Fault(machine.at, f"machine '{machine.name}'", problem, advice, "initial-state")
    graph = nx.DiGraph()
    graph.add_nodes_from(state.name for state in machine.states)
    graph.add_edges_from((row.source.name, row.target.name) for row in machine.rows)
    reached = set().union(*({s.name} | nx.descendants(graph, s.name) for s in initial))
    for state in machine.states:
        where = f"state '{state.name}'"
        leaves = any(not row.stays for row in machine.rows if row.source == state)
        accepts = any(row.source == state for row in machine.rows)
        if state.name not in reached:
            advice = "add a row that leads to it, or remove it"
            yield Fault(state.at, where, "no row leads to it", advice, "unreachable-state")
        if state.terminal and accepts:
            advice = "remove terminal=True, or the rows"
            yield Fault(state.at, where, "it is terminal, yet has rows", advice, "terminal-state")
        if not state.terminal and not leaves:
            advice = "add a row that leaves it, or mark it with terminal=True"
            yield Fault(state.at, where, "no row leaves it", advice, "inescapable-state")


def _pairs(machine: Machine) -> Iterator[Fault]:
    for row in machine.rows:
        for what, thing, known in (
            ("state", row.source, machine.states),
            ("state", row.target, machine.states),
            ("fact", row.fact, machine.facts),
        ):
            if thing not in known:
                advice = suggestion(thing.name, [item.name for item in known])
                problem = f"the machine has no {what} '{thing.name}'"
                yield Fault(row.at, f"row '{row.name}'", problem, advice, "unknown-name")
    for state in machine.states:
        for fact in machine.facts:
            rows = machine.rows_of(state.name, fact)
            refusals = [
                refusal
                for refusal in machine.refusals
                if refusal.state == state and fact in refusal.facts
            ]
            where = f"state '{state.name}', fact '{fact.name}'"
            if not rows and not refusals:
                advice = "declare a row, or add the fact to the state's refusal"
                problem = "the pair is neither a row nor refused"
                yield Fault(state.at, where, problem, advice, "unhandled-pair")
            if rows and refusals:
                problem = f"the pair is refused, yet row '{rows[0].name}' accepts it"
                yield Fault(refusals[0].at, where, problem, "keep one of them", "refused-row")
            if len(refusals) > 1:
                problem = "the pair is refused twice"
                yield Fault(refusals[1].at, where, problem, "keep one of them", "refused-twice")


def _sides(machine: Machine) -> Iterator[Fault]:
    for row in machine.rows:
        yield from _row_sides(machine, row)


def _row_sides(machine: Machine, row: Row) -> Iterator[Fault]:
    where = f"row '{row.name}'"
    declared = [side for side, _ in row.emits]
    for side in machine.sides:
        if side not in declared:
            advice = f"list the effects of {side.name}, if only as ()"
            problem = f"it does not say what side {side.name} does"
            yield Fault(row.at, where, problem, advice, "missing-side")
        for act in row.acts(side):
            if isinstance(act, BySide) and side not in dict(act.emissions):
                problem = f"'{act.name}' has no effect for side {side.name}"
                advice = "give it one, or remove it here"
                yield Fault(row.at, where, problem, advice, "missing-side")
        for emission in row.emissions(side):
            effect = emission.effect
            if effect not in machine.effects:
                advice = suggestion(effect.name, [item.name for item in machine.effects])
                problem = f"the machine has no effect '{effect.name}'"
                yield Fault(row.at, where, problem, advice, "unknown-name")
            elif effect.side not in (None, side):
                owner = effect.side.name if effect.side else ""
                problem = f"side {side.name} emits {effect.name}, which belongs to {owner}"
                yield Fault(
                    row.at, where, problem, f"emit it on side {owner}, or not at all", "wrong-side"
                )
