"""No value counts as something else: it is taken for what it says, or refused where it stands."""

from __future__ import annotations

import copy
import enum
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

import nixfleet_state_machine as nsm
from nixfleet_state_machine import (
    HostRolloutState,
    HostState,
    InvariantViolation,
    OnHealthFailure,
    ProbeMode,
    ProbeRecord,
    ProbeStatus,
    RolloutId,
    RolloutPolicy,
    bootstrap,
    new_pending,
    step,
    wire,
)
from nixfleet_state_machine.reducer import FrozenMap
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
    probe,
)

# ── What is wrong ────────────────────────────────────────────────────────────────────


class Other(enum.Enum):
    """Members that read like those of the vocabulary."""

    PASS = "pass"
    ENFORCE = "enforce"
    HALT = "halt"
    SOAKING = "Soaking"


class Untimed(tzinfo):
    """A zone that knows no offset, so that its times are none."""

    def utcoffset(self, when: datetime | None) -> None:
        del when

    dst = tzname = utcoffset


class Liar(str):
    """A text that is equal to every other."""

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False


NAIVE = OPENED.replace(tzinfo=None)
POOL: list[Any] = [
    *(None, True, 1, 1.0, -1, 2**64, "pass", "enforce", "halt", "Soaking", b"x", object()),
    *(Other.PASS, Other.ENFORCE, Other.HALT, Other.SOAKING, ProbeStatus.PASS, HostState.SOAKING),
    *(NAIVE, OPENED.replace(tzinfo=Untimed()), "2026-01-01T12:00:00Z", 1767268800, {}, [], (1,)),
    *({"http": 3}, {3: probe(ProbeStatus.PASS, ProbeMode.ENFORCE)}, [3], HALT, float("nan")),
]
CHECKED = [
    *(event(name) for name in BY_EVENT),
    HALT,
    SOAKING,
    nsm.ProbeTopologyEntry(probe_name="http", kind="exec", mode=ProbeMode.ENFORCE),
    nsm.ProbeSubResult(control_id="AC-2", status=ProbeStatus.PASS, framework="nist"),
    nsm.Wave(selector=nsm.WaveSelector(tags=("web",), channel="stable")),
    nsm.HealthGate(systemd_failed_units=nsm.SystemdFailedUnits(max=2)),
    nsm.RemoteQueueDispatch(HOST, ROLLOUT, TARGET, OPENED),
    nsm.EmitMetric(name="n", labels={"a": "b"}, value=1.5),
    nsm.EmitLog(level="info", target="t", message="m", fields={}),
]
WRITTEN = [
    *(fact.payload() for fact in FACTS),
    *(wire.Envelope(HOST, ROLLOUT, fact.payload()) for fact in FACTS[:1]),
    probe(ProbeStatus.PASS, ProbeMode.ENFORCE),
    *step(PENDING, event("LocalActivate"), NOW, HALT)[1],
    *step(RECORDS[HostState.FAILED], event("RemoteRollbackComplete"), NOW, HALT)[1],
    nsm.LocalFireRollbackTo(ROLLOUT, TARGET),
    nsm.LocalResetProbeCache(ROLLOUT),
]


def outcome(attempt: Callable[[], Any]) -> tuple[Any, str]:
    """What an attempt leads to, or why it is refused."""
    try:
        return attempt(), ""
    except TypeError as error:
        return None, str(error)


def named(value: Any) -> str:
    return type(value).__name__


def fields_of(values: list[Any]) -> list[Any]:
    return [
        pytest.param(value, field, id=f"{named(value)}.{field}")
        for value in values
        for field in value.__struct_fields__
    ]


def says_the_same(struct: Any, field: str, given: Any) -> bool:
    """Whether a field holds what was given, or a plain value that reads alike."""
    kept = getattr(struct, field)
    if isinstance(given, list):
        return bool(kept == tuple(given))
    return bool(kept == given) and (isinstance(given, bool) is isinstance(kept, bool))


@pytest.mark.parametrize(("valid", "field"), fields_of(CHECKED))
def test_a_struct_is_made_of_what_it_says(valid: Any, field: str) -> None:
    """By its constructor, by a changed copy, by its pickle: all refuse a value of another type."""
    kind: Any = type(valid)
    others = {name: getattr(valid, name) for name in valid.__struct_fields__}
    for wrong in POOL:
        changes = {field: wrong}
        for make in (
            partial(kind, **{**others, **changes}),
            partial(msgspec.structs.replace, valid, **changes),
        ):
            made, refusal = outcome(make)
            if refusal:
                assert refusal.startswith(f"{named(valid)}.{field}")
                assert " must be " in refusal
            else:
                assert says_the_same(made, field, wrong), wrong
                assert hash(made) == hash(copy.copy(made))


@pytest.mark.parametrize(("valid", "field"), fields_of([*CHECKED, *WRITTEN]))
def test_what_is_written_can_be_read(valid: Any, field: str) -> None:
    """A value that the other side would refuse, or read as another, is refused here."""
    for wrong in POOL:
        odd = copy.copy(valid)
        msgspec.structs.force_setattr(odd, field, wrong)
        data, refusal = outcome(partial(wire.encode, odd))
        if refusal:
            assert " must be " in refusal
        else:
            assert wire.read(data, type(valid)) == odd


@pytest.mark.parametrize(("payload", "field"), fields_of([fact.payload() for fact in FACTS]))
def test_a_payload_of_wrong_values_is_no_event(payload: Any, field: str) -> None:
    """`to_event` stands between the network and the reducer."""
    for wrong in POOL:
        odd = copy.copy(payload)
        msgspec.structs.force_setattr(odd, field, wrong)
        made, refusal = outcome(partial(wire.to_event, odd))
        if refusal:
            assert f".{field}" in refusal
        else:
            assert says_the_same(made, field, wrong), wrong


def test_a_refusal_names_field_value_and_wanted_type() -> None:
    """It is read by whoever has to find the mistake."""
    with pytest.raises(TypeError) as caught:
        RolloutPolicy(on_health_failure="rollback-and-halt")  # type: ignore[arg-type]

    assert str(caught.value) == (
        "RolloutPolicy.on_health_failure must be a OnHealthFailure, not str 'rollback-and-halt'"
    )


# ── What is compared ─────────────────────────────────────────────────────────────────

FAILING = probe(ProbeStatus.FAIL, ProbeMode.ENFORCE)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "fail"},
        {"status": Other.PASS},
        {"mode": "enforce"},
        {"mode": Other.ENFORCE},
        {"status": None},
        {"last_observed_at": NAIVE},
    ],
)
def test_no_host_converges_past_a_probe_of_another_type(changes: dict[str, Any]) -> None:
    """`fail` in quotes is no member, and would not be seen to fail."""
    fields = {name: getattr(FAILING, name) for name in FAILING.__struct_fields__}
    happened = event("LocalConvergedReached")

    with pytest.raises(TypeError, match=r"probes\['http'\]"):
        changed(SOAKING, probes={"http": ProbeRecord(**{**fields, **changes})})
    for record in (copy.copy(SOAKING), changed(SOAKING, probes={"http": FAILING})):
        # Past every check of the record's own.
        forged = FrozenMap({"http": ProbeRecord(**{**fields, **changes})})
        msgspec.structs.force_setattr(record, "probes", forged)
        with pytest.raises((TypeError, InvariantViolation)):
            step(record, happened, NOW, HALT)


def test_what_somebody_else_has_frozen_is_looked_into() -> None:
    """A frozen map can be made of anything, by whoever has one to ask for its type."""
    frozen: Any = type(SOAKING.probes)
    passing = probe(ProbeStatus.PASS, ProbeMode.ENFORCE)
    naive = ProbeRecord(status=ProbeStatus.PASS, last_observed_at=NAIVE)
    for wrong in ({"http": "pass"}, {3: passing}, {"http": None}, {"http": naive}):
        with pytest.raises(TypeError, match=" must be "):
            msgspec.structs.replace(SOAKING, probes=frozen(wrong))
        with pytest.raises(TypeError, match=" must be "):
            nsm.EmitLog(level="info", target="t", message="m", fields=frozen({"a": wrong}))
    made = msgspec.structs.replace(SOAKING, probes=frozen({Liar("http"): passing}))
    assert [type(name) for name in made.probes] == [str]


def test_a_text_that_equals_everything_is_read_as_what_it_says() -> None:
    """A closure is compared with the target by its characters, whatever its type says."""
    happened = event("RemoteConverged", current_closure=Liar("another"))
    record = msgspec.structs.replace(SOAKING, target_closure=Liar("a third"))

    assert type(happened.current_closure) is str
    with pytest.raises(InvariantViolation, match="target closure"):
        step(record, happened, NOW, HALT)


def test_a_prior_closure_that_is_none_is_not_rolled_back_to() -> None:
    """Nor is what is no closure at all."""
    with pytest.raises(TypeError, match="current_closure_at_dispatch must be a str"):
        msgspec.structs.replace(RECORDS[HostState.ACTIVATING], current_closure_at_dispatch=b"prior")


BERLIN = ZoneInfo("Europe/Berlin")


def test_times_of_one_zone_are_compared_as_instants() -> None:
    """In autumn its clocks show an hour twice, and Python compares what they show."""
    due = datetime(2026, 10, 25, 2, 30, fold=0, tzinfo=BERLIN)  # 00:30 UTC
    early = datetime(2026, 10, 25, 2, 40, fold=0, tzinfo=BERLIN)  # 00:40 UTC
    late = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=BERLIN)  # 01:10 UTC
    for at in (early, late):
        record = changed(SOAKING, soak_due_at=due)
        after, _ = step(record, event("RemoteConverged", converged_at=at), NOW, HALT)
        assert after.converged_at == at.astimezone(UTC)
    too_early = datetime(2026, 10, 25, 2, 50, fold=0, tzinfo=BERLIN)  # 00:50 UTC
    record = changed(SOAKING, soak_due_at=late)
    with pytest.raises(InvariantViolation, match="soak"):
        step(record, event("RemoteConverged", converged_at=too_early), NOW, HALT)


@pytest.mark.parametrize(
    "offset",
    [timedelta(seconds=30), timedelta(hours=1, seconds=1), timedelta(microseconds=1)],
)
def test_an_instant_is_written_as_itself_whatever_its_zone(offset: timedelta) -> None:
    """A zone of seconds has no spelling on the wire, and the instant must not move for that."""
    at = datetime(2026, 1, 1, 12, tzinfo=timezone(offset))
    for value in (
        FACTS[-1].payload(),
        event("RemoteConverged"),
        changed(SOAKING, converged_at=at),
    ):
        odd = copy.copy(value)
        msgspec.structs.force_setattr(odd, "converged_at", at)
        assert wire.read(wire.encode(odd), type(value)).converged_at == at
    envelope = wire.Envelope(HOST, ROLLOUT, wire.Converged(at, TARGET, 9))
    assert wire.decode(wire.encode(envelope)).event.converged_at == at  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "at",
    [
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=1))),
    ],
)
def test_an_instant_that_utc_does_not_have_is_refused(at: datetime) -> None:
    """It could not be written down for anybody else."""
    with pytest.raises(TypeError, match="must be a datetime that UTC has too"):
        event("RemoteConverged", converged_at=at)


# ── Arguments ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (
            lambda: step({"state": "Pending"}, event("LocalActivate"), NOW, HALT),  # type: ignore[arg-type]
            "step takes a HostRolloutState as state, not dict",
        ),
        (
            lambda: step(PENDING, event("LocalActivate"), NOW, "halt"),  # type: ignore[arg-type]
            "step takes a RolloutPolicy as policy, not str",
        ),
        (
            lambda: bootstrap(ROLLOUT, HOST, event("RemoteDispatchAck"), NOW, HALT),
            "bootstrap takes a LocalActivate as event, not RemoteDispatchAck",
        ),
        (
            lambda: bootstrap(ROLLOUT, 3, event("LocalActivate"), NOW, HALT),  # type: ignore[arg-type]
            "HostRolloutState.hostname must be a str, not int 3",
        ),
        (
            lambda: new_pending(ROLLOUT, HOST, "stable", TARGET, NAIVE, None),
            "HostRolloutState.dispatched_at must be a datetime with a time zone, "
            "not datetime datetime.datetime(",
        ),
        (
            lambda: new_pending(ROLLOUT, HOST, None, TARGET, OPENED, None),  # type: ignore[arg-type]
            "HostRolloutState.channel must be a str, not None",
        ),
        (
            lambda: nsm.rehydration_effects(HALT),  # type: ignore[arg-type]
            "rehydration_effects takes a HostRolloutState as state, not RolloutPolicy",
        ),
        (
            lambda: nsm.rehydration_effects(msgspec.structs.replace(PENDING, state="Pending")),
            "HostRolloutState.state must be a HostState, not str 'Pending'",
        ),
    ],
)
def test_an_argument_of_another_type_is_refused_by_name(
    attempt: Callable[[], object], message: str
) -> None:
    """Before anything is done with it."""
    with pytest.raises(TypeError) as caught:
        attempt()

    assert str(caught.value).startswith(message)


def test_a_struct_of_a_subclass_is_none_of_its_kind() -> None:
    """Its own methods could say anything."""

    class Mine(RolloutPolicy, frozen=True):
        def __post_init__(self) -> None:
            pass

    with pytest.raises(TypeError, match="RolloutPolicy as policy, not Mine"):
        step(PENDING, event("LocalActivate"), NOW, Mine(OnHealthFailure.HALT))


# ── Numbers ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "value",
    [*(event(name) for name in BY_EVENT), *(fact.payload() for fact in FACTS), SOAKING],
    ids=named,
)
def test_a_number_above_its_limit_is_refused_wherever_it_is_decoded(value: Any) -> None:
    """Not only by the wire: a log that msgspec reads back has numbers, too."""

    def hook(kind: Any, item: Any) -> Any:
        return kind(item)

    plain = msgspec.to_builtins(value, enc_hook=str)
    wide = [name for name in ("seq", "lastEventSeq", "sustainedDurationSecs") if name in plain]
    assert wide
    for name in wide:
        for number, fits in ((2**64 - 1, True), (2**64, False), (10**30, False), (-1, False)):
            changes = {**plain, name: number}
            data = msgspec.json.encode(changes)
            for read in (
                partial(msgspec.json.decode, data, type=type(value), dec_hook=hook),
                partial(msgspec.convert, changes, type(value), dec_hook=hook),
                partial(wire.read, data, type(value)),
            ):
                if fits:
                    assert 2**64 - 1 in msgspec.structs.astuple(read())
                else:
                    with pytest.raises(msgspec.ValidationError):
                        read()


# ── Frozen ───────────────────────────────────────────────────────────────────────────

PROBED = changed(SOAKING, probes={"http": probe(ProbeStatus.PASS, ProbeMode.ENFORCE)})


@pytest.mark.parametrize(
    "change",
    [
        lambda probes: probes.clear(),
        lambda probes: probes.update(http=None),
        lambda probes: probes.pop("http"),
        lambda probes: probes.popitem(),
        lambda probes: probes.setdefault("other", None),
        lambda probes: probes.__setitem__("http", None),
        lambda probes: probes.__delitem__("http"),
        lambda probes: probes.__ior__({"http": None}),
        lambda probes: setattr(probes, "new", 1),
    ],
)
def test_the_probes_of_a_record_cannot_be_changed(change: Callable[[Any], object]) -> None:
    """Records that follow one another share them."""
    after, _ = step(PROBED, event("LocalProbeObservedFirst"), NOW, HALT)
    assert after.probes is PROBED.probes

    with pytest.raises((TypeError, AttributeError)):
        change(after.probes)
    assert after.probes == {"http": probe(ProbeStatus.PASS, ProbeMode.ENFORCE)}


def test_the_probes_of_a_record_read_like_a_dict() -> None:
    """Whatever only reads them works as it did."""
    record = probe(ProbeStatus.PASS, ProbeMode.ENFORCE)
    probes = PROBED.probes

    assert probes["http"].status is ProbeStatus.PASS
    assert ("http" in probes, "ssh" in probes, probes.get("ssh")) == (True, False, None)
    assert (list(probes), len(probes), [*probes.items()]) == (["http"], 1, [("http", record)])
    assert probes == {"http": record}
    assert {"http": record} == probes
    assert {**probes, "ssh": record} == {"http": record, "ssh": record}
    for other in (copy.copy(probes), copy.deepcopy(probes), pickle.loads(pickle.dumps(probes))):
        assert other == probes
        assert hash(other) == hash(probes)
        with pytest.raises(TypeError):
            other["http"] = None  # type: ignore[index]
    assert wire.read(wire.encode(PROBED), HostRolloutState) == PROBED


def test_what_a_struct_was_made_of_can_be_changed_without_it() -> None:
    """A list or dict stays its maker's own."""
    probes = {"http": probe(ProbeStatus.PASS, ProbeMode.ENFORCE)}
    labels, names, tags = {"a": "b"}, ["http"], ["web"]
    made = (
        changed(SOAKING, probes=probes),
        nsm.EmitMetric(name="n", labels=labels, value=1.0),
        event("LocalSustainedFailureCrossed", failing_probes=names),
        nsm.WaveSelector(tags=tags),  # type: ignore[arg-type]  # what a list is taken for
    )
    before = [hash(value) for value in made]
    for given in (probes, labels, names, tags):
        given.clear()

    assert [hash(value) for value in made] == before
    assert made[2].failing_probes == ("http",)


@pytest.mark.parametrize("name", list(BY_EVENT))
def test_every_record_and_effect_of_a_step_is_hashable(name: str) -> None:
    """Nothing within them can be changed."""
    after, effects = step(RECORDS[BY_EVENT[name].state], event(name), NOW, HALT)

    assert isinstance(hash((after, effects)), int)


def test_a_text_that_reads_as_a_rollout_is_one() -> None:
    """And one that doesn't is refused where it stands."""
    text: Any = "stable@4f2a"
    record = changed(SOAKING, rollout_id=text, probes={})

    assert type(record.rollout_id) is RolloutId
    text = "stable"
    with pytest.raises(TypeError, match=r"HostRolloutState\.rollout_id must be a RolloutId"):
        changed(SOAKING, rollout_id=text, probes={})
