"""What the drawings say of this machine: every pair of its table, its courses, its sides."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nixfleet_state_machine import reducer, wire
from nixfleet_state_machine.machine import machine
from steptable.drawing.journal import journal_coverage
from steptable.errors import SpecError
from steptable.targets.diagrams.dot import looks, machine_dot, rows_between_states
from steptable.targets.diagrams.layered import layered
from steptable.targets.diagrams.matrix import matrix, matrix_table
from steptable.targets.words import guard_words


def test_the_matrix_has_each_of_the_144_pairs_once() -> None:
    """A pair that is missing from the matrix is a pair that nobody reviews."""
    pairs = [(state, event) for state, event, _ in matrix(machine).pairs()]

    assert len(pairs) == 144
    assert set(pairs) == {(s.name, e.name) for s in machine.states for e in machine.events}


def test_each_pair_is_a_row_or_a_refusal_with_its_reason() -> None:
    """The matrix says the same as the machine, of every pair."""
    cells = [cell for _, _, cell in matrix(machine).pairs()]

    assert sum(bool(cell.rows) for cell in cells) == 24
    assert all(bool(cell.rows) != bool(cell.refusal and cell.refusal.why) for cell in cells)
    assert {row.name for cell in cells for row in cell.rows} == {r.name for r in machine.rows}


def test_the_table_names_all_and_fits_a_terminal() -> None:
    """A line per fact, a column per state, and at most 120 columns in all, frame included."""
    table = matrix_table(machine)
    text = "\n".join("\n".join(line) for line in table)
    widths = [
        max(len(part) for cell in column for part in cell.split("\n"))
        for column in zip(*table, strict=True)
    ]

    assert [len(line) for line in table] == [7] * 13
    assert all(event.name in text for event in machine.events)
    assert sum(widths) + 3 * len(widths) <= 120


def test_shape_and_colour_follow_from_the_rows() -> None:
    """The drawing knows no state by its name."""
    assert {name: look.course for name, look in looks(machine).items()} == {
        "Pending": "start",
        "Activating": "open",
        "Soaking": "open",
        "Converged": "end",
        "Failed": "decided",
        "Reverted": "end",
    }
    assert looks(machine)["Failed"].fill == looks(machine)["Reverted"].fill
    assert looks(machine)["Converged"].fill != looks(machine)["Reverted"].fill


def test_dot_tells_the_sides_apart_only_where_they_differ() -> None:
    """What both sides do alike is said once, without a side."""
    label = machine_dot(machine).split('id="row:rollback-completed"')[1].split("label=")[1]
    label = label.split("</TABLE>")[0]

    assert "<B>CP</B></FONT>: RemoteInsertQuarantine" in label
    assert "agent" not in label
    assert "RecordTransition" not in label


def test_guards_read_as_plain_words() -> None:
    """Reviewers judge guards by these words, so the words are pinned."""
    guards = [guard_words(guard) for row in machine.rows for guard in row.guards]

    assert guards == [
        "closure-is-target: event current_closure = record target_closure",
        "soak-is-over: record soak_due_at is empty or event converged_at ≥ record soak_due_at",
        "enforce-probes-pass: every probe: mode is not enforce or status is pass",
    ]


def test_the_small_drawing_is_as_one_would_draw_it_by_hand() -> None:
    """The machine that everybody looks at: downwards in order, and no edge crosses another."""
    names = "Pending", "Activating", "Soaking", "Converged", "Failed", "Reverted"
    places = layered(
        dict.fromkeys(names, (60, 30)), dict.fromkeys(rows_between_states(machine), (60, 15))
    )
    boxes = places.boxes

    assert [boxes[name].y for name in names] == sorted(boxes[name].y for name in names)
    assert boxes["Pending"].x == boxes["Activating"].x
    left = boxes["Failed"].x < boxes["Converged"].x
    assert left == (places.labels["Activating", "Failed"].x < places.labels["Soaking", "Failed"].x)


# ── A journal ────────────────────────────────────────────────────────────────────────

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
    file.write_text("\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    return file


def test_a_journal_of_the_control_plane_is_replayed(tmp_path: Path) -> None:
    """What really happened includes what was refused, and why."""
    file = journal(tmp_path, OPENING, ACK, ACK, DONE, EARLY, EARLY)
    coverage = journal_coverage(machine, reducer, wire, file)

    assert coverage.rows == {"dispatch-acknowledged": 1, "activation-completed": 1}
    assert coverage.refused == {"number not above the last": 1, "guard soak-is-over": 2}


def test_a_record_that_no_line_opens_is_named_by_both_parts_of_its_name(tmp_path: Path) -> None:
    """A host has many rollouts, and a rollout many hosts."""
    with pytest.raises(SpecError, match="the record rollout_id 'stable@r1', hostname 'web-1'"):
        journal_coverage(machine, reducer, wire, journal(tmp_path, ACK))
