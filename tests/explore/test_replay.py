"""A key names a trace for good: it is shown again without a search, and becomes a test."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from known_models.mirror import mirror
from steptable.check import Result, check
from steptable.errors import UsageError
from steptable.explore.exploration import SuccessorFunction
from steptable.explore.replay import Replayer
from steptable.explore.retracing import Trace
from steptable.explore.system.builder import build
from steptable.report.traces.pytest_code import test_source as source_of
from steptable.targets.python.in_memory import generated
from steptable.targets.python.reducer import reducer_source
from steptable.targets.structs import Structs
from steptable.world import World
from support.post import parcel, without_guard, world
from support.projects import ENVIRONMENT, TOWN, edited, golden, run, start, write_project


@pytest.fixture(scope="module")
def parcels() -> Iterator[Structs]:
    """The generated reducer of the parcel."""
    with generated(parcel) as structs:
        yield structs


def replayer(of: World) -> Replayer:
    """One that has searched nothing."""
    system = build(of)
    return Replayer(SuccessorFunction.of(system), {})


def traces(result: Result) -> list[Trace]:
    return [item.trace for item in result.judgements if item.trace is not None]


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """The project with two gates, a walker, a thief and a bird."""
    run(write_project(tmp_path, environment=TOWN), "generate")
    return tmp_path


# ── Keys ─────────────────────────────────────────────────────────────────────────────


def test_a_key_brings_back_the_very_trace_that_it_was_shown_under() -> None:
    """What a colleague is told to type shows what was seen."""
    again = replayer(world)
    found = traces(check(world))

    assert found
    assert [again.by_key(trace.key) for trace in found] == found


def test_a_key_names_what_was_refused_as_well(town: Path) -> None:
    """A promise may be broken by an event that moves nothing, and by what follows for ever."""
    out = run(town, "check", "--findings").out
    keys = re.findall(r"replay +steptable replay town (\S+)", out)

    assert [run(town, "replay", "town", key).code for key in keys] == [0, 0, 0]
    assert "refused by guard 'enough'" in run(town, "replay", "town", keys[0]).out


def test_a_replay_says_what_it_shows(town: Path) -> None:
    """The trace alone: each promise that it breaks, and no search before it."""
    shown = "".join(run(town, "replay", "town", key).out for key in ("0/1", "0/2+0", "1"))

    assert golden("replay", shown) == shown


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "it is no key; keys look like 0/3/1, or 0/3+1 for a loop"),
        ("0/", "it is no key; keys look like 0/3/1, or 0/3+1 for a loop"),
        ("0/-1", "it is no key; keys look like 0/3/1, or 0/3+1 for a loop"),
        ("first", "it is no key; keys look like 0/3/1, or 0/3+1 for a loop"),
        ("9", "there are 2 starts, from 0 on; not 9"),
        ("0/2/99", "step 2 has 1 ways, from 0 on; not 99"),
        ("0+2", "what follows step 0 does not lead back there"),
    ],
)
def test_a_key_that_names_nothing_is_a_sentence(town: Path, key: str, said: str) -> None:
    """Keys are copied by hand, and worlds change under them."""
    done = run(town, "replay", "town", "--", key)

    assert (done.code, done.out) == (2, "")
    assert done.err == f"steptable: world 'town' has no trace '{key}': {said}\n"


# ── Tests ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", ["0/0", "0/2", "0/1", "1/1/0", "0/2+0"])
def test_the_printed_test_runs_green_by_itself(town: Path, key: str) -> None:
    """Whoever repairs the reducer pastes it, with no engine in sight."""
    printed = start(town, "replay", "town", key, "--pytest")
    out, err = printed.communicate()
    (town / "test_printed.py").write_text(out)

    assert (printed.returncode, err) == (0, "")
    assert "steptable" not in out
    assert passes(town, "test_printed.py", town)


def test_printed_tests_of_any_record_run_green(tmp_path: Path, parcels: Structs) -> None:
    """Records with optional parts, maps of records and composite symbols are written as code."""
    asked = without_guard("arrived", "fast-all-the-way")
    late = without_guard("arrived", "in-time")
    for number, of in enumerate((world, asked, late)):
        (tmp_path / str(number)).mkdir()
        changed = of.instances[0].machine
        (tmp_path / str(number) / "parcels.py").write_text(reducer_source(changed))
        steps = [trace for trace in traces(check(of)) if trace.steps]
        structs = Structs(changed, parcels.module)
        for trace in steps:
            source = source_of(of, trace, structs, "parcels")
            name = f"test_{trace.key.replace('/', '_')}.py"
            (tmp_path / str(number) / name).write_text(source)

        assert len(steps) >= 2
        assert passes(tmp_path / str(number), ".", tmp_path / str(number))


def test_a_printed_test_fails_where_the_reducer_does_otherwise(town: Path) -> None:
    """A test that can't fail would say nothing."""
    out = run(town, "replay", "town", "0/0", "--pytest").out
    lie = edited(out, "east.position == Position.OPEN", "east.position == Position.SHUT")
    (town / "test_printed.py").write_text(lie)

    assert not passes(town, "test_printed.py", town)


def test_a_printed_test_reads_well(town: Path) -> None:
    """It is meant to be kept."""
    out = run(town, "replay", "town", "1/1/0", "--pytest").out

    assert golden("printed_test", out) == out


def test_a_trace_without_an_event_is_no_test(parcels: Structs) -> None:
    """What happens beside the machine can't be asked of the reducer."""
    small = mirror(1, 1, 1)
    trace = replayer(small).by_key("0/0")

    with pytest.raises(UsageError, match="on trace 0/0 of world 'mirror' no event reaches"):
        source_of(small, trace, parcels, "parcels")


def test_a_stale_reducer_is_replayed_by_nobody(tmp_path: Path) -> None:
    """What it would show is not of the table: the one of the table is made for the replay."""
    write_project(tmp_path, environment=ENVIRONMENT)
    (tmp_path / "gate" / "reducer.py").write_text("raise SystemExit(3)\n")
    done = run(tmp_path, "replay", "street", "0")

    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "world street: trace 0"


def passes(folder: Path, target: str, source: Path) -> bool:
    """Whether tests pass in a process that knows one source root alone."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", target],
        cwd=folder,
        env={"PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0
