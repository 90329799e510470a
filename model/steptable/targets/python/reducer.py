"""The generated reducer: `match`-free straight code over frozen structs, one function a fact.

The source is made to be read: a function for each fact opens with what its rows do
and why, tests the state, tests the guards, builds the record after the step, and
lists the effects of each side. It imports msgspec and the standard library only.

It is also made to be fast. The payload is built first, and from there on stands for the
event: attributes of one type are read several times faster than those of either half's. The
record after the step is a copy whose fields are set, which beats building one anew, and is not
checked again. Enum members
have short names (`steptable.targets.python.members`), and events find their function in a mapping.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from steptable import expr
from steptable.elaboration import elaborated, freshness
from steptable.machine import Emission, Fact, Guard, Machine, Row, State
from steptable.sorts import Map, Record
from steptable.support.renaming import snake
from steptable.targets.header import python_header
from steptable.targets.python.checks import bound_conditions, unless
from steptable.targets.python.effects import (
    Beginning,
    effects_source,
    emission_source,
    result,
)
from steptable.targets.python.expressions import Source
from steptable.targets.python.lifecycle import constructor_source, rehydration_source
from steptable.targets.python.members import ShortNames
from steptable.targets.python.settling import IMPORTS
from steptable.targets.python.source import (
    INDENT,
    WIDTH,
    broken,
    call,
    docstring,
    in_order,
    literal,
    quoted,
)
from steptable.targets.python.vocabulary import public_names, vocabulary
from steptable.wellformed.machines.written import function_name


def reducer_source(machine: Machine) -> str:
    """The whole module."""
    names = "".join(f'{INDENT}"{name}",\n' for name in public_names(machine))
    doc = docstring(
        f"The reducer of {machine.name}: {machine.doc} `step` is pure: it reads no clock and does "
        "no I/O, and the same input gives the same output. Each row builds its payload first, and "
        "reads everything else from that.",
        "",
    )
    short = ShortNames(machine)
    facts = [_fact(machine, fact, short) for fact in machine.facts]
    blocks = [
        *vocabulary(machine),
        *(constructor_source(machine, item) for item in machine.constructors),
        short.definitions(),
        _step(machine),
        *facts,
        _dispatch(machine),
    ]
    if machine.rehydration is not None:
        blocks.append(rehydration_source(machine, machine.rehydration))
    head = (
        python_header(machine)
        + "# fmt: off\n# ruff: noqa\n"
        + doc
        + f"\nfrom __future__ import annotations\n\n{IMPORTS}\n__all__ = [\n{names}]\n"
    )
    return "\n\n".join([head, *blocks])


_ROOTS: Final = {"record": "state", "event": "event", "policy": "policy", "payload": "payload"}
"""What functions of facts call what their expressions speak of."""


def _of_payload(machine: Machine, fact: Fact) -> dict[tuple[str, str], str]:
    """The fields of an event that travel are read from its payload; the others from the event."""
    return {("event", part.name): f"payload.{part.name}" for part in machine.payload(fact)}


def _refuse(machine: Machine, error: str, *parts: str) -> str:
    identity = [f"state.{name}" for name in machine.identity]
    return f"raise {error}({', '.join([*parts, *identity])})"


def _step(machine: Machine) -> str:
    number, record = machine.numbering, machine.record.name
    doc = docstring(
        "Apply one event: the record after it, and the effects to carry out, in order. "
        f"Raises SeqRegression unless the event's {number.event_field} is above the record's last "
        "(checked first), IllegalForState where the table has no row, and InvariantViolation "
        "where a guard of the row does not hold. Raises TypeError for a value that is not of the "
        "type that is wanted where it stands. `now` is part of every runtime's call and is "
        "never read: time is what events say.",
        INDENT,
    )
    policy = machine.policy.name
    copied = f'_copied: Final[Callable[[{record}], {record}]] = getattr({record}, "__copy__")'
    return (
        f"{copied}\n{docstring('A record for a step to change: it has been checked.', '')}\n\n"
        f"def step(\n    state: {record}, event: Event, now: datetime, "
        f"policy: {policy}\n) -> {result(machine)}:\n{doc}"
        f"    if type(state) is not {record} or type(policy) is not {policy}:\n"
        f'        _argument({record}, state, "step", "state")\n'
        f'        _argument({policy}, policy, "step", "policy")\n'
        "    try:\n"
        "        apply = _ROWS[type(event)]\n"
        "    except KeyError:\n"
        '        raise TypeError(f"step takes an event, not {type(event).__name__}") from None\n'
        f"    return apply(state, event, policy)\n"
    )


def _dispatch(machine: Machine) -> str:
    seen: set[str] = set()
    rows = ""
    for event in machine.events:
        function = function_name(event.fact)
        rows += f"    {event.name}: {f'_own({function})' if function in seen else function},\n"
        seen.add(function)
    return (
        "_Apply: TypeAlias = Callable[\n"
        f"    [{machine.record.name}, Any, {machine.policy.name}], {result(machine)}\n]\n\n"
        f"_ROWS: Final[Mapping[type[Any], _Apply]] = {{\n{rows}}}\n"
    )


def _fact(machine: Machine, fact: Fact, called: ShortNames) -> str:
    """One function: what the fact does in each state that accepts it."""
    rows = [row for row in machine.rows if row.fact == fact]
    kinds = " | ".join(name for _, name in fact.halves)
    arguments = [
        f"state: {machine.record.name}",
        f"event: {kinds}",
        f"policy: {machine.policy.name}",
    ]
    text = call(f"def {function_name(fact)}", arguments, "", tail=f" -> {result(machine)}:") + "\n"
    text += docstring(" ".join(_describe(row) for row in rows), INDENT)
    names = [part.name for part in in_order(machine.payload(fact))]
    text += call(fact.name, [f"event.{name}" for name in names], INDENT, lead="payload = ") + "\n"
    fresh, source = freshness(machine), Source(_ROOTS, {}, _of_payload(machine, fact))
    numbers = source.write(fresh.left), source.write(fresh.right)
    text += f"{INDENT}if {source.write(expr.negate(fresh))}:\n"
    text += f"{INDENT * 2}{_refuse(machine, 'SeqRegression', *numbers)}\n"
    illegal = _refuse(machine, "IllegalForState", f"state.{machine.state_field.name}", "event")
    groups = _groups(machine, rows)
    begins = Beginning()
    for states, group in groups:
        bodies = [_RowSource(machine, row, called, begins) for row in group]
        members = [literal(state.name, machine.state_sort, called) for state in states]
        holder = f"state.{machine.state_field.name}"
        if len(groups) == 1:
            test = " and ".join(f"{holder} is not {member}" for member in members)
            text += f"{INDENT}if {_fitted(test, INDENT)}:\n"
            text += f"{INDENT * 2}{illegal}\n" + _tried(bodies, INDENT)
        else:
            test = " or ".join(f"{holder} is {member}" for member in members)
            text += f"{INDENT}if {_fitted(test, INDENT)}:\n"
            text += _tried(bodies, INDENT * 2)
    if len(groups) != 1:
        text += f"{INDENT}{illegal}\n"
    return text


def _groups(machine: Machine, rows: Sequence[Row]) -> list[tuple[list[State], list[Row]]]:
    """The rows of each state, and those states together in which the same rows stand."""
    groups: list[tuple[list[State], list[Row]]] = []
    for state in machine.states:
        own = [row for row in rows if state in row.sources]
        same = next((states for states, others in groups if others == own), None)
        if same is not None:
            same.append(state)
        elif own:
            groups.append(([state], own))
    return groups


def _fitted(test: str, indent: str) -> str:
    return broken(test, indent) if len(f"{indent}if {test}:") > WIDTH else test


def _describe(row: Row) -> str:
    way = " or ".join(state.name for state in row.sources)
    way += "" if row.target is None or row.stays else f" → {row.target.name}"
    return f"{row.name} ({way}). {row.why} ({row.cites})"


def _tried(rows: Sequence[_RowSource], indent: str) -> str:
    """The rows of one state: a lone one is guarded by refusals, several are tried in turn."""
    first, *others = rows
    guards = first.row.guards
    if not others:
        return "".join(first.refusals(guards, indent)) + first.body(indent)
    text = ""
    for body in rows:
        test = body.condition()
        text += body.source.definitions(indent)
        text += f"{indent}if {test}:\n" + body.body(indent + INDENT)
    *earlier, last = guards
    # All rows have been tried, so the last guard of the first one is what is left to blame.
    blamed = "".join(first.anew().refusals(earlier, indent))
    return text + blamed + _violation(first.machine, last, indent)


def _violation(machine: Machine, guard: Guard, indent: str) -> str:
    parts = [quoted(text) for text in (guard.must, guard.name)]
    parts += [f"state.{name}" for name in (machine.state_field.name, *machine.identity)]
    return call("raise InvariantViolation", parts, indent) + "\n"


@dataclass
class _RowSource:
    machine: Machine
    row: Row
    called: ShortNames
    begins: Beginning

    def anew(self) -> _RowSource:
        """The same row in another place, where nothing is defined yet."""
        return replace(self)

    def __post_init__(self) -> None:
        self.common: dict[Emission, str] = {}
        machine, row = self.machine, self.row
        self.sides = [elaborated(machine, row, side) for side in machine.sides]
        sorts = {node: sort for side in self.sides for node, sort in side.sorts.items()}
        attributes, called = _of_payload(machine, row.fact), self.called
        self.source = Source(_ROOTS, sorts, attributes, taken=called.module, called=called)

    def condition(self) -> str:
        return self.source.write(expr.And(tuple(guard.condition for guard in self.row.guards)))

    def refusals(self, guards: Iterable[Guard], indent: str) -> Iterator[str]:
        """A statement a guard, that raises where it does not hold."""
        for guard in guards:
            if isinstance(every := guard.condition, expr.Every):
                ranging, called, inside = self.source.ranging(every)
                test = inside.write(expr.negate(every.body))
                yield self.source.definitions(indent)
                yield f"{indent}{ranging}:\n"
                yield from self._looks_at(every, called, indent + INDENT)
                yield f"{indent}{INDENT}if {test}:\n"
                yield _violation(self.machine, guard, indent + INDENT * 2)
            else:
                test = self.source.write(expr.negate(guard.condition))
                yield self.source.definitions(indent)
                yield f"{indent}if {test}:\n"
                yield _violation(self.machine, guard, indent + INDENT)

    def _looks_at(self, every: expr.Every, called: str, indent: str) -> Iterator[str]:
        sort = self.source.sorts.get(every.map)
        if isinstance(sort, Map) and isinstance(sort.value, Record):
            looks = bound_conditions(sort.value, every.body, every.name, called)
            yield unless(looks, indent, "_settle(state)")

    def body(self, indent: str) -> str:
        changes = self._changes(indent)
        after = f"{indent}after = _copied(state)\n"
        for name, text in changes:
            after += call("_set", ["after", f'"{name}"', text], indent) + "\n"
        lines = [self.source.definitions(indent), after, *self._common(indent)]
        for side in self.sides[:-1]:
            lines.append(f"{indent}if type(event) is {side.event.name}:\n")
            lines.append(self._effects(side.emissions, indent + INDENT))
        lines.append(self._effects(self.sides[-1].emissions, indent))
        return "".join(lines)

    def _changes(self, indent: str) -> list[tuple[str, str]]:
        """Each record field that changes, with its new text; a long one becomes a variable."""
        record = self.machine.record
        sorts = {part.name: part.sort for part in record}
        changes: dict[str, str] = {}
        # What sides share; only effects read what is one side's own.
        for name, node in self.sides[0].assignments:
            text = self.source.write(node, sorts[name])
            if len(f"{indent}{INDENT}{text},") > WIDTH:
                text = self.source.define(name, broken(text, indent))
            changes[name] = text
        names = [part.name for part in in_order(record)]
        return [(name, changes[name]) for name in names if name in changes]

    def _common(self, indent: str) -> Iterator[str]:
        """Local variables for effects that more than one side produces, whatever holds."""
        counted = Counter(
            emission for side in self.sides for emission in dict.fromkeys(side.emissions)
        )
        for emission, count in counted.items():
            if count > 1 and emission.condition is None:
                name = snake(emission.effect.name)
                text = emission_source(self.source, emission, INDENT, f"{name} = ")
                self.common[emission] = self.source.define(name, text)
                yield self.source.definitions(indent)

    def _effects(self, emissions: tuple[Emission, ...], indent: str) -> str:
        source, begins = self.source.branch(), self.begins
        return effects_source(
            source, emissions, self.common, indent, begins=begins, beside="after, "
        )
