"""Turns what an engine found into traces: whole states, walked again by the interpreter.

If explorer and interpreter do not say the same, that is a fault of this tool, and is said so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from steptable.explore.exploration import Successor, SuccessorFunction
from steptable.explore.packed.layout import Packed
from steptable.explore.retracing import Choices, Disagreement, Retracer, Trace
from steptable.explore.system.transitions import Transition
from steptable.interpreter.evaluate import Values
from steptable.interpreter.simulate import Step
from steptable.partial.codes import value_of
from steptable.properties import Property
from steptable.targets.structs import Structs

_DIGITS: Final = 18
"""No state has so many ways that it takes more of them to number one."""


@dataclass
class Replayer:
    """Walks what an engine found."""

    successor_function: SuccessorFunction
    structs: Mapping[str, Structs]
    """The generated reducers, by the name of their machine."""

    @cached_property
    def _retracer(self) -> Retracer:
        return Retracer(self.successor_function.system.world, self.structs)

    def to_step(
        self,
        path: list[Packed],
        number: int | None,
        choices: tuple[Any, ...],
        *,
        leaves_bounds: bool = False,
    ) -> Trace:
        """The trace along packed states, and one step more: its transition and choices."""
        trace = self.along(path)
        if number is None:  # nothing can happen in the state
            return trace
        transition = self.successor_function.system.transitions[number]
        step, chosen = self._step(self._remembered(trace.end), transition, choices)
        ordinals = [
            ordinal
            for ordinal, (_, other, taken) in enumerate(self._addressable(path[-1]))
            if other is transition and taken == choices
        ]
        key = "/".join([trace.key, *(str(ordinal) for ordinal in ordinals[:1])])
        every = (*trace.choices, chosen)
        return Trace(trace.start, (*trace.steps, step), key, None, leaves_bounds, every)

    def along(
        self, path: list[Packed], loop: int | None = None, by: Mapping[int, str] | None = None
    ) -> Trace:
        """The trace along packed states; `by` names the actions of some steps, by number."""
        named = by or {}
        system, layout = self.successor_function.system, self.successor_function.layout
        number, start = next(
            (number, state)
            for number, (state, values) in enumerate(system.initial)
            if layout.pack(values) == path[0]
        )
        state, key = start, [str(number)]
        steps: list[Step] = []
        chosen: list[Choices] = []
        for number, (here, there) in enumerate(pairwise(path)):
            ordinal, transition, choices = next(
                (ordinal, transition, choices)
                for ordinal, (after, transition, choices) in enumerate(
                    self.successor_function.successors(here)
                )
                if after == there
                and named.get(number, transition.action.name) == transition.action.name
            )
            step, own = self._step(state, transition, choices)
            state = self._remembered(step.after)
            steps.append(step)
            chosen.append(own)
            key.append(f"{'+' if number == loop else '/'}{ordinal}")
            reached = layout.pack(system.project(state))
            self._demand(reached == there, f"action '{step.action.name}'")
        if loop == len(steps):
            key.append("+")
        return Trace(start, tuple(steps), "".join(key), loop, choices=tuple(chosen))

    def by_key(self, key: str) -> Trace:
        """The trace that a key names. Raises `LookupError` where it names none."""
        if not re.fullmatch(r"\d+(/\d+)*(\+(\d+(/\d+)*)?)?", key, re.ASCII):
            raise LookupError("it is no key; keys look like 0/3/1, or 0/3+1 for a loop")
        prefix, marked, _ = key.partition("+")
        numbers = [part.lstrip("0") or "0" for part in re.split("[/+]", key) if part]
        if any(len(number) > _DIGITS for number in numbers):
            raise LookupError("one of its numbers is larger than any number of ways")
        first, *ordinals = map(int, numbers)
        system, layout = self.successor_function.system, self.successor_function.layout
        if first >= len(system.initial):
            raise LookupError(f"there are {len(system.initial)} starts, from 0 on; not {first}")
        start, values = system.initial[first]
        packed, state = layout.pack(values), start
        steps: list[Step] = []
        chosen: list[Choices] = []
        passed = [packed]
        left = False
        for ordinal in ordinals:
            if left:
                raise LookupError(f"step {len(steps)} leaves the bounds, so that nothing follows")
            ways = self._addressable(packed)
            outside = list(self.successor_function.overflows(packed))
            if ordinal >= len(ways):
                known = f"has {len(ways)} ways, from 0 on; not {ordinal}"
                raise LookupError(f"step {len(steps) + 1} {known}")
            packed, transition, choices = ways[ordinal]
            left = ordinal >= len(ways) - len(outside)
            # Generated code refuses values that are none of their sort.
            walker = replace(self, structs={}) if left else self
            step, own = walker._step(state, transition, choices)
            steps.append(step)
            chosen.append(own)
            state = self._remembered(steps[-1].after)
            passed.append(packed)
        loop = prefix.count("/") if marked else None
        if loop is not None and passed[loop] != packed:
            raise LookupError(f"what follows step {loop} does not lead back there")
        return Trace(start, tuple(steps), key, loop, left, tuple(chosen))

    def _addressable(self, state: Packed) -> list[Successor]:
        """All that a key can name: every step out of a state, then what is refused there, and then
        what leaves the bounds."""
        return [
            *self.successor_function.successors(state),
            *self.successor_function.refusals(state),
            *self.successor_function.overflows(state),
        ]

    def _remembered(self, state: Values) -> Values:
        return self._retracer.remembered(state)

    def _step(
        self, state: Values, transition: Transition, choices: tuple[Any, ...]
    ) -> tuple[Step, Choices]:
        """The step of a transition, and its choices by their places."""
        places = self._retracer.places(transition.action)
        chosen = tuple(
            (
                places[variable.path.after(transition.choice_root)],
                variable.domain.index(value_of(variable, choice)),
            )
            for variable, choice in zip(transition.parameters, choices, strict=True)
        )
        step = self._retracer.step(state, transition.action, chosen)
        what = f"action '{transition.action.name}'"
        if step is None:
            self._demand(False, what)
            raise AssertionError
        rows = [applied.row for applied in step.applied]
        self._demand(rows == [taken.row for taken in transition.delivered], what)
        return step, chosen

    def shows(self, trace: Trace, item: Property) -> None:
        """Raise `Disagreement` unless the end of the trace is what the property was judged by."""
        self._demand(self._retracer.shows(trace, item), f"property '{item.name}'")

    def _demand(self, agreed: bool, what: str) -> None:
        if not agreed:
            world = self.successor_function.system.world
            raise Disagreement(
                f"world '{world.name}', {what}: the explorer and the interpreter disagree; "
                "this is a bug of steptable"
            )
