"""Members that are not alike are found out, whatever it is that differs, and the reason is given.

A world whose members are alike is changed for one of them, one thing at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from known_models.mirror import mirror
from nixfleet_state_machine.effects import LOCAL_FIRE_ROLLBACK_TO
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import Hostname
from steptable.check import check
from steptable.errors import UsageError
from steptable.expr import Const
from steptable.properties import (
    Property,
    action,
    always,
    always_step,
    before,
    leads_to,
    never,
    sometimes,
)
from steptable.sorts import TRUTH, Integer, Queue
from steptable.terms import root
from steptable.world import Action, Alike, Start, Variable, World, choice
from support.alike_worlds import LAMPS, WHY, lamps, two_hosts
from support.symmetric import said

LIT = lamps(in_turn=True)
PAIR = two_hosts(in_memory=True)
left, right = root("left_lit"), root("right_lit")


def with_variable(changed: Variable, of: World = LIT) -> World:
    """The world with a variable in place of the one of its name, or beside all others."""
    others = [item for item in of.variables if item.name != changed.name]
    return replace(of, variables=(*others, changed))


def with_action(of: World, name: str, **changed: Any) -> World:
    """The world in which an action is another one."""
    assert name in {item.name for item in of.actions}
    return replace(
        of,
        actions=tuple(
            replace(item, **changed) if item.name == name else item for item in of.actions
        ),
    )


def with_promise(changed: Property, of: World = LIT) -> World:
    """The world with a promise in place of the one of its name, or beside all others."""
    others = [item for item in of.properties if item.name != changed.name]
    return replace(of, properties=(*others, changed))


def with_instance(name: str, **changed: Any) -> World:
    """The two hosts, one of which is another one."""
    return replace(
        PAIR,
        instances=tuple(
            replace(item, **changed) if item.name == name else item for item in PAIR.instances
        ),
    )


def with_choice(of: World, lamp: str, low: int) -> World:
    """The lamps, one of which is lit with any number from a lowest one up to 2."""
    return with_action(
        of,
        f"the {lamp} one is lit",
        choices=(("n", Integer(low, 2)),),
        sets=((f"{lamp}_lit", choice.n.node),),
    )


LEFT_LIT, RIGHT_LIT = "the left one is lit", "the right one is lit"
ON = tuple(Variable.declare(f"{lamp}_on", Integer(0, 1), [0, 1]) for lamp in LAMPS)
QUEUES = tuple(
    Variable.declare(f"{lamp}_queue", Queue(TRUTH, room), ())
    for lamp, room in (("left", 1), ("right", 2))
)
REPAIR = Action.declare("repair", guard=right == 2, sets={"right_lit": 0})
NO_REASON = ((LOCAL_FIRE_ROLLBACK_TO.name, (("h1_rolls_back", Const(False, TRUTH)),)),)
OTHER_HALF = replace(PAIR.actions[6].deliveries[0], event="RemoteActivationCompleted")

CHANGES: Mapping[str, tuple[World, str]] = {
    "a domain": (
        with_variable(Variable.declare("right_lit", Integer(0, 3), 0)),
        "variable 'left_lit' {}: 'right_lit' has other values",
    ),
    "room in a queue": (
        replace(LIT, variables=(*LIT.variables, *QUEUES)),
        "there is no variable 'left_queue[1]' for 'right_queue[1]' to turn into",
    ),
    "what matters": (
        with_promise(
            always("left: on", (root("left_on") == 1).implies(left != 2), **WHY),
            replace(LIT, variables=(*LIT.variables, *ON)),
        ),
        "what depends on 'left_on' {}: nothing depends on 'right_on'",
    ),
    "a start": (
        with_variable(Variable.declare("right_lit", Integer(0, 2), [0, 1])),
        "the set of its starts {}",
    ),
    "a family of starts": (
        replace(LIT, starts=(*LIT.starts, Start.declare("begun", {}, {"right_lit": 1}))),
        "the set of its starts {}",
    ),
    "a name that is held": (
        with_variable(Variable.declare("moved", Hostname, "h0"), PAIR),
        "the set of its starts {}",
    ),
    "a guard": (
        with_action(LIT, RIGHT_LIT, guard=(right == 0).node),
        f"action '{LEFT_LIT}' {{}}: '{RIGHT_LIT}' has another guard",
    ),
    "a guard that never holds": (
        with_action(LIT, RIGHT_LIT, guard=Const(False, TRUTH)),
        f"action '{LEFT_LIT}' {{}}: '{RIGHT_LIT}' has another guard",
    ),
    "an update": (
        with_action(LIT, RIGHT_LIT, sets=(("right_lit", left.node),)),
        f"action '{LEFT_LIT}' {{}}: '{RIGHT_LIT}' sets something else",
    ),
    "a reaction": (
        with_instance("h1", reactions=(*NO_REASON, *PAIR.instances[1].reactions[1:])),
        "action 'h0 fails' {}: 'h1 fails' sets something else",
    ),
    "an event": (
        with_action(PAIR, "h1 activates", deliveries=(OTHER_HALF,)),
        "action 'h0 activates' {}: 'h1 activates' takes other rows",
    ),
    "a machine": (
        with_instance("h1", machine=replace(machine, rows=machine.rows[1:])),
        "instance 'h0' {}: 'h1' has another machine",
    ),
    "how often an action counts": (
        with_action(LIT, RIGHT_LIT, choices=(("how", TRUTH),)),
        f"action '{LEFT_LIT}' {{}}: '{RIGHT_LIT}' has other choices",
    ),
    "the values of a choice": (
        with_choice(with_choice(LIT, "left", 0), "right", 1),
        f"action '{LEFT_LIT}' {{}}: '{RIGHT_LIT}' has other choices",
    ),
    "a missing action": (
        replace(LIT, actions=LIT.actions[:3]),
        "action 'the left one burns out' {}",
    ),
    "an action more": (replace(LIT, actions=(*LIT.actions, REPAIR)), "action 'repair' {}"),
    "a promise": (
        with_promise(never("right: burnt", right == 1, **WHY)),
        "promise 'left: burnt' {}",
    ),
    "a promise's kind": (
        with_promise(sometimes("right: burnt", right == 2, **WHY)),
        "promise 'left: burnt' {}",
    ),
    "a premise": (
        with_promise(always("right: alone", (left != 0).implies(right != 1), **WHY)),
        "the premise of promise 'left: alone' {}",
    ),
    "a promise over steps": (
        with_promise(
            always_step("right: burns", (action == RIGHT_LIT).implies(before.left_lit == 1), **WHY)
        ),
        "promise 'left: burns' {}",
    ),
    "a promise over events": (
        replace(PAIR, properties=tuple(p for p in PAIR.properties if p.instance != "h1")),
        "promise 'nothing is refused by h0' {}",
    ),
    "a missing promise": (replace(LIT, properties=LIT.properties[:5]), "promise 'left: burnt' {}"),
    "a promise more": (
        with_promise(sometimes("right: burnt at last", right == 2, **WHY)),
        "promise 'right: burnt at last' {}",
    ),
    "where nothing need happen": (
        replace(LIT, terminal=right == 2),
        "what it calls terminal {}",
    ),
}
"""What is changed for one member: the world, and the reason with {} for whom it does not treat."""


@pytest.mark.parametrize("what", CHANGES)
def test_what_differs_for_one_member_is_found_out(what: str) -> None:
    """Every state is explored then, and the sentence names the difference."""
    world, why = CHANGES[what]
    members = "h0 and h1" if world.instances else "left and right"
    told = why.format(f"treats {members} alike")
    reason = f"nothing shows that {told}" if "{}" in why else told

    assert check(world).asymmetry == reason
    assert said(check(world)) == said(check(world, symmetry=False))
    with pytest.raises(UsageError) as refused:
        check(world, symmetry=True)
    assert str(refused.value) == f"world '{world.name}' can't be reduced: {reason}"


def test_the_worlds_that_were_changed_are_symmetric() -> None:
    """Else the changes above would prove nothing."""
    assert [check(world).asymmetry for world in (LIT, PAIR)] == ["", ""]


def test_promises_about_runs_are_refused_as_for_symbols() -> None:
    """A shortest run is not one of representatives."""
    lit = leads_to("it burns out", left == 1, left == 2, **WHY)

    assert check(with_promise(lit)).asymmetry == "promise 'it burns out' is about runs"


def test_more_orders_than_can_be_tried_are_refused() -> None:
    """Eight hosts have 40,320 of them."""
    names = tuple(f"h{number}" for number in range(8))
    world = replace(mirror(8, 0, 1), interchangeable=(Alike(names),))
    listed = f"{', '.join(names[:-1])} and h7"

    assert check(world, max_states=50).asymmetry == (
        f"there are 40,320 orders of {listed}, too many to try"
    )
