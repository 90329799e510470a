"""Gives each expression its sort, and reports every place where sorts don't fit.

The value of an optional may be taken only where its presence has been established
by what is evaluated before it: an earlier item of a conjunction, the premise of an
implication, the test of a choice, the condition of an effect. That makes every
accepted expression total, so no target needs a notion of failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from steptable import expr
from steptable.errors import Fault, Location, suggestion
from steptable.sorts import (
    TRUTH,
    Integer,
    Optional,
    Record,
    Sort,
    Variant,
    inner,
)
from steptable.wellformed.expressions.containers import sort_of_container
from steptable.wellformed.expressions.fitting import NONE_YET, Present, established, shown
from steptable.wellformed.expressions.operations import (
    sort_of_arithmetic,
    sort_of_choice,
    sort_of_comparison,
    sort_of_number,
    sort_of_optional,
)
from steptable.wellformed.expressions.scope import Scope

RERUN: Final = "rerun(...)"
"""Under which name a scope has the sort of what would have happened instead: a function's."""

_OPERAND: Final = "an operand of &, |, ~, .implies or .iff"


class Sorter(Scope):
    """Gives expressions their sorts."""

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
                if name not in self.roots:
                    advice = suggestion(name, self.roots) if self.roots else "write a constant"
                    self.fault(node, f"'{name}' can't be read here", advice, "unknown-name")
                return self.roots.get(name)
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
            case expr.Negative() | expr.Extreme():
                return sort_of_number(self, node, present)
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
            case expr.Lookup() | expr.Put() | expr.Length():
                return sort_of_container(self, node, present)
            case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
                return sort_of_container(self, node, present)
            case expr.Head() | expr.Push() | expr.Pop() | expr.Count() | expr.Change():
                return sort_of_container(self, node, present)
            case _:
                assert_never(node)

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

    def _connective(
        self,
        node: expr.Not[expr.Node] | expr.And[expr.Node] | expr.Or[expr.Node] | expr.Iff[expr.Node],
        present: Present,
    ) -> Sort:
        for item in expr.children(node):
            self.expect(item, TRUTH, _OPERAND, present)
            if isinstance(node, expr.And | expr.Or):
                present |= established(item, isinstance(node, expr.And))
        return TRUTH

    def _event(self, node: expr.OfEvent, present: Present) -> Sort | None:
        """What only properties over events speak of."""
        if RERUN not in self.roots:
            problem = "it speaks of an event, and there is none here"
            self.fault(node, problem, "ask it in a property over events", "no-event")
            return None
        match node:
            case expr.Emitted(step=step):
                self.expect(step, self.roots["step"], "what emits", present)
                return Integer(0, 64)
            case expr.Rerun(record=record):
                self.expect(record, self.roots["before"], "the record to run again", present)
                return self.roots[RERUN]
            case _:
                assert_never(node)

    def check_fields(
        self,
        at: Location,
        record: Record,
        fields: Mapping[str, expr.Node],
        present: Present = NONE_YET,
        *,
        partial: bool,
    ) -> None:
        """Report fields that a record does not have, that are missing, or of a wrong sort."""

        def report(problem: str, advice: str, slug: str) -> None:
            self.faults.append(Fault(at, self.where, problem, advice, slug))

        for name, value in fields.items():
            part = record.get(name)
            if part is None:
                advice = suggestion(name, record.names)
                report(f"{record} has no field '{name}'", advice, "unknown-name")
            else:
                self.expect(value, part.sort, f"'{name}'", present)
        if not partial:
            for part in record:
                if part.is_required and part.name not in fields:
                    report(f"{record} lacks '{part.name}'", f"give '{part.name}'", "missing-field")
