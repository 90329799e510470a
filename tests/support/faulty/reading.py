# mypy: ignore-errors
"""What makes reading on pointless, and is therefore reported at once."""

from __future__ import annotations

from datetime import timedelta

from steptable.machine import Guard, Machine, Row
from steptable.sorts import INSTANT
from steptable.terms import Structure
from support.faulty.parcel import PACKED, SCANNED, SENT, Speed, event, record


def a_term_in_an_if() -> Machine:
    # A connective of Python asks for the truth of its left side at once.
    # => expression: a term has no truth value while it is being declared; write & | ~ instead of
    #    'and', 'or', 'not', .one_of(...) instead of 'in', and two comparisons instead of
    #    a chain [term-as-bool]
    return Guard.declare("both", record.due_at.is_known and record.sent_at.is_known, must="")


def a_chained_comparison() -> Machine:
    # => expression: a term has no truth value while it is being declared; write & | ~ instead of
    #    'and', 'or', 'not', .one_of(...) instead of 'in', and two comparisons instead of
    #    a chain [term-as-bool]
    return Guard.declare("between", 1 < record.grams < 5, must="")


def a_negation_in_a_word() -> Machine:
    # => expression: a term has no truth value while it is being declared; write & | ~ instead of
    #    'and', 'or', 'not', .one_of(...) instead of 'in', and two comparisons instead of
    #    a chain [term-as-bool]
    return Guard.declare("unknown", not record.due_at.is_known, must="")


def a_term_in_a_tuple_of_terms() -> Machine:
    # => expression: a term has no truth value while it is being declared; write & | ~ instead of
    #    'and', 'or', 'not', .one_of(...) instead of 'in', and two comparisons instead of
    #    a chain [term-as-bool]
    return Guard.declare("either", record.state in (PACKED, SENT), must="")


def a_term_that_is_gone_through() -> Machine:
    # => expression: a term can't be gone through while it is being declared; write .every(...) of
    #    a map, or .one_of(...) instead of 'in' [term-as-sequence]
    return Guard.declare("each", [scan.speed == Speed.FAST for scan in record.scans], must="")


def a_term_that_is_searched() -> Machine:
    # => expression: a term can't be gone through while it is being declared; write .every(...) of
    #    a map, or .one_of(...) instead of 'in' [term-as-sequence]
    return Guard.declare("seen", "here" in record.scans, must="")


def a_quotient_of_terms() -> Machine:
    # => expression: of two terms there is no quotient, power, shift or ^, and of one no abs();
    #    write + - * % and - before a term, least(...) or greatest(...), and .iff for
    #    ^ [no-such-operator]
    return Guard.declare("half", record.grams / 2 > 3, must="")


def a_field_that_is_called() -> Machine:
    # => expression: a term can't be called; remove the brackets [term-as-function]
    return Guard.declare("known", record.due_at.is_known(), must="")


def a_method_that_is_mistyped() -> Machine:
    # => expression: '.evry' is a field here, and can't be called; did you
    #    mean '.every(...)'? [term-as-function]
    return Guard.declare("fast", record.scans.evry(lambda scan: scan.speed), must="")


def an_object_that_means_nothing() -> Machine:
    # => expression: <class 'object'> is no term; write a field, a declared constant, a truth, an
    #    integer or a text [not-a-term]
    return Row.declare(
        "x", SENT, SCANNED, sets={"sent_at": object}, emits={}, why="It is.", cites="§1"
    )


def a_fraction() -> Machine:
    # => expression: 1.5 is no term; write a field, a declared constant, a truth, an integer or
    #    a text [not-a-term]
    return Guard.declare("heavy", record.grams > 1.5, must="")


def a_moment_of_python() -> Machine:
    # => expression: datetime.timedelta(days=1) is no term; write a field,
    #    a declared constant, a truth, an integer or a text [not-a-term]
    return Guard.declare("late", event.at > timedelta(1), must="")


def a_sort_where_a_field_is_asked_for() -> Machine:
    # => declaration: 'opened_at' is Instant(), not a field;
    #    write opened_at=field(...) [not-a-field]
    return Structure("Box", "", opened_at=INSTANT)
