"""Two-phase commit: a transaction manager collects votes, and messages are never taken back.

The specification TwoPhase of J. Gray and L. Lamport, "Consensus on Transaction Commit" (2004),
module `TwoPhase` in the examples of TLA+. Messages form a set that only grows: one that was sent
can be received again at any time, which is why receiving is often a step that changes nothing.

Published, as TLC counts: for 3 managers 288 distinct states, 1,146 generated, depth 11; for 5
managers 8,832 distinct. TLC counts initial states among the generated ones, and the first level
as depth 1.
"""

from __future__ import annotations

from known_models.transaction_commit import (
    MANAGER,
    agreement,
    becomes,
    can_commit,
    everywhere,
    managers,
    names,
    none_committed,
    outcomes,
)
from steptable.properties import Property, after, always_step, before
from steptable.sorts import Bag, words
from steptable.terms import Term, all_of, any_of, if_else, root
from steptable.world import Action, Bounds, Start, Variable, World, choice

DECISION = words("Decision", "commit", "abort")
TRANSACTION = words("Transaction", "open", "committed", "aborted")

transaction, noted = root("transaction"), root("noted")
votes, decisions = root("votes"), root("decisions")


def _with(messages: Term, message: Term | str) -> Term:
    """The set with a message, which it may have already."""
    return if_else(messages.count_of(message) == 0, messages.add(message), messages)


def two_phase(number: int) -> World:
    """The world with some number of managers."""
    return World(
        name="two-phase-commit",
        doc="A transaction manager collects votes and decides; managers obey.",
        instances=(),
        variables=(
            everywhere(number, "working"),
            Variable.declare("transaction", TRANSACTION, "open"),
            Variable.declare("noted", Bag(MANAGER, 1), {}, "Votes that the coordinator has."),
            Variable.declare("votes", Bag(MANAGER, 1), {}, "Votes that were sent."),
            Variable.declare("decisions", Bag(DECISION, 1), {}, "Decisions that were sent."),
        ),
        starts=(Start.declare("all work", {}),),
        actions=(*_coordinator(number), *_managers()),
        properties=(agreement(), *outcomes(number), _refinement(number)),
        bounds=Bounds.declare(symbols={MANAGER: names(number)}, instants=(0,)),
        interchangeable=(MANAGER,),
    )


def _coordinator(number: int) -> tuple[Action, ...]:
    is_open = transaction == "open"
    return (
        Action.declare(
            "the vote is noted",
            choices={"manager": MANAGER},
            guard=is_open & (votes.count_of(choice.manager) == 1),
            sets={"noted": _with(noted, choice.manager)},
        ),
        Action.declare(
            "the commit is decided",
            guard=is_open & all_of(*(noted.count_of(name) == 1 for name in names(number))),
            sets={"transaction": "committed", "decisions": _with(decisions, "commit")},
        ),
        Action.declare(
            "the abort is decided",
            guard=is_open,
            sets={"transaction": "aborted", "decisions": _with(decisions, "abort")},
        ),
    )


def _managers() -> tuple[Action, ...]:
    works = managers[choice.manager] == "working"
    one = {"manager": MANAGER}
    return (
        Action.declare(
            "a manager prepares",
            choices=one,
            guard=works,
            sets=becomes("prepared", votes=_with(votes, choice.manager)),
        ),
        Action.declare("a manager gives up", choices=one, guard=works, sets=becomes("aborted")),
        Action.declare(
            "a manager commits",
            choices=one,
            guard=decisions.count_of("commit") == 1,
            sets=becomes("committed"),
        ),
        Action.declare(
            "a manager aborts",
            choices=one,
            guard=decisions.count_of("abort") == 1,
            sets=becomes("aborted"),
        ),
    )


def _refinement(number: int) -> Property:
    """Each step is one of transaction commit, or none of its business."""

    def is_step(name: str) -> Term:
        old, new = before.managers[name], after.managers[name]
        return any_of(
            old == new,
            (old == "working") & (new == "prepared"),
            (old == "prepared") & (new == "committed") & can_commit(before.managers),
            old.one_of("working", "prepared")
            & (new == "aborted")
            & none_committed(before.managers),
        )

    return always_step(
        "each step is one of transaction commit",
        all_of(*(is_step(name) for name in names(number))),
        why="The protocol implements what transaction commit specifies.",
        cites="TPSpec implies TCSpec",
    )
