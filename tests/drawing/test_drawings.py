"""The pictures leave nothing out, never change by themselves, and can hold any name."""

from __future__ import annotations

import dataclasses
import html
import itertools
import re
import shutil
import subprocess
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from steptable import expr
from steptable.machine import Machine, State
from steptable.sorts import U64, Symbol
from steptable.targets.diagrams.dot import looks, machine_dot
from steptable.targets.diagrams.dot_rows import View
from steptable.targets.diagrams.matrix import matrix, matrix_markdown, matrix_notes, matrix_table
from steptable.targets.diagrams.matrix_dot import matrix_dot
from steptable.targets.diagrams.mermaid import machine_mermaid
from steptable.targets.words import guard_words, words
from steptable.terms import Structure, Term, if_else, root
from support.formatting import LEFT, formatting_machine
from support.lease import FREE, HELD, machine
from support.nodes import NODES

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs the program dot")

event, record = root("event"), root("record")


def svg_of(dot: str) -> ElementTree.Element:
    done = subprocess.run(
        ["dot", "-Tsvg"], input=dot, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == ""
    return ElementTree.fromstring(done.stdout)


def plain(text: str) -> str:
    """Text as a reader sees it: kinds of blanks don't count."""
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


# ── Words ────────────────────────────────────────────────────────────────────────────


def test_guards_read_as_plain_words() -> None:
    """Reviewers judge guards by these words, so the words are pinned."""
    guards = [guard_words(guard) for row in machine.rows for guard in row.guards]

    assert guards[1:6] == [
        "light: weight of event share < 7 or policy preferred is known or 2 ≤ event patience",
        "same: record holder = event who",
        "renewable: (policy renewable exactly where record strict) and record renewed < 2",
        "pool: Pool of record slot = event pool",
        "other: record holder ≠ event who",
    ]


A, B, C = (record.number == number for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (A & (B | C), "record number is 1 and (record number is 2 or record number is 3)"),
        ((A & B) | C, "(record number is 1 and record number is 2) or record number is 3"),
        (A & B & C, "record number is 1 and record number is 2 and record number is 3"),
        (~(A & B), "not (record number is 1 and record number is 2)"),
        (~A, "record number is not 1"),
        (~~A, "record number is 1"),
        (~record.due.is_known, "record due is empty"),
        (A.iff(B), "record number is 1 exactly where record number is 2"),
        (~A.iff(B), "not (record number is 1 exactly where record number is 2)"),
        (record.a - (record.b - record.c), "record a - (record b - record c)"),
        (record.name == "a b", 'record name is "a b"'),
        (if_else(A, record.a, None), "if record number is 1 then record a else nothing"),
        (
            A | record.probes.every(lambda probe: probe.ok),
            "record number is 1 or (every probe: ok)",
        ),
        (event.probes.every(lambda probe: probe.ok), "every probe in event probes: ok"),
        (
            record.as_.every(lambda a: record.bs.every(lambda b: a.size == b.size)),
            "every a in record as_: every b: a size = size",
        ),
        (record.probes[event.name].at, "at of (record probes at event name)"),
        (root("outbox").queued < 2, "length of outbox < 2"),
        (root("outbox").head.value.kind == "Ack", 'kind of (oldest in outbox) is "Ack"'),
        (root("outbox").push(event.number), "outbox and behind it event number"),
        (root("outbox").push(1).push(2), "(outbox and behind it 1) and behind it 2"),
        (root("outbox").pop().pop(), "(outbox without its oldest) without its oldest"),
        (root("been").count_of(event.kind) > 0, "number of event kind in been > 0"),
        (root("been").add(1).remove(2), "(been with one more 1) with one less 2"),
    ],
)
def test_words_can_be_read_in_one_way_only(term: Term, expected: str) -> None:
    """A guard that reads as another guard is worse than none."""
    assert words(term.node) == expected


def test_every_kind_of_node_has_words() -> None:
    """A node added to the tree must not turn up in a review as a crash."""
    item, fields = expr.Root("record"), (("size", expr.Const(1, U64)),)
    thing, text = Structure("Thing", "").sort, Symbol("Text")
    nodes: list[expr.Node] = [
        expr.Const({}, None),
        expr.Unknown("field", "x", ()),
        item,
        expr.Bound("probe"),
        expr.Attr(item, "x"),
        expr.Part(item, text, text),
        expr.Not(item),
        expr.And(()),
        expr.Or((item,)),
        expr.Iff(item, item),
        expr.Compare("<", item, item),
        expr.Arithmetic("+", item, item),
        expr.Negative(item),
        expr.Extreme("least", (item, item)),
        expr.If(item, item, item),
        expr.Present(item),
        expr.Value(item),
        expr.OrElse(item, item),
        expr.Lookup(item, item),
        expr.Put(item, item, item),
        expr.Every(item, "x", item),
        expr.Where(item, "x", item),
        expr.Some(item, "x", item),
        expr.CountWhere(item, "x", item),
        expr.Make(thing, fields),
        expr.With(item, fields),
        expr.Length(item),
        expr.Head(item),
        expr.Push(item, item),
        expr.Pop(item),
        expr.Count(item, item),
        expr.Change(item, item, 1),
        expr.Emitted(item, "Shout"),
        expr.Rerun("same", item),
    ]

    assert {type(node) for node in nodes} == set(NODES)
    assert all(words(node) for node in nodes)


# ── Matrix ───────────────────────────────────────────────────────────────────────────


def test_the_matrix_has_each_pair_once() -> None:
    """A pair that is missing from the matrix is a pair that nobody reviews."""
    pairs = [(state, event) for state, event, _ in matrix(machine).pairs()]

    assert len(pairs) == 18
    assert set(pairs) == {(s.name, e.name) for s in machine.states for e in machine.events}


def test_each_pair_is_a_row_or_a_refusal_with_its_reason() -> None:
    """The matrix says the same as the machine, of every pair."""
    cells = [cell for _, _, cell in matrix(machine).pairs()]

    assert sum(bool(cell.rows) for cell in cells) == 12
    assert all(bool(cell.rows) != bool(cell.refusal and cell.refusal.why) for cell in cells)
    assert {row.name for cell in cells for row in cell.rows} == {r.name for r in machine.rows}


def test_a_pair_without_row_or_refusal_is_an_error() -> None:
    """An empty cell would look like a refusal."""
    holed = dataclasses.replace(machine, refusals=machine.refusals[1:])

    with pytest.raises(LookupError, match="'Retired' neither accepts nor refuses"):
        matrix(holed)


def test_the_table_names_all_and_fits_a_terminal() -> None:
    """A line per fact, a column per state, and at most 120 columns in all, frame included."""
    table = matrix_table(machine)
    text = "\n".join("\n".join(line) for line in table)
    widths = [
        max(len(part) for cell in column for part in cell.split("\n"))
        for column in zip(*table, strict=True)
    ]

    assert [len(line) for line in table] == [4] * 4
    assert all(event.name in text for event in machine.events)
    assert sum(widths) + 3 * len(widths) <= 120


def test_the_notes_give_every_reason_and_every_guard() -> None:
    """Numbers in cells are of use only with what they stand for."""
    notes = "\n".join(matrix_notes(machine))

    assert all(refusal.why in notes for refusal in machine.refusals)
    assert all(guard_words(guard) in notes for row in machine.rows for guard in row.guards)


@pytest.mark.parametrize("drawn", [machine, formatting_machine()], ids=["lease", "hostile"])
def test_markdown_reads_the_matrix_back(drawn: Machine) -> None:
    """A bar or a star in a name must not change the table."""
    tokens = MarkdownIt().enable("table").parse(matrix_markdown(drawn))
    cells = [
        html.unescape(plain("".join(part.content for part in following.children or ())))
        for token, following in itertools.pairwise(tokens)
        if token.type in {"th_open", "td_open"}
    ]

    assert len(cells) == (len(drawn.states) + 1) * (len(drawn.facts) + 1)
    assert cells[1 : len(drawn.states) + 1] == [plain(state.name) for state in drawn.states]
    assert all(any(plain(row.name) in cell for cell in cells) for row in drawn.rows)


# ── DOT and Mermaid ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("drawing", [machine_dot, machine_mermaid, matrix_markdown])
def test_drawings_are_the_same_on_every_run(drawing: Callable[[Machine], str]) -> None:
    """Committed drawings are compared with fresh ones, byte by byte."""
    assert drawing(machine) == drawing(dataclasses.replace(machine))
    assert drawing(formatting_machine()) == drawing(formatting_machine())


def test_shape_and_colour_follow_from_the_rows() -> None:
    """The drawing knows no state by its name: what is held here can only be lost any more."""
    lost = State("Lost", "Nobody knows where it is.", terminal=True)
    rows = tuple(
        dataclasses.replace(row, target=lost) if row.source == HELD and row.target == FREE else row
        for row in machine.rows
    )
    drawn = looks(dataclasses.replace(machine, states=(*machine.states, lost), rows=rows))

    assert {name: look.course for name, look in drawn.items()} == {
        "Free": "start",
        "Held": "decided",
        "Retired": "end",
        "Lost": "end",
    }
    assert drawn["Held"].fill == drawn["Lost"].fill
    assert drawn["Retired"].fill != drawn["Lost"].fill


def test_dot_has_one_edge_for_each_two_states() -> None:
    """Parallel rows share a label table, so that the edge can be followed."""
    edges = re.findall(
        r'^  ("(?:\\.|[^"\\])*" -> "(?:\\.|[^"\\])*") ',
        machine_dot(formatting_machine()),
        re.MULTILINE,
    )

    assert edges == [
        r'"Off \"<&>\"" -> "On\\n*_[x]_*"',
        r'"On\\n*_[x]_*" -> "end"',
    ]


def test_dot_names_every_row_event_guard_and_effect_of_the_table() -> None:
    """Whatever a reviewer does not see, he takes not to be there."""
    text = html.unescape(machine_dot(machine))
    names = [name for row in machine.rows for _, name in row.fact.halves]
    names += [row.name for row in machine.rows]
    names += [guard.name for row in machine.rows for guard in row.guards]
    names += [
        emission.effect.name
        for row in machine.rows
        for side in machine.sides
        for emission in row.emissions(side)
    ]

    assert [name for name in names if name not in text] == []


def test_dot_tells_the_sides_apart_only_where_they_differ() -> None:
    """What both sides do alike is said once, without a side."""
    label = machine_dot(machine).split("<I>returned</I>")[1].split('SIDES="B"')[0]

    assert "<B>registry</B></FONT>: Remember" in label
    assert "&#160;Notify if record last is known" in label
    assert "tenant" not in label


@needs_dot
def test_dot_accepts_and_shows_every_row_in_the_picture() -> None:
    """The names must be in the picture itself, not in its tooltips alone."""
    texts = [item.text for item in svg_of(machine_dot(machine)).iter() if item.text]

    assert [row.name for row in machine.rows if row.name not in texts] == []
    assert [row.fact.name for row in machine.rows if row.fact.name not in texts] == []


@needs_dot
def test_dot_shows_any_name_as_it_is() -> None:
    """Quotes, tags, bars and line breaks are text, in labels, ids and tooltips."""
    drawn = formatting_machine()
    svg = svg_of(machine_dot(drawn))
    texts = {plain(item.text) for item in svg.iter() if item.text}
    tips = "\n".join(
        value for item in svg.iter() for key, value in item.attrib.items() if "title" in key
    )

    assert {plain(state.name) for state in drawn.states} <= texts
    assert {plain(row.name) for row in drawn.rows} <= texts
    assert [event.name for event in drawn.events if event.name not in tips] == []


def test_mermaid_names_every_state_row_and_guard() -> None:
    """The README's picture is a picture of the whole machine."""
    text = machine_mermaid(machine)
    names = [state.name for state in machine.states]
    names += [f"{row.fact.name} ({row.name})" for row in machine.rows]
    names += [f"if {guard.name}" for row in machine.rows for guard in row.guards]

    assert text.startswith("stateDiagram-v2\n")
    assert [name for name in names if name not in text] == []


def test_mermaid_holds_any_name_as_entities() -> None:
    """No declared character can end a label, begin a comment or be taken for Markdown."""
    drawn = formatting_machine()
    text = machine_mermaid(drawn)
    bare = re.sub(r"#\d+;", "", text)
    back = re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)

    assert not set(bare.replace("<br/>", "").replace("[*]", "")) & set("`|\\&%{}*_<;")
    assert "end -->" not in text
    assert [state.name for state in drawn.states if state.name not in back] == []
    assert [row.name for row in drawn.rows if row.name not in back] == []


# ── Views ────────────────────────────────────────────────────────────────────────────


def test_a_half_shows_the_events_and_effects_of_its_side_alone() -> None:
    """Who implements one side must not be shown what the other one does."""
    for side in machine.sides:
        text = re.sub(r"\w*tooltip=\"(\\.|[^\"\\])*\"", "", machine_dot(machine, View(side=side)))
        foreign = [e.name for e in machine.events if e.side != side]
        foreign += [e.name for e in machine.effects if e.side not in (side, None)]

        assert [e.name for e in machine.events if e.side == side and e.name not in text] == []
        assert [name for name in foreign if name in text] == []


def test_the_view_of_effects_has_every_effect_in_order() -> None:
    """The order in which a runtime must carry effects out is part of the contract."""
    text = machine_dot(machine, View(detail="effects"))
    for row in machine.rows:
        label = text.split(f"<I>{row.name}</I>")[1]
        for side in machine.sides:
            told = html.unescape(label.split(f"<B>{side.name}</B></FONT>: ")[1].split("</TD>")[0])
            names = [emission.effect.name for emission in row.emissions(side)]
            places = [told.index(name) for name in names]

            assert places == sorted(places)


def test_what_is_not_marked_is_drawn_as_not_taken() -> None:
    """A row without a mark must not look like one that was taken."""
    row, *rest = machine.rows
    view = View(detail="names", marks={row.name: "3 <steps>"}, painted=("painted & so",))
    text = machine_dot(machine, view)

    assert text.count("<I>not taken</I>") == len(rest)
    assert "<B>3 &lt;steps&gt;</B>" in text
    assert "painted &amp; so" in text


@needs_dot
@pytest.mark.parametrize(
    "view",
    [
        View(side=LEFT),
        View(detail="effects"),
        View(detail="names", marks={"<loud row>": 'a "b" <c>'}, painted=("<d> & e",)),
    ],
)
def test_every_view_of_any_names_is_accepted_by_dot(view: View) -> None:
    """A name is text in each of the views."""
    drawn = formatting_machine()
    texts = {plain(item.text) for item in svg_of(machine_dot(drawn, view)).iter() if item.text}

    assert {plain(row.name) for row in drawn.rows} <= texts


@needs_dot
def test_the_matrix_is_a_picture_of_the_same_cells() -> None:
    """What the page says, the picture says."""
    for drawn in (machine, formatting_machine()):
        texts = [plain(item.text) for item in svg_of(matrix_dot(drawn)).iter() if item.text]
        said = " ".join(texts)
        refused = sum(not cell.rows for line in matrix(drawn).lines for cell in line)

        assert [row.name for row in drawn.rows if plain(row.name) not in texts] == []
        assert sum(bool(re.fullmatch(r"· \d+", text)) for text in texts) == refused
        assert all(plain(note) in said for note in matrix_notes(drawn))
