"""What declarations call refuses arguments of a wrong kind in a sentence, whatever they are.

Every public function is called with a value of each wrong kind in place of each argument.
What keeps a wrong value, for all faults of a table to be said in one run, is put into a machine.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from typing import Any, Final, NamedTuple, get_type_hints

import pytest

from known_models.mirror import mirror
from steptable import machine as machines
from steptable import properties, terms
from steptable import world as worlds
from steptable.errors import Fault, SpecError
from steptable.kinds import is_a
from steptable.machine import Constructor, Effect, Fact, Guard, Machine, Row, State
from steptable.properties import Defect, Property
from steptable.sorts import INSTANT, TRUTH, Integer, Optional, Symbol
from steptable.terms import Term, field, root
from steptable.wellformed import faults_of
from steptable.world import Action, Bounds, Instance, Start, Variable
from support.faulty.parcel import (
    CARRIER,
    FACTS,
    PRINT,
    ROWS,
    SCANNED,
    SENDER,
    SENDING,
    SENT,
    parcel,
    with_row,
)

MODULES: Final = (terms, machines, properties, worlds)

LIGHT: Final = SENDING.guards[0]
A_TERM: Final = root("count") == 1
PROMISE: Final = {"name": "p", "condition": A_TERM, "why": "It is.", "cites": "§1"}


def due_at(made: Any) -> Machine:
    """The parcel with another field in place of one that all of it works with."""
    fields = (
        replace(made, name=part.name) if part.name == "due_at" else part for part in parcel.record
    )
    return replace(parcel, record=replace(parcel.record, fields=tuple(fields)))


class Call(NamedTuple):
    """Something that declarations call, with arguments that it takes."""

    function: Callable[..., Any]
    given: Mapping[str, Any]
    within: Callable[[Any], Machine] | None = None
    """Where what it makes is put, of a function that keeps what is wrong."""


CALLS: Final = {
    "root": Call(root, {"name": "x"}),
    "all_of": Call(terms.all_of, {"items": (A_TERM,)}),
    "any_of": Call(terms.any_of, {"items": (A_TERM,)}),
    "size_of": Call(terms.size_of, {"bag": A_TERM}),
    "as_node": Call(terms.as_node, {"value": A_TERM}),
    "least": Call(terms.least, {"items": (1, 2)}),
    "greatest": Call(terms.greatest, {"items": (1, 2)}),
    "if_else": Call(terms.if_else, {"test": A_TERM, "then": 1, "otherwise": 2}),
    "seconds": Call(terms.seconds, {"number": 1}),
    "instant": Call(terms.instant, {"number": 1}),
    "part_of": Call(terms.part_of, {"whole": "a", "sort": Symbol("A"), "part": Symbol("B")}),
    "as_sort": Call(terms.as_sort, {"sort": TRUTH}),
    "field": Call(
        field,
        {"sort": Optional(INSTANT), "doc": "", "read_by": "people"},
        due_at,
    ),
    "named": Call(terms.named, {"fields": {"a": field(TRUTH)}}),
    "lift": Call(terms.lift, {"value": A_TERM}),
    "Enumeration.__init__": Call(terms.Enumeration, {"name": "E", "doc": "", "members": {}}),
    "Structure.__init__": Call(terms.Structure, {"name": "S", "doc": "", "fields": {}}),
    "state_sort": Call(machines.state_sort, {"name": "S", "doc": "", "states": (SENT,)}),
    "partition": Call(machines.partition, {"states": (SENT,), "parts": ((SENT,),)}),
    "by_side": Call(machines.by_side, {"name": "b", "emissions": {SENDER: PRINT(address="x/1")}}),
    "records_in": Call(machines.records_in, {"roots": (parcel.record,)}),
    "Fact.declare": Call(
        Fact.declare,
        {
            "name": "F",
            "doc": "",
            "halves": {SENDER: "Sent", CARRIER: "Got"},
            "time": "at",
            "durable": True,
            "extra": {SENDER: {"one": field(TRUTH)}},
            "fields": {"at": field(INSTANT)},
        },
    ),
    "Effect.declare": Call(
        Effect.declare,
        {"name": "Ring", "doc": "", "side": SENDER, "emitted_by": "people", "fields": {}},
        lambda made: replace(parcel, effects=(*parcel.effects, made)),
    ),
    "Guard.declare": Call(
        Guard.declare,
        {"name": "light", "condition": Term(LIGHT.condition), "must": "it must be light"},
        lambda made: with_row(replace(SENDING, guards=(made, *SENDING.guards[1:]))),
    ),
    "Row.declare": Call(
        Row.declare,
        {
            "name": "sent",
            "source": SENDING.source,
            "fact": SENDING.fact,
            "target": SENDING.target,
            "guards": SENDING.guards,
            "sets": {name: Term(node) for name, node in SENDING.sets},
            "emits": dict(SENDING.emits),
            "why": "It is.",
            "cites": "§1",
        },
        lambda made: replace(parcel, rows=(made, *(row for row in ROWS if row is not SENDING))),
    ),
    "Constructor.declare": Call(
        Constructor.declare,
        {"name": "n", "doc": "", "state": SENT, "arguments": ("address", "due_at"), "sets": {}},
        lambda made: replace(parcel, constructors=(*parcel.constructors, made)),
    ),
    "Defect.breaks": Call(
        Defect("It is broken.", "Mend it.").breaks, {"length": 1, "how": "It is.", "through": ()}
    ),
    "Property.known_to_fail": Call(
        properties.always("p", A_TERM, why="It is.", cites="§1").known_to_fail,
        {"length": 1, "explanation": "It is.", "repair": "Mend it.", "through": ()},
    ),
    **{
        name: Call(getattr(properties, name), PROMISE)
        for name in ("always", "never", "sometimes", "always_step", "eventually")
    },
    "always_event": Call(
        properties.always_event, PROMISE | {"fact": FACTS[0], "instance": "sender"}
    ),
    "leads_to": Call(properties.leads_to, PROMISE | {"premise": A_TERM}),
    "emits": Call(properties.emits, {"of": root("step"), "effect": PRINT}),
    "rerun": Call(properties.rerun, {"half": "same", "record": root("before")}),
    "step_sort": Call(properties.step_sort, {"machine": parcel}),
    "rerun_sort": Call(properties.rerun_sort, {"machine": parcel}),
    "Bounds.declare": Call(Bounds.declare, {"symbols": {}, "instants": (0,), "numbers": (1,)}),
    "Instance.declare": Call(
        Instance.declare, {"name": "i", "machine": parcel, "on": {PRINT: {}}, "forgets": {}}
    ),
    "Variable.declare": Call(
        Variable.declare, {"name": "v", "sort": Integer(0, 1), "start": 0, "doc": ""}
    ),
    "Start.declare": Call(Start.declare, {"name": "s", "records": {}, "variables": {}}),
    "deliver": Call(
        worlds.deliver, {"instance": "sender", "event": "Saw", "policy": {}, "fields": {}}
    ),
    "receive": Call(
        worlds.receive, {"instance": "sender", "payload": root("choice").letter, "policy": {}}
    ),
    "Action.declare": Call(
        Action.declare,
        {
            "name": "a",
            "party": "",
            "says": "",
            "choices": {"x": TRUTH},
            "guard": A_TERM,
            "sets": {"count": 1},
            "events": (worlds.deliver("sender", "Saw"),),
            "fair": "weak",
        },
    ),
    "words": Call(worlds.words, {"names": ("a",)}),
    "payload_sort": Call(worlds.payload_sort, {"machine": parcel}),
    "any_event": Call(
        worlds.any_event, {"instance": "a", "machine": parcel, "number_steps": range(2)}
    ),
}

MACHINERY: Final = frozenset(
    {"words", "as_sort", "records_in", "step_sort", "rerun_sort", "lift", "as_node", "named"}
)
"""What declarations have no reason to call: the engine does."""

TAKEN: Final = frozenset({("Row.declare", "guards", "a generator")})
"""What is taken beyond what annotations say: a row reads its guards once, whatever they come in."""

WRONG: Final[Mapping[str, Any]] = {
    "a truth": True,
    "a number": 3,
    "a fraction": 1.5,
    "a text": "text",
    "nothing": None,
    "a list": [1],
    "a pair": (1, 2),
    "a dict": {1: 2},
    "a generator": iter(()),
    "a class": State,
    "a function": len,
    "a term": root("x"),
    "a state": SENT,
    "a sort": TRUTH,
    "a field": field(TRUTH),
    "a fact": SCANNED,
    "an effect": PRINT,
    "a side": SENDER,
    "a machine": parcel,
    "a world": mirror(2, 1, 2),
    "bytes": b"bytes",
}


def public(module: types.ModuleType) -> Iterator[str]:
    """What a module offers that makes something declared."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name
        elif inspect.isclass(value):
            yield from (
                f"{name}.{part}"
                for part in ("declare", "breaks", "known_to_fail")
                if part in vars(value)
            )
            own = vars(value).get("__init__")
            # What dataclasses make is looked at where it stands: in a machine, or a world.
            if (
                getattr(own, "__module__", "") == module.__name__
                and not is_dataclass(value)
                and value is not Term
            ):
                yield f"{name}.__init__"


def call(made: Call, changed: Mapping[str, Any]) -> Any:
    """Call a function with its arguments where its signature has them."""
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for name, part in inspect.signature(made.function).parameters.items():
        if name not in made.given:
            continue
        value = changed.get(name, made.given[name])
        if part.kind is part.VAR_POSITIONAL:  # what stands before it goes without a name
            positional = [*named.values()]
            named = {}
        match part.kind:
            case part.VAR_POSITIONAL:
                positional += value
            case part.VAR_KEYWORD:
                named |= value
            case part.POSITIONAL_ONLY:
                positional.append(value)
            case _:
                named[name] = value
    return made.function(*positional, **named)


def hints(made: Call) -> dict[str, Any]:
    function: Any = made.function
    if inspect.isclass(function):
        function = function.__init__
    return get_type_hints(inspect.unwrap(function))


def wrong_for(made: Call, argument: str) -> dict[str, Any]:
    """What is none of what an argument is to be, as its annotation says."""
    hint = hints(made)[argument]
    return {kind: value for kind, value in WRONG.items() if not is_a(value, hint)}


def refusal(made: Call, argument: str, value: object) -> tuple[Fault, ...]:
    """The faults of a call with a value in place of an argument."""
    whole = value
    match inspect.signature(made.function).parameters[argument].kind:
        case inspect.Parameter.VAR_KEYWORD:
            whole = {"odd": value}
        case inspect.Parameter.VAR_POSITIONAL:
            whole = (value,)
    try:
        made_and_judged(made, {argument: whole})
    except SpecError as error:
        return error.faults
    return ()


def made_and_judged(made: Call, changed: Mapping[str, Any]) -> None:
    """Call a function, and judge a machine with what it makes. Raises `SpecError` for faults."""
    found = call(made, changed)
    if made.within is not None and (faults := faults_of(made.within(found))):
        raise SpecError(faults)


ARGUMENTS: Final = [
    pytest.param(name, argument, id=f"{name}-{argument}")
    for name, made in CALLS.items()
    for argument in hints(made)
    if name not in MACHINERY and argument in made.given and hints(made)[argument] is not Any
]


def test_every_declaring_function_is_tried() -> None:
    """A new function of the language is tried with wrong arguments like all others."""
    assert {name for module in MODULES for name in public(module)} == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_right_arguments_are_taken(name: str) -> None:
    """The calls that wrong values are put into are the counterpart of those that are refused."""
    made_and_judged(CALLS[name], {})


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS)
def test_an_argument_of_a_wrong_kind_is_a_fault_of_the_line(name: str, argument: str) -> None:
    """A newcomer corrects a call from the sentence: no error of Python's, and nothing accepted."""
    made = CALLS[name]
    wrong = wrong_for(made, argument)
    refused = {kind: refusal(made, argument, value) for kind, value in wrong.items()}

    here = {kind: {fault.location.file for fault in faults} for kind, faults in refused.items()}
    assert {kind: {__file__} for kind in wrong if (name, argument, kind) not in TAKEN} == {
        kind: files for kind, files in here.items() if (name, argument, kind) not in TAKEN
    }
    assert all(fault.problem and fault.advice for faults in refused.values() for fault in faults)


@pytest.mark.parametrize("name", sorted(CALLS.keys() - MACHINERY))
def test_missing_and_unknown_arguments_are_faults_of_the_line(name: str) -> None:
    """Python names the function it is about, not what is declared, nor what was meant."""
    function = CALLS[name].function
    parameters = inspect.signature(function).parameters.values()
    if any(part.kind is part.VAR_POSITIONAL for part in parameters):
        return
    with pytest.raises(SpecError) as caught:
        function(*[None] * 20)

    assert {fault.slug for fault in caught.value.faults} <= {"wrong-arguments", "wrong-kind"}


def test_all_that_is_wrong_with_a_call_is_said_at_once() -> None:
    """Correcting a call must not be a series of runs that each name one argument."""
    with pytest.raises(SpecError) as caught:
        Action.declare("fly", party=1, says=2, events="x", fair=True)  # type: ignore[arg-type]

    assert [fault.problem for fault in caught.value.faults] == [
        "'party' is 1, not text",
        "'says' is 2, not text",
        "'events' is the text 'x', not a tuple or a list",
        "'fair' is True, not 'weak' or 'strong'",
    ]


def test_what_is_within_a_dict_is_looked_at_too() -> None:
    """A field where its sort is asked for is found in the choices of an action as elsewhere."""
    with pytest.raises(SpecError) as caught:
        Action.declare("fly", choices={"far": field(TRUTH), 1: TRUTH})  # type: ignore[dict-item]

    assert [(fault.problem, fault.advice) for fault in caught.value.faults] == [
        ("'far' in 'choices' is a Field, not a sort", "write the sort alone, without field(...)"),
        ("a key of 'choices' is 1, not text", "write text"),
    ]


def test_a_property_is_what_the_functions_make() -> None:
    """Looking at arguments changes nothing of what is made of right ones."""
    made = properties.always("p", A_TERM, why="It is.", cites="§1")

    assert made == Property("p", "always", "state", A_TERM.node, "It is.", "§1")


def test_a_world_without_time_names_no_instants() -> None:
    """Who has a puzzle or a protocol to explore knows nothing of a clock."""
    assert Bounds.declare(symbols={}) == Bounds.declare(symbols={}, instants=(0,))
