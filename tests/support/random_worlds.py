"""Small worlds at random: variables of every sort, guarded actions, and a small machine.

Expressions are drawn by sort out of whatever can be read at the place, with a liking for what is
small and for what moves. Numbers are mostly kept within their bounds, but not always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from steptable.machine import Machine
from steptable.properties import (
    Property,
    after,
    always,
    always_event,
    always_step,
    before,
    emits,
    eventually,
    leads_to,
    never,
    rerun,
    sometimes,
    step,
)
from steptable.sorts import (
    TRUTH,
    Bag,
    Enum,
    Instant,
    Integer,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
)
from steptable.terms import Operand, Term, instant, root
from steptable.world import (
    Action,
    Delivery,
    Fairness,
    Instance,
    Start,
    Variable,
    World,
    choice,
    deliver,
    effect,
    payload_sort,
    receive,
)
from support.random_machine import FACTS, FAR, NEAR, SHINE, TELL, random_machine
from support.random_terms import (
    BOUNDS,
    COLOUR,
    CONTAINERS,
    ITEM,
    KEY,
    SCALARS,
    SIGNED,
    SMALL,
    Author,
    leaves,
    values_of,
)

WHY = {"why": "It was drawn.", "cites": "hypothesis"}
LAMP = {
    "state": ["Off", "On"],
    "colour": [None, "blue"],
    "level": 0,
    "notes": [{}, {"k": "red"}],
    "last": 0,
}


def start_of(dice: Random, sort: Sort) -> Any:
    """Some value of a sort to start with."""
    some = dice.random() < 0.5
    match sort:
        case Enum():
            return dice.choice(sort.values)
        case Symbol():
            return dice.choice(BOUNDS.of(sort))
        case Integer(low, high):
            return dice.randint(low, high)
        case Optional(of=of):
            return start_of(dice, of) if some else None
        case Record():
            return {part.name: start_of(dice, part.sort) for part in sort}
        case Map(key=key, value=of):
            keys = values_of(key)[:2]
            return {at: start_of(dice, of) for at in dice.sample(keys, dice.randint(0, 2))}
        case Queue(of=of):
            return (start_of(dice, of),) if some else ()
        case Bag(of=of):
            return {dice.choice(values_of(of)): 1} if some else {}
        case Instant():
            return dice.randint(0, 2)
    return some


def random_world(seed: int, *, size: int, with_machine: bool) -> World:
    """A world of up to `size` variables; perhaps with a lamp, and a copy of it."""
    dice = Random(seed)
    sorts = [dice.choice((*SCALARS, *CONTAINERS)) for _ in range(dice.randint(1, size))]
    variables = [
        Variable.declare(f"v{n}", sort, [start_of(dice, sort) for _ in range(dice.randint(1, 2))])
        for n, sort in enumerate(sorts)
    ]
    if not with_machine:
        return _closed(dice, size, variables, (), {})
    machine = random_machine(dice)
    variables.append(Variable.declare("post", Queue(payload_sort(machine), 1), ()))
    instances = _instances(dice, machine, variables)
    return _closed(dice, size, variables, instances, {item.name: _lamp(dice) for item in instances})


def _lamp(dice: Random) -> dict[str, Any]:
    """The fields of a lamp to start with, a few of them free."""
    return {
        name: value if dice.random() < 0.3 or not isinstance(value, list) else dice.choice(value)
        for name, value in LAMP.items()
    }


def _instances(dice: Random, machine: Machine, variables: list[Variable]) -> tuple[Instance, ...]:
    post = root("post")
    author = _author(dice, variables, ())
    author.read(effect, SHINE.fields)
    on: dict[Any, dict[str, Operand]] = {SHINE: author.sets(variables[:-1])}
    if dice.random() < 0.5:
        on[TELL] = {"post": author.perhaps(post.queued < 1, post.push(effect.payload), post)}
    # Whoever is sent a number compares it with one of its own, so that it can't be forgotten.
    forgets = {} if TELL in on else dice.choice(({}, {"last": 0}))
    lamp = Instance.declare("lamp", machine, on=on, forgets=forgets)
    if dice.random() < 0.5:
        return (lamp,)
    return (lamp, Instance.declare("copy", machine))


def _closed(
    dice: Random,
    size: int,
    variables: list[Variable],
    instances: tuple[Instance, ...],
    records: Mapping[str, Mapping[str, Any]],
) -> World:
    count = dice.randint(2, size + 2)
    actions = tuple(_action(dice, n, variables, instances) for n in range(count))
    names = tuple(action.name for action in actions)
    whole = _author(dice, variables, instances)
    terminal = whole.condition() if dice.random() < 0.5 else True
    return World(
        name="drawn",
        doc="Whatever was drawn.",
        instances=instances,
        variables=tuple(variables),
        starts=(Start.declare("some", records),),
        actions=actions,
        properties=tuple(_properties(dice, variables, instances, names)),
        bounds=BOUNDS,
        terminal=terminal,
    )


def _author(dice: Random, variables: list[Variable], instances: tuple[Instance, ...]) -> Author:
    """An author who may read the whole state."""
    author = Author(dice)
    for variable in variables:
        author.read(root(variable.name), variable.sort)
    for item in instances:
        author.read_record(root(item.name), item)
    return author


def _action(
    dice: Random, number: int, variables: list[Variable], instances: tuple[Instance, ...]
) -> Action:
    choosable: tuple[Sort, ...] = (COLOUR, KEY, SIGNED, TRUTH, Optional(SMALL), Optional(ITEM.sort))
    choices = {"x": dice.choice(choosable)} if dice.random() < 0.5 else {}
    author = _author(dice, variables, instances)
    for name, sort in choices.items():
        author.read(getattr(choice, name), sort)
    deliveries = tuple(
        _delivery(dice, author, dice.choice(instances))
        for _ in range(dice.randint(0, 2) if instances else 0)
    )
    sets = author.sets([item for item in variables if item.name != "post"])
    for item in instances:
        if dice.random() < 0.15:
            put = author.value(item.machine.record)
            assert isinstance(put, Term)
            # A number that is forgotten is relative to the one before.
            kept = {name: getattr(root(item.name), name) for name, _ in item.forgets}
            sets[item.name] = put.with_fields(**kept) if kept else put
    guard = author.condition() if dice.random() < 0.5 else None
    if any(item.payload is not None for item in deliveries):
        has_post = root("post").head.is_known
        guard = has_post if guard is None else has_post & guard
        if dice.random() < 0.5:
            sets["post"] = root("post").pop()
    fair: Fairness = dice.choice(("", "", "weak", "strong"))
    return Action.declare(
        f"act {number}", choices=choices, guard=guard, sets=sets, events=deliveries, fair=fair
    )


def _delivery(dice: Random, author: Author, to: Instance) -> Delivery:
    policy = {"strict": author.condition()} if dice.random() < 0.5 else {}
    if to.name == "copy":
        return receive("copy", root("post").head.value, policy)
    fact = dice.choice(FACTS)
    number = root(to.name).last + dice.choice((1, 1, 1, 0))
    fields: dict[str, Operand] = {"seq": number, "at": instant(0)}
    for part in fact.fields:
        if part.name != "at" and dice.random() < 0.5:
            fields[part.name] = author.value(part.sort)
    side = dice.choice((NEAR, NEAR, FAR))
    event = next(e for e in to.machine.events if e.fact == fact and e.side == side)
    return deliver(to.name, event.name, policy, **fields)


# ── Properties ───────────────────────────────────────────────────────────────────────


def _properties(
    dice: Random,
    variables: list[Variable],
    instances: tuple[Instance, ...],
    names: tuple[str, ...],
) -> Iterator[Property]:
    whole = _author(dice, variables, instances)
    yield always("an always", whole.condition(), **WHY)
    yield always("an implication", whole.condition().implies(whole.condition()), **WHY)
    yield never("a never", whole.condition(), **WHY)
    yield sometimes("a sometimes", whole.condition(), **WHY)
    yield always_step("over steps", _over_steps(dice, variables, instances, names), **WHY)
    yield eventually("at last", whole.condition(), **WHY)
    yield leads_to("leads to", whole.condition(), whole.condition(), **WHY)
    for item in instances:
        yield from _over_events(dice, item)
    if dice.random() < 0.5:
        yield from _reads_all(variables, instances)


def _over_steps(
    dice: Random,
    variables: list[Variable],
    instances: tuple[Instance, ...],
    names: tuple[str, ...],
) -> Term:
    author = Author(dice)
    for end in (before, after):
        for variable in variables:
            author.read(getattr(end, variable.name), variable.sort)
        for item in instances:
            author.read_record(getattr(end, item.name), item)
    is_action = root("action") == dice.choice(names)
    return is_action.implies(author.condition()) if dice.random() < 0.5 else author.condition()


def _over_events(dice: Random, item: Instance) -> Iterator[Property]:
    author = Author(dice)
    author.read_record(before, item)
    author.read_record(after, item)
    author.read(step.accepted, TRUTH)
    author.read(rerun(half="other").accepted, TRUTH)
    author.read_record(rerun(half="other").record, item)
    author.read_record(rerun(record=before.with_fields(level=0)).record, item)
    author.read(emits(step, SHINE), Integer(0, 2))
    yield always_event(
        f"of {item.name}",
        author.condition(),
        instance=item.name,
        why=WHY["why"],
        cites=WHY["cites"],
    )
    fact = dice.choice(FACTS)
    for part in fact.fields:
        author.read(getattr(root("event"), part.name), part.sort)
    yield always_event(
        f"of {fact.name}",
        author.condition(),
        fact=fact,
        instance=item.name,
        why=WHY["why"],
        cites=WHY["cites"],
    )


def _reads_all(variables: list[Variable], instances: tuple[Instance, ...]) -> Iterator[Property]:
    parts = [leaf for v in variables for leaf in leaves(root(v.name), v.sort)]
    parts += [
        leaf
        for item in instances
        for part in item.machine.record
        if part.name not in dict(item.forgets)
        for leaf in leaves(getattr(root(item.name), part.name), part.sort)
    ]
    for number, part in enumerate(parts):
        yield sometimes(f"part {number} is read", part, **WHY)
