"""One way of writing for expressions and rows that mean the same, as far as form can tell.

Two things with one normal form mean the same for every value there is. The reverse does not
hold: where forms differ, `steptable.compare.witness` looks for an input that tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, assert_never

from steptable import expr
from steptable.elaboration import default_of, elaborated
from steptable.machine import Emission, Machine, Row, Side
from steptable.sorts import Record
from steptable.wellformed.machines.constructors import set_for_all

_TRUE: Final = expr.Const(True, None)
_FALSE: Final = expr.Const(False, None)


def normal(node: expr.Node) -> expr.Node:
    """The expression in normal form.

    Bound names, the order and nesting of connectives, which side of a comparison something
    stands on, double negation, and the place of a negation make no difference.
    """
    return _Normal().of(node, {})


class _Normal:
    def of(self, node: expr.Node, bound: Mapping[str, str]) -> expr.Node:
        match node:
            case expr.Const(value=value):
                return expr.Const(value, None)
            case expr.Root():
                return node
            case expr.Bound(name):
                return expr.Bound(bound.get(name, name))
            case expr.Attr(subject, name):
                return expr.Attr(self.of(subject, bound), name)
            case expr.Value(item):  # the interpreter reads straight through it
                return self.of(item, bound)
            case expr.Not(item):
                return _denied(self.of(item, bound))
            case expr.And(items):
                return connected(expr.And, (self.of(item, bound) for item in items))
            case expr.Or(items):
                return connected(expr.Or, (self.of(item, bound) for item in items))
            case expr.Iff(left, right):
                return expr.Iff(*_sorted(self.of(left, bound), self.of(right, bound)))
            case expr.Compare(op, left, right):
                return _compared(op, self.of(left, bound), self.of(right, bound))
            case expr.Arithmetic(op, left, right):
                return _calculated(op, self.of(left, bound), self.of(right, bound))
            case expr.If(test, then, otherwise):
                return _chosen(*(self.of(part, bound) for part in (test, then, otherwise)))
            case expr.Make(record, parts):
                return self._made(record, parts, bound)
            case expr.With(subject, parts):
                pairs = sorted((name, self.of(value, bound)) for name, value in parts)
                return expr.With(self.of(subject, bound), tuple(pairs))
            case expr.Some(of, name, body, key):
                return _denied(self.of(expr.Every(of, name, expr.Not(body), key), bound))
            case expr.Every(of, name, body, key) | expr.Where(of, name, body, key):
                return type(node)(self.of(of, bound), *self._body(name, body, key, bound))
            case expr.CountWhere(of, name, body, key):
                return expr.CountWhere(self.of(of, bound), *self._body(name, body, key, bound))
            case expr.Extreme(which, items):
                parts_of = dict.fromkeys(self.of(item, bound) for item in items)
                return expr.Extreme(which, tuple(sorted(parts_of, key=repr)))
            case expr.Negative() | expr.Unknown() | expr.Part() | expr.Present() | expr.OrElse():
                return expr.rebuild(node, lambda part: self.of(part, bound))
            case expr.Lookup() | expr.Put() | expr.Length() | expr.Head() | expr.Push():
                return expr.rebuild(node, lambda part: self.of(part, bound))
            case expr.Pop() | expr.Count() | expr.Change() | expr.Emitted() | expr.Rerun():
                return expr.rebuild(node, lambda part: self.of(part, bound))
            case _:
                assert_never(node)

    def _body(
        self, name: str, body: expr.Node, key: str | None, bound: Mapping[str, str]
    ) -> tuple[str, expr.Node, str | None]:
        """What is asked of the values of a map, whatever they and their keys are called."""
        inner = f"${len(bound)}"
        if key is None or expr.Bound(key) not in expr.walk(body):
            return inner, self.of(body, {**bound, name: inner}), None
        of_key = f"${len(bound) + 1}"
        return inner, self.of(body, {**bound, name: inner, key: of_key}), of_key

    def _made(
        self, record: Record, parts: tuple[tuple[str, expr.Node], ...], bound: Mapping[str, str]
    ) -> expr.Node:
        """A record with every field written out; its name and its docs say nothing."""
        given = dict(parts)
        for part in record:
            if part.name not in given:
                given[part.name] = default_of(part)
        pairs = sorted((name, self.of(value, bound)) for name, value in given.items())
        return expr.Make(Record("", ()), tuple(pairs))


def _sorted(left: expr.Node, right: expr.Node) -> tuple[expr.Node, expr.Node]:
    return (left, right) if repr(left) <= repr(right) else (right, left)


def connected(
    kind: type[expr.And[expr.Node] | expr.Or[expr.Node]], items: Iterable[expr.Node]
) -> expr.Node:
    """A connective of normal items: flat, sorted, each item once, without what goes without saying.

    Nothing is left of a conjunction with something false in it, or a disjunction with
    something true.
    """
    neutral, decisive = (_TRUE, _FALSE) if kind is expr.And else (_FALSE, _TRUE)
    flat: dict[expr.Node, None] = {}
    for item in items:
        flat |= dict.fromkeys(item.items if isinstance(item, kind) else (item,))
    flat.pop(neutral, None)
    if decisive in flat:
        return decisive
    if len(flat) == 1:
        return next(iter(flat))
    return kind(tuple(sorted(flat, key=repr))) if flat else neutral


def _denied(node: expr.Node) -> expr.Node:
    """The opposite of something normal, in normal form."""
    if isinstance(node, expr.And):
        return connected(expr.Or, (_denied(item) for item in node.items))
    if isinstance(node, expr.Or):
        return connected(expr.And, (_denied(item) for item in node.items))
    if isinstance(node, expr.Compare):
        return _compared(expr.OPPOSITE[node.op], node.left, node.right)
    return expr.negate(node)


def _calculated(op: expr.ArithmeticOperator, left: expr.Node, right: expr.Node) -> expr.Node:
    match op:
        case "+" | "*":
            return expr.Arithmetic(op, *_sorted(left, right))
        case "-" | "%":
            return expr.Arithmetic(op, left, right)
        case _:
            assert_never(op)


def _compared(op: expr.CompareOperator, left: expr.Node, right: expr.Node) -> expr.Node:
    if op in (">", ">="):
        return expr.Compare(expr.MIRRORED[op], right, left)
    if op in ("==", "!="):
        left, right = _sorted(left, right)
    return expr.Compare(op, left, right)


def _chosen(test: expr.Node, then: expr.Node, otherwise: expr.Node) -> expr.Node:
    if then == otherwise:
        return then
    if isinstance(test, expr.Const):
        return then if test.value else otherwise
    if isinstance(test, expr.Present) and test.item == then:
        return expr.OrElse(test.item, otherwise)
    denied = _denied(test)
    if repr(denied) < repr(test):
        return expr.If(denied, otherwise, then)
    return expr.If(test, then, otherwise)


# ── Rows ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Produced:
    """An effect of a row in normal form."""

    name: str
    condition: expr.Node
    fields: tuple[tuple[str, expr.Node], ...]


@dataclass(frozen=True)
class Form:
    """What a row means for one side, in normal form; names and reasons are no part of it."""

    guards: expr.Node
    target: str
    sets: tuple[tuple[str, expr.Node], ...]
    emits: tuple[Produced, ...]

    def without_effects(self) -> Form:
        """What all sides have in common."""
        return replace(self, emits=())

    def nodes(self) -> Iterator[expr.Node]:
        """Every expression in it."""
        yield self.guards
        yield from (node for _, node in self.sets)
        for effect in self.emits:
            yield effect.condition
            yield from (node for _, node in effect.fields)


@dataclass(frozen=True)
class Shared:
    """What both versions of a machine have, as far as effects carry it."""

    fields: Mapping[str, frozenset[str]]
    """The fields of each effect that both have, by the name of the effect."""

    @classmethod
    def of(cls, old: Machine, new: Machine) -> Shared:
        later = {effect.name: frozenset(effect.fields.names) for effect in new.effects}
        return cls(
            {
                effect.name: later[effect.name] & frozenset(effect.fields.names)
                for effect in old.effects
                if effect.name in later
            }
        )

    def keeps(self, effect: str, name: str) -> bool:
        """Whether a field of an effect counts as behaviour; one that is new or gone does not."""
        return effect not in self.fields or name in self.fields[effect]


def form(machine: Machine, row: Row, side: Side, shared: Shared) -> Form:
    """What a row means for one side."""
    plain = elaborated(machine, row, side)
    sets = ((name, normal(node)) for name, node in plain.assignments)
    for_all = set_for_all(machine)
    return Form(
        connected(expr.And, (normal(guard.condition) for guard in row.guards)),
        row.ends[1].name,
        tuple(
            sorted(
                (name, node)
                for name, node in sets
                if name not in for_all and node != expr.Attr(expr.Root("record"), name)
            )
        ),
        tuple(_produced(item, shared) for item in plain.emissions),
    )


def _produced(item: Emission, shared: Shared) -> Produced:
    condition = _TRUE if item.condition is None else normal(item.condition)
    kept = ((name, node) for name, node in item.fields if shared.keeps(item.effect.name, name))
    fields = tuple(sorted((name, normal(node)) for name, node in kept))
    return Produced(item.effect.name, condition, fields)
