"""Nothing is stored that the world has no value for: the run says what, by which action, and where.

Numbers, texts, keys of maps, values of bags and places in queues are all one matter, and both
engines say the same of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from steptable.check import Overflow, check
from steptable.errors import UsageError
from steptable.explore.c.compiler import find_compiler
from steptable.explore.engines import Engine
from steptable.explore.exploration import SuccessorFunction
from steptable.explore.replay import Replayer
from steptable.explore.system.builder import build
from steptable.properties import Property, never, sometimes
from steptable.sorts import (
    INSTANT,
    U64,
    Bag,
    Field,
    Integer,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
)
from steptable.terms import (
    EMPTY,
    NOTHING,
    Operand,
    Structure,
    Term,
    field,
    if_else,
    instant,
    part_of,
    root,
)
from steptable.world import Action, Bounds, Instance, Start, Variable, World, choice, deliver
from support import turnstile

CHANNEL = Symbol("Channel")
REF = Symbol("Ref")
ROLLOUT = Symbol("Rollout", parts=(CHANNEL, REF), separator="@")
BOUNDS = Bounds.declare(
    symbols={ROLLOUT: ("edge@1", "stable@1"), CHANNEL: ("edge", "beta"), REF: ("1",)},
    instants=(0,),
)
SMALL = Integer(0, 1)
WHY: dict[str, str] = {"why": "It was promised.", "cites": "no one"}

ENGINES: tuple[Engine, ...] = ("python", "c") if find_compiler() else ("python",)
engines = pytest.mark.parametrize("engine", ENGINES)


def world(
    sorts: Mapping[str, tuple[Sort, Any]],
    sets: Mapping[str, Operand],
    *properties: Property,
    choices: Mapping[str, Sort] | None = None,
) -> World:
    """One action that sets some variables."""
    return World(
        name="small",
        doc="Something is stored.",
        instances=(),
        variables=tuple(Variable.declare(name, *given) for name, given in sorts.items()),
        starts=(Start.declare("here", {}),),
        actions=(Action.declare("store", choices=choices, sets=sets),),
        properties=properties,
        bounds=BOUNDS,
        terminal=True,
    )


def overrun(of: World, engine: Engine, step: int = 1) -> str:
    """What is said of a world that is overrun, at its first step or at a later one."""
    with pytest.raises(Overflow) as caught:
        check(of, engine=engine)
    assert len(caught.value.trace.steps) == step
    (fault,) = caught.value.faults
    assert fault.location == of.actions[0].at
    # Who is told the key sees the same, without a search.
    again = Replayer(SuccessorFunction.of(build(of)), {}).by_key(caught.value.trace.key)
    assert again == caught.value.trace
    return f"{fault.where}: {fault.problem}"


CHANNEL_OF_CHOSEN = part_of(choice.rollout, ROLLOUT, CHANNEL)
ITEM = Record("Item", (Field("channel", CHANNEL),))
ENTRIES = Map(CHANNEL, SMALL)
m = root("m")

TEXTS: dict[str, tuple[Sort, Any, Operand, str]] = {
    "a text": (CHANNEL, "edge", CHANNEL_OF_CHOSEN, "'m' can't be 'stable'"),
    "an optional text": (Optional(CHANNEL), None, CHANNEL_OF_CHOSEN, "'m' can't be 'stable'"),
    "a field of a record": (
        ITEM,
        {"channel": "edge"},
        m.with_fields(channel=CHANNEL_OF_CHOSEN),
        "'m.channel' can't be 'stable'",
    ),
    "a key of a map": (ENTRIES, {}, m.put(CHANNEL_OF_CHOSEN, 1), "'m' has the key 'stable'"),
    "a value of a map": (
        Map(REF, CHANNEL),
        {},
        m.put("1", CHANNEL_OF_CHOSEN),
        "'m[1]' can't be 'stable'",
    ),
    "a key of a map in an optional": (
        Optional(ENTRIES),
        {},
        if_else(m.is_known, m.value.put(CHANNEL_OF_CHOSEN, 1), NOTHING),
        "'m' has the key 'stable'",
    ),
    "a key of a map in a map": (
        Map(REF, ENTRIES),
        {"1": {}},
        m.put("1", m["1"].or_else(EMPTY).put(CHANNEL_OF_CHOSEN, 1)),
        "'m[1]' has the key 'stable'",
    ),
    "a value of a bag": (Bag(CHANNEL, 1), {}, m.add(CHANNEL_OF_CHOSEN), "'m' has the key 'stable'"),
    "a value of a queue": (
        Queue(CHANNEL, 1),
        (),
        m.push(CHANNEL_OF_CHOSEN),
        "'m[0]' can't be 'stable'",
    ),
}


@engines
@pytest.mark.parametrize("case", TEXTS)
def test_a_text_that_the_world_does_not_have_is_not_stored(case: str, engine: Engine) -> None:
    """It is computed, so that no static check sees it; dropped, it would make promises hold."""
    sort, start, stored, said = TEXTS[case]
    found = overrun(
        world({"m": (sort, start)}, {"m": stored}, choices={"rollout": ROLLOUT}), engine
    )

    assert found == (
        f"world 'small', action 'store': {said}, which is no Channel of this world, at step 1"
    )


@engines
def test_a_text_that_the_world_does_not_have_may_be_compared(engine: Engine) -> None:
    """What is not stored has no bounds: it is equal to nothing that the world has."""
    channel = part_of(root("rollout"), ROLLOUT, CHANNEL)
    of = world(
        {"rollout": (ROLLOUT, ["edge@1", "stable@1"]), "m": (CHANNEL, "edge"), "b": (ENTRIES, {})},
        {},
        sometimes("they are the same", root("m") == channel, **WHY),
        sometimes("they are not", root("m") != channel, **WHY),
        never("there is such a key", root("b")[channel].is_known, **WHY),
        sometimes("it is a key that would be", root("b").put(channel, 1)[channel].is_known, **WHY),
        sometimes(
            "they change places",
            if_else(root("m") == channel, "stable", channel) == "stable",
            **WHY,
        ),
    )

    assert {item.judged.name: item.verdict for item in check(of, engine=engine).judgements} == {
        "they are the same": "witnessed",
        "they are not": "witnessed",
        "there is such a key": "holds",
        "it is a key that would be": "witnessed",
        "they change places": "witnessed",
    }


@engines
def test_only_what_is_stored_needs_room(engine: Engine) -> None:
    """A queue that is full may be pushed to before it is popped from, and a bag likewise."""
    queue, bag = root("queue"), root("bag")
    of = world(
        {"queue": (Queue(CHANNEL, 1), ("edge",)), "bag": (Bag(CHANNEL, 1), {"edge": 1})},
        {"queue": queue.push("beta").pop(), "bag": bag.add("edge").remove("edge")},
        sometimes("the other one is queued", queue.head == "beta", **WHY),
        never("the bag has another number", bag.count_of("edge") != 1, **WHY),
    )

    assert [item.verdict for item in check(of, engine=engine).judgements] == ["witnessed", "holds"]


ROOM: dict[str, tuple[Sort, Any, Term, str]] = {
    "a queue": (Queue(CHANNEL, 1), ("edge",), m.push("beta"), "'m' has 2 values, and room for 1"),
    "a bag": (Bag(CHANNEL, 1), {"edge": 1}, m.add("edge"), "'m[edge]' can't be 2"),
    "a number": (SMALL, 1, m + 1, "'m' can't be 2"),
}


@engines
@pytest.mark.parametrize("case", ROOM)
def test_what_has_no_room_is_not_stored(case: str, engine: Engine) -> None:
    """It is said of what, and how much there is."""
    sort, start, stored, said = ROOM[case]

    assert said in overrun(world({"m": (sort, start)}, {"m": stored}), engine)


@engines
def test_an_entry_is_gone_with_the_optional_that_held_its_map(engine: Engine) -> None:
    """Else a state would be counted once for each value of what is not there."""
    of = world(
        {"m": (Optional(ENTRIES), [{"edge": 1}, {"edge": 0}, {}])},
        {"m": if_else(m.is_known, NOTHING, m)},
        sometimes("there is one", m.is_known & (m.value["edge"] == 1), **WHY),
    )

    assert check(of, engine=engine).states == 4


@engines
def test_an_entry_is_gone_with_the_map_that_held_its_own(engine: Engine) -> None:
    """A map in a map, which is left out by a condition on what is in it."""
    of = world(
        {"m": (Map(REF, ENTRIES), [{"1": {"edge": 1}}, {"1": {"edge": 0}}, {"1": {}}])},
        {"m": m.where(lambda entry: ~entry["edge"].is_known)},
        sometimes("there is one", m["1"].is_known & (m["1"].value["edge"] == 1), **WHY),
    )

    assert check(of, engine=engine).states == 4


# ── Numbers on the way ───────────────────────────────────────────────────────────────


@engines
@pytest.mark.parametrize("sort", [INSTANT, U64])
def test_numbers_that_lie_far_apart_take_no_more_than_they_are(sort: Sort, engine: Engine) -> None:
    """What a bound leaves out between two numbers is not gone through, one by one."""
    far = 2**32 if sort == INSTANT else 2**61
    later = m + (instant(far) - instant(0)) if sort == INSTANT else m + far
    of = world({"m": (sort, 0)}, {"m": later})
    bounds = Bounds.declare(symbols={}, instants=(0, 2**32), numbers=(0, far))
    _, _, what = overrun(replace(of, bounds=bounds), engine, step=2).partition(": ")

    assert what == f"'m' can't be {2 * far}, which is no {sort} of this world, at step 2"


FAR = 2**63
NEAR = Integer(-1, 3)


@engines
@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        (root("x") + (FAR - 1) >= FAR, "violated"),
        (root("x") + (FAR - 1) > FAR + 2, "holds"),
        (root("x") + root("y") + FAR == root("y") + FAR + 3, "violated"),
        (root("x") - FAR < -FAR, "violated"),
        (if_else(root("x") == 0, root("x") + (FAR - 4), root("y")) >= FAR - 4, "violated"),
    ],
)
def test_sums_do_not_run_over(condition: Term, verdict: str, engine: Engine) -> None:
    """A domain is small, and what is added to it need not be."""
    assert _verdict(condition, engine) == verdict


@engines
def test_a_sum_that_does_not_fit_is_left_to_python(engine: Engine) -> None:
    """Nobody is told that a promise holds because a number became a negative one."""
    chosen = if_else(root("x") == 0, root("x") + FAR, root("y"))
    larger = if_else(root("y") == 0, root("x") + root("x"), FAR - 3)
    if engine == "c":
        with pytest.raises(UsageError, match="beyond 64 bits; take --engine python, or auto"):
            _verdict(larger + root("x") >= chosen, engine)
    else:
        assert _verdict(larger + root("x") >= chosen, engine) == "violated"


def _verdict(condition: Term, engine: Engine) -> str:
    of = world(
        {"x": (NEAR, list(range(-1, 4))), "y": (NEAR, [0, 1])},
        {"x": root("x")},
        never("it is large", condition, **WHY),
    )
    (judged,) = check(of, engine=engine).judgements
    return judged.verdict


# ── What is given to an event ────────────────────────────────────────────────────────


@engines
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"force": root("x") + 7}, "'force' of ArmPushed can't be 10, which is no integer 0..9"),
        ({"force": 1 - root("x")}, "'force' of ArmPushed can't be -1, which is no integer 0..9"),
        (
            {"force": 1, "price": 998 + root("x")},
            "'coins' of Price can't be 1001, which is no coins",
        ),
    ],
)
def test_an_event_that_no_program_could_make_is_not_delivered(
    given: dict[str, Operand], said: str, engine: Engine
) -> None:
    """Its number is none of its sort, whatever would come of it."""
    serial = root("gate").last_serial + 1
    fields = {"at": instant(0), "serial": serial, "force": given["force"]}
    pushed = deliver("gate", "ArmPushed", {"coins": given.get("price", 1)}, **fields)
    of = replace(
        world({"x": (NEAR, [2, 3])}, {}),
        instances=(Instance.declare("gate", turnstile.machine, forgets={"last_serial": 0}),),
        starts=(Start.declare("here", {"gate": {"position": "Locked"}}),),
        actions=(Action.declare("push", events=[pushed]),),
    )
    with pytest.raises(Overflow) as caught:
        check(of, engine=engine)

    assert [fault.problem for fault in caught.value.faults] == [f"{said}, at step 1"]


TIP = Structure(
    "Tip",
    "What is given besides.",
    coins=field(Optional(Integer(0, 2)), "To the owner."),
    by=field(Map(CHANNEL, Integer(0, 2)), "To others.", default=EMPTY),
)


@engines
@pytest.mark.parametrize("sort", [TIP.sort, Optional(TIP.sort)])
@pytest.mark.parametrize(
    ("coins", "said"),
    [
        (root("x"), ["3, which is no integer 0..2"]),
        (if_else(root("x") == 3, -1, NOTHING), ["-1, which is no integer 0..2"]),
        (1, []),
        (NOTHING, []),
        (if_else(root("x") == 2, root("x"), NOTHING), []),
    ],
)
def test_a_number_within_a_policy_is_one_of_its_sort(
    coins: Operand, said: list[str], sort: Sort, engine: Engine
) -> None:
    """A plain one may stand for an optional, and is to be in its range as well."""
    policy = Structure(
        "Price", "", coins=field(turnstile.COINS, ""), tip=field(sort, "", read_by="x")
    )
    machine = replace(turnstile.machine, policy=policy.sort)
    pushed = deliver(
        "gate",
        "ArmPushed",
        {"coins": 1, "tip": TIP(coins=coins)},
        at=instant(0),
        serial=root("gate").last_serial + 1,
        force=1,
    )
    of = replace(
        world({"x": (NEAR, [2, 3])}, {}),
        instances=(Instance.declare("gate", machine, forgets={"last_serial": 0}),),
        starts=(Start.declare("here", {"gate": {"position": "Locked"}}),),
        actions=(Action.declare("push", events=[pushed]),),
    )
    try:
        check(of, engine=engine)
    except Overflow as overflow:
        problems = [fault.problem for fault in overflow.faults]
    else:
        problems = []

    assert problems == [f"'tip.coins' of Price can't be {text}, at step 1" for text in said]
