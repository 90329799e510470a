"""A world is written for SPIN as it is, and nothing that a declaration says becomes code there.

What SPIN then finds is compared in `second_opinion`, which needs SPIN; these tests do not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from known_models.peterson import peterson
from steptable import expr
from steptable.errors import UsageError
from steptable.explore.promela.model import model
from steptable.explore.promela.text import Words
from steptable.explore.system.builder import build
from steptable.partial.scalar import Scalar
from steptable.properties import eventually, sometimes
from steptable.sorts import TRUTH, Enum, Integer, Member, words
from steptable.terms import SortLike, all_of, root
from steptable.world import Action, Start, Variable, World, choice
from support.projects import TOWN, Done, golden, run, write_project
from support.random_worlds import random_world

WHY: Final = {"why": "Somebody asked.", "cites": "§1"}


def world(*actions: Action, low: int = -2, high: int = 3) -> World:
    """Three numbers, a colour and a switch, all of which matter and may become anything."""
    number, colour = Integer(low, high), words("Colour", "red", "green", "blue")
    sorts: dict[str, SortLike] = {
        "a": number,
        "b": number,
        "c": number,
        "colour": colour,
        "on": TRUTH,
    }
    changes = (
        Action.declare(f"change {name}", choices={"to": sort}, sets={name: choice.to})
        for name, sort in sorts.items()
    )
    return World(
        name="small",
        doc="Numbers and a switch.",
        instances=(),
        variables=(
            *(Variable.declare(letter, number, high) for letter in "abc"),
            Variable.declare("colour", colour, "green"),
            Variable.declare("on", TRUTH, False),
        ),
        starts=(Start.declare("zero", {}),),
        actions=(*changes, *actions),
        properties=(
            sometimes("it matters", (root("a") + root("b") + root("c") == 1) & root("on"), **WHY),
            sometimes("so does the colour", root("colour") == "red", **WHY),
        ),
        terminal=True,
    )


WORDS: Final = Words(build(world()))
A, B, C, COLOUR, ON = (expr.Bound(name) for name in ("a", "b", "c", "colour", "on"))


def number(value: int) -> expr.Const:
    return expr.Const(value, None)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (expr.Not(ON), "!v4_on"),
        (expr.Not(expr.And((ON, ON))), "!(v4_on && v4_on)"),
        (expr.And((ON, expr.Or((ON, expr.Not(ON))))), "v4_on && (v4_on || !v4_on)"),
        (expr.Or((expr.And((ON, ON)), ON)), "(v4_on && v4_on) || v4_on"),
        (expr.Iff(expr.Not(ON), expr.And((ON, ON))), "!v4_on == (v4_on && v4_on)"),
        (expr.Iff(expr.Compare("<", A, B), ON), "v0_a < v1_b == v4_on"),
        (expr.Not(expr.Compare("<", A, B)), "v0_a >= v1_b"),
        (expr.Compare("==", COLOUR, expr.Const("blue", None)), "v3_colour == 2"),
        (expr.Compare("!=", expr.Const("green", None), COLOUR), "1 != v3_colour"),
        (expr.Compare("<=", A, number(-1)), "v0_a <= (-1)"),
        (expr.Arithmetic("+", A, number(-1)), "v0_a - 1"),
        (expr.Arithmetic("-", A, number(-1)), "v0_a + 1"),
        (expr.Arithmetic("-", A, expr.Arithmetic("-", B, C)), "v0_a - (v1_b - v2_c)"),
        (expr.Arithmetic("-", expr.Arithmetic("-", A, B), C), "v0_a - v1_b - v2_c"),
        (expr.Arithmetic("*", expr.Arithmetic("-", A, B), C), "(v0_a - v1_b) * v2_c"),
        (expr.Arithmetic("*", A, expr.Arithmetic("*", B, C)), "v0_a * (v1_b * v2_c)"),
        (expr.Arithmetic("-", A, expr.Arithmetic("*", B, number(-2))), "v0_a - v1_b * (-2)"),
        (
            expr.Arithmetic("%", A, number(3)),
            "(v0_a % 3 < 0 -> v0_a % 3 + 3 : v0_a % 3)",
        ),
        (
            expr.Compare("==", expr.If(ON, A, B), expr.Arithmetic("+", A, number(1))),
            "(v4_on -> v0_a : v1_b) == v0_a + 1",
        ),
        (
            expr.Compare("==", COLOUR, expr.If(ON, expr.Const("red", None), COLOUR)),
            "v3_colour == (v4_on -> 0 : v3_colour)",
        ),
        (
            expr.Compare(
                "==",
                expr.Const("blue", None),
                expr.If(ON, expr.Const("red", None), expr.Const("blue", None)),
            ),
            "0 == (v4_on -> 1 : 0)",
        ),
    ],
)
def test_an_expression_means_the_same_to_promela(node: Scalar, text: str) -> None:
    """Its operators bind like C's, which is not how the tree was written down."""
    assert WORDS.text(node) == text


def test_a_row_of_assignments_that_shifts_needs_no_old_values() -> None:
    """What is read is written after those that read it."""
    assert [*WORDS.assignments({"a": B, "c": A, "b": number(1)})] == [
        "v2_c = v0_a",
        "v0_a = v1_b",
        "v1_b = 1",
    ]


def test_a_swap_saves_one_value() -> None:
    """SPIN takes one assignment after another, and what was saved must not make a new state."""
    swapping = Words(build(world()))

    assert [*swapping.assignments({"a": B, "b": A})] == [
        "old0_v0_a = v0_a",
        "v0_a = v1_b",
        "v1_b = old0_v0_a",
        "old0_v0_a = 0",
    ]
    assert "short old0_v0_a;" in [*swapping.declarations()]


LETTERS: Final = ("a", "b", "c")
UPDATES: Final = st.dictionaries(
    st.sampled_from(LETTERS),
    st.recursive(
        st.sampled_from([A, B, C, number(1), number(-2)]),
        lambda inner: st.builds(expr.Arithmetic, st.sampled_from(["+", "-"]), inner, inner),
        max_leaves=4,
    ),
)


@given(UPDATES, st.tuples(*(st.integers(-9, 9) for _ in LETTERS)))
def test_assignments_one_after_another_come_to_the_same_as_all_at_once(
    updates: dict[str, Scalar], values: tuple[int, ...]
) -> None:
    """Sums and assignments read the same in Python, which can so say what they come to."""
    mine = Words(build(world()))
    before = dict(zip((f"v{i}_{name}" for i, name in enumerate(LETTERS)), values, strict=True))
    after = dict(before)
    for statement in mine.assignments(updates):
        exec(statement, {}, after)

    expected = before | {
        mine.local[name]: eval(mine.text(node), {}, before) for name, node in updates.items()
    }
    assert {name: after[name] for name in before} == expected
    assert all(value == 0 for name, value in after.items() if name not in before)


NASTY: Final = (
    'it */ assert(false) /* said "so',
    "first\n#error second",
    "tab\t\\",
    "*",
    "/ * /",
    "Ω's",
)


@pytest.mark.parametrize("text", NASTY)
def test_nothing_that_a_declaration_says_becomes_code(text: str) -> None:
    """Names are free text, and a model is compiled to a program and run."""
    sort = Enum("Word", (Member("PLAIN", "plain"), Member("ODD", text)))
    odd = World(
        name=text,
        doc=text,
        instances=(),
        variables=(Variable.declare("word", sort, "plain"),),
        starts=(Start.declare(text, {}),),
        actions=(
            Action.declare(text, choices={"to": sort}, sets={"word": choice.to}, fair="strong"),
        ),
        properties=(
            sometimes(text, root("word") == text, **WHY),
            eventually(text, root("word") == text, **WHY),
        ),
        terminal=True,
    )
    tame = replace(odd, name="n", doc="d", actions=(replace(odd.actions[0], name="n"),))

    assert without_comments(model(build(odd))) == without_comments(model(build(tame)))
    assert text not in without_comments(model(build(odd)))


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_model_is_the_same_each_time_and_made_of_words_that_are_known(seed: int) -> None:
    """A difference between two models is one between two worlds."""
    text = model(build(random_world(seed, size=2, with_machine=False)))
    again = model(build(random_world(seed, size=2, with_machine=False)))

    assert text == again
    assert set(re.findall(r"[A-Za-z_]\w*", without_comments(text))) <= KNOWN | set(
        OURS.findall(text)
    )


OURS: Final = re.compile(r"\b(?:v\d+_\w*|old\d+_\w*|CAN_\d+|possible_\d+)\b")
KNOWN: Final = set(
    re.findall(
        r"\w+",
        """
        PROPERTY if ifdef else endif error define active proctype world do od fi never goto
        d_step assert true false skip break end_idle unsigned bool short
        AVOIDS BEGINS AT_START HAPPENED action did owed looping round awaited wait accept_round
        is the number of no property
        """,
    )
)


def test_numbers_too_large_for_spin_are_refused() -> None:
    """It computes with 32 bits and says nothing when they run over."""
    with pytest.raises(UsageError, match="computes with 32 bits, and 2147483648 is beyond them"):
        model(build(world(low=2**31 - 1, high=2**31)))


def test_sums_too_large_for_spin_are_refused() -> None:
    """Each number fits, and what they add up to does not."""
    other = Action.declare("add", guard=root("a") + root("b") > root("a") - root("b"))

    with pytest.raises(UsageError, match="a sum that can be from"):
        model(build(world(other, low=2**30, high=2**30 + 1)))


def test_more_choices_than_can_be_written_out_are_refused() -> None:
    """A model of a hundred megabytes would be of no use to SPIN either."""
    wide = Integer(0, 199)
    chooses = Action.declare(
        "choose", choices={"x": wide, "y": wide}, guard=choice.x + choice.y == root("a")
    )

    with pytest.raises(UsageError, match="world 'small' has 40,023 ways to go once every choice"):
        model(build(world(chooses)))


def test_more_text_than_spin_can_use_is_refused_before_it_is_written() -> None:
    """A few thousand ways are too many, too, where each is long; nobody should wait for them."""
    wide = Integer(0, 99)
    unlike = all_of(*(choice.x + choice.y != root("a") + number for number in range(100)))
    chooses = Action.declare("choose", choices={"x": wide, "y": wide}, guard=unlike)

    with pytest.raises(UsageError, match=r"ways to go, which take [\d,]+ words to write out"):
        model(build(world(chooses)))


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Two gates and a walker, with events, choices, fairness and a promise that fails."""
    return write_project(tmp_path, environment=TOWN)


def test_a_world_is_exported_as_a_model_to_read(town: Path) -> None:
    """People look at it when the two checkers disagree, so it says what it is made of."""
    done = run(town, "export", "promela", "town")

    assert (done.code, done.err) == (0, "")
    assert golden("promela", done.out) == done.out


def test_export_says_what_can_be_exported(town: Path) -> None:
    """A typo costs one look."""
    said = "steptable: there is no world 'twn'; did you mean 'town'?\n"

    assert run(town, "export", "promela", "twn") == Done(2, "", said)
    assert "promela" in run(town, "export", "--help").out


def test_the_model_says_how_it_is_run() -> None:
    """Whoever has the file and SPIN needs nothing else."""
    head = model(build(peterson())).split("*/\n#if")[0]

    assert "spin -a -o2 -DPROPERTY=0 MODEL" in head
    assert "/* 3: leads_to (run): 0 that wants to enter does */" in head
