"""Between the interpreter's plain values and the structs of a generated reducer.

`Structs` speaks for one generated module. It is how a step of the interpreter is
replayed through the reducer that programs import, and compared with it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import msgspec

from steptable.errors import GenerationError, is_end_of_memory
from steptable.interpreter.evaluate import Accepted, Outcome, Refused, Tagged, Values
from steptable.machine import Machine
from steptable.sorts import Duration, Enum, Instant, Map, Opaque, Optional, Record, Sort, Symbol

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def instant_of(value: Any) -> datetime:
    """A datetime as it is; a world's integer as seconds after the start of 2026."""
    return value if isinstance(value, datetime) else _EPOCH + timedelta(seconds=value)


@dataclass(frozen=True)
class Structs:
    """The structs of the reducer that was generated from `machine` into `module`."""

    machine: Machine
    module: ModuleType

    def record(self, values: Values) -> Any:
        return self.struct(self.machine.record, values)

    def event(self, event: Tagged) -> Any:
        return self.struct(self.machine.event(event.name).fields, event.fields)

    def policy(self, values: Values) -> Any:
        return self.struct(self.machine.policy, values)

    def effect(self, effect: Tagged) -> Any:
        sort = next(item for item in self.machine.effects if item.name == effect.name)
        return self.struct(sort.fields, effect.fields)

    def struct(self, record: Record, values: Values) -> Any:
        """The struct of a record sort; fields that are not given take their default."""
        fields = {part.name: part.sort for part in record}
        given = {name: self._to_struct(fields[name], value) for name, value in values.items()}
        return getattr(self.module, record.name)(**given)

    def value(self, sort: Sort, value: Any) -> Any:
        """A value of any sort as structs hold it."""
        return self._to_struct(sort, value)

    def step(self, record: Values, event: Tagged, policy: Values) -> Any:
        """What the generated reducer does: its (record, effects), or the error it raises."""
        step: Callable[..., Any] = self.module.step
        try:
            return step(self.record(record), self.event(event), instant_of(0), self.policy(policy))
        except self.module.TransitionError as error:
            return error
        except Exception as error:
            if is_end_of_memory(error):
                raise
            said = f"{type(error).__name__}: {error}"
            where = f"{event.name} in state {record[self.machine.state_field.name]}"
            raise GenerationError(f"the generated reducer fails at {where}: {said}") from error

    def agrees(self, record: Values, event: Tagged, policy: Values, outcome: Outcome) -> bool:
        """Whether the generated reducer does what the interpreter said."""
        return self._same(self.step(record, event, policy), outcome)

    def _same(self, done: Any, outcome: Outcome) -> bool:
        match outcome:
            case Accepted(_, after, effects):
                return bool(done == (self.record(after), tuple(self.effect(e) for e in effects)))
            case Refused("stale"):
                return type(done) is self.module.SeqRegression
            case Refused("illegal"):
                return type(done) is self.module.IllegalForState
            case Refused(_, guard):
                violated = type(done) is self.module.InvariantViolation
                return violated and guard is not None and done.guard == guard.name

    def _to_struct(self, sort: Sort, value: Any) -> Any:
        if value is None:
            return None
        match sort:
            case Optional(of=of):
                return self._to_struct(of, value)
            case Enum(name=name):
                return getattr(self.module, name)(value)
            case Symbol(name=name, parts=parts) if parts:
                return getattr(self.module, name)(value)
            case Instant():
                return instant_of(value)
            case Duration():
                return value if isinstance(value, timedelta) else timedelta(seconds=value)
            case Record():
                return self.struct(sort, value)
            case Map(key=key, value=of):
                return {
                    self._to_struct(key, at): self._to_struct(of, item)
                    for at, item in value.items()
                }
            case Opaque(shape="payload"):
                fact = next(item for item in self.machine.facts if item.name == value.name)
                return self.struct(self.machine.payload(fact), value.fields)
            case Opaque(shape="list", of=of) if of is not None:
                return tuple(self._to_struct(of, item) for item in value)
            case Opaque(shape="value", of=of) if of is not None:
                return self._to_struct(of, value)
            case Opaque(shape="map", of=of) if of is not None:
                return {key: self._to_struct(of, item) for key, item in value.items()}
        return value


def values_of(struct: Any) -> Any:
    """The interpreter's plain value of a struct, a sequence of them, or anything in one."""
    match struct:
        case enum.Enum():
            return struct.value
        case msgspec.Struct():
            plain = {name: values_of(getattr(struct, name)) for name in struct.__struct_fields__}
            tagged = struct.__struct_config__.tag is not None
            return Tagged(type(struct).__name__, plain) if tagged else plain
        case Mapping():
            return {values_of(key): values_of(item) for key, item in struct.items()}
        case tuple():
            return tuple(values_of(item) for item in struct)
        case str():
            return str(struct)
    return struct
