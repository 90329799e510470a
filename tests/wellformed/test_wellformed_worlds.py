"""Worlds without faults pass the checks and can be explored; whatever can't says so, with a place.

What is said of each faulty world stands in the modules `faulty.world_…`, and is compared line by
line where machines are (`test_wellformed`).
"""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from known_models.mirror import mirror
from steptable.check import check
from steptable.errors import SpecError
from steptable.sorts import DURATION, U64, Bag
from steptable.terms import if_else, part_of, root, seconds
from steptable.wellformed.worlds import faults_of_world, require_world
from steptable.world import (
    Action,
    Alike,
    Bounds,
    Instance,
    Start,
    Variable,
    World,
    any_event,
    deliver,
)
from support.faulty import world_acting
from support.faulty.parcel import Address, Place, Speed, Town, parcel
from support.faulty.road import CARRIER, LETTERS, NEW, PRICE, SENDER, road, with_alike

OWN = ("reducer", "agent", "mirror")


@pytest.mark.parametrize("name", OWN)
def test_says_nothing_of_the_worlds_of_the_host_rollout(name: str) -> None:
    """The worlds that the design is judged in are well-formed, and are handed on as they are."""
    world = importlib.import_module(f"nixfleet_state_machine.worlds.{name}").world

    assert faults_of_world(world) == ()
    assert require_world(world) is world


@pytest.mark.parametrize(
    "world",
    [
        road,
        with_alike(Alike(("sender", "carrier"))),
        mirror(2, 1, 2),
        mirror(1, 3, 3, lossy=True),
        with_alike(Alike(("h0", "h1")), of=mirror(2, 1, 2)),
    ],
)
def test_says_nothing_of_a_world_without_faults(world: World) -> None:
    """The world that faults are put into, and worlds whose texts stand for members."""
    assert faults_of_world(world) == ()


def test_reports_all_faults_of_a_world_at_once_in_the_order_of_the_file() -> None:
    """Correcting a world must not be a series of runs that each name one fault."""
    with pytest.raises(SpecError) as caught:
        require_world(world_acting.several_faults_at_once())

    lines = str(caught.value).splitlines()
    assert len(lines) > 5
    assert [str(fault) for fault in caught.value.faults] == lines
    places = [(fault.location, fault.where) for fault in caught.value.faults]
    assert places == sorted(places)


# ── Numbers that nothing bounds ──────────────────────────────────────────────────────

UNBOUNDED = replace(road.bounds, numbers=())


def refusal(world: World) -> list[str]:
    """What is said of a world that passes the checks, but has no finite state space."""
    assert faults_of_world(world) == ()
    with pytest.raises(SpecError) as caught:
        check(world)
    return str(caught.value).splitlines()


def test_each_number_that_nothing_bounds_is_a_fault_of_what_has_it() -> None:
    """Whether a number matters is known only when the world is built; the place is known too."""
    world = replace(road, bounds=UNBOUNDED)

    problem = "has no finite domain, yet something depends on it; bound its numbers, or forget it"
    numbers = {"sender": "sender.last", "carrier": "carrier.last", "letters": "letters.number"}
    places = {item.name: item.at for item in (SENDER, CARRIER, LETTERS)}
    assert refusal(world) == [
        f"{places[name]}: world 'road', '{name}': '{number}' {problem} [unbounded]"
        for name, number in numbers.items()
    ]


def test_a_number_that_the_environment_chooses_unbounded_is_a_fault_of_the_action() -> None:
    """An event without its number is numbered by the environment, out of nothing."""
    event = deliver("carrier", "Saw", PRICE)
    action = Action.declare("look", events=[event])
    world = replace(
        road,
        instances=(Instance.declare("carrier", parcel, forgets={"last": 0}),),
        variables=(),
        starts=(Start.declare("new", {"carrier": NEW | {"state": "Sent"}}),),
        actions=(action,),
        properties=(),
        terminal=True,
        bounds=UNBOUNDED,
    )

    problem = "its choice of 'number' has no finite domain, yet something depends on it"
    advice = "compute it in the action, or bound its numbers"
    assert refusal(world) == [
        f"{action.at}: world 'road', action 'look': {problem}; {advice} [unbounded]"
    ]


def test_a_number_that_is_forgotten_needs_no_bound() -> None:
    """Rows only compare a number with the last one, so that its value need not be kept."""
    world = replace(
        road,
        instances=(Instance.declare("carrier", parcel, forgets={"last": 0}),),
        variables=(),
        starts=(Start.declare("new", {"carrier": NEW}),),
        actions=any_event("carrier", parcel, number_steps=range(2)),
        properties=(),
        terminal=True,
        bounds=UNBOUNDED,
    )

    assert faults_of_world(world) == ()
    assert check(world).states > 1


def test_a_variable_that_nothing_bounds_is_a_fault_of_its_own() -> None:
    """A sum grows for ever, so that somebody has to say where it ends."""
    total = Variable.declare("total", U64, 0)
    more = Action.declare("count", guard=root("total") < 9, sets={"total": root("total") + 1})
    world = World("sum", "", (), (Start.declare("new", {}),), (more,), (), variables=(total,))

    problem = "'total' has no finite domain, yet something depends on it"
    assert refusal(world) == [
        f"{total.at}: world 'sum', 'total': {problem}; bound its numbers, or forget it [unbounded]"
    ]
    assert check(replace(world, bounds=Bounds(numbers=tuple(range(10))))).states == 10


def test_a_bag_holds_only_what_is_there() -> None:
    """Written in two ways, the same bag would be another one to whoever compares as it stands."""
    pile = Variable.declare("pile", Bag(Speed.sort, 1), [{"fast": 0, "slow": 1}, {"slow": 1}])
    fill = Action.declare("fill", sets={"pile": root("pile").remove("slow")})
    world = World("pile", "", (), (Start.declare("new", {}),), (fill,), (), variables=(pile,))

    assert [str(fault) for fault in faults_of_world(world)] == [
        f"{pile.at}: world 'pile', variable 'pile': 'pile' has 'fast' no times; "
        "leave out what is not there [out-of-bounds]"
    ]


# ── What passes can be explored ──────────────────────────────────────────────────────


def test_a_key_may_be_chosen_by_a_condition() -> None:
    """A bag takes one of two values, depending on the state."""
    pile = Variable.declare("pile", Bag(Speed.sort, 1), {})
    quick = if_else(root("lost"), "fast", "slow")
    pack = Action.declare(
        "pack", guard=root("pile").count_of(quick) < 1, sets={"pile": root("pile").add(quick)}
    )
    lose = Action.declare("lose", guard=~root("lost"), sets={"lost": True})
    world = World(
        "packing",
        "",
        (),
        (Start.declare("new", {}),),
        (pack, lose),
        (),
        variables=(pile, road.variables[-1]),
    )

    assert faults_of_world(world) == ()
    # Nothing or something slow before it is lost; then something fast may come to either.
    assert check(world).states == 6


def test_a_length_of_time_may_be_kept() -> None:
    """Durations are numbers like instants, whatever place they have among their values."""
    wait = Variable.declare("wait", DURATION, seconds(2))
    less = Action.declare(
        "wait", guard=root("wait") > seconds(2), sets={"wait": root("wait") - seconds(2)}
    )
    more = Action.declare(
        "rest", guard=root("wait") < seconds(6), sets={"wait": root("wait") + seconds(2)}
    )
    bounds = Bounds(instants=(2, 4, 6))
    start = Start.declare("new", {})
    world = World("waiting", "", (), (start,), (less, more), (), bounds=bounds, variables=(wait,))

    assert faults_of_world(world) == ()
    assert check(world).states == 3


def test_a_composite_symbol_may_be_taken_apart() -> None:
    """The parts of a symbol are those of each of its values in the world."""
    start = Start.declare("new", {"carrier": NEW | {"address": ["Ulm/5", "Bonn/5"]}})
    at_ulm = part_of(root("carrier").address, Address, Town) == "Ulm"
    world = replace(
        road,
        instances=(CARRIER,),
        variables=(Variable.declare("near", DURATION, 0),),
        starts=(start,),
        actions=(Action.declare("walk", guard=at_ulm, sets={"near": seconds(1)}),),
        properties=(),
        terminal=True,
        bounds=replace(
            road.bounds,
            symbols=(
                (Address, ("Ulm/5", "Bonn/5")),
                (Town, ("Ulm", "Bonn")),
                (Place, ("depot",)),
            ),
        ),
    )

    assert faults_of_world(world) == ()
    # Only from Ulm can anybody walk.
    result = check(world)
    assert (result.states, result.transitions) == (2, 1)
