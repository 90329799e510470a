"""How the generated reducer refuses, and that it does nothing else but what it returns."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

import nixfleet_state_machine as nsm
from nixfleet_state_machine import (
    HostState,
    IllegalForState,
    InvariantViolation,
    ProbeMode,
    ProbeStatus,
    SeqRegression,
    TransitionError,
    bootstrap,
    new_pending,
    rehydration_effects,
    step,
)
from support.rollout import (
    BY_EVENT,
    FACTS,
    HALT,
    HOST,
    NOW,
    OPENED,
    PENDING,
    RECORDS,
    ROLLOUT,
    SOAKING,
    TARGET,
    changed,
    event,
    minutes,
    moved,
    probe,
)

# ── Errors ───────────────────────────────────────────────────────────────────────────


def refusal(attempt: Callable[[], object]) -> TransitionError:
    with pytest.raises(TransitionError) as caught:
        attempt()
    return caught.value


WRONG = event("LocalActivate")
ERRORS: list[tuple[Callable[[], object], TransitionError, str]] = [
    (
        lambda: step(SOAKING, event("LocalProbeResult", 2), NOW, HALT),
        SeqRegression(got=2, last=3, rollout_id=ROLLOUT, hostname=HOST),
        "seq 2 is not above the last accepted seq 3 (rollout_id stable@4f2a, hostname web-1)",
    ),
    (
        lambda: step(SOAKING, WRONG, NOW, HALT),
        IllegalForState(state=HostState.SOAKING, event=WRONG, rollout_id=ROLLOUT, hostname=HOST),
        "a record that is Soaking does not accept LocalActivate "
        "(rollout_id stable@4f2a, hostname web-1)",
    ),
    (
        lambda: step(SOAKING, event("RemoteConverged", current_closure="x"), NOW, HALT),
        InvariantViolation(
            reason="the host must run its target closure",
            guard="closure-is-target",
            state=HostState.SOAKING,
            rollout_id=ROLLOUT,
            hostname=HOST,
        ),
        "refused: the host must run its target closure (rollout_id stable@4f2a, hostname web-1)",
    ),
]


@pytest.mark.parametrize(("attempt", "expected", "sentence"), ERRORS)
def test_a_refusal_carries_its_parts_and_reads_as_one_sentence(
    attempt: Callable[[], object], expected: TransitionError, sentence: str
) -> None:
    """Programs use the parts, people read the sentence."""
    error = refusal(attempt)

    assert type(error) is type(expected)
    assert vars(error) == vars(expected)
    assert str(error) == sentence
    assert "\n" not in sentence


@pytest.mark.parametrize(("attempt", "expected", "sentence"), ERRORS)
def test_a_refusal_survives_pickling_and_copying(
    attempt: Callable[[], object], expected: TransitionError, sentence: str
) -> None:
    """A worker process can hand it to its parent."""
    error = refusal(attempt)

    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is type(expected)
        assert vars(other) == vars(expected)
        assert str(other) == sentence


def test_every_refusal_can_be_caught_as_one() -> None:
    """A runtime that drops refused events names one class, and catches nothing else by it."""
    kinds = {IllegalForState, SeqRegression, InvariantViolation}

    assert set(TransitionError.__subclasses__()) == kinds
    assert TransitionError.__mro__[1] is Exception


# ── Purity ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", list(BY_EVENT))
def test_a_step_is_pure(name: str) -> None:
    """The same input gives the same output, and the input is as it was."""
    record = changed(
        RECORDS[BY_EVENT[name].state], probes={"http": probe(ProbeStatus.PASS, ProbeMode.ENFORCE)}
    )
    happened = event(name)
    kept = copy.deepcopy((record, happened, HALT))

    first, second = (step(record, happened, NOW, HALT) for _ in range(2))

    assert first == second
    assert (record, happened, HALT) == kept
    assert isinstance(first, tuple)
    assert isinstance(first[1], tuple)


def test_a_record_shares_no_map_that_a_later_step_changes() -> None:
    """Every record of a walk stays what it was."""
    walk = [SOAKING]
    for seq, name in enumerate(("a", "b", "a"), 4):
        happened = event("LocalProbeResult", seq, probe_name=name, observed_at=minutes(seq))
        walk.append(step(walk[-1], happened, NOW, HALT)[0])

    assert [sorted(record.probes) for record in walk] == [[], ["a"], ["a", "b"], ["a", "b"]]
    assert walk[1].probes["a"] != walk[3].probes["a"]


def test_defaults_are_not_shared() -> None:
    """Two records that were made with no probes have each a map of its own."""
    first, second = (new_pending(ROLLOUT, HOST, "stable", TARGET, OPENED, None) for _ in range(2))

    assert first == second
    assert first.probes is not second.probes


# ── Wrong arguments ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("happened", "found"),
    [
        ("LocalActivate", "str"),
        (None, "NoneType"),
        (nsm.LocalActivate, "StructMeta"),
        (FACTS[0].payload(), "DispatchAck"),
        (moved(HostState.PENDING, HostState.ACTIVATING, OPENED), "RecordTransition"),
    ],
)
def test_what_is_no_event_is_refused_as_a_wrong_type(happened: Any, found: str) -> None:
    """It is a mistake of the program, and no refusal that a runtime would drop in silence."""
    with pytest.raises(TypeError, match=f"^step takes an event, not {found}$"):
        step(PENDING, happened, NOW, HALT)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: step("Pending", event("LocalActivate"), NOW, HALT),  # type: ignore[arg-type]
        lambda: step(None, event("LocalActivate"), NOW, HALT),  # type: ignore[arg-type]
        lambda: step(
            RECORDS[HostState.ACTIVATING],
            event("LocalActivationFailed"),
            NOW,
            None,  # type: ignore[arg-type]
        ),
        lambda: bootstrap(ROLLOUT, HOST, event("RemoteDispatchAck"), NOW, HALT),
        lambda: rehydration_effects("Pending"),  # type: ignore[arg-type]
    ],
)
def test_any_other_argument_of_a_wrong_type_is_refused_as_one(attempt: Callable[[], Any]) -> None:
    """Python's own words for it name a missing attribute, not the argument."""
    with pytest.raises(TypeError):
        attempt()


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: step(PENDING, WRONG, NOW),  # type: ignore[call-arg]
        lambda: nsm.LocalActivate(seq=1),  # type: ignore[call-arg]
        lambda: nsm.RemoteConverged(1, 2, 3, 4),  # type: ignore[call-arg, arg-type]
        lambda: new_pending(ROLLOUT, HOST),  # type: ignore[call-arg]
    ],
)
def test_arguments_that_are_left_out_or_too_many_are_refused(attempt: Callable[[], Any]) -> None:
    """As Python does everywhere."""
    with pytest.raises(TypeError):
        attempt()
