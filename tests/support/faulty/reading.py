# mypy: ignore-errors
"""What makes reading on pointless, and is therefore reported at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steptable.machine import Guard, Machine, Row
from steptable.properties import always
from steptable.sorts import INSTANT
from steptable.terms import Structure
from steptable.world import Action, Start, deliver
from support.faulty.parcel import PACKED, SCANNED, SENT, Speed, event, record
from support.faulty.road import road


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


def a_guard_of_an_action_that_is_a_fraction() -> Machine:
    # => expression: 1.5 is no term; write a field, a declared constant, a truth, an integer or
    #    a text [not-a-term]
    return Action.declare("wait", guard=1.5)


def an_end_that_is_a_fraction() -> Machine:
    # => expression: 1.5 is no term; write a field, a declared constant, a truth, an integer or
    #    a text [not-a-term]
    return replace(road, terminal=1.5)


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


def a_number_of_python() -> Machine:
    # => expression: a term has no value while it is being declared, so it can't be given to int();
    #    write + - * %, compare terms, or use a number of Python's own [term-as-number]
    return Guard.declare("light", int(record.grams) < 9, must="")


def a_length_of_python() -> Machine:
    # => expression: a term has no length while it is being declared; write .queued of a queue, or
    #    .count_of(...) of a bag [term-as-sequence]
    return Guard.declare("few", len(record.scans) < 9, must="")


def a_term_that_is_a_key() -> Machine:
    # => expression: unhashable type: 'Term'; a term is no value that can be a key or in a set;
    #    write a name as the key, such as sets={'count': ...} [term-as-key]
    return Start.declare("new", {record.grams: {}})


def a_term_that_is_changed_in_place() -> Machine:
    # => expression: a term can't be changed in place; write .put(key, value), which is the map with
    #    one key set [term-as-variable]
    record.scans["here"] = True


def a_field_that_is_set() -> Machine:
    # => expression: '.grams' can't be set while it is being declared; write sets={'grams': ...}, or
    #    .with_fields(grams=...) [term-as-variable]
    record.grams = 1


def a_term_within_a_text() -> Machine:
    # => expression: a term has no text while it is being declared; write the text itself; what an
    #    action says has its choices in braces, without f [term-as-text]
    return Guard.declare(f"at {event.at}", event.at > record.sent_at, must="")


def a_truth_where_a_promise_wants_a_term() -> Machine:
    # => always 'p': 'condition' is True, not a term; write a comparison of terms, such
    #    as root('count') == 1 [wrong-kind]
    return always("p", True, why="It is.", cites="§1")


def a_promise_without_its_reason() -> Machine:
    # => always 'p': there is no argument 'whyy'; did you mean 'why'? [wrong-arguments]
    # => always 'p': it lacks 'why' and 'cites'; give what it lacks [wrong-arguments]
    return always("p", record.grams == 1, whyy="It is.")


def a_promise_without_names_for_its_arguments() -> Machine:
    # => always 'p': too many arguments stand without a name; only name, condition go without a
    #    name; name the others: why=..., cites=... [wrong-arguments]
    # => always 'p': it lacks 'why' and 'cites'; give what it lacks [wrong-arguments]
    return always("p", record.grams == 1, "It is.", "§1")


def a_fairness_that_is_a_truth() -> Machine:
    # => action 'fly': 'fair' is True, not 'weak' or 'strong'; write 'weak' or 'strong' [wrong-kind]
    return Action.declare("fly", fair=True)


def events_without_their_comma() -> Machine:
    # => action 'fly': 'events' is a Delivery, not a tuple or a list; write (x,) for one, and (x, y)
    #    for several [wrong-kind]
    return Action.declare("fly", events=(deliver("carrier", "Saw")))


def a_condition_of_three_items() -> Machine:
    # => expression: its condition is no function of a value, or of a key and a value; write it as
    #    lambda value: ..., or as lambda key, value: ... [not-a-condition]
    return Guard.declare("fast", record.scans.every(lambda a, b, c: (a == b) & c), must="")


def a_condition_that_is_a_term() -> Machine:
    # => expression: its condition is no function of a value, or of a key and a value; write it as
    #    lambda value: ..., or as lambda key, value: ... [not-a-condition]
    return Guard.declare("fast", record.scans.every(event.speed == Speed.FAST), must="")
