"""Calculations mean the same however they are simplified, compared, bounded and written.

Small scalars over two variables are judged by their values for everything that those can be.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator
from itertools import product
from typing import Any, Final, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steptable import expr
from steptable.explore.promela.text import Words
from steptable.explore.system.builder import build
from steptable.interpreter.evaluate import evaluate
from steptable.partial.intervals import range_of
from steptable.partial.paths import Path
from steptable.partial.scalar import (
    Scalar,
    arithmetic,
    compare,
    constant,
    extreme,
    rebuilt,
    settled,
)
from steptable.partial.scalar_keys import scalar_key
from steptable.partial.variables import Variable
from steptable.properties import sometimes
from steptable.sorts import Integer
from steptable.terms import root
from steptable.wellformed.expressions.fitting import computed
from steptable.world import Action, Start, World, choice
from steptable.world import Variable as Declared

DOMAINS: Final = {"a": tuple(range(-3, 4)), "b": tuple(range(4))}
VARIABLES: Final = {
    name: Variable(Path.of(name), Integer(domain[0], domain[-1]), domain, lambda whole: whole)
    for name, domain in DOMAINS.items()
}
CASES: Final = [dict(zip(DOMAINS, values, strict=True)) for values in product(*DOMAINS.values())]
A, B = expr.Bound("a"), expr.Bound("b")

OPERATORS: Final[tuple[expr.ArithmeticOperator, ...]] = get_args(expr.ArithmeticOperator)


def _choice(parts: tuple[Scalar, Scalar, Scalar, Scalar]) -> Scalar:
    return expr.If(expr.Compare("<", parts[0], parts[1]), parts[2], parts[3])


NUMBERS: Final[st.SearchStrategy[Scalar]] = st.recursive(
    st.sampled_from([A, B, *map(constant, (-2, -1, 0, 1, 2, 3))]),
    lambda inner: (
        st.builds(expr.Arithmetic, st.sampled_from(OPERATORS), inner, inner)
        | st.tuples(inner, inner, inner, inner).map(_choice)
    ),
    max_leaves=6,
)


def values(node: Scalar) -> tuple[Any, ...]:
    """What a scalar comes to, for all that its variables can be."""
    return tuple(evaluate(node, case) for case in CASES)


def simplified(node: Scalar) -> Scalar:
    """A scalar put together anew, by what simplifies."""
    return rebuilt(node, simplified)


@given(NUMBERS)
@settings(deadline=None, database=None)
def test_what_is_simplified_means_the_same(node: Scalar) -> None:
    """Every engine explores simplified scalars alone."""
    assert values(simplified(node)) == values(node)


@given(NUMBERS, NUMBERS, st.sampled_from(get_args(expr.CompareOperator)))
@settings(deadline=None, database=None)
def test_a_comparison_without_what_both_sides_share_means_the_same(
    left: Scalar, right: Scalar, op: expr.CompareOperator
) -> None:
    """Only of sums may something be taken away on both sides."""
    assert values(compare(op, left, right)) == values(expr.Compare(op, left, right))


@given(NUMBERS, st.sampled_from(CASES))
@settings(deadline=None, database=None)
def test_what_is_settled_is_what_it_comes_to(node: Scalar, case: dict[str, int]) -> None:
    """Tables of compiled code hold conditions that are settled beforehand."""
    assert settled(node, case) == constant(evaluate(node, case))


@given(NUMBERS)
@settings(deadline=None, database=None)
def test_numbers_lie_in_their_range(node: Scalar) -> None:
    """An engine that computes with so many bits relies on it."""
    low, high = range_of(node, VARIABLES)

    assert all(low <= value <= high for value in values(node))


@given(st.lists(NUMBERS, min_size=2, max_size=40))
@settings(deadline=None, database=None)
def test_alike_scalars_have_the_same_values(nodes: list[Scalar]) -> None:
    """Symmetry takes one for the other: a remainder for a difference would be unsound."""
    meant: dict[Hashable, set[tuple[Any, ...]]] = defaultdict(set)
    for node in nodes:
        meant[scalar_key(node)].add(values(node))

    assert [ways for ways in meant.values() if len(ways) > 1] == []


def _pairs() -> Iterator[tuple[Scalar, Scalar]]:
    """Every calculation with two of a few operands, beside every other."""
    sides = (A, B, constant(2), constant(0))
    nodes = [expr.Arithmetic(op, one, two) for op in OPERATORS for one in sides for two in sides]
    yield from product(nodes, repeat=2)


def test_no_two_operators_are_taken_for_each_other() -> None:
    """Alike are those that always come to the same, whatever they are made of."""
    found = []
    for one, other in _pairs():
        alike = scalar_key(one) == scalar_key(other) or simplified(one) == simplified(other)
        if alike and values(one) != values(other):
            found.append((one, other))

    assert found == []


def test_what_comes_to_the_same_in_another_order_is_alike() -> None:
    """Sums and products have no order; symmetric members stand in any."""
    assert scalar_key(expr.Arithmetic("*", A, B)) == scalar_key(expr.Arithmetic("*", B, A))
    assert scalar_key(expr.Arithmetic("+", A, A)) == scalar_key(arithmetic("*", A, constant(2)))
    assert scalar_key(expr.Arithmetic("%", A, B)) != scalar_key(expr.Arithmetic("%", B, A))


@given(st.lists(NUMBERS, min_size=1, max_size=3))
@settings(deadline=None, database=None)
def test_an_extreme_is_one_of_its_numbers(nodes: list[Scalar]) -> None:
    """It becomes a choice, so that no engine needs to know of it."""
    columns = [*zip(*map(values, nodes), strict=True)]

    assert values(extreme("least", nodes)) == tuple(map(min, columns))
    assert values(extreme("greatest", nodes)) == tuple(map(max, columns))


@pytest.mark.parametrize("op", OPERATORS)
def test_the_sort_of_a_calculation_is_no_wider_than_its_values(
    op: expr.ArithmeticOperator,
) -> None:
    """What can be compared with it, and divided by it, follows from that."""
    ends = [(low, high) for low in range(-3, 4) for high in range(low, 5)]
    for left, right in product(ends, [pair for pair in ends if op != "%" or pair[0] > 0]):
        node = expr.Arithmetic(op, A, B)
        found = {
            evaluate(node, {"a": a, "b": b})
            for a in range(left[0], left[1] + 1)
            for b in range(right[0], right[1] + 1)
        }
        sort = computed(op, Integer(*left), Integer(*right))
        assert isinstance(sort, Integer)
        assert sort.low <= min(found)
        assert max(found) <= sort.high
        if op != "%":
            assert (sort.low, sort.high) == (min(found), max(found))


class Truncated(int):
    """A number that calculates as Promela does: what is left over has the sign of the dividend."""

    def __mod__(self, other: int) -> Truncated:
        rest = abs(int(self)) % abs(int(other)) if other else 0
        return Truncated(-rest if self < 0 else rest)

    def __neg__(self) -> Truncated:
        return Truncated(-int(self))

    def __add__(self, other: int) -> Truncated:
        return Truncated(int(self) + int(other))

    def __sub__(self, other: int) -> Truncated:
        return Truncated(int(self) - int(other))

    def __mul__(self, other: int) -> Truncated:
        return Truncated(int(self) * int(other))


def as_python(text: str) -> str:
    """An expression of Promela, with its choices and its numbers as Python has them."""
    text = re.sub(r"(?<![\w])(\d+)", r"Truncated(\1)", text).replace("(-Truncated", "-(Truncated")
    found, opened = text, []
    at = 0
    while at < len(found):
        if found[at] == "(":
            opened.append(at)
        elif found[at] == ")":
            begin = opened.pop()
            inside = found[begin + 1 : at]
            if " -> " in inside:
                test, _, ways = inside.partition(" -> ")
                then, _, otherwise = ways.partition(" : ")
                # Marked, so that a choice around it is not cut at this one.
                whole = f"pick[{test}][{then}, {otherwise}]"
                found = found[:begin] + whole + found[at + 1 :]
                at = begin + len(whole) - 1
        at += 1
    return found


class Pick:
    """`pick[test][then, otherwise]`."""

    def __getitem__(self, test: Any) -> Any:
        class Ways:
            def __getitem__(self, ways: tuple[Any, Any]) -> Any:
                return ways[0] if test else ways[1]

        return Ways()


def numbers_world() -> World:
    """A world in which two numbers can be anything."""
    sorts = {name: variable.sort for name, variable in VARIABLES.items()}
    why = {"why": "It is asked.", "cites": "§1"}
    return World(
        name="numbers",
        doc="Two numbers.",
        instances=(),
        variables=tuple(Declared.declare(name, sort, 0) for name, sort in sorts.items()),
        starts=(Start.declare("zero", {}),),
        actions=tuple(
            Action.declare(f"set {name}", choices={"to": sort}, sets={name: choice.to})
            for name, sort in sorts.items()
        ),
        properties=(sometimes("both", root("a") == root("b") - 1, **why),),
    )


WORDS: Final = Words(build(numbers_world()))


@given(NUMBERS)
@settings(deadline=None, database=None)
def test_promela_is_written_so_that_it_comes_to_the_same(node: Scalar) -> None:
    """Its remainders are negative where ours are not."""
    program = compile(as_python(WORDS.text(node)), "promela", "eval")
    local = {name: WORDS.local[name] for name in DOMAINS}
    scope = {"Truncated": Truncated, "pick": Pick()}
    found = [
        eval(program, scope, {local[name]: Truncated(value) for name, value in case.items()})
        for case in CASES
    ]

    assert tuple(found) == values(node)
