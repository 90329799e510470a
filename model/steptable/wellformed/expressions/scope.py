"""What can be read in an expression, with which sort, and how faults in it are reported.

A text stands for a symbol or a value of an enumeration in a world; elsewhere constants are typed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from steptable import expr
from steptable.errors import Fault, Location, suggestion
from steptable.sorts import TRUTH, Enum, Sort, Symbol, accepts, inner
from steptable.wellformed.expressions.fitting import (
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
from steptable.world import Bounds


@dataclass
class Scope(ABC):
    """The expressions of one declaration, `where`, in a scope of roots; a subclass sorts nodes."""

    where: str
    at: Location
    roots: Mapping[str, Sort]
    """What can be read, by name."""
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
        if isinstance(node, expr.Const) and self.bounds is not None and is_text(node):
            self._text(node, node.value, wanted, self.bounds, what)
        elif isinstance(node, expr.Const) and node.sort is None:
            if not constant_fits(node.value, wanted):
                advice = advice_for(node, wanted, None)
                self.fault(node, f"{what} is {shown(node.value)}, not {wanted}", advice, "sort")
        elif isinstance(node, expr.If) and any(map(self.is_untyped, (node.then, node.otherwise))):
            self.expect(node.test, TRUTH, "the test", present)
            self.expect(node.then, wanted, what, present | established(node.test))
            self.expect(node.otherwise, wanted, what, present | established(node.test, False))
        else:
            self.demand(node, wanted, self.sort(node, present), what)
            return
        self.sorts[node] = wanted

    def demand(self, node: expr.Node, wanted: Sort, offered: Sort | None, what: str) -> None:
        """Report unless a node whose sort is known may stand where `wanted` is asked for."""
        if offered is not None and not fits(node, wanted, offered):
            problem = f"{what} has sort {offered}, not {wanted}"
            if isinstance(node, expr.Const) and not isinstance(offered, Enum):
                problem = f"{what} is {node.value!r}, not {wanted}"
            self.fault(node, problem, advice_for(node, wanted, offered), "sort")

    def sort(self, node: expr.Node, present: Present = NONE_YET) -> Sort | None:
        """The sort of a node, or None where a fault has been reported."""
        outer, self.around = self.around, node.at or self.around
        sort = self._sort(node, present)
        self.around = outer
        if sort is not None:
            self.sorts[node] = sort
        return sort

    @abstractmethod
    def _sort(self, node: expr.Node, present: Present) -> Sort | None: ...

    def is_untyped(self, node: expr.Node) -> bool:
        """Whether a node takes the sort of its place; in a world, texts do."""
        if isinstance(node, expr.If):
            return self.is_untyped(node.then) and self.is_untyped(node.otherwise)
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
