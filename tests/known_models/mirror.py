"""The benchmark model *mirror(N, P, K)*: N hosts, each an agent and a copy of it behind a queue.

A yardstick for explorers, not the NixFleet machine: agent and copy are joined by a first-in
first-out queue of K messages, and the copy makes each transition that it is told of, under the
same conditions on its own data. In the lossy variant a message may be dropped.

Distinct states, on which SPIN, TLC, Stateright and a plain breadth-first search agree:

    N, P, K          states
    1, 2, 3           3,942
    2, 1, 2          24,649
    1, 3, 3 lossy   106,970
    1, 3, 4         196,988
    2, 2, 2       1,006,009
    1, 3, 5       1,182,986
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from steptable.properties import Property, always
from steptable.sorts import TRUTH, Enum, Queue, words
from steptable.terms import Operand, Term, all_of, any_of, root
from steptable.world import Action, Start, Variable, World

STATE = words("State", "Pending", "Activating", "Soaking", "Converged", "Failed", "Reverted")
CLOSURE = words("Closure", "none", "prior", "target")
PROBE = words("Probe", "unknown", "pass", "fail")
POLICY = words("Policy", "halt", "rollback")


class _Host:
    """The variables of one host, as terms."""

    def __init__(self, number: int, probes: int) -> None:
        self.number = number
        self.probes = range(probes)

    def name(self, part: str) -> str:
        return f"h{self.number}_{part}"

    def __getitem__(self, part: str) -> Term:
        return root(self.name(part))

    def some_fails(self, side: str) -> Term:
        return any_of(*(self[f"{side}p{i}"] == "fail" for i in self.probes))

    def sets(self, **values: Operand) -> dict[str, Operand]:
        return {self.name(part): value for part, value in values.items()}


def mirror(hosts: int, probes: int, capacity: int, *, lossy: bool = False) -> World:
    """The world of `mirror(hosts, probes, capacity)`."""
    every = [_Host(number, probes) for number in range(hosts)]
    results = [f"P{i} {value}" for i in range(probes) for value in ("pass", "fail")]
    told = ("Ack", "Completed", "ActFailed", *results, "Converged", "Failed", "RolledBack")
    message = words("Message", *told)
    return World(
        name="mirror-lossy" if lossy else "mirror",
        doc=f"mirror({hosts}, {probes}, {capacity}): hosts, and copies of them behind queues.",
        instances=(),
        variables=tuple(v for host in every for v in _variables(host, message, capacity)),
        starts=(Start.declare("every host pending", {}),),
        actions=tuple(
            action
            for host in every
            for action in (*_agent(host, capacity), *_copy(host), *_drop(host, lossy=lossy))
        ),
        properties=tuple(_promise(host) for host in every),
        terminal=all_of(*(_done(host) for host in every)),
    )


def _done(host: _Host) -> Term:
    """The agent is at an end, and nothing is under way."""
    halted = (host["ast"] == "Failed") & (host["policy"] == "halt")
    return (host["ast"].one_of("Converged", "Reverted") | halted) & (host["queue"].queued == 0)


def _variables(host: _Host, message: Enum, capacity: int) -> Iterator[Variable]:
    yield Variable.declare(host.name("policy"), POLICY, ["halt", "rollback"])
    yield Variable.declare(host.name("soak"), TRUTH, False)
    for side in ("a", "c"):
        yield Variable.declare(host.name(f"{side}st"), STATE, "Pending")
        yield Variable.declare(host.name(f"{side}cur"), CLOSURE, "none")
        for i in host.probes:
            yield Variable.declare(host.name(f"{side}p{i}"), PROBE, "unknown")
    yield Variable.declare(host.name("queue"), Queue(message, capacity), ())


def _agent(host: _Host, capacity: int) -> Iterator[Action]:
    """What the agent does; all but the end of the soak needs room in the queue."""
    queue = host["queue"]

    def act(
        name: str, source: str, says: str, sets: Mapping[str, Operand], guard: Operand = True
    ) -> Action:
        possible = all_of(host["ast"] == source, queue.queued < capacity, guard)
        changes = host.sets(**sets, queue=queue.push(says))
        return Action.declare(host.name(name), guard=possible, sets=changes)

    unknown = {f"ap{i}": "unknown" for i in host.probes}
    completed = {"ast": "Soaking", "acur": "target"} | unknown
    yield act("Activate", "Pending", "Ack", {"ast": "Activating"})
    yield act("ActivationCompleted", "Activating", "Completed", completed)
    yield act("ActivationFailed", "Activating", "ActFailed", {"ast": "Failed"})
    for i in host.probes:
        for value in ("pass", "fail"):
            yield act(f"ProbeResult{i}{value}", "Soaking", f"P{i} {value}", {f"ap{i}": value})
    yield Action.declare(
        host.name("SoakElapse"),
        guard=(host["ast"] == "Soaking") & ~host["soak"],
        sets=host.sets(soak=True),
    )
    fails = host.some_fails("a")
    passed = host["soak"] & ~fails
    reverted = {"ast": "Reverted", "acur": "prior"}
    rolls_back = host["policy"] == "rollback"
    yield act("ConvergedReached", "Soaking", "Converged", {"ast": "Converged"}, passed)
    yield act("SustainedFailure", "Soaking", "Failed", {"ast": "Failed"}, fails)
    yield act("RollbackCompleted", "Failed", "RolledBack", reverted, rolls_back)


def _copy(host: _Host) -> Iterator[Action]:
    """The head of the queue reaches the copy, which ignores what is not legal there."""
    queue, fails = host["queue"], host.some_fails("c")
    unknown = {f"cp{i}": "unknown" for i in host.probes}
    effects: dict[str, tuple[Term, dict[str, Operand]]] = {
        "Ack": (host["cst"] == "Pending", {"cst": "Activating"}),
        "Completed": (
            host["cst"] == "Activating",
            {"cst": "Soaking", "ccur": "target", **unknown},
        ),
        "ActFailed": (host["cst"] == "Activating", {"cst": "Failed"}),
        "Converged": ((host["cst"] == "Soaking") & ~fails, {"cst": "Converged"}),
        "Failed": ((host["cst"] == "Soaking") & fails, {"cst": "Failed"}),
        "RolledBack": (
            (host["cst"] == "Failed") & (host["policy"] == "rollback"),
            {"cst": "Reverted", "ccur": "prior"},
        ),
    }
    for i in host.probes:
        for value in ("pass", "fail"):
            effects[f"P{i} {value}"] = (host["cst"] == "Soaking", {f"cp{i}": value})
    for told, (legal, sets) in effects.items():
        arrives = (queue.queued > 0) & (queue.head == told)
        yield Action.declare(
            host.name(f"Deliver {told}"),
            guard=arrives & legal,
            sets=host.sets(**sets, queue=queue.pop()),
        )
        yield Action.declare(
            host.name(f"Ignore {told}"),
            guard=arrives & ~legal,
            sets=host.sets(queue=queue.pop()),
        )


def _drop(host: _Host, *, lossy: bool) -> Iterator[Action]:
    if lossy:
        queue = host["queue"]
        yield Action.declare(
            host.name("Drop"), guard=queue.queued > 0, sets=host.sets(queue=queue.pop())
        )


def _promise(host: _Host) -> Property:
    return always(
        f"host {host.number}: converged means so",
        (host["cst"] == "Converged").implies(
            (host["ast"] == "Converged") & (host["ccur"] == "target")
        )
        & (host["ast"] == "Converged").implies(host["acur"] == "target"),
        why="The copy must never be ahead of the agent.",
        cites="the model's own invariant",
    )
