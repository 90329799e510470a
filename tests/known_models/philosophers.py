"""Dining philosophers: each needs the fork on either side to eat.

E. W. Dijkstra, "Hierarchical ordering of sequential processes" (1971). Everybody takes the left
fork first, then the right one, and puts both back after the meal. All can hold their left fork
and wait for ever. The usual repair: one of them takes the right fork first.
"""

from __future__ import annotations

from steptable.properties import never, sometimes
from steptable.sorts import TRUTH, words
from steptable.terms import Operand, Term, any_of, root
from steptable.world import Action, Start, Variable, World

HAND = words("Hand", "thinks", "holds", "eats")


def philosophers(number: int, *, repaired: bool = False) -> World:
    """The world with some number of philosophers; nowhere may all of them be stuck."""
    seats = range(number)
    return World(
        name="philosophers",
        doc="Philosophers around a table, with a fork between any two.",
        instances=(),
        variables=(
            *(Variable.declare(f"fork_{seat}", TRUTH, True, "On the table.") for seat in seats),
            *(Variable.declare(f"philosopher_{seat}", HAND, "thinks") for seat in seats),
        ),
        starts=(Start.declare("all think", {}),),
        actions=tuple(
            action
            for seat in seats
            for action in _meal(seat, number, right_first=repaired and seat == number - 1)
        ),
        properties=(
            never(
                "neighbours eat at once",
                any_of(*(_eats(seat) & _eats((seat + 1) % number) for seat in seats)),
                why="They share a fork.",
                cites="Dijkstra 1971",
            ),
            *(
                sometimes(f"{seat} eats", _eats(seat), why="All must eat.", cites="Dijkstra 1971")
                for seat in seats
            ),
        ),
    )


def _eats(seat: int) -> Term:
    return root(f"philosopher_{seat}") == "eats"


def _meal(seat: int, number: int, *, right_first: bool) -> tuple[Action, ...]:
    me = f"philosopher_{seat}"
    left, right = f"fork_{seat}", f"fork_{(seat + 1) % number}"
    first, second = (right, left) if right_first else (left, right)

    def act(name: str, source: str, guard: Operand, sets: dict[str, Operand]) -> Action:
        return Action.declare(f"{seat} {name}", guard=(root(me) == source) & guard, sets=sets)

    return (
        act("takes a fork", "thinks", root(first), {me: "holds", first: False}),
        act("takes the other fork", "holds", root(second), {me: "eats", second: False}),
        act("puts both back", "eats", True, {me: "thinks", left: True, right: True}),
    )
