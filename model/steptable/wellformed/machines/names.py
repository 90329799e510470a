"""Whether every name means one thing, and can be written wherever it is used."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from typing import Final

from steptable.errors import Fault, Location
from steptable.machine import Machine, Row
from steptable.sorts import Enum, Integer, Map, Opaque, Optional, Record, Sort, inner
from steptable.support.renaming import is_identifier
from steptable.terms import Term
from steptable.wellformed.machines.declared import all_records, defined, named_sorts
from steptable.wellformed.machines.written import (
    IMPORTED_NAMES,
    LOCAL_NAMES,
    PUBLIC_NAMES,
    check_written,
    type_name,
)

TAKEN = frozenset(name for name in vars(Term) if not name.startswith("_"))
"""What a term does itself, so that no field that expressions read can be called so."""

_PYTHONS: Final = frozenset(dir(builtins))


def check_names(machine: Machine) -> list[Fault]:
    """Faults of names: given twice, or with a meaning of their own."""
    return [
        *_repeated(machine),
        *_repeated_guards(machine),
        *_types(machine),
        *_members(machine),
        *_fields(machine),
        *check_written(machine),
    ]


def _repeated(machine: Machine) -> Iterator[Fault]:
    kinds: dict[str, Iterable[tuple[str, Location]]] = {
        "side": [(side.name, machine.at) for side in machine.sides],
        "state": [(state.name, state.at) for state in machine.states],
        "fact": [(fact.name, fact.at) for fact in machine.facts],
        "event": [(name, fact.at) for fact in machine.facts for _, name in fact.halves],
        "effect": [(effect.name, effect.at) for effect in machine.effects],
        "row": [(name, row.at) for row in machine.rows for name in _names_of(row)],
    }
    for kind, named in kinds.items():
        first: dict[str, Location] = {}
        for name, at in named:
            if name in first:
                problem = f"there is another {kind} of that name at {first[name]}"
                yield Fault(at, f"{kind} '{name}'", problem, "rename one", "duplicate-name")
            first.setdefault(name, at)


def _names_of(row: Row) -> Iterable[str]:
    """What a row is called, as a whole and in each of its states."""
    return dict.fromkeys((row.name, *(part.name for part in row.apart)))


def _repeated_guards(machine: Machine) -> Iterator[Fault]:
    for row in machine.rows:
        names = [guard.name for guard in row.guards]
        for index, guard in enumerate(row.guards):
            if guard.name in names[:index]:
                where = f"row '{row.name}', guard '{guard.name}'"
                problem = "the row has another guard of that name"
                yield Fault(guard.at, where, problem, "rename one", "duplicate-name")


def _types(machine: Machine) -> Iterator[Fault]:
    """Whatever becomes a type or a function of the reducer shares one space of names."""
    owners: dict[str, tuple[str, object]] = {}
    for what, name, thing, at in defined(machine):
        where = f"{what} '{name}'"
        written = type_name(thing) if isinstance(thing, Integer) else name
        if written in PUBLIC_NAMES | IMPORTED_NAMES | LOCAL_NAMES:
            problem = "every reducer defines something of that name itself"
            yield Fault(at, where, problem, "write another name", "reserved-name")
        elif written in _PYTHONS:
            problem = "Python has something of that name itself, which the reducer would hide"
            yield Fault(at, where, problem, "write another name", "reserved-name")
        elif name.startswith("_"):
            problem = "what the reducer keeps to itself begins with '_'"
            yield Fault(at, where, problem, "write another name", "reserved-name")
        elif not is_identifier(name):
            problem = "the name is no identifier of Python"
            yield Fault(at, where, problem, "write another name", "reserved-name")
        kind, first = owners.setdefault(name, (what, thing))
        if first != thing and (kind != what or what in ("sort", "constructor")):
            other = "another" if kind == what else "an" if kind[0] in "aeiou" else "a"
            problem = f"there is {other} {kind} of that name"
            yield Fault(at, where, problem, "rename one", "duplicate-name")


def _members(machine: Machine) -> Iterator[Fault]:
    for sort, at in named_sorts(machine):
        if isinstance(sort, Enum):
            for member in sort.members:
                if not _can_be_member(member.name):
                    where = f"sort '{sort}', member '{member.name}'"
                    problem = "no member of an enumeration of Python can be called so"
                    yield Fault(at, where, problem, "write another name", "reserved-name")
            for texts in ([m.name for m in sort.members], [m.value for m in sort.members]):
                for text in dict.fromkeys(texts):
                    if texts.count(text) > 1:
                        problem = f"two of its members are called '{text}'"
                        yield Fault(at, f"sort '{sort}'", problem, "rename one", "duplicate-name")


def _can_be_member(name: str) -> bool:
    return is_identifier(name) and not name.startswith("_") and name not in ("mro", "name", "value")


def _fields(machine: Machine) -> Iterator[Fault]:
    roots = [machine.record, machine.policy, *(event.fields for event in machine.events)]
    read = {record for root in roots for record in _readable(root)}
    for record in all_records(machine):
        for index, part in enumerate(record):
            at, where = part.at or machine.at, f"{record}, field '{part.name}'"
            if part.name in record.names[:index]:
                problem = "there is another field of that name"
                yield Fault(at, where, problem, "rename one", "duplicate-name")
            if not is_identifier(part.name) or part.name.startswith("__"):
                problem = "the name is no identifier of Python"
                yield Fault(at, where, problem, "write another name", "reserved-name")
            elif record in read and (part.name in TAKEN or part.name.startswith("_")):
                problem = f"'.{part.name}' has a meaning of its own in expressions"
                yield Fault(at, where, problem, "write another name", "reserved-name")
            sort = inner(part.sort)
            if isinstance(sort, Opaque) and _unknown_shape(sort):
                advice = "write text, number, flag or payload; or list, map or value with a sort"
                yield Fault(at, where, f"there is no {sort}", advice, "unknown-name")


def _readable(sort: Sort) -> Iterator[Record]:
    """The records that expressions can look into; what is opaque they can't."""
    match sort:
        case Optional(of=of) | Map(value=of):
            yield from _readable(of)
        case Record(fields=fields):
            yield sort
            for part in fields:
                yield from _readable(part.sort)


def _unknown_shape(sort: Opaque) -> bool:
    plain = sort.shape in ("text", "number", "flag", "payload") and sort.of is None
    return not plain and not (sort.shape in ("list", "map", "value") and sort.of is not None)
