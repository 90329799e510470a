"""What means some of the states means all of them: a new state is put somewhere, or is a fault."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nixfleet_state_machine import states
from steptable.errors import SpecError
from steptable.machine import State, partition

ONE, TWO, THREE = (State(name, "") for name in ("One", "Two", "Three"))


def said(*parts: tuple[State, ...], of: tuple[State, ...] = (ONE, TWO, THREE)) -> list[str]:
    """What is wrong with some parts."""
    with pytest.raises(SpecError) as caught:
        partition(of, *parts)
    assert {fault.location.file for fault in caught.value.faults} == {__file__}
    return [f"{fault.problem}; {fault.advice}" for fault in caught.value.faults]


def test_parts_that_are_whole_are_given_back() -> None:
    """They are lists of states like any other, and stand where these stood."""
    assert partition((ONE, TWO, THREE), (ONE,), [TWO, THREE]) == ((ONE,), (TWO, THREE))


def test_a_state_in_no_part_is_a_fault() -> None:
    """That is a state which was added, and which no list of some states would have named."""
    assert said((ONE,), (TWO,)) == [
        "state 'Three' is in no part; put it into the one where it belongs"
    ]


def test_a_state_in_two_parts_or_from_elsewhere_is_a_fault() -> None:
    """Parts that overlap are no parts, and what is none of the states is mistyped."""
    assert said((ONE, TWO), (TWO, THREE)) == ["state 'Two' is in several parts; leave it in one"]
    assert said((ONE,), (TWO, THREE), of=(ONE, TWO)) == [
        "state 'Three' is none of those that are parted; remove it, or add it to them"
    ]


def test_the_states_of_a_host_are_parted_by_what_they_declare() -> None:
    """What promises call an end is what the machine calls one."""
    assert tuple(state for state in states.STATES if state.terminal) == states.ENDS
    assert {*states.ACTIVE, *states.OVER} == {*states.STATES}
    assert states.ACTIVE[1:] == states.DISPATCHED
    held = replace(states.SOAKING, name="Held")
    with pytest.raises(SpecError, match="state 'Held' is in no part"):
        partition((*states.STATES, held), states.ACTIVE, states.HALTED, states.ENDS)
