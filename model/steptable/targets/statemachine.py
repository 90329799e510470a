"""A python-statemachine class made of a machine, for those who like that library's API.

    HostRollout = state_machine(machine)
    host = HostRollout(record, policy, listeners=[Runtime()])
    host.local_activate(seq=1, received_at=..., ...)    # or host.send_event(Tagged(...))
    host.configuration_values, host.record

Each state is a `State` whose value is the state's text; a terminal one is final. Each
event of each side is an event whose id is its name in snake_case; calling it takes the
event's fields as keywords. Each row is one transition a side, with the row's guards as
its conditions. python-statemachine picks the transition and moves the state; what a guard
says, and what a row sets and emits, is read from the table. Values are the interpreter's
(`steptable.interpreter.evaluate`); `steptable.targets.structs.values_of` makes them out of structs.

**Effects go to listeners.** A listener is any object given as `listeners=[...]` or to
`add_listener`; a subclass of the class listens as well. For every effect of a step, in
order, a listener's `on_effect_<name>(effect)` is called (`on_effect_local_fire_switch`),
and then its `on_effect(effect)`, where it has such methods; `effect` is a `Tagged`. That
happens right after the step, before the library's own `after_...` callbacks, all of which
work as ever, and may name the parameter `fields` to see the event's fields.

**A refused event raises `RefusedStep`** and leaves the instance as it was: a stale number
is told first, then a pair outside the table, then the first guard that does not hold. A
callback that raises up to `on_enter_...` leaves it as it was, too; after that the step stands.
Callbacks are plain functions, not coroutines.
"""

from __future__ import annotations

import copyreg
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from statemachine import State, StateMachine
from statemachine.callbacks import CallbackPriority
from statemachine.event import BoundEvent, Event
from statemachine.exceptions import InvalidStateValue, StateMachineError, TransitionNotAllowed
from statemachine.factory import StateMachineMetaclass

from steptable.elaboration import ElaboratedRow, Requirement, elaborated, freshness
from steptable.errors import UsageError
from steptable.interpreter.evaluate import (
    Refused,
    Tagged,
    Values,
    emitted,
    empty,
    evaluate,
)
from steptable.machine import Guard, Machine, Row, Side
from steptable.sorts import Field
from steptable.support.renaming import snake


class RefusedStep(StateMachineError):
    """The table refused an event; `refused` says why, and `state` in which state it came."""

    def __init__(self, event: Tagged, state: str, refused: Refused) -> None:
        super().__init__(event, state, refused)
        self.event = event
        self.state = state
        self.refused = refused

    def __str__(self) -> str:
        match self.refused:
            case Refused("stale"):
                return f"{self.event.name} is stale: its number is not above the last accepted one"
            case Refused("guard", Guard(must=must)):
                return f"refused: {must}"
            case _:
                return f"a record that is {self.state} does not accept {self.event.name}"


class _Model:
    """The record, of which python-statemachine reads and writes the state alone.

    The rest of a step is handed over with `follow`, and taken together with the state.
    """

    def __init__(self, machine: Machine, record: Values, policy: Values) -> None:
        self.record = record
        self.policy = policy
        self.effects: tuple[Tagged, ...] = ()
        self._holder = machine.state_field.name
        self._before: Values | None = None
        self._after: Values | None = None

    @property
    def state(self) -> str:
        return str(self.record[self._holder])

    @state.setter
    def state(self, value: str) -> None:
        # The state is written again where a callback raises after the change: the old one.
        base = self._after or self._before or self.record
        self._before = None if self._after is None else self.record
        self._after = None
        self.record = {**base, self._holder: value}

    def follow(self, record: Values, effects: tuple[Tagged, ...]) -> None:
        """What the record is to be, but for its state, and the effects of that."""
        self._after, self.effects = record, effects

    def settle(self) -> tuple[Tagged, ...]:
        """The step stands: its effects."""
        self._before = None
        return self.effects


class _Sent(BoundEvent):
    """An event on its way through an instance."""

    tagged: Tagged
    failed: Guard | None = None
    """The first guard that did not hold."""


class _TableEvent(Event):
    """An event of the table. On an instance, calling it with its fields sends it."""

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self if instance is None else _Bound(id=self.id, name=self.name, _sm=instance)


class _Bound(BoundEvent):
    def __call__(self, **fields: Any) -> None:
        machine: TableMachine = self._sm  # type: ignore[assignment]
        sent = _Sent(id=self.id, name=self.name, _sm=machine)
        kind = next(event for event in machine.table.events if snake(event.name) == self.id)
        sent.tagged = Tagged(kind.name, _complete(self.id, kind.fields.fields, fields))
        try:
            BoundEvent.__call__(sent, fields=sent.tagged.fields)
        except TransitionNotAllowed as error:
            if not isinstance(error.event, _Sent):
                raise
            # Not always the event sent here: a callback may have sent another meanwhile.
            raise machine.refusal(error.event) from error


def _complete(name: str, parts: tuple[Field, ...], fields: Mapping[str, Any]) -> Values:
    """All fields of an event, those left out as nothing; raises TypeError as a call does."""
    known = {part.name: part for part in parts}
    for field in fields:
        if field not in known:
            raise TypeError(f"{name} has no field '{field}'")
    missing = [part.name for part in parts if part.is_required and part.name not in fields]
    if missing:
        raise TypeError(f"{name} lacks {', '.join(repr(field) for field in missing)}")
    return {
        field: fields[field] if field in fields else empty(part) for field, part in known.items()
    }


class _TableMetaclass(StateMachineMetaclass):
    """The library makes plain events anew for each class and subclass; the table needs its own."""

    def __init__(self, name: str, bases: tuple[type], attributes: dict[str, Any]) -> None:
        super().__init__(name, bases, attributes)
        for event in self.events:
            setattr(self, event.id, _TableEvent(id=event.id, name=event.name))
        # The library knows no event that every state refuses.
        table: Machine | None = attributes.get("table")
        for kind in () if table is None else table.events:
            if not hasattr(self, snake(kind.name)):
                setattr(self, snake(kind.name), _TableEvent(id=snake(kind.name), name=kind.name))


class TableMachine(StateMachine, metaclass=_TableMetaclass):
    """What all machines have in common; `table` is what it was made of."""

    table: ClassVar[Machine]

    # The table has been checked already, by the stricter rules of `steptable.wellformed`.
    validate_disconnected_states = False
    validate_trap_states = False
    validate_final_reachability = False

    def __init__(
        self, record: Values, policy: Values, *, listeners: list[object] | None = None
    ) -> None:
        """Take up a record where it is: no callback is called, and nothing is emitted."""
        model = _Model(self.table, record, policy)
        if model.state not in self.states_map:
            raise InvalidStateValue(model.state)  # type: ignore[no-untyped-call]
        super().__init__(model=model, listeners=listeners)

    @property
    def record(self) -> Values:
        """The record as it is."""
        return self._taken_up.record

    @property
    def _taken_up(self) -> _Model:
        model: _Model = self.model
        return model

    def send(self, event: str, *args: Any, **fields: Any) -> None:
        """Send an event by its id."""
        getattr(self, event)(*args, **fields)

    def send_event(self, event: Tagged) -> None:
        """Send an event as the interpreter has them."""
        getattr(self, snake(event.name))(**event.fields)

    def refusal(self, sent: _Sent) -> RefusedStep:
        """Why no transition was taken."""
        model = self._taken_up
        if not evaluate(freshness(self.table), _scope(sent, model)):
            refused = Refused("stale")
        elif sent.failed is not None:
            refused = Refused("guard", sent.failed)
        else:
            refused = Refused("illegal")
        return RefusedStep(sent.tagged, model.state, refused)

    def deliver(self, effects: tuple[Tagged, ...]) -> None:
        """Call the effect methods of every listener."""
        for effect in effects:
            for listener in (self, *self.active_listeners):
                for method in (f"on_effect_{snake(effect.name)}", "on_effect"):
                    handler = getattr(listener, method, None)
                    if handler is not None:
                        handler(effect)


def _reduced(made: Any) -> str | tuple[Any, ...]:
    """How a class is pickled: one that was made of a table is made of it again."""
    is_made = made.__module__ == __name__ and made is not TableMachine
    return (state_machine, (made.table,)) if is_made else made.__qualname__


copyreg.pickle(_TableMetaclass, _reduced)


@functools.cache
def state_machine(machine: Machine) -> type[TableMachine]:
    """The class of a well-formed machine; raises `UsageError` for a name that is taken.

    The same machine has the same class. Instances can be pickled wherever their listeners can.
    """
    states = {
        state.name: State(state.name, value=state.name, initial=state.initial, final=state.terminal)
        for state in machine.states
    }
    for row in machine.rows_apart:
        for side in machine.sides:
            _add_transition(machine, row, side, states)
    attributes: dict[str, Any] = {snake(name): state for name, state in states.items()}
    events = [snake(event.name) for event in machine.events]
    called = _callbacks(machine, attributes, events)
    for name in (*attributes, *events):
        is_taken = name in called or name == "model" or hasattr(TableMachine, name)
        if [*attributes, *events].count(name) > 1 or is_taken:
            raise UsageError(
                f"{machine.name}: '{name}' has a meaning of its own in python-statemachine, or two "
                "in the machine; rename the state or event of that name"
            )
    attributes |= {"__doc__": machine.doc, "__module__": __name__, "table": machine}
    return cast(type[TableMachine], _TableMetaclass(machine.name, (TableMachine,), attributes))


def _callbacks(machine: Machine, states: Iterable[str], events: Iterable[str]) -> set[str]:
    """The methods that are called by their names where an instance, or a listener, has them."""
    whole = {"before_transition", "on_transition", "after_transition", "prepare_event", "on_effect"}
    whole |= {"on_enter_state", "on_exit_state"}
    of_events = {f"{when}_{name}" for when in ("before", "on", "after") for name in events}
    of_states = {f"on_{when}_{name}" for when in ("enter", "exit") for name in states}
    return whole | of_events | of_states | {f"on_effect_{snake(e.name)}" for e in machine.effects}


def _add_transition(machine: Machine, row: Row, side: Side, states: Mapping[str, State]) -> None:
    callbacks = _RowCallbacks(elaborated(machine, row, side))
    source, target = row.ends
    transitions = states[source.name].to(
        states[target.name],
        event=snake(callbacks.row.event.name),
        internal=row.stays,
        cond=[_condition(item) for item in callbacks.row.requirements],
        after=callbacks.settle,
    )
    for transition in transitions:
        # The last thing before the state is written, after callbacks that may still raise.
        transition.on.add(callbacks.apply, priority=CallbackPriority.AFTER)


def _scope(sent: _Sent, model: _Model) -> dict[str, Any]:
    return {"record": model.record, "event": sent.tagged.fields, "policy": model.policy}


def _condition(needed: Requirement) -> Callable[[_Sent, _Model], bool]:
    """A condition of a transition. The library passes arguments by their names."""
    guard = needed.guard

    def holds(event: _Sent, model: _Model) -> bool:
        held = bool(evaluate(needed.condition, _scope(event, model)))
        if not held and event.failed is None:
            event.failed = guard
        return held

    # What the library's diagrams show.
    holds.__name__ = "number_is_new" if guard is None else snake(guard.name)
    return holds


@dataclass(frozen=True)
class _RowCallbacks:
    """What the transition of one row and side does."""

    row: ElaboratedRow

    def apply(self, event: _Sent, model: _Model) -> None:
        row, scope = self.row, _scope(event, model)
        changes = {name: evaluate(node, scope) for name, node in row.assignments}
        fields = {name: evaluate(node, scope) for name, node in row.payload.fields}
        scope["payload"] = Tagged(row.payload.record.name, fields)
        model.follow({**model.record, **changes}, emitted(row.emissions, scope))

    def settle(self, machine: TableMachine, model: _Model) -> None:
        machine.deliver(model.settle())
