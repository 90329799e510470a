r"""A journal of real events, replayed through the rows of the side that receives them.

A journal is a file of JSON lines in UTF-8, of two kinds. One opens a record, with the arguments
of the machine's constructor and the policy that holds for it; the other is an envelope as it
travels on the wire, for a record opened before:

    {"record": {"rolloutId": "a@1", "hostname": "h", ...}, "policy": {...}}
    {"rolloutId": "a@1", "hostname": "h", "event": {"kind": ..., "seq": 1, ...}}

Empty lines are passed over. Events that the machine refuses are part of what happened, and are
counted; a line that is neither of the two is a fault, and all faults are reported at once, unless
the file is no journal at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from steptable.drawing.coverage import Coverage, summarised
from steptable.errors import Fault, Location, SpecError, UsageError
from steptable.interpreter import evaluate
from steptable.interpreter.evaluate import Values
from steptable.machine import Constructor, Machine
from steptable.targets.structs import values_of


def journal_coverage(
    machine: Machine, reducer: ModuleType, wire: ModuleType, file: Path
) -> Coverage:
    """The rows that a journal takes.

    Raises `UsageError` where the file can't be read, and `SpecError` with each faulty line.
    """
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from error
    opening = next((item for item in machine.constructors if item.on is None), None)
    if opening is None:
        raise UsageError(f"the machine {machine.name} has no constructor to open a record with")
    if machine.wire is None:
        raise UsageError(f"the machine {machine.name} declares no wire")
    coverage = Coverage(f"journal {file.name}")
    replay = _Replay(machine, reducer, wire, machine.wire.event_field, opening, coverage)
    faults = []
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                replay.line(line)
        except (msgspec.DecodeError, LookupError, UnicodeError, RecursionError) as error:
            faults.append(
                Fault(
                    Location(str(file.resolve()), number),
                    "journal",
                    _message(error),
                    "write an envelope, or a record to open with its policy",
                    "bad-line",
                )
            )
    if faults:
        raise SpecError(summarised(faults, sum(map(bool, map(bytes.strip, lines))), "a journal"))
    return replay.coverage


def _message(error: Exception) -> str:
    match error:
        case LookupError():
            return str(error.args[0])
        case RecursionError():
            return "it is nested too deep"
    return str(error)


class _Opening(msgspec.Struct, forbid_unknown_fields=True):
    """A line that opens a record."""

    record: dict[str, msgspec.Raw]
    policy: msgspec.Raw


@dataclass
class _Replay:
    """The records of a journal, so far."""

    machine: Machine
    reducer: ModuleType
    wire: ModuleType
    event_field: str
    opening: Constructor
    coverage: Coverage
    records: dict[tuple[Any, ...], tuple[Values, Values]] = field(default_factory=dict)
    """Each record with its policy, by its identity."""

    def line(self, line: bytes) -> None:
        """Replay one line. Raises `msgspec.DecodeError` or `LookupError` with what is wrong."""
        kind = msgspec.json.decode(line)
        if isinstance(kind, dict) and "record" in kind:
            self._open(msgspec.json.decode(line, type=_Opening))
        else:
            self._apply(self.wire.decode(line))

    def _open(self, line: _Opening) -> None:
        struct = getattr(self.reducer, self.machine.record.name)
        fields = {item.name: item for item in msgspec.structs.fields(struct)}
        arguments: dict[str, Any] = {}
        unread = dict(line.record)
        for name in self.opening.arguments:
            part = fields[name]
            if part.encode_name not in unread:
                raise LookupError(f"the record lacks '{part.encode_name}'")
            raw = unread.pop(part.encode_name)
            arguments[name] = values_of(self._read(raw, part.type, f"$.record.{part.encode_name}"))
        if unread:
            raise LookupError(f"the record has no '{next(iter(unread))}' to be opened with")
        kind = getattr(self.reducer, self.machine.policy.name)
        policy = self._read(line.policy, kind, "$.policy")
        record = evaluate.construct(self.opening, self.machine, arguments, {})
        key = tuple(record[name] for name in self.machine.identity)
        if key in self.records:
            raise LookupError(f"the record {self._named(record)} is open already")
        self.records[key] = record, values_of(policy)

    def _apply(self, envelope: Any) -> None:
        told = {name: values_of(getattr(envelope, name)) for name in self.machine.identity}
        key = tuple(told.values())
        if key not in self.records:
            raise LookupError(f"no line before it opens the record {self._named(told)}")
        record, policy = self.records[key]
        payload = getattr(envelope, self.event_field)
        event = values_of(self.wire.to_event(payload))
        outcome = evaluate.step(self.machine, record, event, policy)
        self.coverage.add(outcome, record[self.machine.state_field.name])
        if isinstance(outcome, evaluate.Accepted):
            self.records[key] = outcome.record, policy

    def _read(self, raw: msgspec.Raw, kind: Any, path: str) -> Any:
        try:
            return self.wire.read(bytes(raw), kind)
        except msgspec.ValidationError as error:
            said, _, below = str(error).partition(" - at `$")
            where = f"{path}{below.rstrip('`')}"
            raise msgspec.ValidationError(f"{said} - at `{where}`") from error

    def _named(self, record: Mapping[str, Any]) -> str:
        return ", ".join(f"{name} '{record[name]}'" for name in self.machine.identity)
