"""On worlds drawn out of the whole language, every explorer says what the oracle says.

This is where trust in the checker comes from: states, steps, depths, verdicts, what leaves its
bounds and what never happens are found once more by `fuzz.oracle`, on whole values. `make fuzz`
draws on for as long as it is told.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from fuzz.__main__ import main
from fuzz.compare import Disagree, Effort, Tally, compare, refused, spaces, verdicts
from fuzz.declare import declared
from fuzz.oracle import TooLarge, explore
from fuzz.shrink import shrunk
from fuzz.worlds import world_of
from steptable import expr
from steptable.check import check
from steptable.explore.python import engine as python_engine
from steptable.explore.system.builder import build
from steptable.sorts import TRUTH
from steptable.world import World
from support.projects import ROOT

SMALL = Effort(most_states=150, most_steps=1500)


def agree(seed: int, effort: Effort, tally: Tally) -> None:
    """Raise unless all say the same of the world of a seed."""
    try:
        compare(world_of(seed), effort, tally)
    except Exception as error:
        error.add_note(f"`make fuzz SEED={seed}` shows a smaller world")
        raise


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_explorer_and_oracle_agree(first: int) -> None:
    """Nobody chose these worlds so that the two would agree."""
    tally = Tally()
    for seed in range(first, first + 20):
        agree(seed, SMALL, tally)

    assert tally.counts["worlds"] >= 12


@pytest.mark.usefixtures("unoptimised")
def test_compiled_code_and_oracle_agree() -> None:
    """With one thread and with two; compiling takes time, so that there are few of them here."""
    tally = Tally()
    for seed in range(300, 306):
        agree(seed, replace(SMALL, compiled=True), tally)

    assert tally.counts["explored by C"] >= 4


def test_the_generated_reducer_repeats_what_traces_show() -> None:
    """What the interpreter says of an event is said by what programs import."""
    tally = Tally()
    for seed in range(400, 420):
        agree(seed, replace(SMALL, replayed=True), tally)

    assert tally.counts["replayed by a generated reducer"] >= 4


def test_an_explorer_of_another_world_is_found_out() -> None:
    """Agreement would say little if it came about whatever an explorer finds."""
    found_out = 0
    for seed in range(500, 520):
        world = world_of(seed)
        try:
            exploration = explore(world, most_states=150, most_steps=1500)
        except TooLarge:
            continue
        first, *others = world.actions
        other = replace(world, actions=(replace(first, guard=expr.Const(False, TRUTH)), *others))
        if exploration.overruns or not any(map(len, exploration.steps.values())):
            continue
        try:
            spaces(exploration, python_engine.search(build(other)))
            verdicts(exploration, check(other, symmetry=False), Tally(), build(other).project)
        except Disagree:
            found_out += 1
        else:
            # It made no difference: the action never happens.
            taken = {step.action.name for steps in exploration.steps.values() for step, _ in steps}
            assert first.name not in taken

    assert found_out >= 7


def test_a_world_can_be_written_down() -> None:
    """What a disagreement prints can be pasted: it declares that very world."""
    for seed in range(20):
        world = world_of(seed)
        names: dict[str, object] = {}
        exec(declared(world), names)
        assert repr(world) == repr(names["world"])


def test_a_world_is_made_smaller_for_as_long_as_it_shows_the_same() -> None:
    """Nobody reads what was drawn; what is left of it says what is wrong."""

    def shows(world: World) -> bool:
        return any("c0" in dict(action.choices) for action in world.actions)

    world = next(world for world in map(world_of, range(600, 700)) if shows(world))
    smaller = shrunk(world, shows, seconds=60)

    assert (refused(smaller), shows(smaller)) == ((), True)
    assert (len(smaller.actions), smaller.properties, smaller.instances) == (1, (), ())


def test_the_command_says_what_it_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """Its figures are how much it is worth that it found nothing."""
    status = main(["--seed", "0", "--count", "2", "--no-c"])

    said = capsys.readouterr().out
    assert status == 0
    assert said.splitlines()[0] == "seed 0, 120 seconds"
    assert {"worlds", "states", "steps", "seconds"} <= {
        line.split()[-1] for line in said.split("\n")[1:] if line
    }


def test_an_interrupted_command_says_what_it_compared() -> None:
    """Whoever has waited long enough wants to know what for."""
    command = [sys.executable, "-m", "fuzz", "--no-c", "--seed", "0", "--seconds", "600"]
    running = subprocess.Popen(command, cwd=ROOT / "tests", stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    first = running.stdout.readline()
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)

    assert (first, running.returncode) == ("seed 0, 600.0 seconds\n", 130)
    assert "interrupted" in said
