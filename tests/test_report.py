"""A report says what promise is broken, and shows the way to it with nothing beside the point."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.worlds.reducer import world
from projects import ENVIRONMENT, edited, run, timeless, write_project
from steptable.check import Result, check
from steptable.machine import Row
from steptable.report.relevance import relevant_fields
from steptable.report.table import matrix_view
from steptable.report.text import Report, summary


def street(properties: str, *, numbers: str = "range(1, 2)") -> str:
    """The environment of the gate with other properties."""
    head, _, rest = ENVIRONMENT.partition("    properties=(\n")
    _, _, tail = rest.partition("    forgets=")
    head = edited(head, "import GONE,", "import CHIME, enough, event, GONE, PAID, PASSED,")
    head = edited(head, "always_step, before,", "always_step, before, emits, never,")
    head = edited(head, "range(0, 2)", numbers)
    return f"{head}    properties=(\n{properties}    ),\n    forgets={tail}"


def said(folder: Path, properties: str, *, numbers: str = "range(1, 2)") -> str:
    """What `check` says of the gate with these properties, after the lines with the verdicts."""
    write_project(folder, environment=street(properties, numbers=numbers))
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
  declared at   gate/environment.py:19
  start         gate: position=Shut
  step 1        CoinsInserted(coins=0, at=t+0s, number=2) under Price(coins=0)
                row 'paid': position Shut → Open, paid_at → t+0s
                effects: Chime
  step 2        SomebodyPassed(at=t+0s, number=3)
                row 'passed': position Open → Shut
                effects: none
  step 3        GateStolen(at=t+0s, number=4)
                row 'stolen': position Shut → Gone
                effects: none
  but           this is true: gate position is Gone and gate paid_at is known

not ok: 1 of 1 property does not pass
"""
    )


def test_fields_without_influence_are_left_out(tmp_path: Path) -> None:
    """Neither the time of payment nor that of an event has to do with what is not greeted."""
    promise = """\
        always_step("all are greeted", step.accepted.implies(emits(step, CHIME) == 1),
            why="It is polite.", cites="§6"),
"""

    assert (
        said(tmp_path, promise)
        == """\
violated: all are greeted
  promised      It is polite. (§6)
  declared at   gate/environment.py:19
  start         gate: position=Shut
  step 1        GateStolen(number=2)
                row 'stolen': position Shut → Gone
                effects: none
  but           step accepted, and yet this is false: number of Chime emitted by step is 1

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
        always_step("all are served", step.accepted, fact={fact}, why="All are.", cites="§5"),
"""

    assert said(tmp_path, promise, numbers=numbers).splitlines()[4:7] == [
        f"  step 1        {event}",
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
  declared at   gate/environment.py:19
  but           no reachable state has this: gate position is Gone and gate position is Open

vacuous: two places are one
  promised      Nobody knows. (§8)
  declared at   gate/environment.py:21
  but           its premise is never met, so nothing was judged

not ok: 2 of 2 properties do not pass
"""
    )


def test_json_has_every_field_of_a_trace(tmp_path: Path) -> None:
    """A program may want to replay what it reads."""
    promise = """\
        always_step("all are served", step.accepted, fact=PAID, why="All are.", cites="§5"),
"""
    said(tmp_path, promise)
    done = run(tmp_path, "check", "--format", "json")

    assert (done.code, done.err) == (1, "")
    assert json.loads(done.out) == {
        "passes": False,
        "worlds": [
            {
                "world": "street",
                "states": 3,
                "depth": 1,
                "events": 36,
                "seconds": 0.0,
                "stopped": "",
                "idle_rows": [],
                "properties": [
                    {
                        "name": "all are served",
                        "verdict": "violated",
                        "vacuous": False,
                        "why": "All are.",
                        "cites": "§5",
                        "declared_at": "gate/environment.py:19",
                        "trace": {
                            "start": {"position": "Shut", "paid_at": None, "last": 1},
                            "steps": [
                                {
                                    "event": "CoinsInserted",
                                    "fields": {"coins": 0, "at": 0, "number": 2},
                                    "policy": {"coins": 1},
                                    "row": None,
                                    "refused": "guard",
                                    "guard": "enough",
                                    "changes": {},
                                    "effects": [],
                                }
                            ],
                        },
                    }
                ],
            }
        ],
    }


# ── The machine of this project, with a part taken away ──────────────────────────────


def without(name: str, index: int) -> Result:
    """What is found where a row lacks one of its guards."""

    def changed(row: Row) -> Row:
        if row.name != name:
            return row
        return replace(row, guards=row.guards[:index] + row.guards[index + 1 :])

    rows = tuple(changed(row) for row in machine.rows)
    found = check(replace(world, machine=replace(machine, rows=rows)))
    return replace(found, seconds=0.0)


@pytest.fixture(scope="module")
def unguarded() -> Result:
    """Convergence that does not ask for passing probes."""
    return without("converged", 2)


def test_a_missing_guard_is_a_trace_that_a_reader_follows(unguarded: Result) -> None:
    """Two events, the probe that fails, and the promise that names probes."""
    lines = [str(line) for line in Report().world(unguarded, verbose=False)]

    assert lines[1:3] == [
        "  violated      converged hosts run their target, soaked, with passing probes",
        "",
    ]
    assert [line for line in lines[3:] if "declared at" not in line] == [
        "violated: converged hosts run their target, soaked, with passing probes",
        "  promised      Converged is what successors of a host wait for; it must mean what it "
        "says. (RFC-0005 §3)",
        "  start         host: state=Soaking, target_closure=target",
        "  step 1        LocalProbeResult(probe_name=probe-1, mode=enforce, status=fail, seq=2)",
        "                row 'probe-result': probes[probe-1] → {status=fail, mode=enforce}",
        "                effects: LocalEmitEvent",
        "  step 2        LocalConvergedReached(converged_at=t+0s, current_closure=target, seq=3)",
        "                row 'converged': state Soaking → Converged, current_closure → target, "
        "converged_at → t+0s",
        "                effects: LocalEmitEvent, RecordTransition",
        "  but           host state is Converged, and yet this is false: every probe in host "
        "probes: mode is not enforce or status is pass",
        "",
    ]
    assert str(summary([unguarded])) == "not ok: 1 of 20 properties does not pass"


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
    ends = relevant_fields(machine, judged["ends absorb"])
    whole = relevant_fields(machine, judged["a refused event changes nothing"])

    assert {"state", "seq", "probes", "mode", "status", "soak_due_at"} <= ends
    assert not {"failure_reason", "activation_started_at", "last_observed_at"} & ends
    assert set(machine.record.names) <= whole


def test_results_are_summed_up_in_one_line(unguarded: Result) -> None:
    """The last line alone says what kind of trouble there is."""
    bounded = check(world, max_states=1)

    assert str(summary([unguarded, bounded])) == (
        f"not ok: 1 of 40 properties does not pass, "
        f"{sum(item.verdict == 'inconclusive' for item in bounded.judgements)} of 40 properties "
        "inconclusive"
    )
    assert str(summary([], ["later"])) == "incomplete: world 'later' was not explored"


def test_seconds_are_the_only_thing_that_differs_between_runs(unguarded: Result) -> None:
    """Whoever compares two reports sees changes alone."""
    again = without("converged", 2)
    first, second = ([str(line) for line in Report().world(r)] for r in (unguarded, again))

    assert first == second
    assert timeless("in 1.5 s") == timeless("in 12.0 s")


# ── The table ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("columns", [80, 90, 100, 120])
def test_the_table_fits_a_terminal_and_loses_no_letter(columns: int) -> None:
    """Names are broken between their words where there is no room, and never cut."""
    console = Console(width=columns, color_system=None)
    with console.capture() as capture:
        console.print(matrix_view(machine, columns))
    lines = capture.get().splitlines()
    shown = "".join(line.split("│")[1].strip() for line in lines if line.startswith("│"))

    assert max(map(len, lines)) <= columns
    assert "…" not in capture.get()
    for event in machine.events:
        assert event.name in shown


def test_names_stand_on_one_line_where_there_is_room() -> None:
    """A design review has a wide screen."""
    console = Console(width=200, color_system=None)
    with console.capture() as capture:
        console.print(matrix_view(machine, None))

    assert "│LocalSustainedFailureCrossed │" in capture.get()
