"""The generated codec: one report as JSON, decoded and encoded by msgspec, both ways.

msgspec checks every type, refuses to convert, and names the path of a fault. What it
can't express is checked beside it: integers beyond 64 signed bits, and composite symbols.
"""

from __future__ import annotations

import builtins
import json
import re
from typing import Final

from steptable.machine import Machine, Wire, records_in
from steptable.sorts import Field, Record, Symbol, inner
from steptable.targets.checks import check_name, check_source
from steptable.targets.header import python_header
from steptable.targets.python_source import (
    INDENT,
    annotation,
    call,
    default,
    docstring,
    in_order,
)
from steptable.targets.reading import (
    camel,
    envelope_reader,
    instant_paths,
    reading_source,
    written_envelope,
    written_reader,
)


def wire_source(machine: Machine, wire: Wire, package: str) -> str:
    """The whole module."""
    payloads = [fact.name for fact in machine.facts]
    events = [event.name for event in machine.events]
    composites = _composites(machine, wire)
    envelope = wire.envelope.name
    offered = sorted([envelope, "Payload", *payloads])
    offered += ["UnknownKind", "decode", "encode", "json_schema", "read", "to_event", "to_payload"]
    shared = {"CHECKS", "_PAYLOADS", "_settle"}
    shared |= {"Event", "Payload", *payloads, *events, *map(str, composites)}
    shared |= _types([wire.envelope, *map(machine.payload, machine.facts)])
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
    blocks = [
        f"{python_header(machine)}# fmt: off\n# ruff: noqa\n{doc}\n"
        "from __future__ import annotations\n\n"
        "import functools\nimport json\nimport re\nimport types\nimport typing\n"
        "from collections.abc import Callable, Mapping\nfrom datetime import UTC, datetime\n"
        "from typing import Annotated, Any, Final, NoReturn, TypeVar\n\nimport msgspec\n\n"
        f"from {package}.reducer import (\n{imports})\n\n__all__ = [\n{names}]\n",
        _envelope(wire),
        check_source(machine, envelope, wire.envelope.fields),
        _READING.format(pattern=_in_lines(_instant_pattern())),
        *reading_source(machine, wire),
        _decode(machine, wire),
        _encode(wire.envelope),
        _schema(envelope, composites),
        _conversions(machine, wire),
    ]
    return "\n\n".join(blocks)


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


def _composites(machine: Machine, wire: Wire) -> list[Symbol]:
    records = [wire.envelope, *(effect.fields for effect in machine.effects)]
    sorts = [inner(part.sort) for record in records for part in record]
    return list(dict.fromkeys(s for s in sorts if isinstance(s, Symbol) and s.parts))


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
    return _DECODE.format(
        envelope=wire.envelope.name,
        event=wire.event_field,
        key=camel(wire.event_field),
        paths=paths,
        read=envelope_reader(wire),
        written=written_envelope(machine, wire),
        as_written=written_reader(wire),
        unknown="".join(_loosely(wire, part) for part in in_order(wire.envelope)),
    )


def _loosely(wire: Wire, part: Field) -> str:
    kind = "_Kind" if part.name == wire.event_field else annotation(part.sort)
    return f"{INDENT}{part.name}: {kind}{default(part)}\n"


def _instant_pattern() -> str:
    """RFC 3339's date-time, with what JSON Schema's `format` leaves open decided."""
    return (
        # Neither end of the calendar is passed on the way to UTC.
        r"^(?!0000|0001-01-01.*\+(?!00:00)|9999-12-31.{9}[^-]*-(?!00:00))"
        r"(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
        r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
        r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
        r"[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
        # A dollar would let a line break follow.
        r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])(?![\s\S])"
    )


_READING: Final = '''\
_RFC_3339: Final = (
{pattern})
"""An instant: a date of the calendar, a time of the day without leap seconds, a zone."""

_READS_AS_INSTANT: Final = re.compile(
    r"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T(?:[01][0-9]|2[0-3]):[0-9]{{2}}:[0-9]{{2}}(?:\\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{{2}}:[0-5][0-9])"
).fullmatch
"""The same but for ranges, which Python looks at, and for its letters in lower case."""

_NO_INSTANT: Final = "Invalid RFC3339 encoded datetime"
_UNCOUNTED: Final = -(2**60)
_ENCODER: Final = msgspec.json.Encoder(enc_hook=str.__str__)


class UnknownKind(msgspec.ValidationError):
    """A report that is sound but for its `kind`, which this version does not know."""

    def __init__(self, message: str, kind: str) -> None:
        super().__init__(message, kind)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[0])


def _cut(message: str) -> str:
    """A message that may quote what was read, at a length for people."""
    said, at, path = message.rpartition(" - at `")
    if not at:
        said, path = message, ""
    said = said if len(said) <= 200 else f"{{said[:199]}}…"
    return said + at + (path if len(path) <= 200 else f"{{path[:198]}}…`")


def _fault(said: str, path: str) -> msgspec.ValidationError:
    return msgspec.ValidationError(_cut(f"{{said}} - at `{{path}}`"))


def _instant(text: str, path: str) -> datetime:
    """Digits beyond the microsecond are cut off: no time is later than it says."""
    # What most times look like is told without the pattern; some Pythons know an hour 24.
    is_plain = text[4::3] == "--T::Z" and len(text) == 20 and text[11:13] != "24"
    if not is_plain and _READS_AS_INSTANT(text) is None:
        return _odd_instant(text, path)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _fault(_NO_INSTANT, path) from None
    if instant.tzinfo is not UTC and re.search(_RFC_3339, text) is None:
        raise _fault(_NO_INSTANT, path)
    return instant


def _odd_instant(text: str, path: str) -> datetime:
    if re.search(_RFC_3339, text) is not None:
        return datetime.fromisoformat(text.upper())
    if re.search(_RFC_3339, f"{{text}}Z") is not None:
        raise _fault("Expected `datetime` with a timezone component", path)
    raise _fault(_NO_INSTANT, path)


def _composite(kind: Any, text: str, path: str) -> Any:
    try:
        return _named(kind, text) if len(text) <= 256 else kind(text)
    except ValueError as error:
        raise _fault(str(error), path) from None


@functools.lru_cache(maxsize=256)
def _named(kind: Any, text: str) -> Any:
    """A composite symbol. The same few come again and again, and take a while to make."""
    return kind(text)


def _above(limit: int, path: str) -> NoReturn:
    raise _fault(f"Expected `int` <= {{limit}}", path)


class _Text(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is read of an object, as JSON has it."""
'''


_DECODE: Final = '''\
_DECODER: Final = msgspec.json.Decoder(_{envelope}Text)

_INSTANTS: Final = frozenset((
{paths}))
"""Where instants stand, without the indices of arrays."""


{written}

def decode(data: bytes | str) -> {envelope}:
    """Read an envelope from its JSON text. Raises msgspec.DecodeError or msgspec.ValidationError,
    with the path of the fault; UnknownKind where a later version may know more.
    """
    try:
        raw = data if type(data) is bytes else _raw(data)
        text = _WRITTEN.decode(raw)
    except (msgspec.ValidationError, UnicodeError, RecursionError):
        return _decoded(data)
    # A text that would be written so has nothing in it that msgspec passes over or converts.
    if _ENCODER.encode(text) != raw:
        return _decoded(raw)
{as_written}

def _decoded(data: Any) -> {envelope}:
    """An envelope out of any text."""
    try:
        raw = _raw(data)
        text = _DECODER.decode(raw)
    except msgspec.ValidationError as error:
        raise _explained(str(error), raw) from None
    except (UnicodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"JSON is malformed: {{error}}") from None
{read}    # With no more quotes, and no backslash, it says nothing beside and nothing twice.
    if raw.count(34) != 2 * strings or 92 in raw:
        _parsed(raw)
    return envelope


def _raw(data: Any) -> bytes:
    """The bytes of a text. Raises UnicodeError for characters that have none."""
    return data.encode() if isinstance(data, str) else memoryview(data).tobytes()


def _parsed(raw: bytes) -> Any:
    """What a text says. Raises msgspec.DecodeError unless it is JSON in UTF-8 throughout, also
    where it is passed over, and msgspec.ValidationError where it has a key twice.
    """
    try:
        value = json.loads(
            raw.decode(), object_pairs_hook=_once, parse_int=_whole, parse_constant=_no_number
        )
        if b"\\\\u" in raw:
            # Halves of characters can be escaped one by one, and are no text.
            json.dumps(value, ensure_ascii=False).encode()
    except msgspec.DecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise msgspec.DecodeError(_cut(f"JSON is malformed: {{error}}")) from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise msgspec.ValidationError(_cut(f"Object has the key `{{twice}}` twice"))
    return members


def _whole(digits: str) -> int:
    # Python reads no number of thousands of digits, and none of them fits a field anyway.
    return int(digits[:40])


def _no_number(name: str) -> NoReturn:
    raise msgspec.DecodeError(f"JSON is malformed: {{name}} is no number")


class _Kind(msgspec.Struct):
    kind: str


class _Unknown(msgspec.Struct, rename="camel"):
    """An envelope around an event of any kind."""

{unknown}

def _explained(message: str, raw: bytes) -> msgspec.DecodeError:
    """The error for what msgspec says: as short as it can be read, and about what is declared."""
    said, _, path = message.rpartition(" - at `")
    if path == "$.{key}.kind`" and said.startswith("Invalid value "):
        try:
            _parsed(raw)
            kind = msgspec.json.decode(raw, type=_Unknown, dec_hook=_from_text).{event}.kind
        except msgspec.DecodeError as error:
            return type(error)(_cut(str(error)))
        return UnknownKind(_cut(message), kind)
    if re.sub(r"\\[[0-9.]+\\]", "[]", path.rstrip("`")) in _INSTANTS:
        message = message.replace("Expected `str", "Expected `datetime", 1)
    return msgspec.ValidationError(_cut(message))


_Kind_ = TypeVar("_Kind_")


def read(data: bytes | str, kind: type[_Kind_]) -> _Kind_:
    """Read any other value of the vocabulary from its JSON text: a record, an event, an effect, a
    policy. Not as fast as `decode`, and as strict. Raises as it does.
    """
    try:
        value = _parsed(_raw(data))
        return msgspec.convert(_timed(value, kind, "$"), kind, dec_hook=_from_text)
    except msgspec.ValidationError as error:
        raise msgspec.ValidationError(_cut(str(error))) from None
    except (UnicodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"JSON is malformed: {{error}}") from None


def _from_text(kind: Any, value: Any) -> Any:
    return kind(value)


def _timed(value: Any, wanted: Any, path: str) -> Any:
    """A JSON value with its instants read."""
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is Annotated:
        is_instant = arguments[0] is datetime and isinstance(value, str)
        return _instant(value, path) if is_instant else value
    if origin in (typing.Union, types.UnionType):
        tag = value.get("kind") if isinstance(value, dict) else None
        kinds = [kind for kind in arguments if kind is not type(None)]
        named = [kind for kind in kinds if tag == getattr(kind, "__name__", None)]
        chosen = named or (kinds if len(kinds) == 1 else [])
        return _timed(value, chosen[0], path) if chosen and value is not None else value
    if origin is tuple and isinstance(value, list):
        return [_timed(item, arguments[0], f"{{path}}[{{at}}]") for at, item in enumerate(value)]
    if origin is Mapping and isinstance(value, dict):
        inside = f"{{path}}[...]"
        return {{name: _timed(item, arguments[1], inside) for name, item in value.items()}}
    if isinstance(value, dict) and isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        parts = {{part.encode_name: part.type for part in msgspec.structs.fields(wanted)}}
        return {{
            name: _timed(item, parts[name], f"{{path}}.{{name}}") if name in parts else item
            for name, item in value.items()
        }}
    return value
'''


def _encode(envelope: Record) -> str:
    return _ENCODE.format(envelope=envelope.name, check=check_name(envelope.name))


_ENCODE: Final = '''\
def _no_text(value: Any) -> NoReturn:
    raise TypeError(f"{{type(value).__name__}} has no place on the wire")


_REFUSER: Final = msgspec.json.Encoder(enc_hook=_no_text)
_CHECKS: Final[Mapping[type[Any], Callable[[Any], None]]] = {{
    **CHECKS,
    {envelope}: {check},
}}


def _check_within(value: Any) -> None:
    check = _CHECKS.get(type(value))
    if check is not None:
        check(value)
    elif isinstance(value, (tuple, list)):
        for item in value:
            _check_within(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            _check_within(item)


def encode(value: Any) -> bytes:
    """Write an {envelope}, or any other value of the vocabulary (a record, an event, effects), as
    JSON text. Raises TypeError for a field that holds what `decode` would refuse; an instant whose
    zone the wire can't express is written, and kept, in UTC.
    """
    # Mostly the effects of a step.
    for item in value if type(value) is tuple else (value,):
        check = _CHECKS.get(type(item))
        if check is not None:
            check(item)
        else:
            _check_within(item)
    try:
        return _ENCODER.encode(value)
    except TypeError:
        # Texts of a type of their own are written as texts; nothing else has a place here.
        return _REFUSER.encode(value)
'''


def _schema(envelope: str, composites: list[Symbol]) -> str:
    texts = "".join(
        f"{INDENT}{symbol.name}: {{\n"
        f'{INDENT * 2}"type": "string",\n'
        f'{INDENT * 2}"description": {json.dumps(symbol.doc, ensure_ascii=False)},\n'
        f'{INDENT * 2}"pattern": {json.dumps(_pattern(symbol))},\n'
        f"{INDENT}}},\n"
        for symbol in composites
    )
    return _SCHEMA.format(envelope=envelope, texts=texts)


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


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an {envelope}: what `decode` reads. JSON Schema alone takes a number that
    is written with a fraction or an exponent, such as 1.0, for an integer; `decode` does not.
    """
    schema = msgspec.json.schema({envelope}, schema_hook=_schema_of)
    for part in schema["$defs"].values():
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


def _row(given: str, name: str, made: str, fields: list[str]) -> str:
    """How one struct is made of another, in a mapping."""
    text = call(made, fields, INDENT, lead=f"{given}: lambda {name}: ")
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
