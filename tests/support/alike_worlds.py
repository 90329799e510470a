"""Worlds with members that are alike, with actions and promises of their own.

Two lamps, of which perhaps only one is ever lit; two hosts of a rollout, each an instance of the
host-rollout machine; an agent with two probes of one mode.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from nixfleet_state_machine.effects import LOCAL_FIRE_ROLLBACK_TO, RECORD_TRANSITION
from nixfleet_state_machine.machine import machine
from nixfleet_state_machine.record import Hostname, ProbeStatus
from nixfleet_state_machine.states import ACTIVATING, CONVERGED, FAILED, PENDING, REVERTED, SOAKING
from nixfleet_state_machine.worlds.agent import two_enforced
from nixfleet_state_machine.worlds.agent.environment import DISPATCHED, symbols
from nixfleet_state_machine.worlds.agent.terms import PRIOR, TARGET, agent
from steptable.expr import Const
from steptable.properties import (
    Property,
    action,
    after,
    always,
    always_event,
    always_step,
    before,
    never,
    sometimes,
    step,
)
from steptable.sorts import TRUTH, Integer
from steptable.terms import Operand, Term, all_of, instant, root
from steptable.world import Action, Alike, Bounds, Instance, Start, Variable, World, deliver, effect

WHY: Final = {"why": "It is said here.", "cites": "this test"}

# ── Lamps ────────────────────────────────────────────────────────────────────────────

LAMPS = ("left", "right")


def lamps(*, in_turn: bool) -> World:
    """Two lamps, each of which is lit and burns out; perhaps only one of them ever."""
    is_dark = {lamp: root(f"{lamp}_lit") == 0 for lamp in LAMPS}
    return World(
        name="lamps",
        doc="Two lamps.",
        instances=(),
        variables=tuple(Variable.declare(f"{lamp}_lit", Integer(0, 2), 0) for lamp in LAMPS),
        starts=(Start.declare("both dark", {}),),
        actions=tuple(
            item
            for lamp, other in (LAMPS, LAMPS[::-1])
            for item in (
                Action.declare(
                    f"the {lamp} one is lit",
                    guard=is_dark[lamp] & is_dark[other] if in_turn else is_dark[lamp],
                    sets={f"{lamp}_lit": 1},
                ),
                Action.declare(
                    f"the {lamp} one burns out",
                    guard=root(f"{lamp}_lit") == 1,
                    sets={f"{lamp}_lit": 2},
                ),
            )
        ),
        properties=(
            *(item for pair in (LAMPS, LAMPS[::-1]) for item in _of_lamps(*pair)),
            # Its premise is about one of them, though all of it is about both.
            always(
                "never both",
                (root("left_lit") == 1).implies(root("right_lit") != 1),
                **WHY,
            ),
        ),
        interchangeable=(Alike(LAMPS),),
        terminal=True,
    )


def _of_lamps(lamp: str, other: str) -> Iterator[Property]:
    here, there = root(f"{lamp}_lit"), root(f"{other}_lit")
    old, new = (getattr(end, f"{lamp}_lit") for end in (before, after))
    yield never(f"{lamp}: burnt", here == 2, **WHY)
    yield sometimes(f"{lamp}: lit", here == 1, **WHY)
    yield always(f"{lamp}: alone", (here == 1).implies(there == 0), **WHY)
    yield always_step(f"{lamp}: stays lit", (old == 1).implies(new == 1), **WHY)
    yield always_step(
        f"{lamp}: burns", (action == f"the {lamp} one burns out").implies(old == 1), **WHY
    )


# ── Hosts ────────────────────────────────────────────────────────────────────────────

HOSTS = ("h0", "h1")
GOING_BACK = "rollback-and-halt"


def two_hosts(*, in_memory: bool) -> World:
    """Two hosts of one rollout; one at a time activates, and the world may know who moved last."""
    record = {name: value for name, value in DISPATCHED.items() if name != "hostname"}
    variables = [Variable.declare(f"{host}_rolls_back", TRUTH, False) for host in HOSTS]
    if in_memory:
        variables.append(Variable.declare("moved", Hostname, [*HOSTS]))
    return World(
        name="two-hosts",
        doc="Two hosts, one of which activates at a time.",
        instances=tuple(
            Instance.declare(
                host,
                machine,
                on={
                    LOCAL_FIRE_ROLLBACK_TO: {f"{host}_rolls_back": True},
                    **({RECORD_TRANSITION: {"moved": effect.host}} if in_memory else {}),
                },
                forgets={"last_event_seq": 0},
            )
            for host in HOSTS
        ),
        variables=tuple(variables),
        starts=(
            Start.declare("dispatched", {host: {**record, "hostname": host} for host in HOSTS}),
        ),
        actions=tuple(a for pair in (HOSTS, HOSTS[::-1]) for a in _host_actions(*pair)),
        properties=tuple(
            p for pair in (HOSTS, HOSTS[::-1]) for p in _host_promises(*pair, in_memory=in_memory)
        ),
        bounds=Bounds.declare(symbols={**symbols(), Hostname: HOSTS}, instants=(0, 1, 2, 3)),
        terminal=all_of(*(root(host).state.one_of(CONVERGED, REVERTED) for host in HOSTS)),
        interchangeable=(Alike(HOSTS),),
    )


def _host_actions(host: str, other: str) -> Iterator[Action]:
    here, there = root(host), root(other)

    def happens(what: str, guard: Term, event: str, **fields: Operand) -> Action:
        number = here.last_event_seq + 1
        policy = {"on_health_failure": GOING_BACK}
        given = deliver(host, event, policy, seq=number, **fields)
        return Action.declare(f"{host} {what}", guard=guard, events=[given])

    yield happens(
        "is dispatched",
        (here.state == PENDING) & (there.state != ACTIVATING),
        "LocalActivate",
        current_closure_at_dispatch=PRIOR,
        received_at=instant(0),
        target_closure=TARGET,
        soak_due_at=instant(0),
    )
    activates = here.state == ACTIVATING
    yield happens(
        "activates",
        activates,
        "LocalActivationCompleted",
        observed_current_closure=TARGET,
        completed_at=instant(1),
    )
    yield happens("fails", activates, "LocalActivationFailed", failed_at=instant(1))
    yield happens(
        "converges",
        here.state == SOAKING,
        "LocalConvergedReached",
        converged_at=instant(2),
        current_closure=TARGET,
    )
    yield happens(
        "goes back",
        root(f"{host}_rolls_back"),
        "LocalRollbackCompleted",
        reverted_to_closure=PRIOR,
        completed_at=instant(3),
    )


def _host_promises(host: str, other: str, *, in_memory: bool) -> Iterator[Property]:
    here, there = root(host), root(other)
    old, new = getattr(before, host), getattr(after, host)
    yield never(
        f"{host} fails after {other}", (here.state == FAILED) & (there.state == FAILED), **WHY
    )
    yield never(
        f"{host} converges beside a failure",
        (here.state == CONVERGED) & (there.state == FAILED),
        **WHY,
    )
    yield always_step(
        f"{host} never fails", (old.state == ACTIVATING).implies(new.state != FAILED), **WHY
    )
    yield always_event(
        f"nothing is refused by {host}", step.accepted, instance=host, why="", cites="this test"
    )
    yield sometimes(f"{host} goes back", here.state == REVERTED, **WHY)
    if in_memory:
        yield sometimes(
            f"{host} has the last word",
            (root("moved") == host) & (here.state == REVERTED) & (there.state == CONVERGED),
            **WHY,
        )
        yield always(
            f"{host} moved last",
            (there.state == PENDING).implies((root("moved") == host) | (here.state == PENDING)),
            **WHY,
        )


# ── Probes ───────────────────────────────────────────────────────────────────────────

PROBES = ("web", "log")
NEVER = Const(False, TRUTH)
LEFT_OUT = (
    "the agent restarts",
    "the host reboots",
    "a snapshot arrives",
    "a heartbeat completes the activation",
    "the activation is deferred",
)


def probing() -> World:
    """An agent that never restarts, with two probes that are alike and promises of each."""
    return replace(
        two_enforced,
        actions=tuple(
            replace(item, guard=NEVER) if item.name in LEFT_OUT else item
            for item in two_enforced.actions
        ),
        starts=(
            Start.declare(
                "dispatched", {"agent": DISPATCHED}, {"runs": PRIOR, "policy": GOING_BACK, "now": 2}
            ),
        ),
        properties=(
            *(item for item in two_enforced.properties if item.scope != "run"),
            *(item for probe in PROBES for item in _of_probe(probe)),
        ),
        interchangeable=(Alike(PROBES),),
    )


def _of_probe(probe: str) -> Iterator[Property]:
    status = agent.probes[probe].status
    fails = status.is_known & (status.value == ProbeStatus.FAIL)
    told = getattr(before, f"{probe}_told")
    runs = action == f"probe {probe} runs"
    yield never(f"{probe} fails", fails, **WHY)
    yield sometimes(f"{probe} fails a host", fails & (agent.state == FAILED), **WHY)
    yield always(f"{probe} fails no converged host", fails.implies(agent.state != CONVERGED), **WHY)
    yield always_step(f"{probe} runs once", runs.implies(~told.is_known), **WHY)
