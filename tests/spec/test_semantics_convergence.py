"""When the generated reducer lets a host converge: three conditions, in order, at their edges."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nixfleet_state_machine import (
    HostState,
    InvariantViolation,
    ProbeMode,
    ProbeStatus,
    step,
)
from support.rollout import (
    HALT,
    NOW,
    OPENED,
    OTHER,
    PRIOR,
    SOAK_DUE,
    SOAKING,
    TARGET,
    after,
    changed,
    event,
    moved,
    probe,
    reported,
)

PASS, FAIL = ProbeStatus.PASS, ProbeStatus.FAIL
ENFORCE, OBSERVE, DISABLED = ProbeMode.ENFORCE, ProbeMode.OBSERVE, ProbeMode.DISABLED


@pytest.mark.parametrize("name", ["LocalConvergedReached", "RemoteConverged"])
def test_a_host_converges(name: str) -> None:
    """It runs its target, the soak is over, and no enforce probe fails."""
    before = changed(SOAKING, current_closure=None, probes={"http": probe(PASS, ENFORCE)})
    happened = event(name)

    assert step(before, happened, NOW, HALT) == (
        changed(
            before,
            state=HostState.CONVERGED,
            converged_at=SOAK_DUE,
            current_closure=TARGET,
            last_event_seq=9,
        ),
        (reported(happened), moved(HostState.SOAKING, HostState.CONVERGED, SOAK_DUE)),
    )


TARGET_CHECK, SOAK_CHECK, PROBE_CHECK = "closure-is-target", "soak-is-over", "enforce-probes-pass"
MOMENT = timedelta(microseconds=1)
FAILING = {"http": probe(FAIL, ENFORCE)}


@pytest.mark.parametrize(
    ("record", "fields", "guard"),
    [
        ({}, {"current_closure": OTHER}, TARGET_CHECK),
        ({}, {"converged_at": SOAK_DUE - MOMENT}, SOAK_CHECK),
        ({"probes": FAILING}, {}, PROBE_CHECK),
        # Of several that fail, the first in the order closure, soak, probes is the reason.
        (
            {"probes": FAILING},
            {"current_closure": OTHER, "converged_at": SOAK_DUE - MOMENT},
            TARGET_CHECK,
        ),
        ({"probes": FAILING}, {"converged_at": SOAK_DUE - MOMENT}, SOAK_CHECK),
        # What the record says it runs is beside the point: the event says what runs now.
        ({"current_closure": TARGET}, {"current_closure": PRIOR}, TARGET_CHECK),
        ({"probes": {"a": probe(PASS, ENFORCE), "z": probe(FAIL, ENFORCE)}}, {}, PROBE_CHECK),
    ],
)
@pytest.mark.parametrize("name", ["LocalConvergedReached", "RemoteConverged"])
def test_convergence_is_refused_unless_all_three_conditions_hold(
    name: str, record: dict[str, Any], fields: dict[str, Any], guard: str
) -> None:
    """Whoever keeps the record checks again what the agent has declared."""
    with pytest.raises(InvariantViolation) as caught:
        step(changed(SOAKING, **record), event(name, **fields), NOW, HALT)

    reasons = {
        TARGET_CHECK: "the host must run its target closure",
        SOAK_CHECK: "the soak must be over",
        PROBE_CHECK: "every enforce probe that has reported must pass",
    }
    assert (caught.value.guard, caught.value.reason) == (guard, reasons[guard])


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({}, {"converged_at": SOAK_DUE}),
        ({}, {"converged_at": SOAK_DUE + MOMENT}),
        ({"soak_due_at": None}, {"converged_at": OPENED}),
        ({"probes": {}}, {}),
        ({"probes": {"a": probe(FAIL, OBSERVE), "b": probe(FAIL, DISABLED)}}, {}),
        ({"probes": {"a": probe(PASS, ENFORCE), "b": probe(FAIL, OBSERVE)}}, {}),
        ({"current_closure": OTHER}, {}),
    ],
    ids=[
        "the very moment",
        "a moment later",
        "no soak",
        "no probes",
        "observe and disabled never gate",
        "an enforce probe that passes",
        "the record has heard of another closure",
    ],
)
def test_convergence_is_accepted_at_the_edges(
    record: dict[str, Any], fields: dict[str, Any]
) -> None:
    """Equal instants pass, an empty deadline passes, and only enforce probes gate."""
    reached = after(changed(SOAKING, **record), event("LocalConvergedReached", **fields))

    assert reached.state is HostState.CONVERGED


def test_a_refused_declaration_of_convergence_consumes_no_number() -> None:
    """The same number is accepted once the conditions hold."""
    failing = changed(SOAKING, probes=FAILING)
    with pytest.raises(InvariantViolation):
        step(failing, event("LocalConvergedReached", 4), NOW, HALT)

    recovered = changed(failing, probes={"http": probe(PASS, ENFORCE)})
    assert after(recovered, event("LocalConvergedReached", 4)).last_event_seq == 4
