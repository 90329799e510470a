"""A report says what promise is broken, and shows the way to it with nothing beside the point."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from rich.console import Console

from known_models.mirror import mirror
from known_models.two_phase import two_phase
from steptable.check import Result, check
from steptable.partial.paths import Path as Where
from steptable.properties import eventually
from steptable.report.formats.summary import idle_lines, summary
from steptable.report.formats.table import matrix_view
from steptable.report.formats.text import Report
from steptable.report.outcome import Run
from steptable.report.traces.bounds import bound_behind
from steptable.report.traces.relevance import relevant_names
from steptable.terms import root
from support.faulty.parcel import SENT, parcel
from support.lease import machine as lease
from support.post import without_guard, world
from support.projects import ENVIRONMENT, TOWN, edited, golden, run, timeless, write_project

PARCEL: Final = Where.of("parcel")
SCAN: Final = PARCEL.field("scans").entry("depot")
ODD_SCAN: Final = PARCEL.field("scans").entry("a].b[c")


def street(properties: str, *, numbers: str = "range(1, 2)", more: str = "") -> str:
    """The environment of the gate with other properties."""
    head, _, _ = ENVIRONMENT.partition("    properties=(\n")
    head = edited(head, "import GONE,", "import CHIME, enough, event, GONE, PAID, PASSED,")
    head = edited(head, "before, sometimes,", "before, emits, eventually, never, sometimes,")
    head = edited(head, "range(0, 2)", numbers)
    ends = "" if "terminal=" in more else "    terminal=True,\n"
    return f"{head}    properties=(\n{properties}    ),\n{more}{ends})\n"


def said(folder: Path, properties: str, *, numbers: str = "range(1, 2)", more: str = "") -> str:
    """What `check` says of the gate with these properties, after the lines with the verdicts."""
    write_project(folder, environment=street(properties, numbers=numbers, more=more))
    run(folder, "generate")
    done = run(folder, "check")

    assert (done.code, done.err) == (1, "")
    _, _, report = done.out.partition("\n\n")
    return report


# ── Traces ───────────────────────────────────────────────────────────────────────────


def test_a_broken_promise_is_shown_with_the_shortest_way_to_it(tmp_path: Path) -> None:
    """What was promised, where, what happened, and what was then not the case."""
    promise = """\
        never("nothing that earned is lost", (gate.position == GONE) & gate.paid_at.is_known,
            why="The coins are in it.", cites="§4"),
"""

    assert (
        said(tmp_path, promise)
        == """\
violated: nothing that earned is lost
  promised      The coins are in it. (§4)
  declared at   gate/environment.py:18
  start         gate: position=Shut
  step 1        CoinsInserted(coins=0, at=t+0s, number=2) under Price(coins=0) arrives
                row 'paid': position Shut → Open, paid_at → t+0s
                effects: Chime
  step 2        SomebodyPassed(at=t+0s, number=2) arrives
                row 'passed': position Open → Shut
                effects: none
  step 3        GateStolen(at=t+0s, number=2) arrives
                row 'stolen': position Shut → Gone
                effects: none
  but           this is true: gate position is Gone and gate paid_at is known
  replay        steptable replay street 0/0/0/10

not ok: 1 of 1 property does not pass
"""
    )


def test_fields_without_influence_are_left_out(tmp_path: Path) -> None:
    """Neither the time of payment nor that of an event has to do with what is not greeted."""
    promise = """\
        always_event("all are greeted", step.accepted.implies(emits(step, CHIME) == 1),
            why="It is polite.", cites="§6"),
"""

    assert (
        said(tmp_path, promise)
        == """\
violated: all are greeted
  promised      It is polite. (§6)
  declared at   gate/environment.py:18
  start         gate: position=Shut
  step 1        GateStolen(number=2) arrives
                row 'stolen': position Shut → Gone
                effects: none
  but           step accepted, and yet this is false: number of Chime emitted by step is 1
  replay        steptable replay street 0/10

not ok: 1 of 1 property does not pass
"""
    )


@pytest.mark.parametrize(
    ("fact", "numbers", "event", "refusal"),
    [
        (
            "PASSED",
            "range(1, 2)",
            "SomebodyPassed(number=2)",
            "refused: no row takes it in state Shut",
        ),
        (
            "PASSED",
            "range(0, 2)",
            "SomebodyPassed(number=1)",
            "refused: its number is not above last=1",
        ),
        (
            "PAID",
            "range(1, 2)",
            "CoinsInserted(coins=0, number=2) under Price(coins=1)",
            "refused by guard 'enough': it must be enough",
        ),
    ],
)
def test_a_refused_step_says_what_refused_it(
    tmp_path: Path, fact: str, numbers: str, event: str, refusal: str
) -> None:
    """Number, table and guards refuse for different reasons."""
    promise = f"""\
        always_event("all are served", step.accepted, fact={fact}, why="All are.", cites="§5"),
"""

    assert said(tmp_path, promise, numbers=numbers).splitlines()[4:7] == [
        f"  step 1        {event} arrives",
        f"                {refusal}",
        "  but           this is false: step accepted",
    ]


def test_what_is_never_found_is_said_without_a_way_to_it(tmp_path: Path) -> None:
    """A state that is out of reach, and a promise that nothing puts to the test."""
    promises = """\
        sometimes("it is in two places", (gate.position == GONE) & (gate.position == OPEN),
            why="Gates are odd.", cites="§7"),
        always("two places are one", ((gate.position == GONE) & (gate.position == OPEN)).implies(
            gate.position == SHUT), why="Nobody knows.", cites="§8"),
"""

    assert (
        said(tmp_path, promises)
        == """\
unwitnessed: it is in two places
  promised      Gates are odd. (§7)
  declared at   gate/environment.py:18
  but           no reachable state has this: gate position is Gone and gate position is Open

vacuous: two places are one
  promised      Nobody knows. (§8)
  declared at   gate/environment.py:20
  but           this was never the case, so nothing was judged by it: gate position is Gone and \
gate position is Open

  because       'it is in two places' of world street: this part is never true where those before \
it are: gate position is Open (gate/environment.py:18)

what to do
  unwitnessed   1 property at gate/environment.py:18: let the world come there, or take the wish out
  vacuous       1 property at gate/environment.py:20: let its premise be met, or take the promise \
out
  changed       steptable diff REVISION says what has changed since then, and for whom
not ok: 2 of 2 properties do not pass
"""
    )


@pytest.mark.parametrize(
    ("promise", "more", "shown"),
    [
        (
            """\
        eventually("it goes", gate.position == GONE, why="All things do.", cites="§2"),
""",
            "",
            """\
  start         gate: position=Shut
  loop          from here nothing more happens, and nothing is owed
  but           this is never so: gate position is Gone
  replay        steptable replay street 0+
""",
        ),
        (
            "",
            "    terminal=gate.position == OPEN,\n",
            """\
  start         gate: position=Shut
  step 1        GateStolen(number=2) arrives
                row 'stolen': position Shut → Gone
                effects: none
  but           nothing can happen here, and this is false: gate position is Open
  replay        steptable replay street 0/10
""",
        ),
    ],
    ids=["standing still", "deadlock"],
)
def test_a_run_that_ends_too_soon_says_so(
    tmp_path: Path, promise: str, more: str, shown: str
) -> None:
    """To do nothing for ever breaks a promise too, if nothing else is owed."""
    assert shown in said(tmp_path, promise, more=more)


def test_several_parties_have_a_lane_each(tmp_path: Path) -> None:
    """Who does what is seen at a glance: instances, choices, a finding in full, and a loop."""
    run(write_project(tmp_path, environment=TOWN), "generate")
    done = run(tmp_path, "check", "--findings", "--coverage")

    assert (done.code, done.err) == (1, "")
    assert golden("town", done.out) == done.out


def test_a_finding_that_is_as_pinned_takes_one_line(tmp_path: Path) -> None:
    """What is known and explained does not bury what is new."""
    run(write_project(tmp_path, environment=TOWN), "generate")
    out = run(tmp_path, "check").out

    assert (
        "  finding       both gates can be taken — pinned: 1 step; see diagrams/FINDINGS.md\n"
        in out
    )
    assert "One coin is not enough." not in out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "length=1,",
            "length=4,",
            (
                "its shortest counterexample has 1 steps, not 4",
                "4 steps by 'pay'",
                'if that is what it explains now, write length=1, through=("pay",)',
            ),
        ),
        (
            'through=("pay",)',
            'through=("steal",)',
            (
                "it fails in another way, not by 'steal'",
                "1 step by 'steal'",
                'if that is what it explains now, write length=1, through=("pay",)',
            ),
        ),
        (
            "            step.accepted,\n",
            "            step.accepted.implies(step.accepted),\n",
            (
                "it is declared as a finding, but fails no longer",
                "1 step by 'pay'",
                "declare it as a promise again",
            ),
        ),
    ],
)
def test_a_finding_that_is_not_as_pinned_fails_the_check(
    tmp_path: Path, old: str, new: str, said: tuple[str, str, str]
) -> None:
    """Somebody must hear of it, of where it is pinned, and of what to do."""
    remark, pinned, advice = said
    town = edited(TOWN, old, new)
    head, _, _ = town.partition("        leads_to(\n")
    first = head.index("        always_step(\n")
    last = head.index("        always_event(\n")
    alone = f"{head[:first]}{head[last:]}    ),\n)\n"
    run(write_project(tmp_path, environment=alone), "generate")
    done = run(tmp_path, "check")

    assert (done.code, done.err) == (1, "")
    assert "  not as pinned both gates can be taken\n" in done.out
    assert (
        f"  but           {remark}\n  pinned        {pinned}, at gate/environment.py:" in done.out
    )
    assert f"  so            {advice}\n" in done.out


# ── A machine with a part taken away ─────────────────────────────────────────────────


def without(row: str, guard: str) -> Result:
    """What is found where a row lacks one of its guards."""
    return replace(check(without_guard(row, guard)), seconds=0.0)


@pytest.fixture(scope="module")
def unguarded() -> Result:
    """An arrival that does not ask where a fast parcel was slow."""
    return without("arrived", "fast-all-the-way")


def test_a_missing_guard_is_a_trace_that_a_reader_follows(unguarded: Result) -> None:
    """Two events, the sight that was slow, and the promise that names sights."""
    (trace,) = [j.trace for j in unguarded.judgements if j.verdict == "violated" and j.trace]
    lines = [str(line) for line in Report().world(unguarded, verbose=False)]

    assert lines[1:3] == [
        "  violated      fast parcels that are there were fast everywhere",
        "",
    ]
    assert [line for line in lines[3:] if "declared at" not in line] == [
        "violated: fast parcels that are there were fast everywhere",
        "  promised      Whoever asks for speed pays for it on the whole way, and is to have it "
        "on the whole way. (§3)",
        "  start         parcel: state=Sent, grams=1, speed=fast",
        "  step 1        HeardOf(at=t+0s, place=depot, speed=slow, number=2) arrives",
        "                row 'scanned': scans[depot] → {speed=slow}",
        "                effects: Tell",
        "  step 2        HeardOfArrival(at=t+0s, number=2) arrives",
        "                row 'arrived': state Sent → Delivered",
        "                effects: Tell, Moved",
        "  but           parcel state is Delivered and parcel speed is fast, and yet this is "
        "false: every scan in parcel scans: speed is fast",
        f"  replay        steptable replay post {trace.key}",
        "",
    ]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_keep_to_the_width_of_the_terminal(unguarded: Result, width: int) -> None:
    """Texts hang beside their labels, and say the same at any width."""
    lines = "\n".join(str(line) for line in Report(width).world(unguarded)).splitlines()
    whole = "\n".join(str(line) for line in Report().world(unguarded))

    assert max(len(line) for line in lines[1:]) <= width
    assert "".join("".join(lines).split()) == "".join(whole.split())


def test_what_only_stands_in_is_known_from_what_matters() -> None:
    """A property that compares records as a whole needs all of their fields."""
    judged = {item.name: item for item in world.properties}
    ends = relevant_names(world, [judged["ends absorb"]])
    whole = relevant_names(world, [judged["a refused event changes nothing"]])

    assert {"state", "number", "scans", "speed", "due_at"} <= ends
    assert not {"remark", "sent_at", "seen_at"} & ends
    assert set(parcel.record.names) <= whole


def test_results_are_summed_up_in_one_line(unguarded: Result) -> None:
    """The last line alone says what kind of trouble there is."""
    bounded = check(world, max_states=1)
    run = Run((unguarded, bounded))
    every = 2 * len(bounded.judgements)
    open_ones = sum(item.verdict == "inconclusive" for item in bounded.judgements)

    assert str(summary(run)) == (
        f"not ok: 1 of {every} properties does not pass, "
        f"{open_ones} of {every} properties inconclusive"
    )
    assert str(summary(Run((), ("later",)))) == "incomplete: not explored: later"


def test_rows_and_effects_that_no_world_comes_to_are_told_once_all_were_explored() -> None:
    """One world need not come to everything; all of them together must."""
    rows = tuple(row for row in parcel.rows if row.target != SENT)
    (only,) = world.instances
    idle = replace(only, machine=replace(parcel, rows=rows))
    starts = tuple(start for start in world.starts if start.name == "fresh")
    result = check(replace(world, instances=(idle,), starts=starts))
    run = Run((result,))
    lines = [str(line).partition(", declared at")[0] for line in idle_lines(run, Report())]

    assert "  never taken   row 'arrived'" in lines
    assert "  never emitted effect Print" in lines
    assert run.exit_code == 1
    assert list(idle_lines(Run((result,), whole=False), Report())) == []
    assert list(idle_lines(Run((result,), ("later",)), Report())) == []


def test_a_search_that_was_cut_short_says_what_to_lower() -> None:
    """A world that is too large is made smaller where it grows."""
    result = check(mirror(1, 2, 3), max_states=500)
    said = "\n".join(str(line) for line in Report().world(result))

    assert "stopped at " in said
    assert "variables with the most distinct values: h0_queue[1] (10), " in said
    assert "to make it smaller, lower the capacity of queue 'h0_queue', 3" in said


at_last = eventually(
    "it is decided",
    root("transaction") != "open",
    why="Nobody likes to wait.",
    cites="this test",
)


def test_counts_up_to_an_order_say_so() -> None:
    """Whoever reads a number of states must know which states it counts."""
    counted = [str(line) for line in Report().world(check(two_phase(3)))]
    told = "states that differ by the order of Manager alone count once"
    aside = replace(two_phase(3), properties=(at_last,))
    whole = [str(line) for line in Report().world(check(aside))]

    assert counted[0].startswith("world two-phase-commit: 80 states, depth 10, ")
    assert f"  symmetry      {told}" in counted
    assert whole[0].startswith("world two-phase-commit: 288 states, depth 10, ")
    assert "  symmetry      every state is explored: promise 'it is decided' is about runs" in whole


@pytest.mark.parametrize(
    ("path", "bound"),
    [
        (Where.of("h0_queue").length, "the capacity of queue 'h0_queue', 3"),
        (Where.of("h0_queue").slot(0), "the capacity of queue 'h0_queue', 3"),
        (Where.of("h0_ap1"), None),
        (Where.of("elsewhere"), None),
    ],
)
def test_the_bound_behind_a_variable_is_found(path: Where, bound: str | None) -> None:
    """What an explorer stores is part of something declared."""
    assert bound_behind(mirror(1, 2, 3), path) == bound


@pytest.mark.parametrize(
    ("path", "bound"),
    [
        (PARCEL.field("due_at"), "the instants of the bounds, 3"),
        (PARCEL.field("address"), "the symbols of Address in the bounds, 1"),
        (SCAN.field("speed"), "the symbols of Place in the bounds, 2"),
        (SCAN.field("seen_at"), "the instants of the bounds, 3"),
        (ODD_SCAN.field("seen_at"), "the instants of the bounds, 3"),
        (PARCEL.field("due_at").presence, None),
        (PARCEL.field("state"), None),
    ],
)
def test_the_bound_behind_a_part_of_a_record_is_found(path: Where, bound: str | None) -> None:
    """Records are taken apart by the explorer, and put together again for its reader."""
    assert bound_behind(world, path) == bound


def test_seconds_are_the_only_thing_that_differs_between_runs(unguarded: Result) -> None:
    """Whoever compares two reports sees changes alone."""
    again = without("arrived", "fast-all-the-way")
    first, second = ([str(line) for line in Report().world(r)] for r in (unguarded, again))

    assert first == second
    assert timeless("in 1.5 s") == timeless("in 12.0 s")


# ── The table ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("columns", [30, 36, 45, 56, 80])
def test_the_table_fits_a_terminal_and_loses_no_letter(columns: int) -> None:
    """Names are broken between their words where there is no room, and never cut."""
    console = Console(width=columns, color_system=None)
    with console.capture() as capture:
        console.print(matrix_view(lease, columns))
    lines = capture.get().splitlines()
    shown = "".join(line.split("│")[1].strip() for line in lines if line.startswith("│"))

    assert max(map(len, lines)) <= columns
    assert "…" not in capture.get()
    for event in lease.events:
        assert event.name in shown


def test_names_stand_on_one_line_where_there_is_room() -> None:
    """A design review has a wide screen."""
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(matrix_view(lease, None))
    shown = {line.split("│")[1].strip() for line in capture.get().splitlines() if "│" in line}

    assert {event.name for event in lease.events} <= shown
