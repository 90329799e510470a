"""Maps by members and by integers, total maps, sets and words, as authors of worlds write them.

What they mean is compared on random worlds (`tests/fuzz`); here stand a model that is known, what
people read of them, and what is refused only once a world is built.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from steptable.check import Overflow, Trace, check
from steptable.errors import SpecError
from steptable.explore.system.builder import build
from steptable.properties import always, never, sometimes
from steptable.report.traces.lines import TraceWriter
from steptable.report.traces.values import changes, shown
from steptable.sorts import (
    Bag,
    Field,
    Integer,
    Map,
    Record,
    Sort,
    Symbol,
    set_of,
    words,
)
from steptable.terms import EMPTY, Operand, Term, greatest, if_else, least, part_of, root, size_of
from steptable.world import Action, Bounds, Start, Variable, World, choice

PROCESS = Symbol("Process")
LINE = words("Line", "away", "waiting", "inside")
RING = Integer(0, 3)
line, served, who = root("line"), root("served"), choice.who

# ── A lock that anybody may hold ─────────────────────────────────────────────────────


def lock(processes: int, *, interchangeable: bool = False, tidy: bool = True) -> World:
    """Some processes that take turns; each is served once. An untidy one looks at no other."""
    names = tuple(f"p{n}" for n in range(processes))
    free = line.every(lambda where: where != "inside") if tidy else line[who] == "waiting"

    def act(name: str, source: str, target: str, guard: Operand = True, **more: Operand) -> Action:
        return Action.declare(
            name,
            choices={"who": PROCESS},
            guard=(line[who] == source) & guard,
            sets={"line": line.put(who, target), **more},
        )

    return World(
        name="lock",
        doc="Some processes, one at a time.",
        instances=(),
        bounds=Bounds.declare(symbols={PROCESS: names}, instants=(0,)),
        variables=(
            Variable.declare("line", Map(PROCESS, LINE, total=True), dict.fromkeys(names, "away")),
            Variable.declare("served", set_of(PROCESS), set()),
        ),
        starts=(Start.declare("all away", {}),),
        actions=(
            act("asks", "away", "waiting", ~served.has(who)),
            act("enters", "waiting", "inside", free),
            act("leaves", "inside", "away", served=served.include(who)),
        ),
        properties=(
            always(
                "who is inside is alone",
                alone(names),
                why="That is what a lock is.",
                cites="",
            ),
            sometimes("all are served", size_of(served) == processes, why="It goes on.", cites=""),
            never(
                "one is served who is inside",
                any_of_processes(names, lambda p: served.has(p) & (line[p] == "inside")),
                why="Each is served once.",
                cites="",
            ),
        ),
        interchangeable=(PROCESS,) if interchangeable else (),
        terminal=(size_of(served) == processes).node,
    )


def alone(names: tuple[str, ...]) -> Term:
    pairs = [(a, b) for a in names for b in names if a < b]
    inside = {name: line[name] == "inside" for name in names}
    found = ~(inside[pairs[0][0]] & inside[pairs[0][1]])
    for a, b in pairs[1:]:
        found &= ~(inside[a] & inside[b])
    return found


def any_of_processes(names: tuple[str, ...], holds: Any) -> Term:
    found: Term = holds(names[0])
    for name in names[1:]:
        found |= holds(name)
    return found


def lock_states(processes: int) -> int:
    """Each one is away, waiting or served; or one of those not served is inside."""
    others: int = 3 ** (processes - 1)
    return 3 * others + processes * others


@pytest.mark.parametrize("processes", [2, 3])
def test_the_states_of_a_lock_are_those_that_can_be_counted_by_hand(processes: int) -> None:
    """A total map of a process is its place, and a set of them who was there."""
    result = check(lock(processes))

    assert result.states == lock_states(processes)
    verdicts = ["holds", "witnessed", "holds", "holds"]  # the last of a deadlock
    assert [item.verdict for item in result.judgements] == verdicts


def test_processes_in_a_total_map_and_in_a_set_can_change_places() -> None:
    """Keys and members go where their names go: three alike ones are explored as one."""
    whole, folded = check(lock(3)), check(lock(3, interchangeable=True))

    # Of three processes with 3 places each there are 10 unordered ways; with one inside, 6.
    assert (whole.states, folded.states) == (54, 16)
    assert [item.verdict for item in folded.judgements] == [i.verdict for i in whole.judgements]


def test_a_broken_lock_is_seen_in_what_people_read() -> None:
    """A trace names the key that changed, and a set by what is in it."""
    world = lock(2, tidy=False)
    judgement = check(world).judgements[0]

    assert (judgement.verdict, judgement.trace is not None) == ("violated", True)
    lines = [line.text for line in TraceWriter.whole(world).lines(cast("Trace", judgement.trace))]
    assert lines[1:] == [
        *("asks", "choice: who=p0", "world: line[p0] away → waiting"),
        *("enters", "choice: who=p0", "world: line[p0] waiting → inside"),
        *("asks", "choice: who=p1", "world: line[p1] away → waiting"),
        *("enters", "choice: who=p1", "world: line[p1] waiting → inside"),
    ]
    assert shown(set_of(PROCESS), {"p0": 1, "p1": 1}, None) == "{p0, p1}"
    assert shown(Map(RING, LINE), {0: "away", 3: "inside"}, None) == "{0: away, 3: inside}"
    record = Record("state", (Field("line", Map(RING, LINE, total=True)),))
    before, after = {"line": {0: "away", 1: "away"}}, {"line": {0: "away", 1: "inside"}}
    assert [*changes(record, before, after, None)] == ["line[1] away → inside"]


# ── Keys that are computed ───────────────────────────────────────────────────────────

at, seen = root("at"), root("seen")
START = dict.fromkeys(range(4), "away")


def walk(sort: Sort, start: Any, **sets: Operand) -> World:
    """Somebody on a ring of four, with something about each place of it."""
    total = isinstance(sort, Map) and sort.total
    untouched = seen.every(lambda of: of == "away") if total else seen == EMPTY
    return World(
        name="walk",
        doc="Round a ring.",
        instances=(),
        bounds=Bounds.declare(symbols={}, instants=(0,)),
        variables=(Variable.declare("at", RING, 0), Variable.declare("seen", sort, start)),
        starts=(Start.declare("at first", {}),),
        actions=(Action.declare("goes on", sets=sets),),
        properties=(
            sometimes("comes round", at == 3, why="It is a ring.", cites=""),
            sometimes("has seen nothing", untouched, why="It is looked at.", cites=""),
        ),
    )


NEXT = if_else(at < 3, at + 1, 0)


@pytest.mark.parametrize(
    ("sort", "start", "value", "states"),
    [
        pytest.param(
            Map(RING, LINE, total=True), START, seen.put(NEXT, "inside"), 8, id="total map"
        ),
        pytest.param(Map(RING, LINE), {}, seen.put(NEXT, "inside"), 8, id="map"),
        pytest.param(set_of(RING), set(), seen.include(NEXT), 8, id="set"),
        pytest.param(Bag(RING, 1), {}, seen.remove(at).include(NEXT), 5, id="bag"),
    ],
)
def test_a_key_may_be_computed(sort: Sort, start: Any, value: Term, states: int) -> None:
    """As an index is; what it may be is gone through."""
    result = check(walk(sort, start, at=NEXT, seen=value))

    assert result.states == states


@pytest.mark.parametrize(
    "change",
    [
        lambda key: root("held").add(key),
        lambda key: root("held").add(key).add(key).remove(key),
    ],
)
def test_a_value_that_a_bag_gets_by_one_of_several_ways_is_counted_on_each(change: Any) -> None:
    """Two branches of a choice may come to the same value, and either one counts."""
    key = if_else(at < 2, at - 1, if_else(at == 2, 0, if_else(at == 3, 3, 0)))
    world = walk(set_of(RING), set(), at=NEXT)
    held = Variable.declare("held", Bag(Integer(-1, 3), 1), {})
    guard = (root("held").count_of(key) == 0) & (root("seen") == EMPTY)
    act = Action.declare("holds", guard=guard, sets={"held": change(key)})
    world = replace(world, variables=(*world.variables, held), actions=(*world.actions, act))

    # Of -1, 0 and 3 any may be held, at each of four places.
    assert check(world).states == 4 * 2**3


@pytest.mark.parametrize("value", [seen.put(at, seen[at + 1]), seen.put(at + 1, "away")])
def test_a_key_that_a_total_map_may_not_have_is_refused(value: Term) -> None:
    """It has no value there, and none is made up."""
    world = walk(Map(RING, LINE, total=True), START, at=NEXT, seen=value)

    with pytest.raises(SpecError) as caught:
        build(world)
    (fault,) = caught.value.faults
    assert fault.problem == "the key may be 4, and the total map has only 0, 1, 2, 3"
    assert (
        fault.advice == "write if_else(...) around a key that may be beyond, or leave 'total' out"
    )
    assert fault.location.file == __file__


def test_a_part_of_a_text_may_be_no_key_of_a_total_map() -> None:
    """Which texts there are of a symbol is for the world to say, and parts may be others."""
    pair = Symbol("Pair", "", (PROCESS, Symbol("Other")), "/")
    world = lock(2)
    added = Variable.declare("pair", pair, ["p0/x", "p9/x"])
    symbols = (*world.bounds.symbols, (pair, ("p0/x", "p9/x")))
    act = Action.declare("asks", guard=line[part_of(root("pair"), pair, PROCESS)] == "away")
    world = replace(
        world,
        variables=(*world.variables, added),
        bounds=replace(world.bounds, symbols=symbols),
        actions=(*world.actions, replace(act, name="pairs")),
    )

    with pytest.raises(SpecError, match="the key may be 'p9', and the total map has only p0, p1"):
        build(world)


def test_a_key_beyond_a_map_is_reported_when_it_is_stored() -> None:
    """A map that is not total has nothing of it until then, and no room for it."""
    looks = walk(Map(RING, LINE), {}, at=NEXT, seen=if_else(seen[at + 1].is_known, EMPTY, seen))
    stores = walk(Map(RING, LINE), {}, at=NEXT, seen=seen.put(at + 1, "away"))

    assert check(looks).states == 4
    with pytest.raises(Overflow, match="'seen' has the key 4, which is no integer"):
        check(stores)


def test_a_key_that_may_be_any_of_too_many_numbers_is_refused() -> None:
    """All that a key may be are gone through, which takes for ever."""
    wide = Integer(-4000, 0)
    world = walk(Map(RING, LINE), {}, at=NEXT, seen=seen.put(at + root("wide"), "away"))
    world = replace(world, variables=(*world.variables, Variable.declare("wide", wide, [0, -4000])))
    world = replace(
        world,
        actions=(
            Action.declare(
                "goes",
                sets={"seen": seen.put(at + root("wide") - choice.by, "away")},
                choices={"by": Integer(0, 200)},
            ),
        ),
    )

    with pytest.raises(SpecError, match="too many to go through"):
        build(world)


@pytest.mark.parametrize(
    "near",
    [
        lambda n: if_else((n >= 0) & (n <= 3), n, 0),
        lambda n: if_else((n < 0) | (n > 3), 0, n),
        lambda n: if_else(~((n > -1) & (n < 4)), 0, n),
        lambda n: if_else((n == 1) | (n == 2), n, 0),
        lambda n: if_else((n == 1) | (n == 2) | ((n < 3) & (n > 3)), n, 0),
        lambda n: if_else((n != 9) & (n + 5 <= 8) & (n >= 0), n, 0),
        lambda n: greatest(0, least(n, 3)),
    ],
)
def test_a_key_that_is_asked_first_how_far_off_it_is_need_be_no_number_of_a_few(near: Any) -> None:
    """That is what is to be written around one that may be far off, so that it must help."""
    stores = scattered(lambda n: seen.put(near(n), "away"))
    total = scattered(lambda n: seen.put(near(n), "away"), total=True)
    counts = scattered(lambda n: if_else(seen.count_of(near(n)) == 0, seen, EMPTY), bag=True)

    assert [check(world).states for world in (stores, total, counts)] == [6, 2, 2]


def test_a_key_that_is_only_looked_up_may_be_any_of_many_numbers() -> None:
    """Those that a map can have are gone through then, not those that are asked for."""
    looks = scattered(lambda n: if_else(seen[n].is_known, EMPTY, seen))
    counts = scattered(lambda n: if_else(seen.count_of(n) > 0, EMPTY, seen), bag=True)

    assert (check(looks).states, check(counts).states) == (2, 2)


def test_a_key_that_is_asked_for_something_else_is_refused() -> None:
    """What a question says of another number says nothing of the key."""
    world = scattered(lambda n: seen.put(if_else((at >= 0) & (at <= 3), n, 0), "away"))

    with pytest.raises(SpecError, match="too many to go through; write if_else"):
        build(world)


def scattered(sets: Any, *, total: bool = False, bag: bool = False) -> World:
    """A walk on which a map is changed by a number that may be far off."""
    sort: Any = set_of(RING) if bag else Map(RING, LINE, total=total)
    start: Any = set() if bag else dict.fromkeys(range(4), "away") if total else {}
    world = walk(sort, start, at=at, seen=sets(at + root("wide") * 2 - choice.by))
    wide = Variable.declare("wide", Integer(0, 4000), [1, 4000])
    (goes,) = world.actions
    return replace(
        world,
        variables=(*world.variables, wide),
        actions=(replace(goes, choices=(("by", Integer(0, 1)),)),),
    )


def test_a_bag_that_is_emptied_in_an_expression_has_no_size() -> None:
    """What is empty is a map as well as a bag, until it is stored."""
    held = if_else(at == 0, EMPTY, seen)
    world = walk(set_of(RING), set(), at=NEXT, seen=if_else(size_of(held) == 0, held, seen))
    world = replace(world, starts=(Start.declare("both", {}, {"seen": [set(), {1, 2}]}),))

    # From where two are seen, nothing is from the first step on.
    assert check(world).states == 4 + 1


# ── Words ────────────────────────────────────────────────────────────────────────────


def test_words_are_an_enumeration_of_themselves() -> None:
    """A world writes them as texts; a name that Python can write is for programs."""
    sort = words("Light", "off", "half way", "on")

    assert sort.values == ("off", "half way", "on")
    assert [member.name for member in sort.members] == ["OFF", "HALF_WAY", "ON"]
