"""Short names for enum members change how generated code reads, and never what it means."""

from __future__ import annotations

from dataclasses import replace

from nixfleet_state_machine.machine import machine
from steptable.sorts import Enum, Field, Member, Record
from steptable.targets.members import shortened


def test_members_get_short_names_that_are_defined_before_use() -> None:
    """The block of definitions holds what is used, and nothing else."""

    blocks = ["if state.state is HostState.FAILED:\n    mode = ProbeMode.ENFORCE\n"]

    assert shortened(machine, blocks) == [
        "_ENFORCE: Final = ProbeMode.ENFORCE\n_FAILED: Final = HostState.FAILED\n",
        "if state.state is _FAILED:\n    mode = _ENFORCE\n",
    ]


def test_what_stands_in_quotes_is_left_alone() -> None:
    """A reason that mentions a member is text that somebody reads."""

    block = 'raise InvariantViolation("HostState.FAILED")  # not HostState.FAILED\n'

    assert shortened(machine, [block]) == ["", block]


def test_a_name_that_two_enums_share_stays_as_it_is() -> None:
    """A short name for both would mean one of them."""

    verdict = Enum("Verdict", (Member("PASS", "pass"), Member("DOUBT", "doubt")))
    fields = (*machine.policy.fields, Field("verdict", verdict))
    shared = replace(machine, policy=Record("RolloutPolicy", fields))

    assert shortened(shared, ["Verdict.PASS, ProbeStatus.PASS, Verdict.DOUBT\n"]) == [
        "_DOUBT: Final = Verdict.DOUBT\n",
        "Verdict.PASS, ProbeStatus.PASS, _DOUBT\n",
    ]
