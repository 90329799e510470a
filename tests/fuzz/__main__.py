"""`make fuzz`: draws worlds for as long as it is told, and stops where two do not say the same."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from fuzz.compare import Effort, Tally, compare
from fuzz.declare import declared
from fuzz.shrink import shrunk
from fuzz.worlds import world_of
from steptable.world import World


def main(arguments: Sequence[str]) -> int:
    """The command; 0 where all agree, 1 where they do not, 130 where it was interrupted."""
    told = _arguments(arguments)
    first = random.SystemRandom().randrange(10**9) if told.seed is None else told.seed
    effort = Effort(most_states=1000, most_steps=8000, compiled=not told.no_c, replayed=True)
    tally = Tally()
    began = shown = time.monotonic()
    seed = first
    try:
        _say(f"seed {first}, {told.seconds} seconds")
        while time.monotonic() < began + told.seconds:
            if told.count is not None and seed >= first + told.count:
                break
            if not _agrees(seed, effort, tally, told.shrink):
                _summary(tally, began)
                return 1
            seed += 1
            if time.monotonic() > shown + 10:
                shown = time.monotonic()
                known = tally.counts
                _say(
                    f"  {seed - first} drawn, {known['worlds']} compared, {known['states']} states"
                )
    except KeyboardInterrupt:
        _say(f"interrupted at seed {seed}")
        _summary(tally, began)
        return 130
    _summary(tally, began)
    return 0


def _agrees(seed: int, effort: Effort, tally: Tally, shrink: float) -> bool:
    world = world_of(seed)
    wrong = _wrong(world, effort, tally)
    if wrong is None:
        return True
    _say(
        f"\nseed {seed}: {wrong}\n(make fuzz SEED={seed} draws it again; it is being made smaller)"
    )
    kind = wrong.kind
    smaller = shrunk(
        world,
        lambda other: getattr(_wrong(other, effort, Tally()), "kind", None) == kind,
        seconds=shrink,
    )
    _say(f"\n{declared(smaller)}\n# {_wrong(smaller, effort, Tally())}")
    return False


class _Wrong:
    """What went wrong, and what kind of thing that is."""

    def __init__(self, error: Exception) -> None:
        self.text = f"{type(error).__name__}: {error}"
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else f"{Path(place.tb_frame.f_code.co_filename).name}"
        self.kind = (type(error).__name__, where, str(error).split(":")[0][:40])

    def __str__(self) -> str:
        return self.text


def _wrong(world: World, effort: Effort, tally: Tally) -> _Wrong | None:
    try:
        compare(world, effort, tally)
    except Exception as error:  # noqa: BLE001  # whatever an explorer ends in is found here
        wrong: _Wrong | None = _Wrong(error)
    else:
        wrong = None
    if _interrupts:
        # A check that is interrupted says so in its result, and ends like any other.
        raise KeyboardInterrupt
    return wrong


_interrupts: list[int] = []
"""The signals to stop that have come."""


def _interrupt(number: int, _: FrameType | None) -> None:
    _interrupts.append(number)
    raise KeyboardInterrupt


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, help="of the first world; the next ones follow")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--count", type=int, help="how many worlds at most")
    parser.add_argument("--shrink", type=float, default=120, help="seconds to make one smaller")
    parser.add_argument("--no-c", action="store_true", help="leave compiled code out")
    return parser.parse_args(arguments)


def _summary(tally: Tally, began: float) -> None:
    for kind, count in sorted(tally.counts.items()):
        _say(f"{count:>10,}  {kind}")
    _say(f"{time.monotonic() - began:>10.1f}  seconds")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    sys.exit(main(sys.argv[1:]))
