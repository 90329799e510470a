"""Scalars of a system as C expressions over the words of a packed state.

Working values are 64-bit integers. Nothing of a declaration comes into the text but numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, assert_never

from steptable import expr
from steptable.explore.packed.layout import WORD, Layout, width
from steptable.explore.system.transitions import TransitionSystem, variables_in
from steptable.partial.codes import Coding, working_value
from steptable.partial.intervals import is_within, range_of
from steptable.partial.scalar import Scalar
from steptable.partial.variables import Variable

_BITS: Final = 64
"""What a working value has, its sign included."""


class Unsuited(Exception):
    """A system that can't be explored by compiled code; the message says why."""


class Scalars:
    """Writes scalars, and how variables are read from a state `s` and put into one."""

    def __init__(self, system: TransitionSystem, layout: Layout) -> None:
        self.layout = layout
        self.place = dict(
            zip((variable.name for variable in layout.variables), layout.shifts, strict=True)
        )
        known = {variable.name: variable for variable in layout.variables}
        self.variables: Mapping[str, Variable] = known | system.parameters
        self.number = {name: i for i, name in enumerate(self.variables)}
        self.coding = Coding(self.variables)
        self.tables: dict[str, str] = {}
        """The tables that are used, by their declaration."""
        for variable in self.variables.values():
            if variable.is_numeric:
                self._demand_fits(expr.Bound(variable.name), f"the numbers of '{variable.name}'")

    def local(self, name: str) -> str:
        return f"v{self.number[name]}"

    def word_of(self, name: str) -> int:
        return self.place[name] // WORD

    def shift_of(self, name: str) -> int:
        return self.place[name] % WORD

    def code(self, name: str) -> str:
        """The code of a stored variable in the state `s`."""
        bits = width(self.variables[name])
        if not bits:
            return "0"
        return f"(s.w[{self.word_of(name)}] >> {self.shift_of(name)} & {(1 << bits) - 1})"

    def reads(self, nodes: Iterable[Scalar]) -> Iterator[str]:
        """Declarations of the stored variables that some scalars read."""
        used = {name for node in nodes for name in variables_in(node)}
        for name in self.place:
            if name in used:
                value = self._decoded(self.variables[name], self.code(name))
                yield f"const int64_t {self.local(name)} = {value};"

    def loop(self, parameter: Variable) -> str:
        """The head of a loop over the values of a choice, with its brace."""
        name = self.local(parameter.name)
        value = self._decoded(parameter, f"{name}_code")
        return (
            f"for (int {name}_code = 0; {name}_code < {len(parameter.domain)}; {name}_code++) "
            f"{{ const int64_t {name} = {value}; (void){name};"
        )

    def _decoded(self, variable: Variable, code: str) -> str:
        if is_plain(variable):
            return f"(int64_t){code}"
        low = variable.domain[0]
        if variable.domain == tuple(range(low, low + len(variable.domain))):
            return f"(int64_t){code} + ({low})"
        return f"{self._table(variable)}[{code}]"

    def encoded(self, variable: Variable, text: str) -> str:
        """The code that stands for a working value within the domain."""
        if is_plain(variable):
            return f"(uint64_t){text}"
        low = variable.domain[0]
        if variable.domain == tuple(range(low, low + len(variable.domain))):
            return f"(uint64_t)({text} - ({low}))"
        return f"position({self._table(variable)}, {len(variable.domain)}, {text})"

    def _table(self, variable: Variable) -> str:
        values = ", ".join(str(working_value(variable, value)) for value in variable.domain)
        text = f"[{len(variable.domain)}] = {{{values}}};"
        return self.tables.setdefault(text, f"values_{len(self.tables)}")

    def declared_tables(self) -> Iterator[str]:
        """The tables of values that are not simply counted from some number on."""
        for text, name in self.tables.items():
            yield f"static const int64_t {name}{text}"

    def text(self, node: Scalar, place: Variable | None = None) -> str:
        """A scalar as C, over the working values of variables."""
        return self._written(self.coding.coded(node, place))

    def _written(self, node: Scalar) -> str:
        match node:
            case expr.Const(value):
                self._demand_fits(node, "a constant")
                return f"({int(value)})"
            case expr.Bound(name):
                return self.local(name)
            case expr.Not(item):
                return f"!{self._written(item)}"
            case expr.And(items):
                return f"({' && '.join(map(self._written, items)) or '1'})"
            case expr.Or(items):
                return f"({' || '.join(map(self._written, items)) or '0'})"
            case expr.Iff(left, right):
                return f"((!{self._written(left)}) == (!{self._written(right)}))"
            case expr.Compare(op, left, right):
                return f"({self._written(left)} {op} {self._written(right)})"
            case expr.Arithmetic(op, left, right):
                self._demand_fits(node, "a sum" if op in ("+", "-") else "a number")
                return _calculated(op, self._written(left), self._written(right))
            case expr.If(test, then, otherwise):
                branches = self._written(then), self._written(otherwise)
                return f"({self._written(test)} ? {branches[0]} : {branches[1]})"
            case _:
                assert_never(node)

    def _demand_fits(self, number: Scalar, what: str) -> None:
        """Raise `Unsuited` for a number that may be too large for a working value."""
        if not is_within(number, self.variables, _BITS):
            low, high = range_of(number, self.variables)
            raise Unsuited(f"{what} can be from {low} to {high}, beyond {_BITS} bits")


def _calculated(op: expr.ArithmeticOperator, left: str, right: str) -> str:
    match op:
        case "+" | "-" | "*":
            return f"({left} {op} {right})"
        case "%":
            return f"left_over({left}, {right})"
        case _:
            assert_never(op)


def is_plain(variable: Variable) -> bool:
    """Whether a variable's working values are its codes."""
    return not variable.is_numeric or variable.domain == tuple(range(len(variable.domain)))
