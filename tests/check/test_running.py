"""Worlds are checked beside each other, and out of what is kept, as they are alone and anew."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from known_models.alternating_bit import alternating_bit
from known_models.mirror import mirror
from known_models.peterson import peterson
from known_models.philosophers import philosophers
from steptable.check import Check, EngineOptions, Overflow, Result, check
from steptable.check import running as module
from steptable.check.judging import explore
from steptable.check.plain_results import PlainOutcome, PlainOverflow, PlainTrace, read, written
from steptable.errors import SpecError, UsageError
from steptable.kept.results import Kept
from steptable.properties import always
from steptable.sorts import Integer
from steptable.support.processes import Lost
from steptable.terms import root
from steptable.world import Action, Start, Variable, World

OVERFLOWING = World(
    name="overflowing",
    doc="It counts beyond what it can store.",
    instances=(),
    variables=(Variable.declare("n", Integer(0, 2), 0, "The count."),),
    starts=(Start.declare("here", {}),),
    actions=(Action.declare("count", sets={"n": root("n") + 1}),),
    properties=(always("it counts", root("n") >= 0, why="It does.", cites="no one"),),
)

WORLDS = (
    replace(peterson(), name="peterson"),
    replace(peterson(hasty=True), name="hasty"),
    replace(philosophers(3), name="philosophers"),
    replace(alternating_bit(2), name="bits"),
    replace(alternating_bit(2, careless=True), name="careless"),
)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache directory that nobody else uses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "steptable"


@pytest.fixture
def explored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Gives the names of the worlds that were explored since it was asked last."""
    log = tmp_path / "explored"

    def noted(world: World, **given: Any) -> PlainOutcome:
        with log.open("a") as file:
            file.write(f"{world.name}\n")
        return explore(world, **given)

    def names() -> list[str]:
        found = sorted(log.read_text().splitlines()) if log.exists() else []
        log.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(module, "explore", noted)
    return names


def named(*worlds: World) -> list[str]:
    return sorted(world.name for world in worlds)


def results(*worlds: World, **given: Any) -> list[Result | Exception]:
    return [outcome.result for outcome in Check(worlds, {}, **given).outcomes()]


def timeless(found: list[Result | Exception]) -> list[Result]:
    assert all(isinstance(item, Result) for item in found), found
    return [replace(item, seconds=0.0) for item in found if isinstance(item, Result)]


ONE_BY_ONE = [replace(check(world), seconds=0.0) for world in WORLDS]


def test_worlds_beside_each_other_have_the_results_that_they_have_alone() -> None:
    """In the same order, whichever is ready first; and so they have once they are kept."""
    assert timeless(results(*WORLDS)) == ONE_BY_ONE
    assert timeless(results(*WORLDS)) == ONE_BY_ONE


def test_what_has_not_changed_is_not_explored_again(explored: Callable[[], list[str]]) -> None:
    """Who changes one world waits for one."""
    results(*WORLDS)
    assert explored() == named(*WORLDS)
    results(*WORLDS)
    assert explored() == []
    first, *others = WORLDS
    changed = replace(first, properties=first.properties[1:])
    results(changed, *others)
    assert explored() == [first.name]


def test_whoever_wants_it_fresh_gets_it_explored(explored: Callable[[], list[str]]) -> None:
    """And what is found then takes the place of what was kept."""
    results(*WORLDS)
    explored()
    results(*WORLDS, kept=Kept(fresh=True))
    assert explored() == named(*WORLDS)
    results(*WORLDS)
    assert explored() == []


@pytest.mark.parametrize(
    "options", [EngineOptions(engine="python"), EngineOptions(max_states=100_000)]
)
def test_who_names_an_engine_or_a_limit_gets_it_explored(
    explored: Callable[[], list[str]], options: EngineOptions
) -> None:
    """Two engines that are to be compared must both have explored."""
    results(WORLDS[0])
    explored()
    results(WORLDS[0], options=options)

    assert explored() == [WORLDS[0].name]


def test_what_was_cut_short_is_not_kept(explored: Callable[[], list[str]]) -> None:
    """It says less than the world has, and would go on saying so."""
    (cut,) = results(WORLDS[0], options=EngineOptions(max_states=3))
    explored()

    assert isinstance(cut, Result)
    assert cut.stopped
    assert timeless(results(WORLDS[0])) == ONE_BY_ONE[:1]
    assert explored() == [WORLDS[0].name]


def test_another_symmetry_is_another_question(explored: Callable[[], list[str]]) -> None:
    """Counts up to an order are no counts of states."""
    results(WORLDS[0])
    explored()
    results(WORLDS[0], options=EngineOptions(symmetry=False))

    assert explored() == [WORLDS[0].name]


def damaged(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-1] + b" ")


def of_others(entry: Path) -> None:
    other = next(path for path in sorted(entry.parent.iterdir()) if path != entry)
    entry.write_bytes(other.read_bytes())


@pytest.mark.parametrize("damage", [damaged, of_others, Path.unlink, lambda e: e.write_bytes(b"")])
def test_an_entry_that_is_not_what_was_kept_is_made_again(
    explored: Callable[[], list[str]], cache: Path, damage: Callable[[Path], object]
) -> None:
    """Without a word: nobody lost anything but time."""
    results(*WORLDS)
    explored()
    damage(min(cache.glob("*.result")))

    assert timeless(results(*WORLDS)) == ONE_BY_ONE
    assert len(explored()) == 1
    results(*WORLDS)
    assert explored() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace(b'"steps"', b'"stops"'),
        lambda text: text.replace(b'"levels": [', b'"levels": ["x", '),
        lambda _: b"[]",
        lambda _: b"not JSON",
        lambda text: text.replace(b'"key": "0', b'"key": "99'),
        lambda text: text.replace(b'"verdicts": [{', b'"verdicts": [{"verdict": "holds"}, {'),
    ],
)
def test_a_text_that_is_no_finding_of_the_world_is_none(
    explored: Callable[[], list[str]], change: Callable[[bytes], bytes]
) -> None:
    """Even a whole entry is taken only as far as its traces can be taken again."""
    world = WORLDS[1]
    results(world)
    explored()
    kept = Kept()
    key = kept.key("check", world, None)
    text = kept.found(key)
    assert text is not None
    assert change(text) != text
    kept.keep(key, change(text))

    assert timeless(results(world)) == [ONE_BY_ONE[1]]
    assert explored() == [world.name]


def test_what_was_found_is_the_same_once_it_was_written() -> None:
    """Truths, numbers beyond 64 bits and choices of every kind come back as they were."""
    for world in (*WORLDS, OVERFLOWING, mirror(1, 2, 3)):
        found = explore(world)

        assert read(written(found)) == found
    overflow = PlainOverflow(PlainTrace("0/1", None, (("step", ((0, 2**70),)),)))
    assert read(written(overflow)) == overflow


@pytest.mark.parametrize("again", [False, True])
def test_a_world_that_overflows_hides_no_other(again: bool) -> None:
    """Its place is where it was declared, and the way there is shown, kept or not."""
    with pytest.raises(Overflow) as alone:
        check(OVERFLOWING)
    for _ in range(1 + again):
        first, second, third = results(WORLDS[0], OVERFLOWING, WORLDS[1])

    assert timeless([first, third]) == ONE_BY_ONE[:2]
    assert isinstance(second, Overflow)
    assert (str(second), second.trace) == (str(alone.value), alone.value.trace)


def fails(error: BaseException | int, of: World) -> Callable[..., PlainOutcome]:
    def run(world: World, **given: Any) -> PlainOutcome:
        if world.name != of.name:
            return explore(world, **given)
        if isinstance(error, int):
            os.kill(os.getpid(), error)
            time.sleep(60)
        assert isinstance(error, BaseException)
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (signal.SIGKILL, Lost, "world 'hasty' was not explored: its process was ended by SIGKILL"),
        (signal.SIGTERM, Lost, "world 'hasty' was not explored: its process was ended by SIGTERM"),
        (UsageError("no such thing"), UsageError, "no such thing"),
        (SpecError([]), SpecError, ""),
        (MemoryError(), MemoryError, ""),
        (ZeroDivisionError("x"), ZeroDivisionError, "x"),
    ],
)
def test_what_goes_wrong_with_one_world_is_said_of_it_and_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, error: Any, kind: type[Exception], said: str
) -> None:
    """Even the death of a process, which takes whatever it had found along."""
    monkeypatch.setattr(module, "explore", fails(error, WORLDS[1]))
    first, second, *others = results(*WORLDS)

    assert timeless([first, *others]) == [ONE_BY_ONE[0], *ONE_BY_ONE[2:]]
    assert isinstance(second, kind)
    assert str(second) == said


def test_who_is_short_of_memory_beside_others_has_all_of_it_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was too little for two may be enough for one, as it was before there were two."""
    tried = tmp_path / "tried"

    def short(world: World, **given: Any) -> PlainOutcome:
        found = explore(world, **given)
        if world.name == "hasty" and not tried.exists():
            tried.touch()
            return changed_finding(found, stopped="out of memory at 3 states")
        return found

    monkeypatch.setattr(module, "processors", lambda: 2)
    monkeypatch.setattr(module, "explore", short)

    assert timeless(results(*WORLDS)) == ONE_BY_ONE


def changed_finding(found: PlainOutcome, **changes: Any) -> PlainOutcome:
    replaced: PlainOutcome = msgspec.structs.replace(found, **changes)
    return replaced


def test_ctrl_c_leaves_what_is_known_and_begins_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who presses it wants an answer, and has one: of the worlds that are explored."""

    def pressed(world: World, **given: Any) -> PlainOutcome:
        if world.name == "hasty":
            os.kill(os.getppid(), signal.SIGINT)
            time.sleep(60)
        return explore(world, **given)

    monkeypatch.setattr(module, "processors", lambda: 1)
    monkeypatch.setattr(module, "explore", pressed)
    checking = Check(WORLDS, {})
    known = [outcome.result for outcome in checking.outcomes()]

    assert checking.interrupted
    assert timeless(known) == ONE_BY_ONE[:1]


def test_two_that_keep_at_once_keep_one_whole_entry(cache: Path) -> None:
    """Whoever is last has written as much as whoever was first."""
    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            for number in range(20):
                Kept().keep("a" * 64, b"%d" % number * 10_000)
            os._exit(0)
        pids.append(pid)
    ends = [os.waitpid(pid, 0)[1] for pid in pids]
    found = Kept().found("a" * 64)

    assert ends == [0] * 4
    assert found is not None
    assert set(found) <= set(b"0123456789")
    assert [path for path in cache.iterdir() if path.suffix != ".result"] == []
