"""On worlds drawn out of the whole language, every explorer says what the oracle says.

This is where trust in the checker comes from: states, steps, depths, verdicts, what leaves its
bounds and what never happens are found once more by `fuzz.oracle`, on whole values. `make fuzz`
draws on for as long as it is told.
"""

from __future__ import annotations

import pytest

from fuzz.compare import Effort, Tally, compare
from fuzz.declare import declared
from fuzz.known import is_known
from fuzz.worlds import world_of

SMALL = Effort(most_states=200, most_steps=2000)


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_explorer_and_oracle_agree(first: int) -> None:
    """Nobody chose these worlds so that the two would agree."""
    for seed in range(first, first + 10):
        try:
            compare(world_of(seed), SMALL, Tally())
        except Exception as error:
            if not is_known(error):
                error.add_note(f"make fuzz SEED={seed}")
                raise


def test_a_world_can_be_written_down() -> None:
    """What a disagreement prints can be pasted: it declares that very world."""
    for seed in range(20):
        world = world_of(seed)
        names: dict[str, object] = {}
        exec(declared(world), names)
        assert repr(world) == repr(names["world"])
