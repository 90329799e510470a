"""Checks of a generated reducer: that a struct holds what its annotations say.

Generated code compares by identity and by order, so a value of another type would be taken for
something that it isn't. Every struct has a check. It is quick where all is as it should be, and
leaves the rest to `_settle`, which takes a value for what it says or refuses it (see
`steptable.targets.python.settling`).

Structs that rows make are not checked when they are made, since whatever goes into them has been
checked: payloads, effects and what stands in the record, which is looked into where it is put. The
record itself is checked when it is made; a step makes none, it changes a copy. Rows look once more
at what is in its maps alone, which can be changed behind their back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from steptable import expr
from steptable.machine import Machine
from steptable.sorts import (
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
)
from steptable.targets.python.source import INDENT, WIDTH, annotation, in_order
from steptable.wellformed.machines.written import check_name


def check_source(machine: Machine, struct: str, fields: Iterable[Field]) -> str:
    """The check of a struct, a function."""
    parts = in_order(fields)
    text = f"def {check_name(struct)}(self: {struct}) -> None:\n"
    text += unless([part_of for part in parts for part_of in _is(part.sort, f"self.{part.name}")])
    for part in parts:
        text += _inside(machine, part.sort, f"self.{part.name}")
    return text if parts else f"{text}{INDENT}pass\n"


def unless(conditions: list[str], indent: str = INDENT, otherwise: str = "_settle(self)") -> str:
    """A statement that does something unless all conditions hold."""
    if not conditions:
        return ""
    line = f"{indent}if not ({' and '.join(conditions)}):"
    if len(line) > WIDTH:
        lines = [*conditions[:1], *(f"and {condition}" for condition in conditions[1:])]
        rows = "".join(_row(line, indent + INDENT) for line in lines)
        line = f"{indent}if not (\n{rows}{indent}):"
    return f"{line}\n{indent}{INDENT}{otherwise}\n"


def _row(condition: str, indent: str) -> str:
    """A condition in a line of its own, or in two that break at its choice."""
    line = f"{indent}{condition}\n"
    if len(line) > WIDTH:
        line = line.replace(" or ", f"\n{indent}    or ", 1)
    rows = line.splitlines(keepends=True)
    deeper = f"\n{indent}    and "
    return "".join(row.replace(" and ", deeper) if len(row) > WIDTH else row for row in rows)


def bound_conditions(of: Record, body: expr.Node, name: str, called: str) -> list[str]:
    """That a quantified value is the struct that it should be, with what is read of it."""
    read = {
        node.name
        for node in expr.walk(body)
        if isinstance(node, expr.Attr) and node.subject == expr.Bound(name)
    }
    parts = [part for part in of if part.name in read]
    return [
        *_is(of, called),
        *(condition for part in parts for condition in _is(part.sort, f"{called}.{part.name}")),
    ]


def as_kept(machine: Machine) -> tuple[Field, ...]:
    """The fields of the record. What rows add up may leave its limits, and is kept as it is."""
    summed = {
        name
        for row in machine.rows
        for name, node in row.sets
        if any(isinstance(part, expr.Arithmetic | expr.Negative) for part in expr.walk(node))
    }
    return tuple(
        replace(part, sort=replace(part.sort, name=""))
        if part.name in summed and isinstance(part.sort, Integer)
        else part
        for part in machine.record
    )


def is_made_by_rows(machine: Machine, struct: str) -> bool:
    """Whether a step makes structs of this name, out of what has been checked."""
    emissions = [e for row in machine.rows for side in machine.sides for e in row.emissions(side)]
    nodes = [node for row in machine.rows for _, node in row.sets]
    nodes += [node for emission in emissions for _, node in emission.fields]
    made = {
        part.record.name
        for node in nodes
        for part in expr.walk(node)
        if isinstance(part, expr.Make)
    }
    payloads = {fact.name for fact in machine.facts}
    return struct in payloads | {emission.effect.name for emission in emissions} | made


def _is(sort: Sort, text: str) -> list[str]:
    """Conditions that a value surely is of its sort; where one fails it may yet be."""
    match sort:
        case Optional(of=of):
            inside = " and ".join(_is(of, text))
            return [f"({text} is None or {inside})"]
        case Integer(low=low, high=high, name=name):
            # Without a name its limits are not part of its annotation either.
            return [f"type({text}) is int", *([f"{low} <= {text} <= {high}"] if name else [])]
        case Instant():
            return [f"type({text}) is datetime", f"{text}.tzinfo is UTC"]
        case Opaque(shape="number"):
            return [f"type({text}) is float", f"abs({text}) < _INFINITE"]
        case Opaque(shape="payload"):
            return []  # See `_inside`.
        case Opaque(shape="list", of=of) if of is not None:
            kind = _exact(of)
            inside = f"{{*map(type, {text})}} <= {{{kind}}}" if kind else f"not {text}"
            return [f"type({text}) is tuple", inside]
        case Opaque(shape="value", of=of) if of is not None:
            return _is(of, text)
        case Map(key=key, value=of):
            return _is_map(_exact(key), of, text)
        case Opaque(shape="map", of=of) if of is not None:
            return _is_map("str", of, text)
    return [f"type({text}) is {_exact(sort)}"]


def _is_map(key: str, of: Sort, text: str) -> list[str]:
    """Anybody can make a frozen map, of anything."""
    frozen, kind = f"type({text}) is FrozenMap", _exact(of)
    if not key or not kind:
        return [frozen, f"not {text}"]
    keys, values = f"{{*map(type, {text})}}", f"{{*map(type, {text}.values())}}"
    return [frozen, f"{keys} <= {{{key}}}", f"{values} <= {{{kind}}}"]


def _exact(sort: Sort) -> str:
    """The type that says all of a value, if one does."""
    match sort:
        case Truth() | Opaque(shape="flag"):
            return "bool"
        case Symbol(parts=()) | Opaque(shape="text"):
            return "str"
        case Duration() | Symbol() | Enum() | Record():
            return annotation(sort)
    return ""


def _inside(machine: Machine, sort: Sort, text: str) -> str:
    """Statements that check a struct within, if it wasn't checked when it was made."""
    match sort:
        case Opaque(shape="payload"):
            return (
                f"{INDENT}check = _PAYLOADS.get(type({text}))\n"
                f"{INDENT}if check is None:\n{INDENT * 2}_settle(self)\n"
                f"{INDENT}else:\n{INDENT * 2}check({text})\n"
            )
        case Optional(of=Record(name=name)) if is_made_by_rows(machine, name):
            return f"{INDENT}if {text} is not None:\n{INDENT * 2}{check_name(name)}({text})\n"
        case Record(name=name) | Opaque(shape="value", of=Record(name=name)):
            if is_made_by_rows(machine, name):
                return f"{INDENT}{check_name(name)}({text})\n"
        case Opaque(shape="list", of=Record(name=name)) if is_made_by_rows(machine, name):
            return _each(text, text, name)
        case Map(value=Record(name=name)) | Opaque(shape="map", of=Record(name=name)):
            if is_made_by_rows(machine, name):
                return _each(text, f"{text}.values()", name)
    return ""


def _each(text: str, values: str, struct: str) -> str:
    # A name of its own: a type checker wants each to stand for values of one type.
    item = f"one_of_{text.rpartition('.')[2]}"
    return f"{INDENT}for {item} in {values}:\n{INDENT * 2}{check_name(struct)}({item})\n"
