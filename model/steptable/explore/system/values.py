"""The values of a world while its system is built: what is stored of them, and what is chosen.

What never changes is a constant; everything else is made of variables. A state that an action
leaves behind is taken apart again, into what each variable becomes.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from steptable import expr
from steptable.explore.system.forgetting import is_forgotten
from steptable.explore.system.own_sorts import within_sort
from steptable.explore.system.starts import starts_of
from steptable.partial.assignments import assignments, fits
from steptable.partial.evaluator import PartialEvaluator
from steptable.partial.paths import Path
from steptable.partial.scalar import Scalar, both
from steptable.partial.shapes import Decomposer
from steptable.partial.symbolic import Symbolic, SymbolicRecord
from steptable.partial.variables import Reader, Variable, has_range
from steptable.sorts import Opaque, Record, Sort, Symbol
from steptable.world import World

Rerun: TypeAlias = Callable[[str, Symbolic], Symbolic]


class WorldValues:
    """Every instance and variable of a world, and the choices of its environment."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.decomposer = Decomposer(world.bounds)
        self.starts = list(starts_of(world))
        self.parameters: dict[str, Variable] = {}
        self.variables: Mapping[str, Variable] = ChainMap(self.parameters, self.stored)
        """What is chosen and what is stored, as far as it has been declared."""
        self.base = self._base()
        """The whole state, by instance and variable."""
        self._first = {name: known.domain[0] for name, known in self.stored.items()}

    @property
    def stored(self) -> dict[str, Variable]:
        """The variables of the whole state."""
        return self.decomposer.variables

    def evaluator(
        self, env: Mapping[str, Symbolic], rerun: Rerun | None = None
    ) -> PartialEvaluator:
        return PartialEvaluator(env, self.variables, self.decomposer, rerun)

    def choices(self, path: Path, record: Record) -> SymbolicRecord:
        """Values that the environment chooses for an action."""
        decomposer = Decomposer(self.world.bounds)
        shape = decomposer.shape(path, record, lambda whole: whole)
        self.parameters |= decomposer.variables
        assert isinstance(shape, SymbolicRecord)
        return shape

    # ── The whole state ──────────────────────────────────────────────────────────────

    def _base(self) -> dict[str, Symbolic]:
        """Every instance and variable, with constants for what never changes."""
        base: dict[str, Symbolic] = {}
        for instance in self.world.instances:
            machine = instance.machine
            changing = {name for row in machine.rows for name, _ in row.sets}
            changing |= {machine.state_field.name, machine.numbering.record_field}
            # An action may put a whole record in place of another.
            if any(name == instance.name for name in self._set_names()):
                changing |= set(machine.record.names)
            # What is forgotten may be anything: nothing is to depend on it.
            changing |= {name for name, _ in instance.forgets}
            parts = {
                part.name: self._part(
                    Path.of(instance.name, part.name), part.sort, changes=part.name in changing
                )
                for part in sorted(machine.record, key=lambda p: p.name != machine.state_field.name)
            }
            base[instance.name] = SymbolicRecord(
                {name: parts[name] for name in machine.record.names}
            )
        for variable in self.world.variables:
            base[variable.name] = self._part(
                Path.of(variable.name), variable.sort, changes=variable.name in self._set_names()
            )
        return base

    def _set_names(self) -> set[str]:
        reactions = [sets for item in self.world.instances for _, sets in item.reactions]
        actions = [action.sets for action in self.world.actions]
        return {name for sets in (*reactions, *actions) for name, _ in sets}

    def _part(self, path: Path, sort: Sort, *, changes: bool) -> Symbolic:
        read = _reader(path.names)
        seen = {repr(read(state)): read(state) for state in self.starts}
        if not changes and len(seen) == 1:
            return self.decomposer.concrete(sort, next(iter(seen.values())))
        return self.decomposer.shape(path, sort, read)

    # ── What is stored ───────────────────────────────────────────────────────────────

    def updates(
        self, before: dict[str, Symbolic], after: dict[str, Symbolic]
    ) -> tuple[dict[str, Scalar], Scalar]:
        """What each variable becomes, where it changes; and whether the values fit their places."""
        updates: dict[str, Scalar] = {}
        fit: list[Scalar] = []
        for path, shape, value in self._changed(before, after):
            updates |= assignments(shape, value, self._first)
            if not is_forgotten(self.world, path):
                fit.append(fits(shape, value))
        # What is opaque has one value, whatever it is computed from.
        known = self.decomposer.variables.items()
        opaque = {name for name, item in known if isinstance(item.sort, Opaque)}
        moved = {
            name: node
            for name, node in updates.items()
            if node != expr.Bound(name) and name not in opaque
        }
        return moved, both(*fit)

    def _changed(
        self, before: dict[str, Symbolic], after: dict[str, Symbolic]
    ) -> Iterator[tuple[Path, Symbolic, Symbolic]]:
        """The variables of the world, and the fields of records, that change: shape and value."""
        instances = {item.name for item in self.world.instances}
        for name, value in after.items():
            shape, old = self.base[name], before[name]
            if name not in instances:
                if value is not old:
                    yield Path.of(name), shape, value
                continue
            assert isinstance(shape, SymbolicRecord)
            assert isinstance(old, SymbolicRecord)
            assert isinstance(value, SymbolicRecord)
            for part, new in value.of.items():
                if new is not old.of[part]:
                    yield Path.of(name, part), shape.of[part], new

    def keeps_bounds(self, name: str) -> bool:
        """Whether a variable must keep its bounds even if nothing depends on it.

        It is one of the world, declared for its bounds; or a number with a range of its own; or a
        text, which is one of a few. What is forgotten has none.
        """
        variable = self.stored[name]
        of_record = any(variable.path.root == item.name for item in self.world.instances)
        lasts = not of_record or has_range(variable) or isinstance(variable.sort, Symbol)
        return lasts and not is_forgotten(self.world, variable.path)

    def within_sorts(self, record: Record, values: Mapping[str, Symbolic]) -> Scalar:
        """What must hold so that given fields are values of their own sorts."""
        variables = self.variables
        parts = (part for part in record if part.name in values)
        return both(*(within_sort(p.sort, values[p.name], self.world, variables) for p in parts))


def _reader(path: tuple[str, ...]) -> Reader:
    def read(whole: Any) -> Any:
        for name in path:
            whole = whole[name]
        return whole

    return read
