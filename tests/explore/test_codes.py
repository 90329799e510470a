"""Which number stands for a constant, by where it stands."""

from __future__ import annotations

from typing import Any, Final

import pytest

from steptable import expr
from steptable.partial.codes import Coding
from steptable.partial.paths import Path
from steptable.partial.scalar import FALSE, TRUE, Scalar, constant
from steptable.partial.variables import Variable
from steptable.sorts import TRUTH, Integer, Sort, Symbol

HUE: Final = Symbol("Hue")


def variable(name: str, sort: Sort, *domain: Any) -> Variable:
    return Variable(Path.of(name), sort, domain, lambda whole: whole)


KNOWN: Final = {
    item.name: item
    for item in (
        variable("hue", HUE, "red", "blue"),
        variable("other", HUE, "red", "blue"),
        variable("number", Integer(5, 7), 5, 6, 7),
        variable("lit", TRUTH, False, True),
    )
}
HUES, NUMBER, LIT = expr.Bound("hue"), expr.Bound("number"), expr.Bound("lit")
BLUE, GREEN, RED = constant("blue"), constant("green"), constant("red")


def either(then: Scalar, otherwise: Scalar) -> Scalar:
    return expr.If(LIT, then, otherwise)


@pytest.mark.parametrize(
    ("node", "coded"),
    [
        pytest.param(HUES, HUES, id="a variable stays"),
        pytest.param(TRUE, TRUE, id="so does a truth"),
        pytest.param(
            expr.Compare("==", NUMBER, constant(6)),
            expr.Compare("==", NUMBER, constant(6)),
            id="a number is no position",
        ),
        pytest.param(
            expr.Compare("==", BLUE, HUES),
            expr.Compare("==", constant(1), HUES),
            id="a text is its position, on either side",
        ),
        pytest.param(
            expr.Compare("!=", either(HUES, RED), either(BLUE, RED)),
            expr.Compare("!=", either(HUES, constant(0)), either(constant(1), constant(0))),
            id="within choices, too",
        ),
        pytest.param(
            expr.Compare("==", either(HUES, GREEN), GREEN),
            expr.Compare("==", either(HUES, constant(-1)), constant(-1)),
            id="an unknown text is none of the positions, and itself",
        ),
        pytest.param(
            expr.Compare("==", either(BLUE, RED), BLUE),
            expr.Compare("==", either(constant(0), constant(1)), constant(0)),
            id="texts among themselves only differ",
        ),
        pytest.param(
            expr.Not(
                expr.Iff(LIT, expr.And((TRUE, expr.Or((FALSE, expr.Compare("==", HUES, BLUE))))))
            ),
            expr.Not(
                expr.Iff(
                    LIT, expr.And((TRUE, expr.Or((FALSE, expr.Compare("==", HUES, constant(1))))))
                )
            ),
            id="nothing else changes",
        ),
    ],
)
def test_a_constant_is_the_number_that_its_neighbour_has_for_it(
    node: Scalar, coded: Scalar
) -> None:
    """Every target writes these numbers, so that none can have an opinion of its own."""
    assert Coding(KNOWN).coded(node) == coded


def test_what_is_stored_is_coded_for_its_place() -> None:
    """A choice is stored as a whole, a condition within it is not."""
    node = expr.If(expr.Compare("==", NUMBER, constant(5)), BLUE, expr.If(LIT, HUES, RED))

    assert Coding(KNOWN).coded(node, KNOWN["other"]) == expr.If(
        expr.Compare("==", NUMBER, constant(5)), constant(1), expr.If(LIT, HUES, constant(0))
    )


def test_unknown_texts_keep_their_numbers() -> None:
    """Conditions are written one by one, and may be compared with each other."""
    coding = Coding(KNOWN)

    assert [coding.coded(text) for text in (GREEN, BLUE, GREEN)] == [
        constant(0),
        constant(1),
        constant(0),
    ]
