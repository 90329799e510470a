"""What can be said of the transitions of a system before code is written for them.

Most of a condition is about one variable at a time: which transitions a value of it leaves possible
is then a table of bits, and the transitions that are possible in a state are the intersection of a
few entries. Many transitions also do the same simple thing: clear some bits of the state, set
others, and move some by a constant distance (a queue that is pushed to or popped from), where what
is cleared and set depends on one variable at most. Such a transition is *plain*, and becomes a row
of a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from steptable import expr
from steptable.explore.c.scalars import is_plain
from steptable.explore.packed.layout import WORD, Layout, width
from steptable.explore.system.keys import Meetable, PropertyKey
from steptable.explore.system.transitions import Transition, TransitionSystem, variables_in
from steptable.partial.scalar import (
    Scalar,
    both,
    is_false,
    is_true,
    known_from,
    settled,
    simplify,
)
from steptable.partial.variables import Variable

_SMALL: Final = 64
"""Conditions on a variable of more values than this are computed, not looked up."""


@dataclass
class PreparedTransition:
    """A transition, as far as it can be settled before any state is seen."""

    number: int
    """Among the transitions of the system."""
    transition: Transition
    possible: dict[str, tuple[Any, ...]]
    """The values that small variables can have, where the condition restricts them."""
    computed: list[Scalar]
    """The parts of the condition that are neither settled so nor depend on a choice."""
    varying: list[Scalar]
    """The parts of the condition that depend on a choice."""
    assignments: dict[str, Scalar]
    checks: dict[PropertyKey, Scalar]
    premises: dict[Meetable, Scalar]
    """Those that are not met whenever the case is taken."""
    within_bounds: Scalar


@dataclass(frozen=True)
class BitCopy:
    """Bits that go from one place to another: those of `mask` in the target word."""

    source: int
    target: int
    distance: int
    """By how many bits to the left; negative is to the right."""


@dataclass
class WordChange:
    """What a transition does to a state, by words."""

    keep: list[int]
    put: list[int]
    copies: dict[BitCopy, int] = field(default_factory=dict)
    """Masks, by move."""
    others: dict[str, Scalar] = field(default_factory=dict)
    """What has to be computed, by variable."""


@dataclass(frozen=True)
class TabledTransition:
    """A transition as rows of a table: by each value of a variable, what is kept and what put."""

    by: str | None
    keep: tuple[tuple[int, ...], ...]
    put: tuple[tuple[int, ...], ...]
    mask: tuple[int, ...]
    """The bits of each word that come from the same word, rotated."""
    rotate: tuple[int, ...]
    """By how many bits to the right."""


class Analysis:
    """The transitions of a system for which there is anything to do, prepared."""

    def __init__(self, system: TransitionSystem, layout: Layout) -> None:
        self.system = system
        self.layout = layout
        self.variables: Mapping[str, Variable] = {v.name: v for v in layout.variables}
        self.place = dict(zip(self.variables, layout.shifts, strict=True))

    @cached_property
    def transitions(self) -> list[PreparedTransition]:
        prepared = []
        for number, transition in enumerate(self.system.transitions):
            if transition.is_step or transition.checks or transition.premises:
                item = self._prepare(number, transition)
                if all(item.possible.values()) and not any(map(is_false, item.computed)):
                    prepared.append(item)
        return prepared

    def _prepare(self, number: int, transition: Transition) -> PreparedTransition:
        possible: dict[str, tuple[Any, ...]] = {}
        settled_parts: list[Scalar] = []
        left = list(_parts(transition.guard))
        while True:
            rest: list[Scalar] = []
            for item in left:
                if (name := self._only(item)) is None:
                    rest.append(item)
                    continue
                values = possible.get(name, self.variables[name].domain)
                possible[name] = tuple(
                    value for value in values if is_true(settled(item, {name: value}))
                )
                settled_parts.append(item)
            fixed = {name: values[0] for name, values in possible.items() if len(values) == 1}
            left, rest = rest, []
            for item in left:
                given = known_from(both(*settled_parts, *rest))
                parts = _parts(settled(simplify(item, given), fixed))
                rest += [part for part in parts if not is_true(part)]
            # What is about several variables may be about one where others are known.
            if not any(self._only(item) for item in rest):
                break
            left = rest
        known = known_from(both(*settled_parts, *rest))

        def simple(node: Scalar) -> Scalar:
            return settled(simplify(node, known), fixed)

        return PreparedTransition(
            number,
            transition,
            possible,
            [item for item in rest if not self._chosen(item)],
            [item for item in rest if self._chosen(item)],
            {name: simple(node) for name, node in transition.assignments.items()},
            {key: simple(node) for key, node in transition.checks.items()},
            {met: simple(node) for met, node in transition.premises.items() if not is_true(node)},
            simple(transition.within_bounds),
        )

    def _only(self, item: Scalar) -> str | None:
        """The variable that a condition is about, if it is a single small one."""
        names = variables_in(item)
        if len(names) == 1:
            (name,) = names
            variable = self.variables.get(name)
            if variable is not None and len(variable.domain) <= _SMALL:
                return name
        return None

    def _chosen(self, item: Scalar) -> bool:
        return not variables_in(item) <= self.variables.keys()

    # ── What a transition does ──────────────────────────────────────────────────────

    def change(self, updates: Mapping[str, Scalar]) -> WordChange:
        """What some updates do to a state."""
        words = self.layout.words
        change = WordChange([(1 << WORD) - 1] * words, [0] * words)
        for name, node in updates.items():
            variable = self.variables[name]
            mask = self._mask(name)
            if not mask or node == expr.Bound(name):
                continue
            at = self.place[name] // WORD
            change.keep[at] &= ~mask
            if isinstance(node, expr.Const):
                if node.value in variable.domain:  # or the value overflows
                    code = variable.domain.index(node.value)
                    change.put[at] |= code << self.place[name] % WORD
            elif isinstance(node, expr.Bound) and self._fits(node.name, variable):
                source = self.place[node.name]
                distance = self.place[name] % WORD - source % WORD
                move = BitCopy(source // WORD, at, distance)
                change.copies[move] = change.copies.get(move, 0) | mask
            else:
                change.others[name] = node
        return change

    def _mask(self, name: str) -> int:
        """The bits of a variable, within its word."""
        return (1 << width(self.variables[name])) - 1 << self.place[name] % WORD

    def _fits(self, source: str, target: Variable) -> bool:
        """Whether the code of a variable is at once that of another one of the same value."""
        if source not in self.variables:
            return False
        variable = self.variables[source]
        if width(variable) != width(target):
            return False
        return variable.domain == target.domain or (is_plain(variable) and is_plain(target))

    def plain(self, item: PreparedTransition) -> TabledTransition | None:
        """The transition as rows of a table, if it is one of those."""
        transition = item.transition
        if (
            not transition.is_step
            or item.varying
            or item.checks
            or item.premises
            or transition.parameters
        ):
            return None
        moved: dict[str, Scalar] = {
            name: node
            for name, node in item.assignments.items()
            if isinstance(node, expr.Bound) and node.name != name
        }
        depends = set[str]()
        for name, node in item.assignments.items():
            if name not in moved and node != expr.Bound(name):
                names = variables_in(node)
                depends |= names - {name} or names
        if not depends and not is_true(item.within_bounds):
            depends = set(variables_in(item.within_bounds))
        if len(depends) > 1 or any(self._only(expr.Bound(name)) is None for name in depends):
            return None
        return self._tabled(item, moved, next(iter(depends), None))

    def _tabled(
        self, item: PreparedTransition, moved: dict[str, Scalar], by: str | None
    ) -> TabledTransition | None:
        """The rows of a transition that depends on one variable, or on none."""
        general = self.change(moved)
        if general.others or any(move.source != move.target for move in general.copies):
            return None
        mask, rotate = [0] * self.layout.words, [0] * self.layout.words
        for move, bits in general.copies.items():
            if mask[move.target]:
                return None
            mask[move.target], rotate[move.target] = bits, -move.distance % WORD
        keep, put = [], []
        for value in (None,) if by is None else self.variables[by].domain:
            change = general
            if by is None or value in item.possible.get(by, self.variables[by].domain):
                given: dict[str, Any] = {} if by is None else {by: value}
                if not is_true(settled(item.within_bounds, given)):
                    return None
                change = self.change(
                    {name: settled(node, given) for name, node in item.assignments.items()} | moved
                )
                if change.others or change.copies != general.copies:
                    return None
            keep.append(tuple(change.keep))
            put.append(tuple(change.put))
        return TabledTransition(by, tuple(keep), tuple(put), tuple(mask), tuple(rotate))


def _parts(item: Scalar) -> tuple[Scalar, ...]:
    """What a conjunction is made of."""
    return item.items if isinstance(item, expr.And) else (item,)
