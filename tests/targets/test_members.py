"""Short names for enum members change how generated code reads, and never what it means."""

from __future__ import annotations

from dataclasses import replace

from steptable.sorts import Enum, Field, Member, Record
from steptable.targets.python.members import ShortNames
from steptable.targets.python.reducer import reducer_source
from support.lease import machine


def test_members_get_short_names_and_those_that_are_used_are_defined() -> None:
    """The block of definitions holds what is used, and nothing else."""
    called = ShortNames(machine)

    assert [called("LeaseState", "HELD"), called("Haste", "CALM")] == [
        "_HELD",
        "_CALM",
    ]
    assert called.definitions() == ("_CALM: Final = Haste.CALM\n_HELD: Final = LeaseState.HELD\n")


def test_what_stands_in_quotes_is_left_alone() -> None:
    """A reason that mentions a member is text that somebody reads."""
    row = next(row for row in machine.rows if row.guards)
    guard = replace(row.guards[0], must="LeaseState.HELD\u2028LeaseState.HELD # \"'")
    told = replace(row, guards=(guard, *row.guards[1:]))
    rows = tuple(told if other is row else other for other in machine.rows)

    source = reducer_source(replace(machine, rows=rows))

    assert source.count(r'"LeaseState.HELD\u2028LeaseState.HELD # \"' + "'\"") == 1


def test_a_name_that_two_enums_share_stays_as_it_is() -> None:
    """A short name for both would mean one of them."""

    verdict = Enum("Verdict", (Member("CALM", "calm"), Member("DOUBT", "doubt")))
    fields = (*machine.policy.fields, Field("verdict", verdict))
    called = ShortNames(replace(machine, policy=Record("Terms", fields)))

    assert [
        called("Verdict", "CALM"),
        called("Haste", "CALM"),
        called("Verdict", "DOUBT"),
    ] == [
        "Verdict.CALM",
        "Haste.CALM",
        "_DOUBT",
    ]
    assert called.definitions() == "_DOUBT: Final = Verdict.DOUBT\n"


def test_a_name_that_the_module_has_already_is_not_given_to_a_member() -> None:
    """What finds the rows of an event is called so, and a state may be, too."""

    verdict = Enum("Verdict", (Member("ROWS", "rows"), Member("rows", "more")))
    fields = (*machine.policy.fields, Field("verdict", verdict))
    called = ShortNames(replace(machine, policy=Record("Terms", fields)))

    assert called("Verdict", "ROWS") == "Verdict.ROWS"
