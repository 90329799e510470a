"""What the design promises of one record, whatever happens to it (RFC-0005 §3 to §6, RFC-0006 §2).

These hold of the reducer alone, under any event of either half with any payload. What
the design promises of agent, wire and control plane together needs their world.
"""

from __future__ import annotations

from nixfleet_state_machine.effects import (
    EFFECTS,
    LOCAL_EMIT_EVENT,
    LOCAL_FIRE_ROLLBACK_TO,
    LOCAL_FIRE_SWITCH,
    RECORD_TRANSITION,
    REMOTE_APPEND_EVENT_LOG,
)
from nixfleet_state_machine.events import (
    AGENT,
    CONVERGED_REACHED,
    CP,
    ROLLBACK_COMPLETED,
    event,
)
from nixfleet_state_machine.policy import OnHealthFailure
from nixfleet_state_machine.record import ProbeMode, ProbeStatus
from nixfleet_state_machine.states import (
    CONVERGED,
    ENDS,
    FAILED,
    PENDING,
    REVERTED,
    SOAKING,
    STATES,
)
from steptable.properties import (
    after,
    always,
    always_event,
    before,
    emits,
    rerun,
    sometimes,
    step,
)
from steptable.terms import Term, all_of, root

host = root("host")
"""The record of the host, in properties over states."""

AGENT_EFFECTS = tuple(effect for effect in EFFECTS if effect.side == AGENT)
CP_EFFECTS = tuple(effect for effect in EFFECTS if effect.side == CP)


def enforce_probes_pass(record: Term) -> Term:
    """No enforce probe that has reported fails."""
    return record.probes.every(
        lambda probe: (probe.mode == ProbeMode.ENFORCE).implies(probe.status == ProbeStatus.PASS)
    )


def soak_is_over(record: Term, at: Term) -> Term:
    """The soak deadline, if there is one, has come."""
    return record.soak_due_at.is_known.implies(at >= record.soak_due_at.value)


mirrored = rerun(half="other")
repeated = rerun(record=after)
without_other_probes = rerun(
    record=before.with_fields(
        probes=before.probes.where(lambda probe: probe.mode == ProbeMode.ENFORCE)
    )
)

PROPERTIES = (
    always_event(
        "a refused event changes nothing",
        (~step.accepted).implies((after == before) & (emits(step, RECORD_TRANSITION) == 0)),
        why="A refusal must be safe to meet at any time: no field changes, and the number is "
        "still free for the event that belongs there.",
        cites="RFC-0006 §2",
    ),
    always_event(
        "a refused event has no effects",
        (~step.accepted).implies(all_of(*(emits(step, effect) == 0 for effect in EFFECTS))),
        why="A runtime that carries out effects must do nothing for a refused event.",
        cites="RFC-0006 §2",
    ),
    always_event(
        "an accepted event raises last_event_seq",
        step.accepted.implies(after.last_event_seq > before.last_event_seq),
        why="Numbers order the events of a host and tell repeated ones apart.",
        cites="RFC-0005 §4, §4.3",
    ),
    always_event(
        "ends absorb",
        before.state.one_of(*ENDS).implies(~step.accepted),
        why="A host that is done with a rollout stays done.",
        cites="RFC-0005 §3",
    ),
    always_event(
        "both halves of a fact lead to the same record",
        (mirrored.accepted.iff(step.accepted)) & (mirrored.record == after),
        why="Agent and mirror can't disagree for one and the same sequence of events: as each of "
        "them leads both to the same record, so does the whole, and so does its log, replayed.",
        cites="RFC-0006 §2, §2.6, §7",
    ),
    always_event(
        "an event that is repeated is refused, and changes nothing",
        step.accepted.implies(~repeated.accepted & (repeated.record == after)),
        why="Reports are sent at least once, and a log may be replayed over a record that has "
        "taken a part of it: either way the transitions are the same.",
        cites="RFC-0006 §2.6, RFC-0005 §4",
    ),
    always_event(
        "agent events emit agent effects only",
        (step.side == AGENT).implies(all_of(*(emits(step, effect) == 0 for effect in CP_EFFECTS))),
        why="An agent has no database of the control plane to write to.",
        cites="RFC-0006 §2",
    ),
    always_event(
        "control plane events emit control plane effects only",
        (step.side == CP).implies(all_of(*(emits(step, effect) == 0 for effect in AGENT_EFFECTS))),
        why="The control plane never acts on a host; it never switches or rolls back.",
        cites="RFC-0005 §4.1, RFC-0006 §2",
    ),
    always_event(
        "every accepted event is reported once",
        step.accepted.iff(
            (emits(step, LOCAL_EMIT_EVENT) == 1) | (emits(step, REMOTE_APPEND_EVENT_LOG) == 1)
        )
        & (emits(step, LOCAL_EMIT_EVENT) <= 1)
        & (emits(step, REMOTE_APPEND_EVENT_LOG) <= 1),
        why="What is not reported can't be mirrored, and what is not logged can't be replayed.",
        cites="RFC-0005 §4.2, RFC-0006 §2",
    ),
    always_event(
        "a transition is recorded exactly when the state changes",
        (emits(step, RECORD_TRANSITION) == 1).iff(before.state != after.state)
        & (emits(step, RECORD_TRANSITION) <= 1),
        why="The transition log alone tells where a host has been.",
        cites="RFC-0005 §4.3, RFC-0006 §2.6",
    ),
    always_event(
        "a host begins to soak without probe results",
        ((before.state != SOAKING) & (after.state == SOAKING)).implies(
            # No record of a probe satisfies this.
            after.probes.every(
                lambda probe: (
                    (probe.status == ProbeStatus.PASS) & (probe.status == ProbeStatus.FAIL)
                )
            )
        ),
        why="No result of the prior closure may count for the new one.",
        cites="RFC-0005 §6",
    ),
    always_event(
        "a host begins to soak with no failure in its sweep window",
        ((before.state != SOAKING) & (after.state == SOAKING)).implies(
            ~after.probe_failure_first_at.is_known
        ),
        why="A failure from before the activation must not count for the new closure.",
        cites="RFC-0005 §4.2, §6",
    ).known_to_fail(
        length=1,
        explanation="The row of a completed activation empties the map of probes, but leaves "
        "probe_failure_first_at as it is, and probe_observed_first_at, too. In a record that has "
        "soaked before (a late snapshot puts it back to Activating, and what a snapshot does not "
        "carry stays in memory) the sweep window then runs from a failure before the activation.",
        repair="Let the row activation-completed empty both, as it empties the map.",
        through=("LocalActivationCompleted",),
    ),
    always_event(
        "only a completed rollback leaves Failed",
        ((before.state == FAILED) & step.accepted).implies(step.fact == ROLLBACK_COMPLETED.name),
        why="Failed is the end until the host has gone back, which under halt an operator decides.",
        cites="RFC-0005 §3, §4.1",
    ),
    always(
        "converged hosts run their target, soaked, with passing probes",
        (host.state == CONVERGED).implies(
            host.current_closure.is_known
            & (host.current_closure == host.target_closure)
            & host.converged_at.is_known
            & soak_is_over(host, host.converged_at.value)
            & enforce_probes_pass(host)
        ),
        why="Converged is what successors of a host wait for; it must mean what it says.",
        cites="RFC-0005 §3",
    ),
    always(
        "a reverted host is off its target",
        (host.state == REVERTED).implies(
            host.reverted_to.is_known
            & host.current_closure.is_known
            & (host.current_closure == host.reverted_to)
            & (host.current_closure != host.target_closure)
        ),
        why="Reverted implies that the current closure is not the target, and is reverted_to.",
        cites="RFC-0005 §3",
    ).known_to_fail(
        length=2,
        explanation="The row of a completed rollback has no guard: whatever closure the event "
        "names is recorded, the target included.",
        repair="Guard the row: the closure that the host went back to must not be the target.",
        through=("LocalActivationFailed", "LocalRollbackCompleted"),
    ),
    always_event(
        "observe and disabled probes never change an outcome",
        without_other_probes.accepted.iff(step.accepted)
        & (without_other_probes.record.state == after.state),
        why="Only enforce probes gate: a record without the others goes the same way.",
        cites="RFC-0007 §3.3",
    ),
    always_event(
        "convergence is refused only for one of its three conditions",
        (
            (before.state == SOAKING)
            & (event.seq > before.last_event_seq)
            & (event.current_closure == before.target_closure)
            & soak_is_over(before, event.converged_at)
            & enforce_probes_pass(before)
        ).implies(step.accepted),
        fact=CONVERGED_REACHED,
        why="A host that meets the three conditions must not be kept waiting.",
        cites="RFC-0005 §3",
    ),
    always_event(
        "the switch is fired only on leaving Pending",
        (emits(step, LOCAL_FIRE_SWITCH) > 0).implies(
            (before.state == PENDING)
            & (after.state != PENDING)
            & (emits(step, LOCAL_FIRE_SWITCH) == 1)
            & (step.side == AGENT)
        ),
        why="A host is switched once per rollout.",
        cites="RFC-0005 §4.2",
    ),
    always_event(
        "a rollback is fired only on failing, by the agent, under the policy, to a known closure",
        (emits(step, LOCAL_FIRE_ROLLBACK_TO) > 0).implies(
            (before.state != FAILED)
            & (after.state == FAILED)
            & (emits(step, LOCAL_FIRE_ROLLBACK_TO) == 1)
            & (step.side == AGENT)
            & (after.policy_applied == OnHealthFailure.ROLLBACK_AND_HALT)
            & before.current_closure_at_dispatch.is_known
        ),
        why="The signed policy alone decides a rollback, and only the agent performs it.",
        cites="RFC-0005 §4.1",
    ),
    always_event(
        "a rollback is fired on every agent failure that calls for one",
        (
            (before.state != FAILED)
            & (after.state == FAILED)
            & (step.side == AGENT)
            & (after.policy_applied == OnHealthFailure.ROLLBACK_AND_HALT)
            & before.current_closure_at_dispatch.is_known
        ).implies(emits(step, LOCAL_FIRE_ROLLBACK_TO) == 1),
        why="A host under rollback-and-halt must not be left on a closure that failed.",
        cites="RFC-0005 §4.1",
    ),
    *(
        sometimes(
            f"{state.name} is reached",
            host.state == state,
            why="A state that nothing reaches is no part of the design.",
            cites="RFC-0005 §3",
        )
        for state in STATES
    ),
    *(
        sometimes(
            name,
            (host.state == FAILED) & holds,
            why="Failed says nothing of what the host runs, nor of its probes.",
            cites="RFC-0005 §3",
        )
        for name, holds in (
            ("a failed host may be on its target", host.current_closure == host.target_closure),
            ("a failed host may be off its target", host.current_closure != host.target_closure),
            ("a failed host's probes may pass", enforce_probes_pass(host)),
            ("a failed host's probes may fail", ~enforce_probes_pass(host)),
        )
    ),
)
