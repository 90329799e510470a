"""What reading the expressions of a machine found out: faults, and what is read and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from steptable import expr
from steptable.errors import Fault
from steptable.machine import Emission
from steptable.sorts import TRUTH, Record, Sort, inner
from steptable.wellformed.expressions.firing import can_hold
from steptable.wellformed.expressions.fitting import NONE_YET, Present, established
from steptable.wellformed.expressions.sorting import Sorter


@dataclass
class Reading:
    """What reading all expressions of a machine found out."""

    faults: list[Fault] = field(default_factory=list)
    read: set[tuple[str, str]] = field(default_factory=set)
    """Fields that some expression reads, as (record, field), but for a field's own update."""
    written: set[tuple[str, str]] = field(default_factory=set)
    emitted: set[str] = field(default_factory=set)

    def report(self, *faults: Fault) -> None:
        """Keep faults; what several rows share is at fault once, for the first of them."""
        for fault in faults:
            known = ((f.location, f.problem, f.advice, f.slug) for f in self.faults)
            if (fault.location, fault.problem, fault.advice, fault.slug) not in known:
                self.faults.append(fault)

    def note(self, sorter: Sorter, *, apart_from: tuple[str, str] | None = None) -> None:
        """Keep what a sorter found: its faults, and which fields were read and made."""
        self.report(*sorter.faults)
        self.read.update(read for read in _fields_read(sorter.sorts) if read != apart_from)
        for node in sorter.sorts:
            if isinstance(node, expr.Make | expr.With):
                record = str(sorter.sorts[node])
                self.written.update((record, name) for name, _ in node.fields)


def _fields_read(sorts: Mapping[expr.Node, Sort]) -> set[tuple[str, str]]:
    return {
        (str(inner(sorts[node.subject])), node.name)
        for node in sorts
        if isinstance(node, expr.Attr) and node.subject in sorts
    }


def check_emission(
    sorter: Sorter, emission: Emission, reading: Reading, present: Present = NONE_YET
) -> None:
    """Sort the condition and the fields of an effect."""
    at = emission.at or sorter.at
    reading.emitted.add(emission.effect.name)
    if emission.condition is not None:
        faults = len(sorter.faults)
        sorter.expect(emission.condition, TRUTH, "the condition of an effect", present)
        present |= established(emission.condition)
        if len(sorter.faults) == faults and not can_hold(emission.condition, sorter.sorts):
            problem = f"the condition of {emission.effect.name} can never hold"
            advice = "correct the condition, or remove the effect"
            sorter.faults.append(Fault(at, sorter.where, problem, advice, "never-holds"))
    fields: Record = emission.effect.fields
    sorter.check_fields(at, fields, dict(emission.fields), present, partial=False)
