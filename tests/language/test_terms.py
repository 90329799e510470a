"""The surface of expressions builds trees and never decides anything itself."""

from __future__ import annotations

import operator
import pickle
from collections.abc import Callable
from dataclasses import replace

import pytest

from steptable import expr
from steptable.errors import SpecError, suggestion
from steptable.machine import Guard, State
from steptable.sorts import (
    FLAG,
    INSTANT,
    NUMBER,
    TEXT,
    TRUTH,
    U64,
    Integer,
    Map,
    Opaque,
    Optional,
    Sort,
    Symbol,
    accepts,
    is_comparable,
    is_ordered,
)
from steptable.terms import (
    EMPTY,
    NOTHING,
    Operand,
    Structure,
    Term,
    all_of,
    any_of,
    field,
    greatest,
    if_else,
    least,
    lift,
    part_of,
    root,
)
from steptable.wellformed import faults_of
from support.faulty.parcel import (
    ARRIVING,
    PACKED,
    SENDING,
    SENT,
    Address,
    Scan,
    Speed,
    Town,
    event,
    policy,
    record,
    with_row,
)

x, y = root("x"), root("y")
ITEM_A = expr.Attr(expr.Bound("item"), "a")


@pytest.mark.parametrize(
    ("built", "node"),
    [
        (x == 3, expr.Compare("==", expr.Root("x"), expr.Const(3, Integer(3, 3)))),
        (3 == x, expr.Compare("==", expr.Root("x"), expr.Const(3, Integer(3, 3)))),  # noqa: SIM300
        (x != y, expr.Compare("!=", expr.Root("x"), expr.Root("y"))),
        (x < y, expr.Compare("<", expr.Root("x"), expr.Root("y"))),
        (3 < x, expr.Compare(">", expr.Root("x"), expr.Const(3, Integer(3, 3)))),  # noqa: SIM300
        (x & y, expr.And((expr.Root("x"), expr.Root("y")))),
        (True & x, expr.And((expr.Const(True, TRUTH), expr.Root("x")))),
        (x | y, expr.Or((expr.Root("x"), expr.Root("y")))),
        (False | x, expr.Or((expr.Const(False, TRUTH), expr.Root("x")))),
        (~x, expr.Not(expr.Root("x"))),
        (x + 1, expr.Arithmetic("+", expr.Root("x"), expr.Const(1, Integer(1, 1)))),
        (1 + x, expr.Arithmetic("+", expr.Const(1, Integer(1, 1)), expr.Root("x"))),
        (1 - x, expr.Arithmetic("-", expr.Const(1, Integer(1, 1)), expr.Root("x"))),
        (x * y, expr.Arithmetic("*", expr.Root("x"), expr.Root("y"))),
        (2 * x, expr.Arithmetic("*", expr.Const(2, Integer(2, 2)), expr.Root("x"))),
        (x % y, expr.Arithmetic("%", expr.Root("x"), expr.Root("y"))),
        (7 % x, expr.Arithmetic("%", expr.Const(7, Integer(7, 7)), expr.Root("x"))),
        (-x, expr.Negative(expr.Root("x"))),
        (least(x, y), expr.Extreme("least", (expr.Root("x"), expr.Root("y")))),
        (greatest(x, y), expr.Extreme("greatest", (expr.Root("x"), expr.Root("y")))),
        (x.implies(y), expr.Or((expr.Not(expr.Root("x")), expr.Root("y")))),
        (x.iff(y), expr.Iff(expr.Root("x"), expr.Root("y"))),
        (x.some_field, expr.Attr(expr.Root("x"), "some_field")),
        (x["key"], expr.Lookup(expr.Root("x"), expr.Const("key", Symbol("text")))),
        (x.is_known, expr.Present(expr.Root("x"))),
        (x.value, expr.Value(expr.Root("x"))),
        (x.or_else(y), expr.OrElse(expr.Root("x"), expr.Root("y"))),
        (x.every(lambda item: item.a), expr.Every(x.node, "item", ITEM_A)),
        (x == SENT, expr.Compare("==", expr.Root("x"), expr.Const("Sent", None))),
        (SENT == x, expr.Compare("==", expr.Root("x"), expr.Const("Sent", None))),  # noqa: SIM300
        (all_of(), expr.And(())),
        (any_of(x), expr.Or((expr.Root("x"),))),
        (if_else(x, y, NOTHING), expr.If(x.node, y.node, expr.Const(None, None))),
    ],
)
def test_operators_build_the_tree_that_they_read_like(built: Term, node: expr.Node) -> None:
    """The tree is ordinary data with ordinary equality, which everything else relies on."""
    assert isinstance(built, Term)
    assert built.node == node
    assert hash(built.node) == hash(node)


@pytest.mark.parametrize("compare", [operator.eq, operator.ne, operator.lt, operator.ge])
@pytest.mark.parametrize("other", [x, 3, "text", True, None, SENT, Speed.FAST, EMPTY])
def test_a_comparison_is_never_decided_by_python(
    compare: Callable[[object, object], object], other: Operand
) -> None:
    """A bool that leaks out of `==` would be a guard that silently always holds."""
    result = compare(x, other)

    assert isinstance(result, Term)
    assert isinstance(result.node, expr.Compare)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: bool(x == y),
        lambda: x == 1 and y == 1,
        lambda: x == 1 or y == 1,
        lambda: not x,
        lambda: 1 < x < 3,
        lambda: 1 if x else 2,
        lambda: x in (y, root("z")),
        lambda: [x, y].index(y),
        lambda: any([x, y]),
    ],
)
def test_a_term_has_no_truth_value(misuse: Callable[[], object]) -> None:
    """Whatever would ask for one is refused on the spot, with what to write instead."""
    with pytest.raises(SpecError) as caught:
        misuse()

    (fault,) = caught.value.faults
    assert fault.slug == "term-as-bool"
    assert fault.location.file == __file__


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: list(x),
        lambda: [*x],
        lambda: "a" in x,  # type: ignore[attr-defined]
        lambda: set(x),
        lambda: max(x),
        lambda: len(x),
    ],
)
def test_a_term_is_no_sequence(misuse: Callable[[], object]) -> None:
    """Python would otherwise ask a lookup for its items for ever."""
    with pytest.raises(SpecError) as caught:
        misuse()

    assert [fault.slug for fault in caught.value.faults] == ["term-as-sequence"]


@pytest.mark.parametrize(
    ("misuse", "advice"),
    [
        (x.is_known, "remove the brackets"),
        (lambda: x.items.evry(lambda item: item.a), "did you mean '.every(...)'?"),
        (lambda: x.frobnicate(3), "remove the brackets"),
    ],
)
def test_a_term_is_no_function(misuse: Callable[[], object], advice: str) -> None:
    """A mistyped method reads as a field, which is then called."""
    with pytest.raises(SpecError) as caught:
        misuse()

    (fault,) = caught.value.faults
    assert (fault.slug, fault.advice) == ("term-as-function", advice)


@pytest.mark.parametrize(
    "misuse",
    [
        lambda: x / 2,
        lambda: 2 // x,
        lambda: divmod(x, 2),
        lambda: x**2,
        lambda: 2**x,
        lambda: x @ y,
        lambda: 1 << x,
        lambda: x >> 1,
        lambda: x ^ y,
        lambda: +x,
        lambda: abs(x),
    ],
)
def test_operators_that_no_target_has_are_refused(misuse: Callable[[], object]) -> None:
    """Python's own refusal would say nothing of what can be written instead."""
    with pytest.raises(SpecError) as caught:
        misuse()

    (fault,) = caught.value.faults
    assert fault.slug == "no-such-operator"
    assert fault.location.file == __file__


def test_a_term_can_be_in_no_set_and_be_no_key() -> None:
    """Sets and dictionaries compare with `==`, which terms do not decide."""
    with pytest.raises(TypeError, match="unhashable type: 'Term'"):
        hash(x)


def test_python_still_finds_out_what_a_term_is() -> None:
    """Copying, pickling and debuggers ask for special names, which are no fields."""
    assert not hasattr(x, "__array__")
    assert not hasattr(x, "_repr_html_")
    assert not hasattr(Speed, "_anything")
    assert pickle.loads(pickle.dumps(x)).node == x.node
    assert repr(x) == "Term(Root(name='x'))"


@pytest.mark.parametrize("value", [1.5, object(), [x], {"a": 1}, b"bytes", print])
def test_what_means_nothing_is_refused(value: object) -> None:
    """An arbitrary object in the tree would be a hole that no engine can see into."""
    with pytest.raises(SpecError, match=r"is no term; write a field, .*\[not-a-term\]"):
        lift(value)  # type: ignore[arg-type]  # what is refused


def test_what_has_an_ordinary_equality_keeps_it() -> None:
    """States are values: only a comparison with a term builds a node."""
    assert State("Sent", "It is under way.") == SENT
    assert SENT != PACKED
    assert Speed.FAST.node == expr.Const("fast", Speed.sort)
    assert Speed.FAST.node != Speed.SLOW.node


def test_fields_may_be_called_like_the_parts_of_a_declaration() -> None:
    """`name`, `doc` and `self` are good names of fields."""
    named = Structure(
        "Named", "It has a name.", name=field(TEXT), doc=field(TEXT), self=field(TEXT)
    )

    assert named.sort.names == ("name", "doc", "self")
    made = named(name="a", doc="b", self="c").node
    assert isinstance(made, expr.Make)
    assert [name for name, _ in made.fields] == ["name", "doc", "self"]


@pytest.mark.parametrize(
    "condition",
    [
        record.due_at.is_known.implies(record.due_at.value <= event.at),
        record.due_at.is_known & (record.due_at.value <= event.at),
        (~record.due_at.is_known) | (record.due_at.value <= event.at),
        if_else(record.due_at.is_known, record.due_at.value <= event.at, record.grams > 3),
        record.due_at.or_else(event.at) <= event.at,
        record.speed == Speed.FAST,
        Speed.FAST == record.speed,  # noqa: SIM300
        record.due_at == event.at,
        event.at == record.due_at,
        record.speed.is_known.iff(record.due_at.is_known),
        record.scans["here"].is_known,
        record.scans["here"].speed == Speed.FAST,
        record.scans.where(lambda scan: scan.speed == Speed.FAST).every(
            lambda scan: scan.seen_at <= event.at
        ),
        record.grams + 3 > policy.limit,
        (event.at - record.due_at.or_else(event.at)) == (event.at - event.at),
        part_of(record.address, Address, Town) == "Ulm",
        record.address == "Ulm/3",
        if_else(record.grams > 3, 1, 2) > record.grams,
        any_of(record.grams == 1, event.at > record.due_at.or_else(event.at)),
    ],
)
def test_what_has_a_meaning_is_accepted(condition: Term) -> None:
    """Each of these is the counterpart of one that is refused."""
    guard = Guard.declare("guard", condition, must="it must")

    assert faults_of(with_row(replace(ARRIVING, guards=(*ARRIVING.guards, guard)))) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grams", 100),
        ("grams", if_else(record.due_at.is_known, 1, 2)),
        ("speed", Speed.SLOW),
        ("speed", NOTHING),
        ("speed", None),
        ("speed", event.speed),
        ("speed", if_else(record.due_at.is_known, NOTHING, event.speed)),
        ("sent_at", record.sent_at.or_else(event.at)),
        ("address", "Ulm/3"),
        ("scans", EMPTY),
        ("scans", record.scans.where(lambda scan: scan.speed == Speed.FAST)),
        ("scans", record.scans.put("here", Scan(speed=Speed.FAST, seen_at=event.at))),
        ("scans", record.scans.put("here", Scan(speed=Speed.FAST, seen_at=event.at, remark="!"))),
    ],
)
def test_what_fits_its_place_is_accepted(name: str, value: Operand) -> None:
    """Nothing, the empty map and literals take the sort of their place."""
    sets = {**dict(SENDING.sets), name: lift(value)}

    assert faults_of(with_row(replace(SENDING, sets=tuple(sets.items())))) == ()


SORTS: tuple[Sort, ...] = (
    TRUTH,
    U64,
    INSTANT,
    Symbol("Place"),
    Speed.sort,
    Optional(INSTANT),
    Scan.sort,
    Map(Symbol("Place"), Scan.sort),
    TEXT,
    NUMBER,
    FLAG,
    Opaque("list", TEXT),
)


@pytest.mark.parametrize("wanted", SORTS, ids=str)
def test_a_sort_accepts_itself_and_nothing_else_but_what_it_says(wanted: Sort) -> None:
    """Nothing is converted: a plain value stands for an optional or an opaque one of its shape."""
    also: dict[Sort, set[Sort]] = {
        Optional(INSTANT): {INSTANT},
        TEXT: {Symbol("Place")},
        NUMBER: {U64},
        FLAG: {TRUTH},
    }

    assert {given for given in SORTS if accepts(wanted, given)} == {wanted, *also.get(wanted, ())}


def test_only_what_has_an_order_is_ordered() -> None:
    """Symbols are compared for equality alone, and enums have no order."""
    assert {sort for sort in SORTS if is_ordered(sort)} == {U64, INSTANT}


def test_neither_truths_nor_what_is_opaque_can_be_compared() -> None:
    """A misread precedence compares truths; what is opaque no engine keeps."""
    comparable = {U64, INSTANT, Symbol("Place"), Speed.sort, Optional(INSTANT)}

    assert {sort for sort in SORTS if is_comparable(sort)} == comparable
    assert is_comparable(Structure("Plain", "", a=field(U64), b=field(TRUTH)).sort)


@pytest.mark.parametrize(
    ("name", "known", "advice"),
    [
        ("due_ta", ["due_at", "grams"], "did you mean 'due_at'?"),
        ("xyz", ["due_at", "grams"], "write one of: due_at, grams"),
        ("xyz", [], "nothing can be written here"),
    ],
)
def test_the_nearest_name_is_suggested(name: str, known: list[str], advice: str) -> None:
    """A typo is corrected by the message; a wrong guess is answered with what there is."""
    assert suggestion(name, known) == advice
