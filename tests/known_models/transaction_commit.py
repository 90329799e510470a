"""Transaction commit: resource managers agree to commit or to abort, by what they all know.

The specification TCommit of J. Gray and L. Lamport, "Consensus on Transaction Commit" (2004),
module `TCommit` in the examples of TLA+. Nobody sends anything: a manager decides by looking at
all others, which is what a protocol must then achieve with messages.

Published for 3 managers, as TLC counts: 34 distinct states, 94 generated, depth 7. TLC counts
initial states among the generated ones, and the first level as depth 1.
"""

from __future__ import annotations

from steptable.properties import Property, always, sometimes
from steptable.sorts import Map, Symbol, words
from steptable.terms import Operand, Term, root
from steptable.world import Action, Bounds, Start, Variable, World, choice

MANAGER = Symbol("Manager")
PHASE = words("Phase", "working", "prepared", "committed", "aborted")

managers = root("managers")


def names(number: int) -> tuple[str, ...]:
    """The managers of a world."""
    return tuple(f"manager-{i}" for i in range(1, number + 1))


def can_commit(whole: Term) -> Term:
    """Nobody still works, and nobody has aborted."""
    return whole.every(lambda manager: manager.one_of("prepared", "committed"))


def none_committed(whole: Term) -> Term:
    return whole.every(lambda manager: manager != "committed")


def none_aborted(whole: Term) -> Term:
    return whole.every(lambda manager: manager != "aborted")


def agreement() -> Property:
    """What every way to commit a transaction must keep."""
    return always(
        "no manager commits while another aborts",
        none_committed(managers) | none_aborted(managers),
        why="A transaction takes effect everywhere or nowhere.",
        cites="TCConsistent",
    )


def outcomes(number: int) -> tuple[Property, ...]:
    """Both ends of a transaction are possible."""
    return tuple(
        sometimes(
            f"all managers have {phase}",
            managers.every(lambda manager: manager == phase),  # noqa: B023  # read at once
            why="A protocol that never ends so would be of no use.",
            cites=f"TCSpec, with {number} managers",
        )
        for phase in ("committed", "aborted")
    )


def everywhere(number: int, phase: str) -> Variable:
    """The managers, all in the same phase to begin with."""
    return Variable.declare("managers", Map(MANAGER, PHASE), dict.fromkeys(names(number), phase))


def becomes(phase: str, **others: Operand) -> dict[str, Operand]:
    """The chosen manager enters a phase."""
    return {"managers": managers.put(choice.manager, phase), **others}


def transaction_commit(number: int) -> World:
    """The world with some number of managers."""
    own = managers[choice.manager]
    one = {"manager": MANAGER}
    return World(
        name="transaction-commit",
        doc="Managers commit or abort, each knowing the state of all.",
        instances=(),
        variables=(everywhere(number, "working"),),
        starts=(Start.declare("all work", {}),),
        actions=(
            Action.declare(
                "prepare", choices=one, guard=own == "working", sets=becomes("prepared")
            ),
            Action.declare(
                "commit",
                choices=one,
                guard=(own == "prepared") & can_commit(managers),
                sets=becomes("committed"),
            ),
            Action.declare(
                "abort",
                choices=one,
                guard=own.one_of("working", "prepared") & none_committed(managers),
                sets=becomes("aborted"),
            ),
        ),
        properties=(agreement(), *outcomes(number)),
        bounds=Bounds.declare(symbols={MANAGER: names(number)}, instants=(0,)),
        terminal=managers.every(lambda manager: manager.one_of("committed", "aborted")),
    )
