"""Coverage on the machine: by a world, by a journal of real events, by a run of tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from steptable.drawing.coverage import coverage_drawing, world_coverage
from steptable.drawing.journal import journal_coverage
from steptable.drawing.recording import append, recorded_coverage, recording
from steptable.errors import SpecError
from steptable.explore.python.engine import search
from steptable.explore.system.builder import build
from steptable.explore.usage import rows_taken
from steptable.targets.python.in_memory import loaded
from steptable.targets.python.reducer import reducer_source
from steptable.targets.python.wire import wire_source
from support.faulty.parcel import LETTER
from support.faulty.road import road
from support.post import parcel
from support.projects import Done, run, write_project

WHO = {"address": "Ulm/5"}
OPENING = {
    "record": WHO | {"dueAt": "2026-05-04T09:30:00Z"},
    "policy": {"limit": 5},
}


def sent(kind: str, number: int, **fields: object) -> dict[str, object]:
    return {**WHO, "event": {"kind": kind, "number": number, **fields}}


TAKEN = sent("HandedOver", 1, at="2026-05-04T09:00:05Z", grams=3, speed="fast")
SEEN = sent("Scanned", 2, at="2026-05-04T09:01:00Z", place="depot", speed="fast")
LATE = sent("Arrived", 3, at="2026-05-04T10:00:00Z")
NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def reducer() -> Iterator[ModuleType]:
    """The reducer of the parcel."""
    with loaded("parcels.reducer", reducer_source(parcel)) as module:
        yield module


@pytest.fixture(scope="module")
def wire(reducer: ModuleType) -> Iterator[ModuleType]:
    """The codec of its letters."""
    assert parcel.wire is not None
    assert reducer.__name__ == "parcels.reducer"  # the codec imports it by that name
    with loaded("parcels.wire", wire_source(parcel, parcel.wire, "parcels")) as module:
        yield module


def new(reducer: ModuleType) -> tuple[Any, Any]:
    """A parcel nobody has sent, and what the carrier asks for."""
    return reducer.packed(reducer.Address("Ulm/5"), NOW), reducer.Prices(limit=5)


def journal(folder: Path, *lines: object) -> Path:
    file = folder / "events.jsonl"
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    file.write_text("\n".join(texts) + "\n", encoding="utf-8", errors="surrogateescape")
    return file


def test_a_world_covers_what_the_check_counts() -> None:
    """Two figures for the same thing must not differ."""
    exploration = search(build(road))
    coverage = world_coverage(exploration, road.instances[0].machine)

    assert dict(coverage.rows) == rows_taken(exploration)
    assert coverage.states.total() == len(exploration) * len(road.instances)


def test_a_journal_is_replayed_with_what_the_machine_refuses(
    tmp_path: Path, reducer: ModuleType, wire: ModuleType
) -> None:
    """What really happened includes what was refused, and why."""
    file = journal(tmp_path, OPENING, TAKEN, "", TAKEN, SEEN, LATE, LATE)
    coverage = journal_coverage(parcel, reducer, wire, file)

    assert coverage.rows == {"sent": 1, "scanned": 1}
    assert coverage.refused == {"number not above the last": 1, "guard in-time": 2}


def test_the_event_of_an_envelope_is_in_the_field_that_is_declared(
    tmp_path: Path, reducer: ModuleType
) -> None:
    """An envelope calls what it holds whatever it is declared to."""
    assert LETTER.event_field != "event"
    declared = replace(parcel, wire=LETTER)
    letter = {**WHO, LETTER.event_field: TAKEN["event"]}
    with loaded("parcels.letters", wire_source(declared, LETTER, "parcels")) as letters:
        coverage = journal_coverage(declared, reducer, letters, journal(tmp_path, OPENING, letter))

    assert coverage.rows == {"sent": 1}


def test_every_faulty_line_of_a_journal_is_named(
    tmp_path: Path, reducer: ModuleType, wire: ModuleType
) -> None:
    """A journal of a million lines is repaired in one go, or not at all."""
    file = journal(
        tmp_path,
        TAKEN,
        OPENING,
        OPENING,
        "{",
        {"record": {}, "policy": {}},
        {"record": OPENING["record"], "policy": {"limit": "much"}},
        sent("Unheard", 1),
        "[]",
        {"record": {**WHO, "nonsense": 1}, "policy": {}, "more": 1},
        "\udcff",
    )
    with pytest.raises(SpecError) as caught:
        journal_coverage(parcel, reducer, wire, file)

    lines = [fault.location.line for fault in caught.value.faults]
    said = "\n".join(map(str, caught.value.faults))
    assert lines == [1, 3, 4, 5, 6, 7, 8, 9, 10]
    assert "no line before it opens the record address 'Ulm/5'" in said
    assert "is open already" in said
    assert "the record lacks 'address'" in said
    assert "$.policy.limit" in said


def test_the_name_of_a_journal_is_text(
    tmp_path: Path, reducer: ModuleType, wire: ModuleType
) -> None:
    """A file can be called anything."""
    coverage = journal_coverage(parcel, reducer, wire, journal(tmp_path, OPENING))
    coverage.source = 'journal "<b>&\\n}; a -> b'
    dot = coverage_drawing(parcel, coverage, "x", "y").dot

    assert dot is not None
    assert "journal &quot;&lt;b&gt;&amp;\\n}; a -&gt; b" in re.sub(r"<BR/>(&#160;)*", " ", dot)


def test_a_journal_is_drawn_by_a_command(tmp_path: Path) -> None:
    """The picture of a day in production is one command away."""
    folder = write_project(
        tmp_path,
        table="from support.post import parcel as machine\n",
        environment="from support.post import world\n",
    )
    file = journal(tmp_path, OPENING, TAKEN, SEEN)
    run(folder, "generate")
    done = run(folder, "draw", "coverage", "--format", "dot", "--journal", str(file))

    assert (done.code, done.err) == (0, "")
    assert "2 of 3 rows taken" in (folder / "build/diagrams/coverage-journal.dot").read_text()


def test_a_machine_without_a_wire_has_no_journals(tmp_path: Path) -> None:
    """There is nothing that a line could be."""
    run(write_project(tmp_path), "generate")

    assert run(tmp_path, "draw", "coverage", "--journal", "x") == Done(
        2, "", "steptable: the machine Gate declares no wire\n"
    )


def test_a_run_is_recorded_whoever_holds_the_function(
    tmp_path: Path, reducer: ModuleType, wire: ModuleType
) -> None:
    """Tests have imported `step` long before anybody thinks of recording."""
    held = reducer.step
    event = wire.to_event(wire.decode(json.dumps(TAKEN)).event)
    record, prices = new(reducer)
    with recording(parcel, reducer) as coverage:
        held(record, event, NOW, prices)
    held(record, event, NOW, prices)
    append(coverage, tmp_path / "taken")
    append(coverage, tmp_path / "taken")

    assert coverage.rows == {"sent": 1}
    assert recorded_coverage(parcel, tmp_path / "taken").rows == {"sent": 2}


def test_a_recording_changes_neither_results_nor_errors(
    reducer: ModuleType, wire: ModuleType
) -> None:
    """A test must not pass or fail because it is watched."""
    event = wire.to_event(wire.decode(json.dumps(TAKEN)).event)
    record, prices = new(reducer)
    plain = reducer.step(record, event, NOW, prices)
    with recording(parcel, reducer) as coverage:
        assert reducer.step(record, event, NOW, prices) == plain
        with pytest.raises(reducer.SeqRegression):
            reducer.step(plain[0], event, NOW, prices)
        with pytest.raises(TypeError, match="step takes an event, not int"):
            reducer.step(record, 3, NOW, prices)

    assert coverage.refused == {"number not above the last": 1}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"rows": 3}', "Expected `object`, got `int`"),
        ('{"rows": {"arrived": -1}, "states": {}, "refused": {}}', "Expected `int` >= 0"),
        (f'{{"rows": {{"arrived": {"9" * 4000}}}, "states": {{}}, "refused": {{}}}}', "`int`"),
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
        recorded_coverage(parcel, file)
