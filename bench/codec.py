"""What the control plane does with a report: JSON text in, one step, its effects out as JSON text.

Beside it stands what msgspec needs to decode the same bytes and do nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bench.contenders import GENERATED
from bench.measure import Figures, Sample, seconds, side_by_side
from bench.walks import POLICY, START, Outcome, Walk, walks
from nixfleet_state_machine import Payload, step, wire

WHOLE = "decode, step, encode the effects"
ALONE = "msgspec decodes the same bytes"
REPETITIONS = 400


class Report(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """An envelope as one would declare it for msgspec alone."""

    hostname: str
    rollout_id: str
    event: Payload
    signature: str | None = None


_DECODER = msgspec.json.Decoder(Report)


def measure(rounds: int) -> Figures:
    """Seconds per event; raises ValueError if the codec leads anywhere else than the events do."""
    taken = [walk for walk in walks() if walk.name.endswith("CP")]
    reports = {walk.name: texts(walk) for walk in taken}
    for walk in taken:
        if answers(walk, reports[walk.name]) != expected(walk):
            raise ValueError(f"the wire does not lead to the same on '{walk.name}'")
    samples = {
        WHOLE: _sample([_whole(walk, reports[walk.name]) for walk in taken], reports),
        ALONE: _sample([_alone(reports[walk.name]) for walk in taken], reports),
    }
    return side_by_side("codec", samples, rounds)


def texts(walk: Walk) -> list[bytes]:
    """The reports of a walk, as an agent posts them."""
    host, rollout = walk.start.hostname, walk.start.rollout_id
    return [
        wire.encode(wire.Envelope(host, rollout, wire.to_payload(event))) for event in walk.events
    ]


def answers(walk: Walk, reports: list[bytes]) -> list[tuple[Outcome, bytes]]:
    """What each report leads to, and the effects as JSON text."""
    record, made = walk.start, []
    for data in reports:
        outcome = step(record, wire.to_event(wire.decode(data).event), START, POLICY)
        record = outcome[0]
        made.append((outcome, wire.encode(outcome[1])))
    return made


def expected(walk: Walk) -> list[tuple[Outcome, bytes]]:
    """The same, with nothing read from JSON text, and the effects written by msgspec itself."""
    outcomes = GENERATED.prepare(walk).outcomes()
    return [(outcome, msgspec.json.encode(outcome[1], enc_hook=str)) for outcome in outcomes]


def _whole(walk: Walk, reports: list[bytes]) -> Callable[[], None]:
    decode, to_event, encode = wire.decode, wire.to_event, wire.encode

    def run() -> None:
        record = walk.start
        for data in reports:
            record, effects = step(record, to_event(decode(data).event), START, POLICY)
            encode(effects)

    return run


def _alone(reports: list[bytes]) -> Callable[[], None]:
    decode = _DECODER.decode

    def run() -> None:
        for data in reports:
            decode(data)

    return run


def _sample(runs: list[Callable[[], None]], reports: dict[str, list[bytes]]) -> Sample:
    events = sum(map(len, reports.values())) * REPETITIONS
    return lambda: seconds(runs * REPETITIONS) / events
