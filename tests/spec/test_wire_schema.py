"""The JSON Schema of reports, and the JSON of policies."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

import nixfleet_state_machine as nsm
from nixfleet_state_machine import (
    OnHealthFailure,
    RolloutId,
    RolloutPolicy,
    wire,
)
from support.messages import (
    KINDS,
    MOST,
    envelope,
    text,
    without,
)
from support.rollout import FACTS, FactRow

# ── JSON Schema ──────────────────────────────────────────────────────────────────────


def definitions() -> dict[str, Any]:
    found: dict[str, Any] = wire.json_schema()["$defs"]
    return found


def test_the_schema_describes_the_envelope() -> None:
    """Implementations in other languages check their reports against it."""
    schema = wire.json_schema()

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$ref"] == "#/$defs/Envelope"
    described = definitions()["Envelope"]
    assert set(described["properties"]) == {"hostname", "rolloutId", "event", "signature"}
    assert described["required"] == ["hostname", "rolloutId", "event"]
    assert json.loads(json.dumps(schema)) == schema


def test_the_schema_describes_all_kinds_and_tells_them_apart() -> None:
    """By `kind`, which each requires."""
    event = definitions()["Envelope"]["properties"]["event"]
    kinds = {fact.kind for fact in FACTS}

    assert {one["$ref"] for one in event["anyOf"]} == {f"#/$defs/{kind}" for kind in kinds}
    assert event["discriminator"]["propertyName"] == "kind"
    for kind in kinds:
        described = definitions()[kind]
        assert described["properties"]["kind"] == {"enum": [kind]}
        assert "kind" in described["required"]


@pytest.mark.parametrize("fact", FACTS, ids=[fact.kind for fact in FACTS])
def test_the_schema_requires_what_the_decoder_requires(fact: FactRow) -> None:
    """Both come from one declaration."""
    event: dict[str, Any] = {"kind": fact.kind, "seq": 9, **KINDS[fact.kind]}
    described = definitions()[fact.kind]

    assert set(event) <= set(described["properties"])
    for key in described["properties"]:
        lacking = text(envelope(without(event, key)))
        if key in described["required"]:
            with pytest.raises(msgspec.ValidationError, match="missing required field"):
                wire.decode(lacking)
        else:
            wire.decode(lacking)


def test_the_schema_has_the_bounds_that_the_decoder_checks() -> None:
    """Numbers, times, enums, and the shape of a rollout's name."""
    failed = definitions()["Failed"]["properties"]

    assert failed["seq"] == {"type": "integer", "minimum": 0, "maximum": MOST}
    assert failed["failedAt"] == {"type": "string", "format": "date-time"}
    assert definitions()["OnHealthFailure"]["enum"] == ["halt", "rollback-and-halt"]
    assert definitions()["ProbeMode"]["enum"] == ["disabled", "enforce", "observe"]
    pattern = definitions()["Envelope"]["properties"]["rolloutId"]["pattern"]
    for rollout in ("a@b", "a@b@c", "stable@4f2a", "a@\n"):
        assert re.search(pattern, rollout)
        RolloutId(rollout)
    for rollout in ("", "@", "a", "a@", "@b"):
        assert not re.search(pattern, rollout)


def test_the_schema_describes_in_whole_lines() -> None:
    """Its texts are those of the declarations, without the layout of Python's docstrings."""
    described = [part["description"] for part in definitions().values()]

    assert all(described)
    assert not any("\n" in line or "  " in line for line in described)


# ── Policies ─────────────────────────────────────────────────────────────────────────

POLICY = {
    "strategy": "waves",
    "waves": [
        {
            "selector": {
                "tags": ["web"],
                "tagsAny": ["eu", "us"],
                "hosts": [],
                "channel": "stable",
                "all": False,
            },
            "soakMinutes": 60,
        }
    ],
    "healthGate": {"systemdFailedUnits": {"max": 2}},
    "onHealthFailure": "rollback-and-halt",
}


def test_a_policy_is_read_and_written_as_in_its_manifest() -> None:
    """Keys are camelCase; the reducer reads `onHealthFailure` alone and carries the rest."""
    policy = msgspec.json.decode(text(POLICY), type=RolloutPolicy)

    assert policy == RolloutPolicy(
        on_health_failure=OnHealthFailure.ROLLBACK_AND_HALT,
        strategy="waves",
        waves=(
            nsm.Wave(
                selector=nsm.WaveSelector(
                    tags=("web",), tags_any=("eu", "us"), channel="stable", all=False
                ),
                soak_minutes=60,
            ),
        ),
        health_gate=nsm.HealthGate(systemd_failed_units=nsm.SystemdFailedUnits(max=2)),
    )
    assert json.loads(wire.encode(policy)) == POLICY


def test_an_empty_health_gate_is_an_empty_object() -> None:
    """And a channel that is not selected by is left out."""
    policy = RolloutPolicy(
        on_health_failure=OnHealthFailure.HALT, waves=(nsm.Wave(selector=nsm.WaveSelector()),)
    )

    assert json.loads(wire.encode(policy)) == {
        "strategy": "",
        "waves": [
            {
                "selector": {"tags": [], "tagsAny": [], "hosts": [], "all": False},
                "soakMinutes": 0,
            }
        ],
        "healthGate": {},
        "onHealthFailure": "halt",
    }
    assert msgspec.json.decode(wire.encode(policy), type=RolloutPolicy) == policy


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"onHealthFailure": "explode"}, "Invalid enum value 'explode' - at `$.onHealthFailure`"),
        ({"waves": [{}]}, "Object missing required field `selector` - at `$.waves[0]`"),
        (
            {"waves": [{"selector": {}, "soakMinutes": "60"}]},
            "Expected `int`, got `str` - at `$.waves[0].soakMinutes`",
        ),
        (
            {"healthGate": {"systemdFailedUnits": {"max": 2.5}}},
            "Expected `int`, got `float` - at `$.healthGate.systemdFailedUnits.max`",
        ),
    ],
)
def test_a_faulty_policy_is_refused_with_the_path(changed: dict[str, Any], message: str) -> None:
    """As on the wire: nothing is converted."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(text({**POLICY, **changed}), type=RolloutPolicy)

    assert str(caught.value) == message


def test_a_policy_must_say_what_to_do_on_failure() -> None:
    """There is no safe default for it."""
    with pytest.raises(msgspec.ValidationError, match="missing required field `onHealthFailure`"):
        msgspec.json.decode(b"{}", type=RolloutPolicy)
