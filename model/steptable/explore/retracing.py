"""Traces, and taking the steps of one again: by the interpreter, on whole values.

Each event on the way is repeated by the generated reducer, where there is one. If they do not say
the same, that is a fault of this tool, and is said so. What a step is of - its action and the
choices that matter - is all that need be known of it, so a trace can be kept, or come from another
process, as few numbers and names. This module knows nothing of engines or packed states.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

from steptable.explore.system.starts import starts_of
from steptable.explore.system.transitions import CHOICE, choice_sort, event_path, policy_path
from steptable.interpreter import evaluate
from steptable.interpreter.evaluate import Values
from steptable.interpreter.simulate import Applied, Free, Step, event_env, step_env, take
from steptable.partial.paths import Path
from steptable.partial.shapes import Decomposer, assemble
from steptable.partial.variables import Variable
from steptable.properties import Property
from steptable.sorts import Record
from steptable.targets.structs import Structs
from steptable.world import Action, World

Choices: TypeAlias = tuple[tuple[int, int], ...]
"""Of each choice of a step that matters its place among those of the action, and that of its value
among those that it can have."""


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
    """The number of steps before the loop, which the rest then repeats forever."""
    leaves_bounds: bool = False
    """Whether the last step leads out of what the world can hold, so that nothing follows it."""
    choices: tuple[Choices, ...] = field(default=(), compare=False, repr=False)
    """Those of each step, by which it can be taken again."""

    @property
    def end(self) -> Values:
        return self.steps[-1].after if self.steps else self.start


@dataclass
class Retracer:
    """Takes steps of a world."""

    world: World
    structs: Mapping[str, Structs]
    """The generated reducers, by the name of their machine."""
    _known: dict[str, dict[Path, Variable]] = field(default_factory=dict)
    """The choices of each action, by its name."""

    def again(
        self, key: str, loop: int | None, taken: tuple[tuple[str, Choices], ...]
    ) -> Trace | None:
        """The trace of a key, out of the actions and choices of its steps; None where there is
        none."""
        number = int(key.partition("/")[0].partition("+")[0])
        actions = {action.name: action for action in self.world.actions}
        start = next(islice(starts_of(self.world), number, None), None)
        if start is None:
            return None
        state, steps = start, list[Step]()
        for name, choices in taken:
            step = self.step(state, actions[name], choices) if name in actions else None
            if step is None:
                return None
            steps.append(step)
            state = self.remembered(step.after)
        return Trace(start, tuple(steps), key, loop, choices=tuple(choices for _, choices in taken))

    def step(self, state: Values, action: Action, choices: Choices) -> Step | None:
        """The step of an action, repeated by the reducer; None where it can't be taken."""
        chosen, free = self._chosen(action, choices)
        step = take(self.world, state, action, chosen, free)
        for applied in () if step is None else step.applied:
            machine = self.world.instance(applied.instance).machine
            structs = self.structs.get(machine.name)
            if structs is not None and not structs.agrees(
                applied.before, applied.event, applied.policy, applied.outcome
            ):
                raise Disagreement(
                    f"world '{self.world.name}': the generated reducer does not do what the table "
                    f"says for {applied.event.name}; this is a bug of steptable"
                )
        return step

    def remembered(self, state: Values) -> Values:
        """The state with what instances forget put back, as the explorer goes on from it."""
        after = dict(state)
        for instance in self.world.instances:
            if instance.forgets:
                after[instance.name] = {**after[instance.name], **dict(instance.forgets)}
        return after

    def shows(self, trace: Trace, item: Property) -> bool:
        """Whether the end of a trace is what a property was judged by."""
        match item.scope:
            case "state":
                holds = evaluate.evaluate(item.condition, self.remembered(trace.end))
                return bool(holds) != (item.kind == "always")
            case "step":
                return not evaluate.evaluate(item.condition, step_env(trace.steps[-1]))
            case "event":
                return not all(
                    evaluate.evaluate(item.condition, self._event_env(applied))
                    for applied in trace.steps[-1].applied
                    if item.instance in (None, applied.instance) and self._is_of(item, applied)
                )
            case "run":
                return True

    def _event_env(self, applied: Applied) -> Values:
        return event_env(self.world.instance(applied.instance).machine, applied)

    def _is_of(self, item: Property, applied: Applied) -> bool:
        machine = self.world.instance(applied.instance).machine
        return item.fact in (None, machine.event(applied.event.name).fact)

    # ── Choices ──────────────────────────────────────────────────────────────────────

    def places(self, action: Action) -> dict[Path, int]:
        """The place of each choice of an action, by its path below the root of the action."""
        return {path: place for place, path in enumerate(self._variables(action))}

    def _chosen(self, action: Action, choices: Choices) -> tuple[Values, list[Free]]:
        """Whole choices; those that make no difference take the first of their values."""
        variables, given = self._variables(action), dict(choices)
        values = {
            path: variable.domain[given.get(place, 0)]
            for place, (path, variable) in enumerate(variables.items())
        }
        chosen = assemble(CHOICE, choice_sort(action), values)
        free = [
            Free(*(_whole(path, record, values) for path, record in parts))
            for parts in self._free(action)
        ]
        return chosen, free

    def _variables(self, action: Action) -> Mapping[Path, Variable]:
        """What can be chosen of an action."""
        if action.name not in self._known:
            decomposer = Decomposer(self.world.bounds)
            records = [(CHOICE, choice_sort(action))]
            records += [part for parts in self._free(action) for part in parts]
            for path, record in records:
                decomposer.shape(path, record, _as_it_is)
            variables = decomposer.variables.values()
            self._known[action.name] = {variable.path: variable for variable in variables}
        return self._known[action.name]

    def _free(self, action: Action) -> list[tuple[tuple[Path, Record], tuple[Path, Record]]]:
        """What the environment chooses of each delivery: of its event, and of the policy."""
        free = []
        for number, delivery in enumerate(action.deliveries):
            machine = self.world.instance(delivery.instance).machine
            fields = Record("event", ())
            if delivery.event is not None:
                fields = _without(machine.event(delivery.event).fields, dict(delivery.fields))
            policy = _without(machine.policy, dict(delivery.policy))
            free.append(((event_path(number), fields), (policy_path(number), policy)))
        return free


def _without(record: Record, fixed: Mapping[str, Any]) -> Record:
    return Record(record.name, tuple(part for part in record if part.name not in fixed))


def _whole(path: Path, record: Record, values: Mapping[Path, Any]) -> Values:
    return {part.name: assemble(path.field(part.name), part.sort, values) for part in record}


def _as_it_is(whole: Any) -> Any:
    return whole
