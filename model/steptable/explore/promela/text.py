"""Writes scalars, and what a step does to variables, in Promela, the language of SPIN.

Promela's operators bind like C's, but a choice is `(test -> this : that)` and always stands in
parentheses. A step's assignments happen one after another there and at once here, so they are
put in an order in which none reads what another has already changed. Identifiers are ours and
text of a declaration occurs in comments alone, where nothing of it can end them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, assert_never

from steptable import expr
from steptable.errors import UsageError
from steptable.explore.system.transitions import TransitionSystem, variables_in
from steptable.partial.codes import Coding, working_value
from steptable.partial.intervals import is_within, range_of
from steptable.partial.scalar import Scalar, substitute
from steptable.partial.variables import Variable

_OR, _AND, _EQUAL, _ORDER, _SUM, _PRODUCT, _NOT = range(1, 8)
"""How tightly Promela's operators bind."""

_BITS: Final = 32
"""What SPIN computes with, the sign included."""


class Words:
    """How the variables of a system are called in Promela, and what is said with them."""

    def __init__(self, system: TransitionSystem) -> None:
        known = {variable.name: variable for variable in system.variables}
        self.stored: Mapping[str, Variable] = known
        self.variables = known | system.parameters
        self.local = {name: f"v{i}_{_slug(name)}" for i, name in enumerate(known)}
        self.coding = Coding(self.variables)
        self.saved: dict[str, Variable] = {}
        """Variables of ours that hold an old value within a step, with what it is a value of."""

    def declarations(self) -> Iterator[str]:
        """Each variable with its type, and in a comment what it is and what its numbers mean."""
        for name, variable in self.stored.items():
            yield f"{_declared(variable, self.local[name])}; {comment(_meaning(variable))}"
        if self.saved:
            yield "/* Old values within a step; 0 between steps. */"
        for name, variable in self.saved.items():
            yield f"{_declared(variable, name)};"

    def assignments(self, updates: Mapping[str, Scalar]) -> Iterator[str]:
        """Statements after which each variable has its new value, all out of the old ones."""
        pending = {name: node for name, node in updates.items() if node != expr.Bound(name)}
        reads = {name: variables_in(node) - {name} for name, node in pending.items()}
        used: list[str] = []
        while pending:
            for name in pending:
                if not any(name in reads[at] for at in pending):
                    break
            else:
                # Each one's old value is wanted by another, so the first is saved for them.
                name = next(iter(pending))
                place = self._save(self.variables[name], used)
                yield f"{place} = {self.local[name]}"
                moved = {name: expr.Bound(place)}
                for at, node in pending.items():
                    if name in reads[at]:
                        pending[at] = substitute(node, moved)
                        reads[at] = reads[at] - {name} | {place}
            node = pending.pop(name)
            yield f"{self.local[name]} = {self.text(node, place=self.variables[name])}"
        yield from (f"{place} = 0" for place in used)

    def _save(self, variable: Variable, used: list[str]) -> str:
        place = f"old{len(used)}_{self.local[variable.name]}"
        self.saved[place] = self.variables[place] = variable
        self.local[place] = place
        used.append(place)
        return place

    def text(self, node: Scalar, *, place: Variable | None = None) -> str:
        """A scalar over our variables; `place` is the one that it is stored in."""
        return self._text(self.coding.coded(node, place))

    def _text(self, node: Scalar, within: int = 0) -> str:
        """A scalar in an operand's place that binds as tightly as `within`."""
        text, binds = self._written(node)
        return f"({text})" if binds < within else text

    def _written(self, node: Scalar) -> tuple[str, int]:
        match node:
            case expr.Const(value):
                return _literal(value), _NOT
            case expr.Bound(name):
                return self.local[name], _NOT
            case expr.Not(expr.Compare(op, left, right)):
                return self._written(expr.Compare(expr.OPPOSITE[op], left, right))
            case expr.Not(item):
                return f"!{self._text(item, _NOT)}", _NOT
            case expr.And(items):
                return " && ".join(self._text(item, _AND + 1) for item in items), _AND
            case expr.Or(items):
                # What binds more tightly needs no parentheses here, but people like to see them.
                return " || ".join(self._text(item, _AND + 1) for item in items), _OR
            case expr.Iff(left, right):
                sides = (self._text(side, _EQUAL + 1) for side in (left, right))
                return " == ".join(sides), _EQUAL
            case expr.Compare(op, left, right):
                binds = _EQUAL if op in ("==", "!=") else _ORDER
                sides = (self._text(side, binds + 1) for side in (left, right))
                return f" {op} ".join(sides), binds
            case expr.Arithmetic(op, left, right):
                return self._calculated(node, op, left, right)
            case expr.If(test, then, otherwise):
                branches = self._text(then), self._text(otherwise)
                return f"({self._text(test)} -> {branches[0]} : {branches[1]})", _NOT
            case _:
                assert_never(node)

    def _calculated(
        self, node: Scalar, op: expr.ArithmeticOperator, left: Scalar, right: Scalar
    ) -> tuple[str, int]:
        if not is_within(node, self.variables, _BITS):
            low, high = range_of(node, self.variables)
            what = "a sum" if op in ("+", "-") else "a number"
            raise _too_large(f"{what} that can be from {low} to {high}")
        match op:
            case "+" | "-":
                if isinstance(right, expr.Const) and right.value < 0:
                    # Two signs in a row would be one operator.
                    sign = "-" if op == "+" else "+"
                    return f"{self._text(left, _SUM)} {sign} {_literal(-right.value)}", _SUM
                return f"{self._text(left, _SUM)} {op} {self._text(right, _SUM + 1)}", _SUM
            case "*":
                return f"{self._text(left, _PRODUCT)} * {self._text(right, _NOT)}", _PRODUCT
            case "%":
                return self._left_over(left, right)
            case _:
                assert_never(op)

    def _left_over(self, left: Scalar, right: Scalar) -> tuple[str, int]:
        """A remainder that is never negative, as Promela's are below zero."""
        divisor = self._text(right, _NOT)
        rest, binds = f"{self._text(left, _PRODUCT)} % {divisor}", _PRODUCT
        if range_of(left, self.variables)[0] < 0:
            rest, binds = f"({rest} < 0 -> {rest} + {divisor} : {rest})", _NOT
        if range_of(right, self.variables)[0] < 1:
            rest, binds = f"({divisor} > 0 -> {rest} : 0)", _NOT
        return rest, binds


def comment(text: str) -> str:
    """Text as a comment of one line, whatever is in it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line.replace("*/", "* /").replace("/*", "/ *")
    return f"/* {line} */"


def _slug(name: str) -> str:
    """What is left of a name in an identifier; the number before it makes it unique."""
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")[:40]


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    _demand_small(value)
    return str(value) if value >= 0 else f"({value})"


def _demand_small(value: int) -> None:
    if not is_within(expr.Const(value, None), {}, _BITS):
        raise _too_large(str(value))


def _too_large(what: str) -> UsageError:
    return UsageError(
        f"SPIN computes with {_BITS} bits, and {what} is beyond them; use smaller numbers in the "
        "world's bounds"
    )


def _declared(variable: Variable, name: str) -> str:
    """A declaration with the smallest type that holds a variable's values."""
    if all(value in (False, True) and isinstance(value, bool) for value in variable.domain):
        return f"bool {name}"
    values = [working_value(variable, value) for value in variable.domain]
    low, high = min(values), max(values)
    _demand_small(low)
    _demand_small(high)
    if low >= 0:
        return f"unsigned {name} : {max(1, high.bit_length())}"
    return f"short {name}" if low >= -(2**15) and high < 2**15 else f"int {name}"


def _meaning(variable: Variable) -> str:
    if variable.is_numeric or isinstance(variable.domain[0], bool):
        return variable.name
    values = ", ".join(f"{at} {value}" for at, value in enumerate(variable.domain))
    return f"{variable.name}: {values}"
