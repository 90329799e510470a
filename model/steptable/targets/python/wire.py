"""The generated codec: one report as JSON, decoded and encoded by msgspec, both ways.

msgspec checks every type, refuses to convert, and names the path of a fault. What it
can't express is checked beside it: integers beyond 64 signed bits, and composite symbols.
"""

from __future__ import annotations

import builtins
import re
from typing import Final

from steptable.machine import Machine, Wire, records_in
from steptable.sorts import Field, Record, Symbol
from steptable.support.renaming import camel
from steptable.targets.header import python_header
from steptable.targets.python.checks import check_source
from steptable.targets.python.reading import (
    envelope_reader,
    has_numbered,
    instant_paths,
    reading_source,
    written_envelope,
    written_reader,
)
from steptable.targets.python.source import (
    INDENT,
    annotation,
    call,
    default,
    docstring,
    in_order,
    quoted,
)
from steptable.targets.python.vocabulary import named_sorts, values
from steptable.targets.python.wire_text import (
    DECODE,
    ENCODE,
    NUMBERED,
    READING,
    instant_pattern,
)
from steptable.wellformed.machines.written import check_name


def wire_source(machine: Machine, wire: Wire, package: str) -> str:
    """The whole module."""
    payloads = [fact.name for fact in machine.facts]
    events = [event.name for event in machine.events]
    composites = _composites(machine)
    envelope = wire.envelope.name
    offered = sorted([envelope, "Payload", *payloads])
    offered += ["UnknownKind", "decode", "encode", "json_schema", "read", "to_event", "to_payload"]
    shared = {"CHECKS", "_PAYLOADS", "_settle", "_wrong"}
    shared |= {"Event", "Payload", *payloads, *events, *map(str, composites)}
    shared |= _types([wire.envelope, *map(machine.payload, machine.facts)])
    blocks = [
        _envelope(wire),
        check_source(machine, envelope, wire.envelope.fields),
        READING.format(pattern=_in_lines(instant_pattern())),
        *([NUMBERED] if _is_numbered(machine) else []),
        *reading_source(machine, wire),
        _decode(machine, wire),
        _encode(wire.envelope),
        _schema(machine, envelope, composites),
        _conversions(machine, wire),
    ]
    # What a map is when it is left out.
    shared |= {"_limits"} if _is_numbered(machine) else set()
    shared |= {"FrozenMap"} if any("FrozenMap(" in block for block in blocks) else set()
    imports = "".join(f"{INDENT}{name},\n" for name in sorted(shared))
    names = "".join(f'{INDENT}"{name}",\n' for name in offered)
    doc = docstring(
        f"The wire of {machine.name}: its {len(payloads)} payload kinds, the envelope, and their "
        "JSON text. Bad input raises msgspec.DecodeError (text that is no JSON in UTF-8) or its "
        "subclass msgspec.ValidationError, whose message names the path of the fault; nothing is "
        "ever converted. Unknown keys are passed over; a key that comes twice is refused. Times "
        "are kept to the microsecond, and finer digits cut off.",
        "",
    )
    whole = [
        f"{python_header(machine)}# fmt: off\n# ruff: noqa\n{doc}\n"
        "from __future__ import annotations\n\n"
        "import functools\nimport json\nimport re\nimport types\nimport typing\n"
        "from collections.abc import Callable, Iterator, Mapping\n"
        "from datetime import UTC, datetime, timedelta\n"
        "from typing import Annotated, Any, Final, NoReturn, TypeVar\n\nimport msgspec\n\n"
        f"from {package}.reducer import (\n{imports})\n\n__all__ = [\n{names}]\n",
        *blocks,
    ]
    return "\n\n".join(whole)


def _types(records: list[Record]) -> set[str]:
    """The names that annotations of these records, and of records in them, are written with."""
    parts = [part for record in records_in(*records) for part in record]
    parts += [part for record in records for part in record]
    return {name for part in parts for name in re.findall(r"\w+", annotation(part.sort))} - {
        *dir(builtins),
        "timedelta",
        "Mapping",
    }


def _in_lines(text: str) -> str:
    """A long text as adjacent raw literals."""
    rows = [text[at : at + 84] for at in range(0, len(text), 84)]
    return "".join(f"{INDENT}r'{row}'\n" for row in rows)


def _composites(machine: Machine) -> list[Symbol]:
    return [sort for sort in named_sorts(machine) if isinstance(sort, Symbol) and sort.parts]


def _envelope(wire: Wire) -> str:
    text = (
        f"class {wire.envelope.name}(\n"
        f'{INDENT}msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True\n):\n'
        f"{docstring(wire.envelope.doc, INDENT)}"
    )
    for part in in_order(wire.envelope):
        text += f"\n{INDENT}{part.name}: {annotation(part.sort)}{default(part)}\n"
        text += docstring(part.doc, INDENT) if part.doc else ""
    return text


def _decode(machine: Machine, wire: Wire) -> str:
    paths = "".join(f'{INDENT}"{path}",\n' for path in instant_paths(machine, wire))
    return DECODE.format(
        envelope=wire.envelope.name,
        event=wire.event_field,
        key=camel(wire.event_field),
        paths=paths,
        read=envelope_reader(wire),
        written=written_envelope(machine, wire),
        as_written=written_reader(wire),
        named="_key(name, arguments[0], inside)" if _is_numbered(machine) else "name",
        unknown="".join(_loosely(wire, part) for part in in_order(wire.envelope)),
    )


def _loosely(wire: Wire, part: Field) -> str:
    kind = "_Kind" if part.name == wire.event_field else annotation(part.sort)
    return f"{INDENT}{part.name}: {kind}{default(part)}\n"


def _encode(envelope: Record) -> str:
    return ENCODE.format(envelope=envelope.name, check=check_name(envelope.name))


def _is_numbered(machine: Machine) -> bool:
    """Whether the vocabulary, the record of the machine included, has maps by integers."""
    wire = machine.wire
    records = [*values(machine), *map(machine.payload, machine.facts)]
    records += [*(item.fields for item in machine.effects), *([wire.envelope] if wire else [])]
    return any(map(has_numbered, records))


def _schema(machine: Machine, envelope: str, composites: list[Symbol]) -> str:
    texts = "".join(
        f"{INDENT}{symbol.name}: {{\n"
        f'{INDENT * 2}"type": "string",\n'
        f'{INDENT * 2}"description": {quoted(symbol.doc)},\n'
        f'{INDENT * 2}"pattern": {quoted(_pattern(symbol))},\n'
        f"{INDENT}}},\n"
        for symbol in composites
    )
    numbered = _is_numbered(machine)
    return _SCHEMA.format(
        envelope=envelope,
        texts=texts,
        keyed=_KEYED_CALL if numbered else "",
        keyed_functions=_KEYED if numbered else "",
    )


def _pattern(symbol: Symbol) -> str:
    """A regular expression for the text of a composite: its parts, none of them empty."""
    separator = re.escape(symbol.separator)
    part = f"(?:(?!{separator})[\\s\\S])+"
    return "^" + f"{part}{separator}" * (len(symbol.parts) - 1) + r"[\s\S]+$"


_SCHEMA: Final = '''\
_TEXTS: Final[Mapping[type[Any], dict[str, Any]]] = {{
{texts}}}

_PLAIN: Final = {{"type": "string", "format": "date-time"}}


def _schema_of(kind: type[Any]) -> dict[str, Any]:
    if kind in _TEXTS:
        return dict(_TEXTS[kind])
    raise NotImplementedError(kind)
{keyed_functions}

def json_schema() -> dict[str, Any]:
    """The JSON Schema of an {envelope}: what `decode` reads. JSON Schema alone takes a number that
    is written with a fraction or an exponent, such as 1.0, for an integer; `decode` does not.
    """
    schema = msgspec.json.schema({envelope}, schema_hook=_schema_of)
{keyed}    for part in schema["$defs"].values():
        # Of docstrings, whose lines are broken and indented.
        part["description"] = " ".join(part.get("description", "").split())
        narrowed = {{name: _narrowed(of) for name, of in part.get("properties", {{}}).items()}}
        if times := {{name: of for name, of in narrowed.items() if of}}:
            # What a format allows differs from one checker to the next, if it is checked at all.
            part["allOf"] = [{{"properties": times}}]
    schema["$defs"]["Instant"] = {{
        "description": "A time of RFC 3339 without leap seconds, cut off after microseconds.",
        **_PLAIN,
        "pattern": _RFC_3339,
    }}
    return {{"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}}


def _narrowed(of: dict[str, Any]) -> dict[str, Any]:
    """What else is asked of a value where it, or what is in it, is an instant."""
    if of == _PLAIN:
        return {{"$ref": "#/$defs/Instant"}}
    if any(_narrowed(one) for one in of.get("anyOf", ())):
        return {{"anyOf": [_narrowed(one) or one for one in of["anyOf"]]}}
    below = {{key: of.get(key) for key in ("items", "additionalProperties")}}
    return {{
        key: one for key, of in below.items() if isinstance(of, dict) and (one := _narrowed(of))
    }}
'''


_KEYED_CALL: Final = """\
    for name, part in schema["$defs"].items():
        if issubclass(kind := globals().get(name, object), msgspec.Struct):
            for field in msgspec.structs.fields(kind):
                if field.encode_name in part["properties"]:
                    _keyed(part["properties"][field.encode_name], field.type)
"""

_KEYED: Final = r'''
def _keyed(of: dict[str, Any], kind: Any) -> None:
    """Say of a value where its keys are integers, which JSON has as texts."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        for one, other in zip(of.get("anyOf", ()), arguments):
            _keyed(one, other)
    elif origin is tuple:
        _keyed(of.get("items", {}), arguments[0])
    elif origin is Mapping:
        key = arguments[0]
        if typing.get_origin(key) is Annotated:
            low, high = _limits(typing.get_args(key)[1])
            of["propertyNames"] = {"enum": [str(number) for number in range(low, high + 1)]}
        elif key is int:
            of["propertyNames"] = {"pattern": r"^(?:0|-?[1-9][0-9]{0,99})(?![\s\S])"}
        _keyed(of.get("additionalProperties", {}), arguments[1])'''


def _conversions(machine: Machine, wire: Wire) -> str:
    to_event, to_payload = "", ""
    for fact in machine.facts:
        received = machine.half(fact, wire.receiver)
        fields = [f"payload.{part.name}" for part in in_order(received.fields)]
        to_event += _row(fact.name, "payload", received.name, fields)
        fields = [f"event.{part.name}" for part in in_order(machine.payload(fact))]
        to_payload += "".join(_row(name, "event", fact.name, fields) for _, name in fact.halves)
    doc = f"The event that a payload is to its receiver, {wire.receiver.name}."
    back = "The payload that reports an event: what travels of it."
    return (
        f"_EVENTS: Final[Mapping[type[Any], Callable[[Any], Event]]] = {{\n{to_event}}}\n\n"
        f"_REPORTS: Final[Mapping[type[Any], Callable[[Any], Payload]]] = {{\n{to_payload}}}\n\n\n"
        f"def to_event(payload: Payload) -> Event:\n{docstring(doc, INDENT)}"
        f"{_looked_up('_EVENTS', 'to_event', 'payload')}\n\n"
        f"def to_payload(event: Event) -> Payload:\n{docstring(back, INDENT)}"
        f"{_looked_up('_REPORTS', 'to_payload', 'event')}"
    )


def _row(key: str, name: str, made: str, fields: list[str]) -> str:
    """How one struct is made of another, in a mapping."""
    text = call(made, fields, INDENT, lead=f"{key}: lambda {name}: ")
    return f"{text},\n"


def _looked_up(mapping: str, function: str, what: str) -> str:
    article = "an" if what[0] in "aeiou" else "a"
    return (
        f"{INDENT}try:\n{INDENT * 2}make = {mapping}[type({what})]\n"
        f"{INDENT}except KeyError:\n{INDENT * 2}kind = type({what}).__name__\n"
        f'{INDENT * 2}refused = f"{function} takes {article} {what}, not {{kind}}"\n'
        f"{INDENT * 2}raise TypeError(refused) from None\n"
        f"{INDENT}return make({what})\n"
    )
