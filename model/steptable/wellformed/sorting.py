"""Gives each expression its sort, and reports every place where sorts don't fit.

The value of an optional may be taken only where its presence has been established
by what is evaluated before it: an earlier item of a conjunction, the premise of an
implication, the test of a choice, the condition of an effect. That makes every
accepted expression total, so no target needs a notion of failure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from steptable import expr
from steptable.errors import Fault, Location, suggestion
from steptable.sorts import (
    TRUTH,
    Duration,
    Enum,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
    accepts,
    inner,
    is_ordered,
)

Present: TypeAlias = frozenset[expr.Node]
"""The optionals that are known to have a value at some point of an expression."""

NONE_YET: Present = frozenset()


def established(node: expr.Node, holds: bool = True) -> Present:
    """The optionals that have a value where a condition holds (or where it does not)."""
    match node, holds:
        case expr.Present(item), True:
            return frozenset({item})
        case expr.Not(item), _:
            return established(item, not holds)
        case (expr.And(items), True) | (expr.Or(items), False):
            return frozenset().union(*(established(item, holds) for item in items))
    return NONE_YET


@dataclass
class Sorter:
    """Sorts of the expressions of one declaration, `where`, in a scope of roots."""

    where: str
    at: Location
    scope: Mapping[str, Sort]
    faults: list[Fault] = field(default_factory=list)
    sorts: dict[expr.Node, Sort] = field(default_factory=dict)
    """The sort of every node seen, for analyses that come after."""

    def fault(self, node: expr.Node, problem: str, advice: str, slug: str) -> None:
        self.faults.append(Fault(node.at or self.at, self.where, problem, advice, slug))

    def expect(
        self, node: expr.Node, wanted: Sort, what: str, present: Present = NONE_YET
    ) -> None:
        """Report unless the node may stand where `wanted` is asked for."""
        if isinstance(node, expr.Const) and node.sort is None:
            if not _constant_fits(node.value, wanted):
                known = inner(wanted)
                advice = (
                    suggestion(str(node.value), known.values)
                    if isinstance(known, Enum) and node.value
                    else f"write a value of sort {wanted}"
                )
                self.fault(node, f"{what} is {_shown(node.value)}, not {wanted}", advice, "sort")
            self.sorts[node] = wanted
            return
        given = self.sort(node, present)
        if given is not None and not _fits(node, wanted, given):
            self.fault(
                node,
                f"{what} has sort {given}, not {wanted}",
                f"write a value of sort {wanted}",
                "sort",
            )

    def sort(self, node: expr.Node, present: Present = NONE_YET) -> Sort | None:
        """The sort of a node, or None where a fault has been reported."""
        sort = self._sort(node, present)
        if sort is not None:
            self.sorts[node] = sort
        return sort

    def _sort(self, node: expr.Node, present: Present) -> Sort | None:
        match node:
            case expr.Const(sort=None):
                self.fault(
                    node,
                    f"the sort of {_shown(node.value)} can't be told from its place",
                    "compare optionals with .is_known, or assign the value to a field",
                    "sort",
                )
                return None
            case expr.Const(sort=sort):
                return sort
            case expr.Unknown(what, name, known):
                advice = suggestion(name, known)
                self.fault(node, f"there is no {what} '{name}'", advice, "unknown-name")
                return None
            case expr.Root(name) | expr.Bound(name):
                if name not in self.scope:
                    advice = suggestion(name, self.scope)
                    self.fault(node, f"'{name}' can't be read here", advice, "unknown-name")
                return self.scope.get(name)
            case expr.Attr(subject, name):
                return self._attribute(node, self.sort(subject, present), name)
            case expr.Part(item, whole, part):
                self.expect(item, whole, "the composite symbol", present)
                if part not in whole.parts:
                    advice = suggestion(part.name, [known.name for known in whole.parts])
                    self.fault(node, f"{whole} has no part '{part}'", advice, "unknown-name")
                return part
            case expr.Not() | expr.And() | expr.Or() | expr.Iff():
                return self._connective(node, present)
            case expr.Compare():
                return self._comparison(node, present)
            case expr.Arithmetic():
                return self._arithmetic(node, present)
            case expr.If(test, then, otherwise):
                self.expect(test, TRUTH, "the test", present)
                return self._choice(
                    (then, present | established(test)),
                    (otherwise, present | established(test, False)),
                )
            case expr.Present() | expr.Value() | expr.OrElse():
                return self._optional(node, present)
            case expr.Make(record, fields):
                self._fields(node, record, fields, present, partial=False)
                return record
            case expr.With(subject, fields):
                sort = self.sort(subject, present)
                if isinstance(sort, Record):
                    self._fields(node, sort, fields, present, partial=True)
                return sort
            case _:
                return self._map(node, present)

    def _attribute(self, node: expr.Node, sort: Sort | None, name: str) -> Sort | None:
        if sort is None:
            return None
        record = inner(sort)
        if not isinstance(record, Record):
            self.fault(node, f"{sort} has no fields", f"remove '.{name}'", "sort")
            return None
        part = record.get(name)
        if part is None:
            advice = suggestion(name, record.names)
            self.fault(node, f"{record} has no field '{name}'", advice, "unknown-name")
            return None
        return Optional(inner(part.sort)) if isinstance(sort, Optional) else part.sort

    def _connective(self, node: expr.Node, present: Present) -> Sort:
        match node:
            case expr.And(items) | expr.Or(items):
                holds = isinstance(node, expr.And)
                for item in items:
                    self.expect(item, TRUTH, "an operand of a connective", present)
                    present |= established(item, holds)
            case _:
                for item in expr.children(node):
                    self.expect(item, TRUTH, "an operand of a connective", present)
        return TRUTH

    def _comparison(self, node: expr.Compare, present: Present) -> Sort:
        left, right = node.left, node.right
        if isinstance(left, expr.Const) and left.sort is None:
            left, right = right, left
        sort = self.sort(left, present)
        if sort is None:
            self.sort(right, present) if not _is_untyped(right) else None
            return TRUTH
        if node.op not in ("==", "!="):
            if not is_ordered(sort):
                advice = "compare integers, instants or durations; use .value of a known optional"
                self.fault(node, f"{sort} has no order", advice, "sort")
            self.expect(right, sort, "the right side", present)
        elif isinstance(inner(sort), Truth | Opaque):
            advice = (
                "write .iff(...), or the truth itself"
                if isinstance(inner(sort), Truth)
                else "opaque values are carried, never compared; declare a sort that is"
            )
            self.fault(node, f"{sort} can't be compared", advice, "sort")
        elif _is_untyped(right) and isinstance(right, expr.Const) and right.value is None:
            self.fault(node, "nothing can't be compared", "write .is_known or ~ .is_known", "sort")
        else:
            self.expect(right, Optional(inner(sort)), "the right side", present)
        return TRUTH

    def _arithmetic(self, node: expr.Arithmetic, present: Present) -> Sort | None:
        left, right = self.sort(node.left, present), self.sort(node.right, present)
        match left, node.op, right:
            case Integer(), "+", Integer():
                return Integer(left.low + right.low, left.high + right.high)
            case Integer(), "-", Integer():
                return Integer(left.low - right.high, left.high - right.low)
            case Instant(), "-", Instant():
                return Duration()
            case (Instant(), _, Duration()) | (Duration(), _, Duration()):
                return left
        if left is not None and right is not None:
            advice = "add integers, or a duration to an instant"
            self.fault(node, f"{left} {node.op} {right} has no meaning", advice, "sort")
        return None

    def _choice(self, *branches: tuple[expr.Node, Present]) -> Sort | None:
        typed = [self.sort(node, present) for node, present in branches if not _is_untyped(node)]
        if not typed or None in typed:
            return None
        sorts = [sort for sort in typed if sort is not None]
        optional = len(sorts) < len(branches) or any(isinstance(s, Optional) for s in sorts)
        common: Sort = Optional(inner(sorts[0])) if optional else sorts[0]
        for node, present in branches:
            self.expect(node, common, "a branch of the choice", present)
        return common

    def _optional(self, node: expr.Node, present: Present) -> Sort | None:
        match node:
            case expr.Present(item) | expr.Value(item) | expr.OrElse(item):
                sort = self.sort(item, present)
            case _:
                raise TypeError(node)
        if sort is None:
            return None
        if not isinstance(sort, Optional):
            self.fault(node, f"{sort} is no optional", "use the value itself", "sort")
            return None
        match node:
            case expr.Present():
                return TRUTH
            case expr.Value(item):
                if item not in present:
                    advice = "establish it first: x.is_known & ..., or x.is_known.implies(...)"
                    self.fault(node, "the optional may be empty here", advice, "unguarded-value")
                return sort.of
            case expr.OrElse(fallback=fallback):
                self.expect(fallback, sort, "the fallback", present)
                full = self.sorts.get(fallback)
                return sort.of if full is not None and not isinstance(full, Optional) else sort
        return None

    def _map(self, node: expr.Node, present: Present) -> Sort | None:
        match node:
            case expr.Emitted():
                return Integer(0, 64)
            case expr.Lookup(of) | expr.Put(of) | expr.Every(of) | expr.Where(of):
                sort = self.sort(of, present)
            case _:
                raise TypeError(f"{type(node).__name__} has no sort")
        if sort is None:
            return None
        if not isinstance(sort, Map):
            self.fault(node, f"{sort} is no map", "use a field that is a map", "sort")
            return None
        match node:
            case expr.Lookup(key=key):
                self.expect(key, sort.key, "the key", present)
                return Optional(sort.value)
            case expr.Put(key=key, value=value):
                self.expect(key, sort.key, "the key", present)
                self.expect(value, sort.value, "the value", present)
                return sort
            case expr.Every(name=name, body=body) | expr.Where(name=name, body=body):
                inside = replace(self, scope={**self.scope, name: sort.value})
                inside.expect(body, TRUTH, "the condition", present)
                return TRUTH if isinstance(node, expr.Every) else sort
        return None

    def _fields(
        self,
        node: expr.Node,
        record: Record,
        fields: Iterable[tuple[str, expr.Node]],
        present: Present,
        *,
        partial: bool,
    ) -> None:
        self.check_fields(node.at or self.at, record, dict(fields), present, partial=partial)

    def check_fields(
        self,
        at: Location,
        record: Record,
        given: Mapping[str, expr.Node],
        present: Present = NONE_YET,
        *,
        partial: bool,
    ) -> None:
        """Report fields that a record does not have, that are missing, or of a wrong sort."""

        def report(problem: str, advice: str, slug: str) -> None:
            self.faults.append(Fault(at, self.where, problem, advice, slug))

        for name, value in given.items():
            part = record.get(name)
            if part is None:
                advice = suggestion(name, record.names)
                report(f"{record} has no field '{name}'", advice, "unknown-name")
            else:
                self.expect(value, part.sort, f"'{name}'", present)
        if not partial:
            for part in record:
                if part.is_required and part.name not in given:
                    report(f"{record} lacks '{part.name}'", f"give '{part.name}'", "missing-field")


def _is_untyped(node: expr.Node) -> bool:
    return isinstance(node, expr.Const) and node.sort is None


def _constant_fits(value: object, wanted: Sort) -> bool:
    if value is None:
        return isinstance(wanted, Optional)
    if value == {}:
        return isinstance(inner(wanted), Map)
    of = inner(wanted)
    return isinstance(of, Enum) and value in of.values


def _fits(node: expr.Node, wanted: Sort, given: Sort) -> bool:
    match node, inner(wanted):
        case expr.Const(value=int() as value), Integer(low, high):
            return low <= value <= high
        case expr.Const(value=str(), sort=Symbol("text")), Symbol():
            return True
    return accepts(wanted, given)


def _shown(value: object) -> str:
    return {None: "nothing"}.get(value, str(value)) if value != {} else "an empty map"
