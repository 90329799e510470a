"""Peterson's mutual exclusion of two processes.

G. L. Peterson, "Myths about the mutual exclusion problem", Information Processing Letters 12
(1981). A process announces its interest, lets the other go first, and waits while the other is
interested and it is this one's turn to wait. Each line is a step of its own; whether a process
ever wants to enter is its own affair, but once it wants to, it goes on.

In the hasty variant a process lets the other go first before it announces its interest, which
seems the same and is not.
"""

from __future__ import annotations

from steptable.properties import Property, leads_to, never, sometimes
from steptable.sorts import TRUTH, words
from steptable.terms import Operand, Term, root
from steptable.world import Action, Fairness, Start, Variable, World

LINE = words("Line", "away", "first", "second", "waiting", "inside")
PROCESS = words("Process", "0", "1")

transposition = root("turn")


def _line(me: int) -> Term:
    return root(f"line_{me}")


def peterson(*, hasty: bool = False, fair: Fairness = "weak") -> World:
    """The world, with some fairness of every step but the wish to enter."""
    return World(
        name="peterson-hasty" if hasty else "peterson",
        doc="Two processes that must not be inside at once.",
        instances=(),
        variables=(
            Variable.declare("turn", PROCESS, ["0", "1"], "Who may go first."),
            *(Variable.declare(f"line_{me}", LINE, "away") for me in (0, 1)),
            *(Variable.declare(f"interested_{me}", TRUTH, False) for me in (0, 1)),
        ),
        starts=(Start.declare("both away", {}),),
        actions=tuple(act for me in (0, 1) for act in _process(me, hasty=hasty, fair=fair)),
        properties=(
            never(
                "both are inside",
                (_line(0) == "inside") & (_line(1) == "inside"),
                why="That is what exclusion means.",
                cites="Peterson 1981",
            ),
            *(promise for me in (0, 1) for promise in _promises(me)),
        ),
    )


def _process(me: int, *, hasty: bool, fair: Fairness) -> tuple[Action, ...]:
    other = 1 - me

    def act(name: str, source: str, target: str, guard: Operand = True, **sets: Operand) -> Action:
        return Action.declare(
            f"{me} {name}",
            guard=(_line(me) == source) & guard,
            sets={f"line_{me}": target, **sets},
            fair="" if source == "away" else fair,
        )

    announces: dict[str, Operand] = {f"interested_{me}": True}
    yields: dict[str, Operand] = {"turn": str(other)}
    first, second = (yields, announces) if hasty else (announces, yields)
    free = ~root(f"interested_{other}") | (transposition == str(me))
    return (
        act("wants to enter", "away", "first"),
        act("does the first line", "first", "second", **first),
        act("does the second line", "second", "waiting", **second),
        act("enters", "waiting", "inside", free),
        act("leaves", "inside", "away", **{f"interested_{me}": False}),
    )


def _promises(me: int) -> tuple[Property, ...]:
    return (
        sometimes(
            f"{me} is inside",
            _line(me) == "inside",
            why="Nobody ever inside would be exclusion too.",
            cites="Peterson 1981",
        ),
        leads_to(
            f"{me} that wants to enter does",
            _line(me) == "first",
            _line(me) == "inside",
            why="Nobody starves.",
            cites="Peterson 1981",
        ),
    )
