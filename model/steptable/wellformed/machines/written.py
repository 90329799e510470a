"""Whether names still mean one thing where they are written otherwise than they are declared.

A target calls what is declared by names of its own: a fact becomes a function, a state a constant,
a field a key of JSON text. Here is each place in which such names stand side by side, with what
has a meaning there already. Targets that can quote a name instead (DOT, Mermaid, Promela, C, which
call things by numbers) need no place here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from steptable.errors import Fault, Location
from steptable.machine import Constructor, Fact, Machine
from steptable.sorts import Enum, Integer, Sort, Symbol, inner
from steptable.support.renaming import camel, file_slug, is_identifier, snake
from steptable.wellformed.machines.declared import all_records, defined, named_sorts

TAG: Final = "kind"
"""The key under which the JSON text of events and effects names their type."""

PRIVATE_NAMES: Final = frozenset(
    {"CHECKS", "FrozenMap", "_Apply", "_Function", "_INFINITE", "_Key", "_Of", "_PAYLOADS"}
    | {"_ROWS", "_Tagged", "_Taken", "_Value", "_argument", "_cut", "_exactly", "_fields"}
    | {"_copied", "_instant", "_integer", "_limits", "_map", "_number", "_optional", "_own"}
    | {
        "_replace",
        "_set",
        "_settle",
        "_short",
        "_struct",
        "_taken_for",
        "_text",
        "_tuple",
        "_wrong",
    }
)
"""What every generated reducer defines for itself alone."""

IMPORTED_NAMES: Final = frozenset(
    {"Annotated", "Any", "Callable", "Final", "Instant", "Iterator", "Mapping", "NoReturn"}
    | {"TypeAlias", "TypeVar", "UTC", "annotations", "datetime", "enum", "functools", "msgspec"}
    | {"timedelta", "timezone", "types", "typing"}
)
"""What it imports, and the one alias that is the same in all."""

PUBLIC_NAMES: Final = frozenset(
    {"Effect", "Event", "IllegalForState", "InvariantViolation", "Payload", "SeqRegression"}
    | {"TransitionError", "step"}
)
"""What it offers, whatever is declared."""

CODEC_NAMES: Final = frozenset(
    {"UnknownKind", "decode", "encode", "json_schema", "read", "to_event", "to_payload"}
)
"""What every generated codec offers."""

CODEC_IMPORTS: Final = frozenset({"json", "re"})
"""What it imports beside what reducers do."""

LOCAL_NAMES: Final = frozenset(
    {"after", "effects", "event", "key", "now", "payload", "policy", "state"}
)
"""What functions of the reducer and the codec call something of their own."""

_OF_TYPES: Final = frozenset({"bool", "dict", "float", "int", "msgspec", "str", "tuple"})
"""What fields of structs are declared with. Other types are looked up in the module first."""

_PARAMETERS: Final = frozenset({"event", "now", "policy", "state", "step"})
"""What functions that make a record out of an event call by name."""


_OF_ERRORS: Final = frozenset({"event", "got", "last", "self", "state", *dir(Exception)})
"""What errors carry beside the fields that say which record it is."""


@dataclass(frozen=True)
class Written:
    """A declared name, and what it is called."""

    what: str
    name: str
    text: str
    at: Location


@dataclass(frozen=True)
class Place:
    """Where names stand side by side; `taken` says of a name there what it means already."""

    where: str
    names: Sequence[Written]
    taken: Mapping[str, str]
    renames: bool = True
    """Whether names are called otherwise here; what is called as it is declared is compared with
    others of its kind elsewhere."""
    identifiers: bool = False
    """Whether names have to be identifiers of Python, which renaming can make keywords."""
    kinds_differ: bool = False
    """Whether what has one name, but is of another kind, is compared nowhere else."""

    def are_two(self, one: Written, other: Written) -> bool:
        """Whether two names that are written alike here mean two things."""
        if not self.renames:
            return False
        return one.name != other.name or (self.kinds_differ and one.what != other.what)


def check_written(machine: Machine) -> Iterator[Fault]:
    """Faults of names that have a meaning already where some target writes them, or two."""
    for place in _places(machine):
        first: dict[str, Written] = {}
        for item in place.names:
            called = f"in {place.where} it is called '{item.text}'"
            where = f"{item.what} '{item.name}'"
            if item.text in place.taken:
                problem = place.taken[item.text]
                if item.text != item.name:
                    problem = f"{called}, and {problem}"
                yield Fault(item.at, where, problem, "write another name", "reserved-name")
            elif place.identifiers and not is_identifier(item.text):
                problem = f"{called}, which is no name there"
                yield Fault(item.at, where, problem, "write another name", "reserved-name")
            other = first.setdefault(item.text, item)
            if place.are_two(item, other):
                problem = f"{called}, and so is {other.what} '{other.name}'"
                yield Fault(item.at, where, problem, "rename one", "duplicate-name")


def function_name(fact: Fact) -> str:
    """The function of the reducer that holds the rows of a fact."""
    return f"_{snake(fact.name)}"


def base_name(fact: Fact) -> str:
    """The struct with the fields that a fact's payload and events share."""
    return f"_{fact.name}Fields"


def check_name(struct: str) -> str:
    """What the check of a struct's values is called."""
    return f"_check_{struct}"


def type_name(sort: Sort) -> str:
    """The type of a sort that has a name."""
    return sort.name.upper() if isinstance(sort, Integer) else str(sort)


def _places(machine: Machine) -> Iterator[Place]:
    yield Place("the reducer", [*_types(machine), *_private(machine)], _taken(PRIVATE_NAMES))
    if machine.wire is not None:
        own = "every codec has something of that name itself"
        taken = dict.fromkeys(CODEC_NAMES | CODEC_IMPORTS, own)
        yield Place("the codec", [*_on_wire(machine)], taken, kinds_differ=True)
    yield from _of_records(machine)
    for sort, at in named_sorts(machine):
        if isinstance(sort, Symbol) and sort.parts:
            what = f"{sort}, part"
            parts = [Written(what, part.name, snake(part.name), at) for part in sort.parts]
            taken = {"split": "it is what takes the text apart"}
            yield Place(f"the class {sort}", parts, taken, identifiers=True)
    for constructor in machine.constructors:
        yield _arguments(machine, constructor)
    whose = [Written("identity", name, name, machine.at) for name in machine.identity]
    own = "what refuses an event says something else under that name"
    yield Place("the errors", whose, dict.fromkeys(_OF_ERRORS, own), renames=False)
    if len(machine.sides) > 1:
        drawn = {"effects": "there is another drawing of that name"}
        sides = [Written("side", s.name, file_slug(s.name), machine.at) for s in machine.sides]
        yield Place("the names of drawings", sides, drawn)


def _taken(names: frozenset[str]) -> dict[str, str]:
    return dict.fromkeys(names, "every reducer defines something of that name itself")


def _types(machine: Machine) -> Iterator[Written]:
    for what, name, thing, at in defined(machine):
        text = type_name(thing) if isinstance(thing, Integer) else name
        yield Written(what, name, text, at)


def _private(machine: Machine) -> Iterator[Written]:
    for fact in machine.facts:
        yield Written("fact", fact.name, function_name(fact), fact.at)
        yield Written("fact", fact.name, base_name(fact), fact.at)


def _on_wire(machine: Machine) -> Iterator[Written]:
    assert machine.wire is not None  # noqa: S101  # asked of machines with a wire alone
    envelope = machine.wire.envelope
    yield Written("envelope", envelope.name, envelope.name, machine.at)
    for fact in machine.facts:
        for name in (fact.name, *(name for _, name in fact.halves)):
            yield Written("type", name, name, fact.at)
    for record in (envelope, *(effect.fields for effect in machine.effects)):
        for part in record:
            sort = inner(part.sort)
            if isinstance(sort, Enum | Symbol):
                yield Written("type", sort.name, sort.name, part.at or machine.at)


def _of_records(machine: Machine) -> Iterator[Place]:
    """The fields of each record: as attributes of a struct, and as keys of JSON text."""
    tagged = {event.fields for event in machine.events}
    tagged |= {effect.fields for effect in machine.effects}
    attributes = dict.fromkeys(_OF_TYPES, "the reducer needs what Python calls so to declare it")
    for record in all_records(machine):
        named = [part for part in record if is_identifier(part.name)]
        what = f"{record}, field"
        plain = [Written(what, part.name, part.name, part.at or machine.at) for part in named]
        yield Place(f"the struct {record}", plain, attributes, renames=False)
        keys = [replace(item, text=camel(item.name)) for item in plain]
        kind = {TAG: "JSON text has the name of the type under that key"}
        yield Place("JSON text", keys, kind if record in tagged else {})


def _arguments(machine: Machine, constructor: Constructor) -> Place:
    taken = {"msgspec", *(name for _, name, _, _ in defined(machine))}
    taken |= _PARAMETERS if constructor.on is not None else set()
    what = f"constructor '{constructor.name}', argument"
    names = [Written(what, name, name, constructor.at) for name in constructor.arguments]
    own = "its function has something else of that name"
    return Place("its function", names, dict.fromkeys(taken, own), renames=False)
