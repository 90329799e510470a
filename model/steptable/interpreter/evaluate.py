"""The interpreter: what a declaration means. Slow, obvious, and the oracle of every other target.

Values are plain: truths and integers as themselves; symbols and enum values as text;
instants and durations as anything that compares and subtracts (integers in worlds,
datetimes in programs); an empty optional as None; records and maps as dicts that are
never changed in place. Opaque values pass through untouched.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, assert_never

from steptable import expr
from steptable.machine import Assignments, Constructor, Emission, Fact, Guard, Machine, Row
from steptable.sorts import MISSING, Field, Map, Optional, Record

Values: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tagged:
    """An event, an effect or a payload: its name and its fields."""

    name: str
    fields: Values


@dataclass(frozen=True, slots=True)
class Accepted:
    """A step that was taken."""

    row: Row
    record: Values
    effects: tuple[Tagged, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A step that was not: a stale number, a pair outside the table, or a guard."""

    why: str
    """"stale", "illegal" or "guard"."""
    guard: Guard | None = None


Outcome: TypeAlias = Accepted | Refused

COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def step(
    machine: Machine, record: Values, event: Tagged, policy: Values, *, emits: bool = True
) -> Outcome:
    """Apply one event: number first, then the table, then the guards in order.

    Without `emits`, nobody asks for the effects, and none is computed.
    """
    numbering = machine.numbering
    if event.fields[numbering.event_field] <= record[numbering.record_field]:
        return Refused("stale")
    kind = machine.event(event.name)
    rows = machine.rows_of(record[machine.state_field.name], kind.fact)
    if not rows:
        return Refused("illegal")
    env = {"record": record, "event": event.fields, "policy": policy}
    failed = None
    for row in rows:
        failing = [guard for guard in row.guards if not evaluate(guard.condition, env)]
        if not failing:
            env |= row_context(machine, row, event)
            emissions = row.emissions(kind.side) if emits else ()
            return Accepted(row, _after(machine, row, env), emitted(emissions, env))
        failed = failed or failing[0]
    return Refused("guard", failed)


def row_context(machine: Machine, row: Row, event: Tagged) -> dict[str, Any]:
    """What `row`, `fact` and `payload` stand for while a row is applied."""
    source, target = row.ends
    return {
        "row": {"source": source.name, "target": target.name},
        "fact": {"time": event.fields[row.fact.time], "durable": row.fact.durable},
        "payload": payload_of(machine, row.fact, event.fields),
    }


def payload_of(machine: Machine, fact: Fact, fields: Values) -> Tagged:
    """What travels of an event."""
    return Tagged(fact.name, {name: fields[name] for name in machine.payload(fact).names})


def _after(machine: Machine, row: Row, env: Values) -> Values:
    numbering = machine.numbering
    updates = {name: evaluate(node, env) for name, node in row.sets}
    updates[machine.state_field.name] = row.ends[1].name
    updates[numbering.record_field] = env["event"][numbering.event_field]
    return {**env["record"], **updates}


def emitted(emissions: tuple[Emission, ...], env: Values) -> tuple[Tagged, ...]:
    """The effects of emissions whose condition holds, in order, each with all of its fields."""
    return tuple(
        Tagged(emission.effect.name, _whole(emission.effect.fields, emission.fields, env))
        for emission in emissions
        if emission.condition is None or evaluate(emission.condition, env)
    )


def _whole(record: Record, fields: Assignments, env: Values) -> Values:
    """Every field of a record, those that are not given by their defaults."""
    given = dict(fields)
    return {
        part.name: evaluate(given[part.name], env) if part.name in given else empty(part)
        for part in record
    }


def construct(constructor: Constructor, machine: Machine, given: Values, event: Values) -> Values:
    """A new record: arguments, computed fields, and emptiness."""
    env = {"given": given, "event": event}
    known = {name: given[name] for name in constructor.arguments}
    known |= {name: evaluate(node, env) for name, node in constructor.sets}
    known[machine.state_field.name] = constructor.state.name
    return {
        part.name: known[part.name] if part.name in known else empty(part)
        for part in machine.record
    }


def empty(field: Field) -> Any:
    """What a field holds when nothing is known: its default, else nothing or no entries."""
    if isinstance(field.default, expr.Node):
        return evaluate(field.default, {})
    if field.default is not MISSING:
        return field.default
    match field.sort:
        case Map(total=False):
            return {}
        case Optional():
            return None
    raise LookupError(field.name)  # wellformed has seen to it that constructors give these


def evaluate(node: expr.Node, env: Values) -> Any:
    """The value of an expression, given what its roots and bound names stand for."""
    match node:
        case expr.Const(value=value):
            return value
        case expr.Root(name) | expr.Bound(name):
            return env[name]
        case expr.Attr(subject, name):
            return attribute(evaluate(subject, env), name)
        case expr.Part(item, whole, part):
            texts = evaluate(item, env).split(whole.separator, len(whole.parts) - 1)
            return texts[whole.parts.index(part)]
        case expr.Not(item):
            return not evaluate(item, env)
        case expr.And(items):
            return all(evaluate(item, env) for item in items)
        case expr.Or(items):
            return any(evaluate(item, env) for item in items)
        case expr.Iff(left, right):
            return evaluate(left, env) == evaluate(right, env)
        case expr.Compare(op, left, right):
            return COMPARE[op](*_alike(evaluate(left, env), evaluate(right, env)))
        case expr.Arithmetic(op, left, right):
            return compute(op, evaluate(left, env), evaluate(right, env))
        case expr.Negative(item):
            return -evaluate(item, env)
        case expr.Extreme(which, items):
            return _extreme(which, [evaluate(item, env) for item in items])
        case expr.If(test, then, otherwise):
            return evaluate(then if evaluate(test, env) else otherwise, env)
        case expr.Present(item):
            return evaluate(item, env) is not None
        case expr.Value(item):
            return evaluate(item, env)
        case expr.OrElse(item, fallback):
            value = evaluate(item, env)
            return evaluate(fallback, env) if value is None else value
        case expr.Make(record, fields):
            return _whole(record, fields, env)
        case expr.With(subject, fields):
            changed = {name: evaluate(value, env) for name, value in fields}
            return {**evaluate(subject, env), **changed}
        case expr.Rerun(half, record):
            return env["rerun"](half, evaluate(record, env))
        case expr.Emitted(of, effect):
            return sum(item.name == effect for item in evaluate(of, env)["effects"])
        case expr.Lookup() | expr.Put() | expr.Length():
            return _of_container(node, env)
        case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
            return _through_map(node, env)
        case expr.Head() | expr.Push() | expr.Pop() | expr.Count() | expr.Change():
            return _of_container(node, env)
        case expr.Unknown(what, name):
            raise TypeError(f"there is no {what} '{name}'")
        case _:
            assert_never(node)


def compute(op: expr.ArithmeticOperator, left: Any, right: Any) -> Any:
    """What two numbers or times come to."""
    match op:
        case "+":
            return operator.add(*_alike(left, right))
        case "-":
            return operator.sub(*_alike(left, right))
        case "*":
            return left * right
        case "%":
            # The divisor is positive, unless it has left the range that was declared for it.
            return left % right if right > 0 else 0
        case _:
            assert_never(op)


def _extreme(which: Literal["least", "greatest"], values: Sequence[Any]) -> Any:
    found, *others = values
    for value in others:
        one, other = _alike(found, value)
        found = min(one, other) if which == "least" else max(one, other)
    return found


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers or times; a declared length of time is in seconds, beside dates as theirs."""
    if isinstance(left, int) and isinstance(right, datetime | timedelta):
        return timedelta(seconds=left), right
    if isinstance(right, int) and isinstance(left, datetime | timedelta):
        return left, timedelta(seconds=right)
    return left, right


def _of_container(node: expr.OfContainer, env: Values) -> Any:
    match node:
        case expr.Lookup(of, key):
            return evaluate(of, env).get(evaluate(key, env))
        case expr.Put(of, key, value):
            return {**evaluate(of, env), evaluate(key, env): evaluate(value, env)}
        case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
            return _through_map(node, env)
        case expr.Length(queue):
            held = evaluate(queue, env)
            return sum(held.values()) if isinstance(held, dict) else len(held)
        case expr.Head(queue):
            return next(iter(evaluate(queue, env)), None)
        case expr.Push(queue, value):
            return (*evaluate(queue, env), evaluate(value, env))
        case expr.Pop(queue):
            return evaluate(queue, env)[1:]
        case expr.Count(bag, value):
            return evaluate(bag, env).get(evaluate(value, env), 0)
        case expr.Change(bag, value, by):
            counts, of = evaluate(bag, env), evaluate(value, env)
            left = max(0, counts.get(of, 0) + by)
            others = {key: count for key, count in counts.items() if key != of}
            return others | ({of: left} if left else {})
        case _:
            assert_never(node)


def _through_map(node: expr.ThroughMap, env: Values) -> Any:
    """What is asked of each value of a map, and of what it is under."""
    entries = evaluate(node.map, env)

    def holds(key: Any) -> bool:
        bound = {node.name: entries[key]} | ({} if node.key is None else {node.key: key})
        return bool(evaluate(node.body, {**env, **bound}))

    match node:
        case expr.Every():
            return all(map(holds, entries))
        case expr.Some():
            return any(map(holds, entries))
        case expr.Where():
            return {key: item for key, item in entries.items() if holds(key)}
        case expr.CountWhere():
            return sum(map(holds, entries))
        case _:
            assert_never(node)


def attribute(subject: Any, name: str) -> Any:
    """A field of a record or of a payload; nothing of nothing."""
    if isinstance(subject, Tagged):
        return subject.name if name == "kind" else subject.fields[name]
    return None if subject is None else subject[name]
