"""Gives each expression its sort, and reports every place where sorts don't fit.

The value of an optional may be taken only where its presence has been established
by what is evaluated before it: an earlier item of a conjunction, the premise of an
implication, the test of a choice, the condition of an effect. That makes every
accepted expression total, so no target needs a notion of failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from steptable import expr
from steptable.errors import Fault, Location, suggestion
from steptable.sorts import (
    TRUTH,
    Enum,
    Integer,
    Map,
    Optional,
    Record,
    Sort,
    inner,
    is_comparable,
    is_ordered,
)
from steptable.wellformed.fitting import (
    NONE_YET,
    Present,
    advice_for,
    advice_on_comparing,
    common_sort,
    computed,
    constant_fits,
    established,
    fits,
    is_untyped,
    shown,
)

_OPERAND: Final = "an operand of &, |, ~, .implies or .iff"


@dataclass
class Sorter:
    """Sorts of the expressions of one declaration, `where`, in a scope of roots."""

    where: str
    at: Location
    scope: Mapping[str, Sort]
    faults: list[Fault] = field(default_factory=list)
    sorts: dict[expr.Node, Sort] = field(default_factory=dict)
    """The sort of every node seen, for analyses that come after."""
    around: Location | None = None
    """Where the expression at hand stands, for nodes that do not say."""

    def fault(self, node: expr.Node, problem: str, advice: str, slug: str) -> None:
        at = node.at or self.around or self.at
        self.faults.append(Fault(at, self.where, problem, advice, slug))

    def expect(self, node: expr.Node, wanted: Sort, what: str, present: Present = NONE_YET) -> None:
        """Report unless the node may stand where `wanted` is asked for."""
        outer, self.around = self.around, node.at or self.around
        self._expect(node, wanted, what, present)
        self.around = outer

    def _expect(self, node: expr.Node, wanted: Sort, what: str, present: Present) -> None:
        match node:
            case expr.Const(value=value, sort=None):
                if not constant_fits(value, wanted):
                    advice = advice_for(node, wanted, None)
                    self.fault(node, f"{what} is {shown(value)}, not {wanted}", advice, "sort")
                self.sorts[node] = wanted
            case expr.If(test, then, otherwise) if is_untyped(then) or is_untyped(otherwise):
                self.expect(test, TRUTH, "the test", present)
                self.expect(then, wanted, what, present | established(test))
                self.expect(otherwise, wanted, what, present | established(test, False))
                self.sorts[node] = wanted
            case _:
                given = self.sort(node, present)
                if given is not None and not fits(node, wanted, given):
                    problem = f"{what} has sort {given}, not {wanted}"
                    if isinstance(node, expr.Const) and not isinstance(given, Enum):
                        problem = f"{what} is {node.value!r}, not {wanted}"
                    self.fault(node, problem, advice_for(node, wanted, given), "sort")

    def sort(self, node: expr.Node, present: Present = NONE_YET) -> Sort | None:
        """The sort of a node, or None where a fault has been reported."""
        outer, self.around = self.around, node.at or self.around
        sort = self._sort(node, present)
        self.around = outer
        if sort is not None:
            self.sorts[node] = sort
        return sort

    def _sort(self, node: expr.Node, present: Present) -> Sort | None:
        match node:
            case expr.Const(sort=None):
                self.fault(
                    node,
                    f"the sort of {shown(node.value)} can't be told from its place",
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
                    advice = suggestion(name, self.scope) if self.scope else "write a constant"
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
            case expr.Rerun(record=record) if "rerun" in self.scope:
                self.expect(record, self.scope["before"], "the record to run again", present)
                return self.scope["rerun"]
            case expr.Make(record, fields):
                self.check_fields(node.at or self.at, record, dict(fields), present, partial=False)
                return record
            case expr.With(subject, fields):
                sort = self.sort(subject, present)
                if sort is not None and not isinstance(sort, Record):
                    advice = "change the fields of a record"
                    self.fault(node, f"{sort} has no fields", advice, "sort")
                    return None
                if sort is not None:
                    self.check_fields(node.at or self.at, sort, dict(fields), present, partial=True)
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
                    self.expect(item, TRUTH, _OPERAND, present)
                    present |= established(item, holds)
            case _:
                for item in expr.children(node):
                    self.expect(item, TRUTH, _OPERAND, present)
        return TRUTH

    def _comparison(self, node: expr.Compare, present: Present) -> Sort:
        left, right = node.left, node.right
        if isinstance(left, expr.Const) and left.sort is None:
            left, right = right, left
        sort = self.sort(left, present)
        if sort is None:
            if not is_untyped(right):
                self.sort(right, present)
            return TRUTH
        if node.op not in ("==", "!="):
            if not is_ordered(sort):
                advice = "compare integers, instants or durations"
                if is_ordered(inner(sort)):
                    advice = "take its .value where .is_known is established"
                self.fault(node, f"{sort} has no order", advice, "sort")
                if not is_untyped(right):
                    self.sort(right, present)
            else:
                self.expect(right, sort, "the right side", present)
        elif not (is_comparable(sort) or self._compares_records(sort)):
            self.fault(node, f"{sort} can't be compared", advice_on_comparing(sort), "sort")
        elif isinstance(right, expr.Const) and right.value is None:
            problem = "nothing is no value to compare with"
            self.fault(node, problem, "write x.is_known or ~x.is_known", "sort")
        else:
            optional = isinstance(sort, Optional) or isinstance(
                self.sort(right, present) if not is_untyped(right) else None, Optional
            )
            wanted = Optional(inner(sort)) if optional else sort
            self.expect(right, wanted, "the right side", present)
        return TRUTH

    def _compares_records(self, sort: Sort) -> bool:
        # A property over steps compares whole records, less what no engine keeps.
        return "step" in self.scope and isinstance(sort, Record)

    def _arithmetic(self, node: expr.Arithmetic, present: Present) -> Sort | None:
        left, right = self.sort(node.left, present), self.sort(node.right, present)
        if left is None or right is None:
            return None
        result = computed(node.op, left, right)
        if result is None:
            advice = "add integers, or a duration to an instant"
            self.fault(node, f"{left} {node.op} {right} has no meaning", advice, "sort")
        return result

    def _choice(self, *branches: tuple[expr.Node, Present]) -> Sort | None:
        typed = [self.sort(node, present) for node, present in branches if not is_untyped(node)]
        if not typed:
            typed = [self.sort(node, present) for node, present in branches]
        if None in typed:
            return None
        sorts = [sort for sort in typed if sort is not None]
        nothing = any(isinstance(n, expr.Const) and n.value is None for n, _ in branches)
        optional = nothing or any(isinstance(s, Optional) for s in sorts)
        common = common_sort(*(inner(sort) for sort in sorts))
        common = Optional(common) if optional else common
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
                if isinstance(fallback, expr.Const):
                    return sort if fallback.value is None else sort.of
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
                if name in self.scope:
                    # Targets call both by that name, so that the inner one would hide the outer.
                    problem = f"the variable '{name}' has the name of what can be read here"
                    self.fault(node, problem, "rename the variable", "duplicate-name")
                inside = replace(self, scope={**self.scope, name: sort.value})
                inside.expect(body, TRUTH, "the condition", present)
                return TRUTH if isinstance(node, expr.Every) else sort
        return None

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
