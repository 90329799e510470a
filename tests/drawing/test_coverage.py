"""Coverage on the machine: by a world, by a journal of real events, by a run of tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nixfleet_state_machine
from nixfleet_state_machine import reducer, wire
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.worlds.mirror import world as mirror
from steptable.drawing.coverage import coverage_drawing, world_coverage
from steptable.drawing.journal import journal_coverage
from steptable.drawing.recording import append, recorded_coverage, recording
from steptable.errors import SpecError
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.explore.usage import rows_taken
from support.projects import ROOT, Done, run, write_project
from support.rollout import HALT, NOW, PENDING

WHO = {"rolloutId": "stable@r1", "hostname": "web-1"}
OPENING = {
    "record": WHO
    | {
        "channel": "stable",
        "targetClosure": "new",
        "dispatchedAt": "2026-05-04T09:00:00Z",
        "soakDueAt": "2026-05-04T09:30:00Z",
    },
    "policy": {"onHealthFailure": "halt"},
}


def sent(kind: str, seq: int, **fields: object) -> dict[str, object]:
    return {**WHO, "event": {"kind": kind, "seq": seq, **fields}}


ACK = sent("DispatchAck", 1, currentClosureAtDispatch="old", receivedAt="2026-05-04T09:00:05Z")
DONE = sent(
    "ActivationCompleted",
    2,
    observedCurrentClosure="new",
    exitCode=0,
    completedAt="2026-05-04T09:01:00Z",
)
EARLY = sent("Converged", 3, convergedAt="2026-05-04T09:02:00Z", currentClosure="new")


def journal(folder: Path, *lines: object) -> Path:
    file = folder / "events.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text("\n".join(texts) + "\n", encoding="utf-8", errors="surrogateescape")
    return file


def test_a_world_covers_what_the_check_counts() -> None:
    """Two figures for the same thing must not differ."""
    exploration = search(build(mirror))
    coverage = world_coverage(exploration, machine)

    assert dict(coverage.rows) == rows_taken(exploration)
    assert coverage.states.total() == len(exploration) * len(mirror.instances)


def test_a_journal_is_replayed_with_what_the_machine_refuses(tmp_path: Path) -> None:
    """What really happened includes what was refused, and why."""
    file = journal(tmp_path, OPENING, ACK, "", ACK, DONE, EARLY, EARLY)
    coverage = journal_coverage(machine, reducer, wire, file)

    assert coverage.rows == {"dispatch-acknowledged": 1, "activation-completed": 1}
    assert coverage.refused == {"number not above the last": 1, "guard soak-is-over": 2}


def test_every_faulty_line_of_a_journal_is_named(tmp_path: Path) -> None:
    """A journal of a million lines is repaired in one go, or not at all."""
    file = journal(
        tmp_path,
        ACK,
        OPENING,
        OPENING,
        "{",
        {"record": {}, "policy": {}},
        {"record": OPENING["record"], "policy": {"onHealthFailure": "maybe"}},
        sent("Unheard", 1),
        "[]",
        {"record": {**WHO, "nonsense": 1}, "policy": {}, "more": 1},
        "\udcff",
    )
    with pytest.raises(SpecError) as caught:
        journal_coverage(machine, reducer, wire, file)

    lines = [fault.location.line for fault in caught.value.faults]
    said = "\n".join(map(str, caught.value.faults))
    assert lines == [1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert "no line before it opens the record rollout_id 'stable@r1', hostname 'web-1'" in said
    assert "is open already" in said
    assert "the record lacks 'rolloutId'" in said
    assert "$.policy.onHealthFailure" in said


def test_the_name_of_a_journal_is_text(tmp_path: Path) -> None:
    """A file can be called anything."""
    coverage = journal_coverage(machine, reducer, wire, journal(tmp_path, OPENING))
    coverage.source = 'journal "<b>&\\n}; a -> b'
    dot = coverage_drawing(machine, coverage, "x", "y").dot

    assert dot is not None
    assert "journal &quot;&lt;b&gt;&amp;\\n}; a -&gt; b" in re.sub(r"<BR/>(&#160;)*", " ", dot)


def test_a_journal_is_drawn_by_a_command(tmp_path: Path) -> None:
    """The picture of a day in production is one command away."""
    file = journal(tmp_path, OPENING, ACK, DONE)
    command = [sys.executable, "-m", "steptable.cli", "draw", "coverage", "--format", "dot"]
    done = subprocess.run(
        [*command, "--journal", str(file), "--out", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "2 of 12 rows taken" in (tmp_path / "coverage-journal.dot").read_text()


def test_a_machine_without_a_wire_has_no_journals(tmp_path: Path) -> None:
    """There is nothing that a line could be."""
    run(write_project(tmp_path), "generate")

    assert run(tmp_path, "draw", "coverage", "--journal", "x") == Done(
        2, "", "steptable: the machine Gate declares no wire\n"
    )


def test_a_run_is_recorded_whoever_holds_the_function(tmp_path: Path) -> None:
    """Tests have imported `step` long before anybody thinks of recording."""
    held = nixfleet_state_machine.step
    event = wire.to_event(wire.decode(json.dumps(ACK)).event)
    with recording(machine, reducer) as coverage:
        held(PENDING, event, NOW, HALT)
    held(PENDING, event, NOW, HALT)
    append(coverage, tmp_path / "taken")
    append(coverage, tmp_path / "taken")

    assert coverage.rows == {"dispatch-acknowledged": 1}
    assert recorded_coverage(machine, tmp_path / "taken").rows == {"dispatch-acknowledged": 2}


def test_a_recording_changes_neither_results_nor_errors() -> None:
    """A test must not pass or fail because it is watched."""
    event = wire.to_event(wire.decode(json.dumps(ACK)).event)
    plain = reducer.step(PENDING, event, NOW, HALT)
    with recording(machine, reducer) as coverage:
        assert reducer.step(PENDING, event, NOW, HALT) == plain
        with pytest.raises(reducer.SeqRegression):
            reducer.step(plain[0], event, NOW, HALT)
        with pytest.raises(TypeError, match="step takes an event, not int"):
            reducer.step(PENDING, 3, NOW, HALT)  # type: ignore[arg-type]

    assert coverage.refused == {"number not above the last": 1}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"rows": 3}', "Expected `object`, got `int`"),
        ('{"rows": {"converged": -1}, "states": {}, "refused": {}}', "Expected `int` >= 0"),
        (f'{{"rows": {{"converged": {"9" * 4000}}}, "states": {{}}, "refused": {{}}}}', "`int`"),
        ('{"rows": {"flown": 1}, "states": {}, "refused": {}}', "the machine has no row 'flown'"),
        ('{"rows": {}, "states": {"Up": 1}, "refused": {}}', "the machine has no state 'Up'"),
        ("[" * 100_000, "Expected `object`, got `array`"),
    ],
    ids=["no-object", "negative", "long", "no-row", "no-state", "deep"],
)
def test_a_faulty_recording_is_named_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    """Whatever is given for a recording is read, or refused with its place."""
    file = tmp_path / "taken"
    file.write_text(f'{{"rows": {{}}, "states": {{}}, "refused": {{}}}}\n{line}\n')

    with pytest.raises(SpecError, match=f":2: recording: .*{said}"):
        recorded_coverage(machine, file)
