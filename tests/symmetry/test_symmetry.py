"""States that differ by the order of interchangeable values count once, where that is sound.

What a search among orbits says is what the whole search says: verdicts, lengths of traces, and the
states themselves, sorted into orbits here in another way. Where nothing shows that values are
interchangeable, the reason is given and every state is explored.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from known_models.transaction_commit import (
    MANAGER,
    managers,
    names,
    transaction_commit,
)
from known_models.two_phase import two_phase
from steptable.check import check
from steptable.errors import SpecError, UsageError
from steptable.explore.python.engine import PythonExploration, search
from steptable.explore.symmetry.relabelling import Asymmetric
from steptable.explore.system.builder import build
from steptable.properties import (
    after,
    always,
    always_step,
    before,
    eventually,
    never,
    sometimes,
)
from steptable.sorts import Bag, Integer
from steptable.terms import Operand, Term, root
from steptable.world import Action, Bounds, Start, Variable, World, choice
from support.symmetric import reduced, verdicts

WHY = {"why": "It is said here.", "cites": "this test"}

commit = replace(transaction_commit(3), interchangeable=(MANAGER,))


# ── Two-phase commit ─────────────────────────────────────────────────────────────────


def parted(exploration: PythonExploration) -> Iterator[tuple[Hashable, tuple[Hashable, ...]]]:
    """Each state of two-phase commit: what is nobody's, and what is each manager's, in order."""
    own = names(5)
    for state in exploration:
        values = exploration.layout.unpack(state)
        shared = tuple(value for name, value in values.items() if "manager-" not in name)
        yield (
            shared,
            tuple(
                tuple(value for name, value in values.items() if f"[{manager}]" in name)
                for manager in own
            ),
        )


def test_two_phase_commit_has_as_many_orbits_as_there_are_ways_to_sort_its_managers() -> None:
    """Both settings are pinned: 8,832 states of 5 managers are 314 up to their order."""
    world = two_phase(5)
    whole = search(build(world))
    by_hand = {(shared, frozenset(Counter(own).items())) for shared, own in parted(whole)}

    assert (len(whole), len(by_hand)) == (8832, 314)
    assert check(world).states == 314
    assert check(world, symmetry=False).states == 8832
    assert len(reduced(world, by_sorting=False)) == 314


def test_the_published_665_is_what_sorting_by_phase_alone_comes_to() -> None:
    """There managers are sorted by phase and no further, so that some orbits count more often."""
    exploration = search(build(two_phase(5)))
    phases = ("working", "prepared", "committed", "aborted")

    def representative(state: int) -> Hashable:
        values = exploration.layout.unpack(state)
        order = sorted(names(5), key=lambda name: phases.index(values[f"managers[{name}]"]))
        shared = tuple(value for name, value in values.items() if "manager-" not in name)
        return shared, tuple(
            value for at in order for name, value in values.items() if f"[{at}]" in name
        )

    (start,) = exploration.initial
    waiting, seen = [start], {representative(start)}
    while waiting:
        for state, _, _ in exploration.successors(waiting.pop()):
            if representative(state) not in seen:
                seen.add(representative(state))
                waiting.append(state)

    assert len(seen) == 665


def test_paths_among_orbits_are_real_ones_to_the_very_state() -> None:
    """What is shown to people is a run of the world, not a run of representatives."""
    found = reduced(two_phase(3))
    for state in found:
        path = found.path(state)
        assert path[0] in found.initial
        assert path[-1] == state
        for here, there in pairwise(path):
            assert there in {after for after, _, _ in found.successors(here)}
    lengths = [len(found.path(state)) for state in found]
    assert [lengths.count(depth + 1) for depth in range(len(found.levels))] == found.levels


# ── Values that variables hold ───────────────────────────────────────────────────────

transposition, phases = root("turn"), root("managers")


def relay(number: int = 3) -> World:
    """The one whose turn it is works, and hands it to any other."""
    everybody = names(number)
    return World(
        name="relay",
        doc="One works at a time.",
        instances=(),
        variables=(
            commit.variables[0],
            Variable.declare("turn", MANAGER, list(everybody), "Whose turn it is."),
        ),
        starts=(Start.declare("some begins", {}),),
        actions=(
            Action.declare(
                "it is done",
                choices={"manager": MANAGER},
                guard=(transposition == choice.manager) & (managers[choice.manager] == "working"),
                sets={"managers": managers.put(choice.manager, "prepared")},
            ),
            Action.declare(
                "it is handed on",
                choices={"manager": MANAGER},
                guard=transposition != choice.manager,
                sets={"turn": choice.manager},
            ),
        ),
        properties=(
            never(
                "all are prepared",
                managers.every(lambda manager: manager == "prepared"),
                **WHY,
            ),
        ),
        bounds=Bounds.declare(symbols={MANAGER: everybody}, instants=(0,)),
        interchangeable=(MANAGER,),
        terminal=True,
    )


def test_a_value_that_a_variable_holds_changes_with_it() -> None:
    """Whose turn it is goes along when managers change places: 24 states are 6 orbits."""
    found = reduced(relay())
    orders = list(permutations(names(3)))

    def orbit(state: int) -> Any:
        values = found.layout.unpack(state)
        return min(
            (order.index(values["turn"]), [values[f"managers[{name}]"] for name in order])
            for order in orders
        )

    assert len(found) == len({repr(orbit(state)) for state in search(build(relay()))}) == 6
    assert verdicts(check(relay())) == verdicts(check(relay(), symmetry=False))


# ── The same verdicts ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("world", [commit, two_phase(3)])
def test_verdicts_are_those_of_the_whole_search(world: World) -> None:
    """What holds, what is witnessed, and how soon."""
    assert verdicts(check(world)) == verdicts(check(world, symmetry=False))


phase, turn_of, noted, level = (root(name) for name in ("managers", "turn", "noted", "level"))
PHASES = ("working", "prepared", "aborted")


def drawn(seed: int) -> World:
    """A world at random that mostly speaks of managers as they are chosen, and rarely by name."""
    dice = random.Random(seed)
    everybody = names(dice.choice((2, 3, 3)))
    holds_one = dice.random() < 0.5

    def of_one(who: Term) -> Term:
        atoms = [phase[who] == dice.choice(PHASES), noted.count_of(who) == dice.randint(0, 1)]
        if holds_one:
            atoms += [turn_of == who, turn_of != who]
        return dice.choice(atoms)

    def of_all() -> Term:
        one = dice.choice(PHASES)
        atoms = [phase.every(lambda item: item != one), level == dice.randint(0, 2)]
        if dice.random() < 0.1:
            atoms.append(phase[everybody[0]] == one)
        return dice.choice(atoms)

    def action(number: int) -> Action:
        who, other = choice.who, choice.other
        sets: dict[str, Operand] = {}
        made: dict[str, list[Operand]] = {
            "managers": [phase.put(who, dice.choice(PHASES)), phase.put(other, "prepared")],
            "noted": [noted.add(who), noted.remove(other), noted],
            "level": [dice.randint(0, 2), level],
        }
        if holds_one:
            made["turn"] = [who, other]
        for name, values in made.items():
            if dice.random() < 0.6:
                sets[name] = dice.choice(values)
        guard = of_one(who) & dice.choice((of_one(other), of_all(), who != other))
        if "noted" in sets:
            guard = guard & (noted.count_of(who) == 0)
        return Action.declare(
            f"act {number}", choices={"who": MANAGER, "other": MANAGER}, guard=guard, sets=sets
        )

    held = (Variable.declare("turn", MANAGER, list(everybody)),) if holds_one else ()
    return World(
        name="drawn",
        doc="Whatever was drawn.",
        instances=(),
        variables=(
            Variable.declare(
                "managers", commit.variables[0].sort, dict.fromkeys(everybody, "working")
            ),
            Variable.declare("noted", Bag(MANAGER, 1), {}),
            Variable.declare("level", Integer(0, 2), [0, 1]),
            *held,
        ),
        starts=(Start.declare("some", {}),),
        actions=tuple(action(number) for number in range(dice.randint(1, 4))),
        properties=(
            always("an always", of_all() | of_all(), **WHY),
            never("a never", of_all() & of_all(), **WHY),
            sometimes("a sometimes", of_all() & of_all(), **WHY),
            always_step("a step", (before.level == 0) | (after.level != dice.randint(0, 2)), **WHY),
        ),
        bounds=Bounds.declare(symbols={MANAGER: everybody}, instants=(0,)),
        interchangeable=(MANAGER,),
        terminal=of_all() if dice.random() < 0.5 else True,
    )


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_random_worlds_have_the_same_verdicts_up_to_an_order(seed: int) -> None:
    """Where symmetry is not refused, nobody notices that it was made use of."""
    world = drawn(seed)
    try:
        found = reduced(world)
    except Asymmetric:
        return
    orbits, whole = found.orbits, search(build(world))
    assert orbits is not None
    assert set(found) == {orbits.canonical(state) for state in whole}
    assert len(found) == len(reduced(world, by_sorting=False))
    try:
        expected = check(world, symmetry=False)
    except SpecError:
        with pytest.raises(SpecError):
            check(world, symmetry=True)
        return
    assert verdicts(check(world, symmetry=True)) == verdicts(expected)


def test_most_random_worlds_are_reduced_and_some_are_not() -> None:
    """Agreement would say little if nothing were ever reduced, or everything."""
    sizes = []
    for seed in range(40):
        world = drawn(seed)
        try:
            sizes.append((len(reduced(world)), len(search(build(world)))))
        except Asymmetric:
            sizes.append((0, 0))

    assert sum(0 < few < many for few, many in sizes) > 15
    assert (0, 0) in sizes


# ── Refusals ─────────────────────────────────────────────────────────────────────────


def with_promises(*added: Any) -> World:
    return replace(commit, properties=(*commit.properties, *added))


first = managers["manager-1"]
hurries = Action.declare("the first aborts", guard=first == "working", sets={})
begun = Start.declare(
    "one is ahead", {}, {"managers": {**dict.fromkeys(names(3), "working"), "manager-2": "aborted"}}
)

REFUSALS = {
    "nothing shows that promise 'the first stays' treats every Manager alike": with_promises(
        always("the first stays", first != "aborted", **WHY)
    ),
    "promise 'all is done' is about runs": with_promises(
        eventually("all is done", managers.every(lambda one: one != "working"), **WHY)
    ),
    "nothing shows that action 'the first aborts' treats every Manager alike": replace(
        commit, actions=(*commit.actions, hurries)
    ),
    "nothing shows that the set of its starts treats every Manager alike": replace(
        commit, starts=(begun,)
    ),
    "nothing shows that what it calls terminal treats every Manager alike": replace(
        commit, terminal=first == "aborted"
    ),
    "there are 40,320 orders of Manager, too many to try": replace(
        transaction_commit(8), interchangeable=(MANAGER,)
    ),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_what_is_not_shown_to_be_symmetric_is_explored_whole_and_says_why(why: str) -> None:
    """A reduction that is not sound is worse than none."""
    world = REFUSALS[why]

    assert check(world, max_states=500).asymmetry == why
    with pytest.raises(UsageError, match=f"world 'transaction-commit' can't be reduced: {why}"):
        check(world, symmetry=True)


def test_symmetry_that_was_asked_for_in_vain_is_an_error() -> None:
    """Whoever asks for it would take the counts for something else."""
    with pytest.raises(UsageError, match="the world calls nothing interchangeable"):
        check(transaction_commit(3), symmetry=True)
