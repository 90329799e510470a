"""The generated codec: one report as JSON, decoded and encoded by msgspec, both ways.

msgspec checks every type, refuses to convert, and names the path of a fault. What it
can't express is checked beside it: integers beyond 64 signed bits, and composite symbols.
"""

from __future__ import annotations

import re
from typing import Final

from steptable.machine import Machine, Wire
from steptable.renaming import camel
from steptable.sorts import Enum, Integer, Record, Symbol, inner
from steptable.targets.header import python_header
from steptable.targets.python_source import (
    INDENT,
    annotation,
    default,
    docstring,
    in_order,
    quoted,
)


def wire_source(machine: Machine, wire: Wire, package: str) -> str:
    """The whole module."""
    payloads = [fact.name for fact in machine.facts]
    events = [event.name for event in machine.events]
    composites = _composites(machine, wire)
    envelope = wire.envelope.name
    offered = sorted([envelope, "Payload", *payloads])
    offered += ["decode", "encode", "json_schema", "to_event", "to_payload"]
    shared = {"Event", "Instant", "Payload", *payloads, *events, *map(str, composites)}
    shared |= {str(inner(part.sort)) for part in wire.envelope if _is_named(inner(part.sort))}
    imports = "".join(f"{INDENT}{name},\n" for name in sorted(shared - {"Instant"}))
    names = "".join(f'{INDENT}"{name}",\n' for name in offered)
    doc = docstring(
        f"The wire of {machine.name}: its {len(payloads)} payload kinds, the envelope, and their "
        "JSON text. Bad input raises msgspec.DecodeError (text that is no JSON in UTF-8) or its "
        "subclass msgspec.ValidationError, whose message names the path of the fault; nothing is "
        "ever converted. Unknown keys are passed over. Times are kept to the microsecond.",
        "",
    )
    blocks = [
        f"{python_header(machine)}# fmt: off\n# ruff: noqa\n{doc}\n"
        "from __future__ import annotations\n\n"
        "from collections.abc import Mapping\nfrom typing import Any, Final\n\nimport msgspec\n\n"
        f"from {package}.reducer import (\n{imports})\n\n__all__ = [\n{names}]\n",
        _envelope(wire),
        _decode(machine, wire),
        _encode(envelope, composites),
        _schema(envelope, composites),
        _conversions(machine, wire),
    ]
    return "\n\n".join(blocks)


def _is_named(sort: object) -> bool:
    return isinstance(sort, Enum | Symbol)


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
    limits = "".join(_limits(machine.payload(fact), wire) for fact in machine.facts)
    return _DECODE.format(envelope=wire.envelope.name, event=wire.event_field, limits=limits)


def _limits(payload: Record, wire: Wire) -> str:
    """Of each wide integer of a payload: its field, its path, and the most it may be."""
    wide = [
        f'("{part.name}", "$.{camel(wire.event_field)}.{camel(part.name)}", {sort.high}),'
        for part in payload
        if isinstance(sort := inner(part.sort), Integer) and sort.high >= 2**63
    ]
    if len(wide) < 2:
        return f"{INDENT}{payload}: ({''.join(wide)}),\n"
    rows = "".join(f"{INDENT * 2}{row}\n" for row in wide)
    return f"{INDENT}{payload}: (\n{rows}{INDENT}),\n"


_DECODE: Final = '''\
# Upper bounds beyond 64 signed bits, which msgspec does not take.
_LIMITS: Final[Mapping[type[Any], tuple[tuple[str, str, int], ...]]] = {{
{limits}}}

_JSON_NAMES: Final = {{"NoneType": "null", "dict": "object", "list": "array"}}


def _from_text(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, str):
        found = type(value).__name__
        raise TypeError(f"Expected `str`, got `{{_JSON_NAMES.get(found, found)}}`")
    return kind(value)


_DECODER: Final = msgspec.json.Decoder({envelope}, dec_hook=_from_text)


def decode(data: bytes | str) -> {envelope}:
    """Read an envelope from its JSON text. Raises msgspec.DecodeError or msgspec.ValidationError,
    with the path of the fault.
    """
    try:
        envelope = _DECODER.decode(data)
    except (UnicodeError, RecursionError) as error:
        raise msgspec.DecodeError(f"JSON is malformed: {{error}}") from error
    for name, path, limit in _LIMITS[type(envelope.{event})]:
        if (getattr(envelope.{event}, name) or 0) > limit:
            raise msgspec.ValidationError(f"Expected `int` <= {{limit}} - at `{{path}}`")
    return envelope
'''


def _encode(envelope: str, composites: list[Symbol]) -> str:
    kinds = " | ".join(map(str, composites)) or "()"
    return _ENCODE.format(envelope=envelope, kinds=kinds)


_ENCODE: Final = '''\
def _to_text(value: Any) -> str:
    if isinstance(value, {kinds}):
        return str(value)
    raise TypeError(f"{{type(value).__name__}} has no place on the wire")


_ENCODER: Final = msgspec.json.Encoder(enc_hook=_to_text)


def encode(value: Any) -> bytes:
    """Write an {envelope}, or any other value of the vocabulary (a record, an event, effects), as
    JSON text.

    Values are written as they are: what `decode` would refuse, such as a time without a zone, is
    the caller's to avoid.
    """
    return _ENCODER.encode(value)
'''


def _schema(envelope: str, composites: list[Symbol]) -> str:
    texts = "".join(
        f"{INDENT}{symbol.name}: {{\n"
        f'{INDENT * 2}"type": "string",\n'
        f'{INDENT * 2}"description": {quoted(symbol.doc)},\n'
        f'{INDENT * 2}"pattern": {quoted(_pattern(symbol))},\n'
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


def _schema_of(kind: type[Any]) -> dict[str, Any]:
    if kind in _TEXTS:
        return dict(_TEXTS[kind])
    raise NotImplementedError(kind)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of an {envelope}."""
    schema = msgspec.json.schema({envelope}, schema_hook=_schema_of)
    for part in schema["$defs"].values():
        # Of docstrings, whose lines are broken and indented.
        part["description"] = " ".join(part.get("description", "").split())
    return {{"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}}
'''


def _conversions(machine: Machine, wire: Wire) -> str:
    to_event, to_payload = "", ""
    for fact in machine.facts:
        received = machine.half(fact, wire.receiver)
        fields = [f"payload.{part.name}" for part in in_order(received.fields)]
        to_event += (
            f"{INDENT * 2}case {fact.name}():\n"
            f"{INDENT * 3}return {received.name}(\n"
            + "".join(f"{INDENT * 4}{name},\n" for name in fields)
            + f"{INDENT * 3})\n"
        )
        halves = " | ".join(f"{name}()" for _, name in fact.halves)
        fields = [f"event.{part.name}" for part in in_order(machine.payload(fact))]
        to_payload += (
            f"{INDENT * 2}case {halves}:\n"
            f"{INDENT * 3}return {fact.name}(\n"
            + "".join(f"{INDENT * 4}{name},\n" for name in fields)
            + f"{INDENT * 3})\n"
        )
    doc = f"The event that a payload is to its receiver, {wire.receiver.name}."
    back = "The payload that reports an event: what travels of it."
    return (
        f"def to_event(payload: Payload) -> Event:\n{docstring(doc, INDENT)}"
        f"{INDENT}match payload:\n{to_event}{_otherwise('to_event', 'payload')}\n\n"
        f"def to_payload(event: Event) -> Payload:\n{docstring(back, INDENT)}"
        f"{INDENT}match event:\n{to_payload}{_otherwise('to_payload', 'event')}"
    )


def _otherwise(function: str, what: str) -> str:
    article = "an" if what[0] in "aeiou" else "a"
    return (
        f"{INDENT * 2}case _:\n"
        f'{INDENT * 3}raise TypeError(f"{function} takes {article} {what}, '
        f'not {{type({what}).__name__}}")\n'
    )
