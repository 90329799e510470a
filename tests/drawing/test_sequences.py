"""Counterexamples as sequence diagrams: who sends what, what is lost, and any name can be drawn."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from known_models.alternating_bit import alternating_bit
from nixfleet_state_machine.worlds.mirror import world as mirror
from steptable.check import Result, Trace, check
from steptable.drawing.findings import path_dot
from steptable.drawing.sequences.canvas import width, wrapped
from steptable.drawing.sequences.mermaid import sequence_mermaid
from steptable.drawing.sequences.messages import Parties, moved
from steptable.drawing.sequences.story import Story, story
from steptable.drawing.sequences.svg import sequence_svg
from steptable.explore.exploration import SuccessorFunction
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.properties import eventually, never
from steptable.sorts import TRUTH, Queue, Symbol
from steptable.terms import root
from steptable.world import Action, Bounds, Start, Variable, World
from support.projects import TOWN, Done, run, write_project

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> \"'`end` --> ;# %% \x01\n{x} & loop"
WORD = Symbol("Word")
post, lamp = root("post"), root("lamp")


def hostile() -> World:
    """A world whose every name means something to some format, with a lost and a sent message."""
    return World(
        name=f"street {HOSTILE}",
        doc=HOSTILE,
        instances=(),
        variables=(
            Variable.declare("post", Queue(WORD, 1), ()),
            Variable.declare("lamp", TRUTH, False),
        ),
        starts=(Start.declare("new", {}),),
        actions=(
            Action.declare(
                f"send {HOSTILE}",
                party=f"sender {HOSTILE}",
                says=HOSTILE,
                guard=(post.queued == 0) & ~lamp,
                sets={"post": post.push("word"), "lamp": True},
            ),
            Action.declare(
                f"lose {HOSTILE}",
                party=f"wire {HOSTILE}",
                guard=post.queued > 0,
                sets={"post": post.pop()},
            ),
        ),
        properties=(
            never(f"lit {HOSTILE}", lamp & (post.queued == 0), why=HOSTILE, cites=HOSTILE),
            eventually("dark", lamp & ~lamp, why="It saves.", cites="§1"),
        ),
        bounds=Bounds.declare(symbols={WORD: ("word",)}, instants=(0,)),
        terminal=True,
    )


def told(result: Result) -> list[Story]:
    return [
        story(result.world, item.trace, [item.judged])
        for item in result.judgements
        if item.trace is not None and item.verdict in ("violated", "finding")
    ]


def replayed(world: World, key: str) -> Trace:
    return Replayer(SuccessorFunction.of(build(world)), {}).by_key(key)


def texts(svg: str) -> list[str]:
    return [item.text or "" for item in ElementTree.fromstring(svg).iter(f"{SVG}tspan")]


# ── Messages ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((), ("a",), ((), ("a",))),
        (("a", "b"), ("b",), (("a",), ())),
        (("a", "b"), ("b", "c"), (("a",), ("c",))),
        (("a",), ("a", "a"), ((), ("a",))),
        (("a", "b"), (), (("a", "b"), ())),
    ],
)
def test_what_moved_in_a_queue_is_the_least_that_explains_it(
    before: tuple[str, ...], after: tuple[str, ...], expected: object
) -> None:
    """A message that nobody sent must not be drawn."""
    assert moved(before, after) == expected


def test_parties_and_channels_follow_from_the_declaration() -> None:
    """No action is known by its name, so that every world is drawn alike."""
    parties = Parties(mirror)

    assert {name: (parties.sender(name), parties.receiver(name)) for name in parties.queues} == {
        "outbox": ("agent", "wire"),
        "inbox": ("wire", "CP"),
    }
    assert parties.owners == {"agent": "agent", "mirror": "CP"}


def test_a_repeated_message_and_a_lost_one_are_told_from_one_that_is_sent() -> None:
    """What went wrong on the wire is what such a picture is looked at for."""
    world = alternating_bit(2)
    parties = Parties(world)
    kinds: dict[str, set[str]] = {}
    ways = SuccessorFunction.of(build(world))
    replayer = Replayer(ways, {})
    for key in ("0/0/0/0", "0/0/0/1", "0/0/0/2", "0/0/1", "0/0/2", "0/0/3"):
        try:
            steps = replayer.by_key(key).steps
        except LookupError:
            continue
        for step in steps:
            found = {message.kind for message in parties.messages(step)}
            kinds.setdefault(step.action.name, set()).update(found)

    assert kinds["the item is sent"] == {"sent"}
    assert kinds["wire loses"] == {"lost"}
    assert kinds["wire repeats"] == {"repeated"}
    assert kinds["an item is taken"] == set()


# ── Pictures ─────────────────────────────────────────────────────────────────────────


def test_every_step_of_a_trace_is_in_both_pictures_in_order() -> None:
    """A step that is left out makes the story wrong."""
    for each in told(check(alternating_bit(2, careless=True))):
        drawn = " ".join(texts(sequence_svg(each)))
        written = sequence_mermaid(each)
        lines = [written.index(f"{beat.number}. {beat.says}") for beat in each.beats]
        place = -1
        for beat in each.beats:  # the same may happen twice, so that it is looked for further on
            place = drawn.find(beat.says, place + 1)
            assert place >= 0, beat

        assert lines == sorted(lines)
        assert f"broken: {each.endings[0].name}" in drawn


def test_a_loop_is_bracketed() -> None:
    """What repeats for ever must be told from what happens once."""
    loops = [each for each in told(check(alternating_bit(2, fair="weak"))) if each.loop is not None]

    assert loops
    assert all('id="loop"' in sequence_svg(each) for each in loops)
    assert all(
        re.search(r"^    loop .*^    end$", sequence_mermaid(e), re.MULTILINE | re.DOTALL)
        for e in loops
    )


def test_any_name_is_text_in_svg() -> None:
    """A declaration can put no element into a page, and no byte that XML can't hold."""
    for each in told(check(hostile())):
        tree = ElementTree.fromstring(sequence_svg(each))

        assert {item.tag.removeprefix(SVG) for item in tree.iter()} <= {
            *("svg", "title", "rect", "line", "path", "polygon", "polyline", "g", "text", "tspan")
        }
        assert "<script>alert(1)</script>" in "".join(texts(sequence_svg(each)))


def test_any_name_is_text_in_mermaid() -> None:
    """No character can end a note, begin a comment or a block, or be taken for markup."""
    for each in told(check(hostile())):
        for line in sequence_mermaid(each).splitlines()[1:]:
            said = re.sub(r"#\d+;", "", line.replace("<br/>", ""))
            head, _, text = said.strip().partition(" as " if " as " in said else ": ")

            assert not set(text) & set(";#<>{}\"'`%&"), text
            assert not re.search(r"\bend\b|--", text)
            assert re.match(r"participant|Note over|loop|end|L\d+(->>|-->>|-x|-\)|--\))L\d+", head)


@pytest.mark.parametrize(
    "text", ["a b c", "x" * 400, "one_very.long/name-" * 9, "", "ü→∞ WWW " * 9]
)
def test_no_line_is_wider_than_its_room_and_no_letter_is_lost(text: str) -> None:
    """A label that is cut off is worse than one that is long."""
    lines = wrapped(text, 10, 120)

    assert all(width(line, 10) <= 120 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_path_marks_the_rows_of_its_steps_and_no_others() -> None:
    """The same way on the machine shows which part of it is to blame."""
    trace = replayed(mirror, "0/0")
    machine = mirror.instances[0].machine
    dot = path_dot(mirror, machine, trace)

    (row,) = (applied.row for applied in trace.steps[0].applied)
    assert row is not None
    assert dot.count("<I>not taken</I>") == len(machine.rows) - 1
    assert "agent: step 1" in dot.split(f'id="row:{row.name}"')[1].split("]")[0]


# ── The command line ─────────────────────────────────────────────────────────────────


@pytest.fixture
def town(tmp_path: Path) -> Path:
    run(write_project(tmp_path, environment=TOWN), "generate")
    return tmp_path


def test_a_trace_is_replayed_as_a_picture_without_dot(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is to go into a review comment must not need a system program."""
    monkeypatch.setenv("PATH", str(town))
    done = run(town, "replay", "town", "0/0", "--svg")

    assert (done.code, done.err) == (0, "")
    assert ElementTree.fromstring(done.out).tag == f"{SVG}svg"
    assert run(town, "replay", "town", "0/0", "--mermaid").out.startswith("sequenceDiagram\n")


def test_a_trace_has_one_form_at_a_time(town: Path) -> None:
    """Two documents in one output are none."""
    assert run(town, "replay", "town", "0/0", "--svg", "--pytest") == Done(
        2,
        "",
        "steptable: --pytest, --svg, --mermaid and --path exclude each other; give one\n",
    )


def test_findings_are_drawn_without_dot(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counterexamples are what a review needs most, so they need least."""
    monkeypatch.setenv("PATH", str(town))
    name = "diagrams/findings/town-both-gates-can-be-taken.svg"

    assert run(town, "draw", "findings") == Done(0, f"wrote {name}\n", "")


def test_a_path_on_the_machine_needs_dot(town: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where dot is missing, a sentence says how to get it."""
    monkeypatch.setenv("PATH", str(town))
    done = run(town, "replay", "town", "0", "--path")

    assert (done.code, done.out) == (2, "")
    assert "apt-get install graphviz" in done.err
