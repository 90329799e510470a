"""Gives each expression its sort, and reports every place where sorts don't fit.

The value of an optional may be taken only where its presence has been established
by what is evaluated before it: an earlier item of a conjunction, the premise of an
implication, the test of a choice, the condition of an effect. That makes every
accepted expression total, so no target needs a notion of failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from steptable import expr
from steptable.errors import Fault, Location, suggestion
from steptable.sorts import (
    TRUTH,
    Enum,
    Integer,
    Optional,
    Record,
    Sort,
    Symbol,
    Variant,
    accepts,
    inner,
)
from steptable.wellformed.containers import sort_of_container
from steptable.wellformed.fitting import (
    NONE_YET,
    Present,
    advice_for,
    constant_fits,
    established,
    fits,
    is_text,
    is_untyped,
    named_here,
    shown,
    texts_of,
)
from steptable.wellformed.operations import (
    sort_of_arithmetic,
    sort_of_choice,
    sort_of_comparison,
    sort_of_optional,
)
from steptable.world import Bounds

RERUN: Final = "rerun(...)"
"""Under which name a scope has the sort of what would have happened instead: a function's."""

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
    bounds: Bounds | None = None
    """Of a world, where a text stands for a symbol or a value of an enumeration."""

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
            case expr.Const(value=text) if self.bounds is not None and is_text(node):
                self._text(node, text, wanted, self.bounds, what)
                self.sorts[node] = wanted
            case expr.Const(value=value, sort=None):
                if not constant_fits(value, wanted):
                    advice = advice_for(node, wanted, None)
                    self.fault(node, f"{what} is {shown(value)}, not {wanted}", advice, "sort")
                self.sorts[node] = wanted
            case expr.If(test, then, otherwise) if any(map(self.is_untyped, (then, otherwise))):
                self.expect(test, TRUTH, "the test", present)
                self.expect(then, wanted, what, present | established(test))
                self.expect(otherwise, wanted, what, present | established(test, False))
                self.sorts[node] = wanted
            case _:
                self.demand(node, wanted, self.sort(node, present), what)

    def demand(self, node: expr.Node, wanted: Sort, given: Sort | None, what: str) -> None:
        """Report unless a node whose sort is known may stand where `wanted` is asked for."""
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
                return sort_of_comparison(self, node, present)
            case expr.Arithmetic():
                return sort_of_arithmetic(self, node, present)
            case expr.If(test, then, otherwise):
                self.expect(test, TRUTH, "the test", present)
                return sort_of_choice(
                    self,
                    (then, present | established(test)),
                    (otherwise, present | established(test, False)),
                )
            case expr.Present() | expr.Value() | expr.OrElse():
                return sort_of_optional(self, node, present)
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
            case expr.Emitted() | expr.Rerun():
                return self._event(node, present)
            case _:
                return sort_of_container(self, node, present)

    def is_untyped(self, node: expr.Node) -> bool:
        """Whether a node takes the sort of its place; in a world, texts do."""
        match node:
            case expr.If(_, then, otherwise):
                return self.is_untyped(then) and self.is_untyped(otherwise)
        return is_untyped(node) or (self.bounds is not None and is_text(node))

    def _text(self, node: expr.Node, text: str, wanted: Sort, bounds: Bounds, what: str) -> None:
        """Report unless a text is one of the values that `wanted` has in the world."""
        known = texts_of(inner(wanted), bounds)
        if known is None:
            if not accepts(wanted, Symbol("text")):
                advice = advice_for(node, wanted, None)
                self.fault(node, f"{what} is {text!r}, not {wanted}", advice, "sort")
        elif known and text not in known:  # no values at all are a fault of the bounds
            problem = f"{what} is {text!r}, which is no {named_here(inner(wanted))}"
            self.fault(node, problem, suggestion(text, known), "out-of-bounds")

    def _attribute(self, node: expr.Node, sort: Sort | None, name: str) -> Sort | None:
        if sort is None:
            return None
        record = inner(sort)
        if isinstance(record, Variant):
            if any(name in case.names for case in record.cases) and name not in record.shared.names:
                problem = f"not every case of {record} has a field '{name}'"
                advice = f"read one of: {', '.join(record.shared.names)}"
                self.fault(node, problem, advice, "not-shared")
                return None
            record = record.shared
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

    def _event(self, node: expr.Emitted | expr.Rerun, present: Present) -> Sort | None:
        """What only properties over events speak of."""
        if RERUN not in self.scope:
            problem = "it speaks of an event, and there is none here"
            self.fault(node, problem, "ask it in a property over events", "no-event")
            return None
        match node:
            case expr.Emitted(step=step):
                self.expect(step, self.scope["step"], "what emits", present)
                return Integer(0, 64)
            case expr.Rerun(record=record):
                self.expect(record, self.scope["before"], "the record to run again", present)
                return self.scope[RERUN]

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
