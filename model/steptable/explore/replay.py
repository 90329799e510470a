"""Turns what an engine found into traces: whole states, walked again by the interpreter.

Each event on the way is repeated by the generated reducer, where there is one. If explorer,
interpreter and reducer do not say the same, that is a fault of this tool, and is said so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from steptable.explore.exploration import Successor, SuccessorFunction
from steptable.explore.packed.layout import Packed
from steptable.explore.system.transitions import (
    CHOICE,
    Transition,
    choice_sort,
    event_path,
    policy_path,
)
from steptable.interpreter import evaluate
from steptable.interpreter.evaluate import Values
from steptable.interpreter.simulate import Applied, Free, Step, event_env, step_env, take
from steptable.partial.codes import value_of
from steptable.partial.paths import Path
from steptable.partial.shapes import assemble
from steptable.properties import Property
from steptable.sorts import Record
from steptable.targets.structs import Structs

_DIGITS: Final = 18
"""No state has so many ways that it takes more of them to number one."""


class Disagreement(Exception):
    """Explorer, interpreter and generated reducer do not say the same: a bug of ours."""


@dataclass(frozen=True)
class Trace:
    """A way from an initial state to what it shows; of a run that never ends, also the loop."""

    start: Values
    steps: tuple[Step, ...]
    key: str
    """Names the trace: the number of its start, then of each step among those possible.

    A + stands where the loop begins; what is refused is numbered after all that is possible, and
    what leaves the bounds after that.
    """
    loop: int | None = None
    """The number of steps before the loop, which the rest then repeats for ever."""
    leaves_bounds: bool = False
    """Whether the last step leads out of what the world can hold, so that nothing follows it."""

    @property
    def end(self) -> Values:
        return self.steps[-1].after if self.steps else self.start


@dataclass
class Replayer:
    """Walks what an engine found."""

    successor_function: SuccessorFunction
    structs: Mapping[str, Structs]
    """The generated reducers, by the name of their machine."""

    def to_step(
        self,
        path: list[Packed],
        number: int | None,
        choices: tuple[Any, ...],
        *,
        leaves_bounds: bool = False,
    ) -> Trace:
        """The trace along packed states, and one step more: its case and choices."""
        trace = self.along(path)
        if number is None:  # nothing can happen in the state
            return trace
        transition = self.successor_function.system.transitions[number]
        step = self._step(self._remembered(trace.end), transition, choices)
        ordinals = [
            ordinal
            for ordinal, (_, other, chosen) in enumerate(self._addressable(path[-1]))
            if other is transition and chosen == choices
        ]
        key = "/".join([trace.key, *(str(ordinal) for ordinal in ordinals[:1])])
        return Trace(trace.start, (*trace.steps, step), key, leaves_bounds=leaves_bounds)

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
        for number, (here, there) in enumerate(pairwise(path)):
            ordinal, transition, choices = next(
                (ordinal, transition, choices)
                for ordinal, (after, transition, choices) in enumerate(
                    self.successor_function.successors(here)
                )
                if after == there
                and named.get(number, transition.action.name) == transition.action.name
            )
            step = self._step(state, transition, choices)
            state = self._remembered(step.after)
            steps.append(step)
            key.append(f"{'+' if number == loop else '/'}{ordinal}")
            reached = layout.pack(system.project(state))
            self._demand(reached == there, f"action '{step.action.name}'")
        if loop == len(steps):
            key.append("+")
        return Trace(start, tuple(steps), "".join(key), loop)

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
            steps.append(walker._step(state, transition, choices))
            state = self._remembered(steps[-1].after)
            passed.append(packed)
        loop = prefix.count("/") if marked else None
        if loop is not None and passed[loop] != packed:
            raise LookupError(f"what follows step {loop} does not lead back there")
        return Trace(start, tuple(steps), key, loop, left)

    def _addressable(self, state: Packed) -> list[Successor]:
        """All that a key can name: every step out of a state, then what is refused there, and then
        what leaves the bounds."""
        return [
            *self.successor_function.successors(state),
            *self.successor_function.refusals(state),
            *self.successor_function.overflows(state),
        ]

    def _remembered(self, state: Values) -> Values:
        """The state with what instances forget put back, as the explorer goes on from it."""
        after = dict(state)
        for instance in self.successor_function.system.world.instances:
            if instance.forgets:
                after[instance.name] = {**after[instance.name], **dict(instance.forgets)}
        return after

    def _step(self, state: Values, transition: Transition, choices: tuple[Any, ...]) -> Step:
        world = self.successor_function.system.world
        chosen, free = self._chosen(transition, choices)
        step = take(world, state, transition.action, chosen, free)
        what = f"action '{transition.action.name}'"
        if step is None:
            self._demand(False, what)
            raise AssertionError
        rows = [applied.row for applied in step.applied]
        self._demand(rows == [taken.row for taken in transition.delivered], what)
        for applied in step.applied:
            machine = world.instance(applied.instance).machine
            structs = self.structs.get(machine.name)
            if structs is not None and not structs.agrees(
                applied.before, applied.event, applied.policy, applied.outcome
            ):
                raise Disagreement(
                    f"world '{world.name}': the generated reducer does not do what the table "
                    f"says for {applied.event.name}; if it is not stale, this is a bug of steptable"
                )
        return step

    def _chosen(
        self, transition: Transition, choices: tuple[Any, ...]
    ) -> tuple[Values, list[Free]]:
        """Whole choices; those that make no difference take the first of their values."""
        system = self.successor_function.system
        values = {
            variable.path.after(transition.choice_root): variable.domain[0]
            for variable in system.parameters.values()
            if variable.path.is_within(transition.choice_root)
        }
        for variable, choice in zip(transition.parameters, choices, strict=True):
            values[variable.path.after(transition.choice_root)] = value_of(variable, choice)
        chosen = assemble(CHOICE, choice_sort(transition.action), values)
        free = []
        for number, delivery in enumerate(transition.action.deliveries):
            machine = system.world.instance(delivery.instance).machine
            fields: Values = {}
            if delivery.event is not None:
                own = machine.event(delivery.event).fields
                fields = _free(event_path(number), own, dict(delivery.fields), values)
            policy = _free(policy_path(number), machine.policy, dict(delivery.policy), values)
            free.append(Free(fields, policy))
        return chosen, free

    def shows(self, trace: Trace, item: Property) -> None:
        """Raise `Disagreement` unless the end of the trace is what the property was judged by."""
        holds = True
        match item.scope:
            case "state":
                holds = evaluate.evaluate(item.condition, self._remembered(trace.end)) == (
                    item.kind == "always"
                )
            case "step":
                holds = evaluate.evaluate(item.condition, step_env(trace.steps[-1]))
            case "event":
                holds = all(
                    evaluate.evaluate(item.condition, self._event_env(applied))
                    for applied in trace.steps[-1].applied
                    if item.instance in (None, applied.instance) and self._is_of(item, applied)
                )
            case "run":
                return
        self._demand(not holds, f"property '{item.name}'")

    def _event_env(self, applied: Applied) -> Values:
        machine = self.successor_function.system.world.instance(applied.instance).machine
        return event_env(machine, applied)

    def _is_of(self, item: Property, applied: Applied) -> bool:
        machine = self.successor_function.system.world.instance(applied.instance).machine
        return item.fact in (None, machine.event(applied.event.name).fact)

    def _demand(self, agreed: bool, what: str) -> None:
        if not agreed:
            world = self.successor_function.system.world
            raise Disagreement(
                f"world '{world.name}', {what}: the explorer and the interpreter disagree; "
                "this is a bug of steptable"
            )


def _free(path: Path, record: Record, given: Values, values: Mapping[Path, Any]) -> Values:
    return {
        part.name: assemble(path.field(part.name), part.sort, values)
        for part in record
        if part.name not in given
    }
