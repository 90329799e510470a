"""Records which rows the generated reducer takes while something else runs, such as tests.

The function `step` keeps its identity, whoever has imported it and however early: its code is
replaced by a call that notes what went in, and then does what it did. What became of an event is
asked of the interpreter, so that a row is known by its name.
"""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import msgspec

from steptable.drawing.coverage import Coverage, told_faults
from steptable.errors import Fault, Location, SpecError, UsageError
from steptable.interpreter import evaluate
from steptable.machine import Machine
from steptable.targets.structs import values_of

_HOOK = "__steptable_recorded__"


_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]


class _Line(msgspec.Struct, forbid_unknown_fields=True):
    """What one process recorded, as a line of the file."""

    rows: dict[str, _Count]
    states: dict[str, _Count]
    refused: dict[str, _Count]


@contextmanager
def recording(machine: Machine, reducer: types.ModuleType) -> Iterator[Coverage]:
    """Counts every call of the reducer's `step` while it lasts."""
    coverage = Coverage("a run of tests")
    step = reducer.step
    plain = types.FunctionType(step.__code__, step.__globals__, step.__name__)
    holder, number = machine.state_field.name, machine.numbering

    def recorded(state: Any, event: Any, now: Any, policy: Any) -> Any:
        try:
            return plain(state, event, now, policy)
        finally:
            before, applied = values_of(state), values_of(event)
            known = isinstance(applied, evaluate.Tagged) and number.event_field in applied.fields
            # A test may well call it with what is no event, or no record.
            if known and isinstance(before, dict) and holder in before:
                outcome = evaluate.step(machine, before, applied, values_of(policy))
                coverage.add(outcome, before[holder])

    def hooked(state, event, now, policy):  # type: ignore[no-untyped-def]
        return __steptable_recorded__(state, event, now, policy)  # type: ignore[name-defined]  # noqa: F821

    before = step.__code__
    step.__globals__[_HOOK] = recorded
    step.__code__ = hooked.__code__
    try:
        yield coverage
    finally:
        step.__code__ = before
        del step.__globals__[_HOOK]


def append(coverage: Coverage, file: Path) -> None:
    """Add what one process recorded to a file; several may add to the same."""
    line = _Line(dict(coverage.rows), dict(coverage.states), dict(coverage.refused))
    with file.open("ab") as out:
        out.write(msgspec.json.encode(line) + b"\n")


def _demand_known(what: str, counts: dict[str, int], declared: set[str]) -> None:
    """Raise `msgspec.ValidationError` for what another version of the machine has, or none."""
    for name in counts.keys() - declared:
        raise msgspec.ValidationError(f"the machine has no {what} '{name}'")


def recorded_coverage(machine: Machine, file: Path) -> Coverage:
    """The sum of what was recorded of a machine.

    Raises `UsageError` where the file can't be read, and `SpecError` with each faulty line.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{file} can't be read: {error.strerror}") from error
    coverage = Coverage(f"tests recorded in {file.name}")
    faults = []
    for number, text in enumerate(lines, start=1):
        try:
            line = msgspec.json.decode(text, type=_Line)
            _demand_known("row", line.rows, {row.name for row in machine.rows_apart})
            _demand_known("state", line.states, {state.name for state in machine.states})
        except (msgspec.DecodeError, RecursionError) as error:
            at = Location(str(file.resolve()), number)
            advice = "record anew with pytest --steptable-coverage FILE"
            faults.append(Fault(at, "recording", str(error), advice, "bad-line"))
            continue
        coverage.rows += Counter(line.rows)
        coverage.states += Counter(line.states)
        coverage.refused += Counter(line.refused)
    if faults:
        raise SpecError(told_faults(faults, len(lines), "a recording"))
    return coverage
