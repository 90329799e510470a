"""The benchmark model *mirror(1, P, K)*, written by hand over tuples, with a plain search.

What somebody writes who wants an answer and has no model checker: no layout, no generated code,
one function of successors and a breadth-first search. It must find what the explorer finds.

A state is the agent's (state, closure, soak, probes), the copy's (state, closure, probes), the
policy and the queue of messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

Probes: TypeAlias = tuple[str, ...]
Message: TypeAlias = tuple[str, int, str]
State: TypeAlias = tuple[str, str, bool, Probes, str, str, Probes, str, tuple[Message, ...]]


def initial(probes: int) -> list[State]:
    """One state for each policy."""
    unknown = ("unknown",) * probes
    return [
        ("Pending", "none", False, unknown, "Pending", "none", unknown, policy, ())
        for policy in ("halt", "rollback")
    ]


def successors(state: State, capacity: int) -> Iterator[State]:
    """Every state that one step leads to."""
    a, closure, soak, probes, c, copied, seen, policy, queue = state
    rest = (c, copied, seen, policy)
    if len(queue) < capacity:
        if a == "Pending":
            yield "Activating", closure, soak, probes, *rest, (*queue, ("Ack", 0, ""))
        elif a == "Activating":
            unknown = ("unknown",) * len(probes)
            yield "Soaking", "target", soak, unknown, *rest, (*queue, ("Completed", 0, ""))
            yield "Failed", closure, soak, probes, *rest, (*queue, ("ActFailed", 0, ""))
        elif a == "Soaking":
            for i in range(len(probes)):
                for value in ("pass", "fail"):
                    told = (*probes[:i], value, *probes[i + 1 :])
                    yield a, closure, soak, told, *rest, (*queue, ("Probe", i, value))
            if "fail" in probes:
                yield "Failed", closure, soak, probes, *rest, (*queue, ("Failed", 0, ""))
            elif soak:
                yield "Converged", closure, soak, probes, *rest, (*queue, ("Converged", 0, ""))
        elif a == "Failed" and policy == "rollback":
            yield "Reverted", "prior", soak, probes, *rest, (*queue, ("RolledBack", 0, ""))
    if a == "Soaking" and not soak:
        yield a, closure, True, probes, *rest, queue
    if queue:
        c, copied, seen = _delivered(queue[0], c, copied, seen, policy)
        yield a, closure, soak, probes, c, copied, seen, policy, queue[1:]


def _delivered(
    message: Message, c: str, copied: str, seen: Probes, policy: str
) -> tuple[str, str, Probes]:
    """The copy after a message, which it ignores where that is not legal."""
    match c, message:
        case "Pending", ("Ack", _, _):
            return "Activating", copied, seen
        case "Activating", ("Completed", _, _):
            return "Soaking", "target", ("unknown",) * len(seen)
        case "Activating", ("ActFailed", _, _):
            return "Failed", copied, seen
        case "Soaking", ("Probe", i, value):
            return c, copied, (*seen[:i], value, *seen[i + 1 :])
        case "Soaking", ("Converged", _, _) if "fail" not in seen:
            return "Converged", copied, seen
        case "Soaking", ("Failed", _, _) if "fail" in seen:
            return "Failed", copied, seen
        case "Failed", ("RolledBack", _, _) if policy == "rollback":
            return "Reverted", "prior", seen
    return c, copied, seen


def keeps(state: State) -> bool:
    """The model's invariant."""
    a, closure, _, _, c, copied, *_ = state
    if c == "Converged" and not (a == "Converged" and copied == "target"):
        return False
    return a != "Converged" or closure == "target"


def search(probes: int, capacity: int) -> tuple[int, int]:
    """The distinct states and the transitions. Raises `ValueError` where the invariant fails."""
    found = set(initial(probes))
    frontier, transitions = list(found), 0
    while frontier:
        fresh = []
        for state in frontier:
            for after in successors(state, capacity):
                transitions += 1
                if after not in found:
                    if not keeps(after):
                        raise ValueError(after)
                    found.add(after)
                    fresh.append(after)
        frontier = fresh
    return len(found), transitions
