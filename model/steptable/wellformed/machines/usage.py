"""Whether everything that is declared is also used: fields read and written, effects emitted."""

from __future__ import annotations

from collections.abc import Iterator

from steptable.errors import Fault
from steptable.machine import Machine, records_in
from steptable.sorts import MISSING, Field, Opaque, Optional, Record, inner
from steptable.wellformed.machines.constructors import set_for_all
from steptable.wellformed.machines.reading import Reading


def check_usage(machine: Machine, reading: Reading) -> list[Fault]:
    """Faults of things that nobody needs."""
    return [
        *_record_fields(machine, reading),
        *_policy_fields(machine, reading),
        *_event_fields(machine, reading),
        *_effects(machine, reading),
    ]


def _record_fields(machine: Machine, reading: Reading) -> Iterator[Fault]:
    kept = [record for record in records_in(machine.record) if _is_written(record, reading)]
    for record in (machine.record, *kept):
        for part in record:
            if record == machine.record and part.name in set_for_all(machine):
                continue
            name = (record.name, part.name)
            if name not in reading.read and not part.read_by:
                advice = "say who reads it with read_by=..., or remove it"
                yield _unread(machine, record, part, advice)
            if name not in reading.written and not _may_stay_empty(part):
                advice = "set it in a row or a constructor, or remove it"
                where = f"{record}, field '{part.name}'"
                at = part.at or machine.at
                yield Fault(at, where, "nothing writes it", advice, "never-written")


def _policy_fields(machine: Machine, reading: Reading) -> Iterator[Fault]:
    for part in machine.policy:
        # What is opaque can't be read here: it is carried for others.
        carried = isinstance(inner(part.sort), Opaque) or part.read_by
        if not carried and (machine.policy.name, part.name) not in reading.read:
            advice = "say who reads it with read_by=..., or remove it"
            yield _unread(machine, machine.policy, part, advice)


def _may_stay_empty(part: Field) -> bool:
    return part.default is not MISSING and not isinstance(part.sort, Optional)


def _is_written(record: Record, reading: Reading) -> bool:
    """Whether the machine itself makes such records, rather than carrying them about."""
    return any(name == record.name for name, _ in reading.written)


def _event_fields(machine: Machine, reading: Reading) -> Iterator[Fault]:
    for event in machine.events:
        for part in event.fact.extra_fields(event.side):
            # What all halves carry is read by the payload; what one has alone is not.
            if (event.name, part.name) not in reading.read:
                advice = "read it in a row or a constructor, or remove it"
                yield _unread(machine, event.fields, part, advice)


def _effects(machine: Machine, reading: Reading) -> Iterator[Fault]:
    for effect in machine.effects:
        where = f"effect '{effect.name}'"
        emitted = effect.name in reading.emitted
        if not emitted and not effect.emitted_by:
            advice = "emit it, say who does with emitted_by=..., or remove it"
            yield Fault(effect.at, where, "no row emits it", advice, "never-emitted")
        if emitted and effect.emitted_by:
            problem = f"it is said to be emitted by {effect.emitted_by}, yet a row emits it"
            yield Fault(effect.at, where, problem, "remove emitted_by", "emitted-by")


def _unread(machine: Machine, record: Record, part: Field, advice: str) -> Fault:
    where = f"{record}, field '{part.name}'"
    return Fault(part.at or machine.at, where, "nothing reads it", advice, "never-read")
