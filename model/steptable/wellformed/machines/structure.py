"""Whether states, facts, sides and pairs add up, apart from names and from what expressions say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from steptable.errors import Fault, Location, suggestion
from steptable.machine import Machine, Row, state_sort
from steptable.reachability import reachable
from steptable.sorts import INSTANT, PAYLOAD


def check_structure(machine: Machine) -> list[Fault]:
    """Faults of the frame that rows stand in."""
    return [
        *_record(machine),
        *_facts(machine),
        *_wire(machine),
        *_states(machine),
        *_references(machine),
        *_pairs(machine),
        *_rehydration(machine),
    ]


class Named(Protocol):
    """Anything declared under a name."""

    @property
    def name(self) -> str: ...


def missing(
    what: str, thing: Named, declared: Iterable[Named], at: Location, where: str
) -> Iterator[Fault]:
    """The fault of a declared thing that the machine does not list, if it is one."""
    listed = list(declared)
    if thing in listed:
        return
    problem = f"the machine has no {what} '{thing.name}'"
    advice = suggestion(thing.name, [item.name for item in listed])
    if any(item.name == thing.name for item in listed):
        problem = f"{what} '{thing.name}' is declared otherwise than the machine's"
        advice = "use one declaration in both places"
    yield Fault(at, where, problem, advice, "unknown-name")


def _record(machine: Machine) -> Iterator[Fault]:
    whole = f"machine '{machine.name}'"
    holders = [part.name for part in machine.record if part.sort == machine.state_sort]
    if len(holders) != 1:
        found = " and ".join(f"'{name}'" for name in holders) or "no field of the record"
        problem = f"{found} {'hold' if holders else 'holds'} a state"
        advice = f"declare one field of sort {machine.state_sort}"
        yield Fault(machine.at, whole, problem, advice, "state-field")
    wanted = state_sort(machine.state_sort.name, machine.state_sort.doc, *machine.states)
    if wanted != machine.state_sort:
        problem = f"{machine.state_sort} does not list the states of the machine, in their order"
        advice = f"make it with state_sort('{machine.state_sort}', ..., *states)"
        yield Fault(machine.at, whole, problem, advice, "state-sort")
    for name in machine.identity:
        if name not in machine.record.names:
            advice = suggestion(name, machine.record.names)
            problem = f"{machine.record} has no field '{name}'"
            yield Fault(machine.at, f"{whole}, identity", problem, advice, "unknown-name")
    numbering = machine.numbering
    counter = machine.record.get(numbering.record_field)
    where = f"{whole}, numbering"
    if counter is None:
        advice = suggestion(numbering.record_field, machine.record.names)
        problem = f"{machine.record} has no field '{numbering.record_field}'"
        yield Fault(machine.at, where, problem, advice, "unknown-name")
    elif counter.sort != numbering.sort:
        problem = f"'{counter.name}' has sort {counter.sort}, and events are numbered by "
        problem += f"{numbering.sort}"
        yield Fault(counter.at or machine.at, where, problem, "give both one sort", "sort")


def _facts(machine: Machine) -> Iterator[Fault]:
    for fact in machine.facts:
        where = f"fact '{fact.name}'"
        time = next((part for part in fact.fields if part.name == fact.time), None)
        if time is None or time.sort != INSTANT:
            instants = [part.name for part in fact.fields if part.sort == INSTANT]
            problem = f"its time '{fact.time}' is no instant among its fields"
            advice = suggestion(fact.time, instants) if instants else "declare a field of INSTANT"
            yield Fault(fact.at, where, problem, advice, "fact-time")
        sides = [side for side, _ in fact.halves]
        for side in machine.sides:
            if sides.count(side) != 1:
                problem = f"it has {sides.count(side) or 'no'} events for side {side.name}"
                yield Fault(fact.at, where, problem, "name one event per side", "fact-halves")
        for side in (*sides, *(side for side, _ in fact.extra)):
            yield from missing("side", side, machine.sides, fact.at, where)


def _wire(machine: Machine) -> Iterator[Fault]:
    wire = machine.wire
    if wire is None:
        return
    where = f"envelope '{wire.envelope}'"
    part = wire.envelope.get(wire.event_field)
    if part is None:
        problem = f"the envelope has no field '{wire.event_field}'"
        advice = suggestion(wire.event_field, wire.envelope.names)
        yield Fault(machine.at, where, problem, advice, "unknown-name")
    elif part.sort != PAYLOAD:
        problem = f"'{part.name}' has sort {part.sort}, not {PAYLOAD}"
        advice = "declare it with sort PAYLOAD"
        yield Fault(part.at or machine.at, where, problem, advice, "sort")
    yield from missing("side", wire.receiver, machine.sides, machine.at, where)
    for fact in machine.facts:
        for part in fact.extra_fields(wire.receiver):
            alone = f"'{part.name}' is of side {wire.receiver.name} alone"
            problem = f"{alone}, which receives the fact and could not know it"
            advice = "make it a field of the fact, or of the side that sends"
            yield Fault(part.at or fact.at, f"fact '{fact.name}'", problem, advice, "not-sent")


def _states(machine: Machine) -> Iterator[Fault]:
    initial = [state for state in machine.states if state.initial]
    if len(initial) != 1:
        found = " and ".join(f"'{state.name}'" for state in initial) or "none"
        problem = f"one state must be initial, and {found} {'are' if initial else 'is'}"
        where = f"machine '{machine.name}'"
        yield Fault(machine.at, where, problem, "mark one with initial=True", "initial-state")
    reached = reachable(machine, (state.name for state in initial))
    for state in machine.states:
        where = f"state '{state.name}'"
        leaves = any(not row.stays for row in machine.rows if state in row.sources)
        accepts = any(state in row.sources for row in machine.rows)
        if initial and state.name not in reached:
            advice = "add a row that leads to it, or remove it"
            problem = f"no rows lead to it from '{initial[0].name}'"
            yield Fault(state.at, where, problem, advice, "unreachable-state")
        if state.terminal and accepts:
            advice = "remove terminal=True, or the rows"
            yield Fault(state.at, where, "it is terminal, yet has rows", advice, "terminal-state")
        if not state.terminal and not leaves:
            advice = "add a row that leaves it, or mark it with terminal=True"
            yield Fault(state.at, where, "no row leaves it", advice, "inescapable-state")


def _references(machine: Machine) -> Iterator[Fault]:
    for row in machine.rows:
        where = f"row '{row.name}'"
        targets = () if row.target is None else (row.target,)
        for state in dict.fromkeys((*row.sources, *targets)):
            yield from missing("state", state, machine.states, row.at, where)
        yield from _sources(row, where)
        yield from missing("fact", row.fact, machine.facts, row.at, where)
        for what, text in (("why it is there", row.why), ("where it comes from", row.cites)):
            if not text.strip():
                advice = "give why=... and cites=..."
                yield Fault(row.at, where, f"it does not say {what}", advice, "unexplained")
    for refusal in machine.refusals:
        where = f"refusal of '{refusal.state.name}'"
        yield from missing("state", refusal.state, machine.states, refusal.at, where)
        for fact in refusal.facts:
            yield from missing("fact", fact, machine.facts, refusal.at, where)
    for constructor in machine.constructors:
        where = f"constructor '{constructor.name}'"
        yield from missing("state", constructor.state, machine.states, constructor.at, where)
    for effect in machine.effects:
        if effect.side is not None:
            where = f"effect '{effect.name}'"
            yield from missing("side", effect.side, machine.sides, effect.at, where)


def _sources(row: Row, where: str) -> Iterator[Fault]:
    """Faults of the states in which a row stands, taken together."""
    names = [state.name for state in row.sources]
    if not names:
        advice = "name the state or the states in which it stands"
        yield Fault(row.at, where, "it stands in no state", advice, "no-source")
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        problem = f"it stands in state '{name}' {_times(names.count(name))}"
        yield Fault(row.at, where, problem, "name each state once", "repeated-source")
    leaving = [name for name in names if row.target is not None and name != row.target.name]
    if row.target is not None and leaving and len(leaving) < len(names):
        left = " and ".join(f"'{name}'" for name in dict.fromkeys(leaving))
        problem = f"it stays in state '{row.target.name}', yet leaves {left}"
        advice = "declare two rows, since to stay and to leave is not the same"
        yield Fault(row.at, where, problem, advice, "stays-and-leaves")


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _pairs(machine: Machine) -> Iterator[Fault]:
    for state in machine.states:
        for fact in machine.facts:
            rows = machine.rows_of(state.name, fact)
            refusals = [
                refusal
                for refusal in machine.refusals
                for refused in refusal.facts
                if refusal.state == state and refused == fact
            ]
            where = f"state '{state.name}', fact '{fact.name}'"
            if not rows and not refusals:
                advice = "declare a row, or add the fact to the state's refusal"
                problem = "the pair is neither a row nor refused"
                own = (refusal.at for refusal in machine.refusals if refusal.state == state)
                yield Fault(next(own, state.at), where, problem, advice, "unhandled-pair")
            if rows and refusals:
                problem = f"the pair is refused, yet row '{rows[0].name}' accepts it"
                yield Fault(refusals[0].at, where, problem, "keep one of them", "refused-row")
            if len(refusals) > 1:
                problem = "the pair is refused twice"
                yield Fault(refusals[1].at, where, problem, "keep one of them", "refused-twice")


def _rehydration(machine: Machine) -> Iterator[Fault]:
    rehydration = machine.rehydration
    if rehydration is None:
        return
    where = f"rehydration '{rehydration.name}'"
    states = [state for state, _ in rehydration.emits]
    for state in states:
        yield from missing("state", state, machine.states, rehydration.at, where)
    for state in machine.states:
        if states.count(state) != 1:
            says = "says nothing of" if state not in states else "speaks twice of"
            problem = f"it {says} state '{state.name}'"
            advice = "list the effects of each state once, if only as ()"
            yield Fault(rehydration.at, where, problem, advice, "rehydration-state")
