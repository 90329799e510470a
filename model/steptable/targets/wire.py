"""The generated codec: one report as JSON, decoded and encoded by msgspec, both ways.

msgspec checks every type, refuses to convert, and names the path of a fault. What it
can't express is checked beside it: integers beyond 64 signed bits, and composite symbols.
"""

from __future__ import annotations

from steptable.machine import Machine, Wire
from steptable.sorts import Enum, Integer, Symbol, inner
from steptable.targets.python_source import (
    INDENT,
    annotation,
    default,
    docstring,
    in_order,
)
from steptable.targets.reducer import header


def wire_source(machine: Machine, wire: Wire, package: str) -> str:
    """The whole module."""
    payloads = [fact.name for fact in machine.facts]
    events = [event.name for event in machine.events]
    composites = _composites(machine, wire)
    envelope = wire.envelope.name
    offered = sorted([envelope, "Payload", *payloads])
    offered += ["decode", "encode", "json_schema", "to_event", "to_payload"]
    shared = {"Event", "Instant", "Payload", *payloads, *events, *composites}
    shared |= {str(inner(part.sort)) for part in wire.envelope if _is_named(inner(part.sort))}
    imports = "".join(f"{INDENT}{name},\n" for name in sorted(shared - {"Instant"}))
    names = "".join(f'{INDENT}"{name}",\n' for name in offered)
    doc = docstring(
        f"The wire of {machine.name}: its {len(payloads)} payload kinds, the envelope, and their "
        "JSON text. Bad input raises msgspec.DecodeError (text that is no JSON) or its subclass "
        "msgspec.ValidationError, whose message names the path of the fault; nothing is ever "
        "converted. Unknown keys are passed over. Times are kept to the microsecond.",
        "",
    )
    blocks = [
        f"{header(machine)}# fmt: off\n# ruff: noqa\n{doc}\n"
        "from __future__ import annotations\n\n"
        "from collections.abc import Mapping\nfrom typing import Any, Final\n\nimport msgspec\n\n"
        f"from {package}.reducer import (\n{imports})\n\n__all__ = [\n{names}]\n",
        _envelope(wire),
        _decode(machine, wire, composites),
        _encode(envelope, composites),
        _schema(envelope, composites),
        _conversions(machine, wire),
    ]
    return "\n\n".join(blocks)


def _is_named(sort: object) -> bool:
    return isinstance(sort, Enum | Symbol)


def _composites(machine: Machine, wire: Wire) -> list[str]:
    records = [wire.envelope, *(effect.fields for effect in machine.effects)]
    sorts = [inner(part.sort) for record in records for part in record]
    return list(dict.fromkeys(s.name for s in sorts if isinstance(s, Symbol) and s.parts))


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


def _decode(machine: Machine, wire: Wire, composites: list[str]) -> str:
    envelope, event = wire.envelope.name, wire.event_field
    limits = []
    for fact in machine.facts:
        wide = [
            (part.name, part.sort.high)
            for part in machine.payload(fact)
            if isinstance(part.sort, Integer) and part.sort.high >= 2**63
        ]
        limits_of = "".join(f'("{name}", {high}), ' for name, high in wide).strip()
        limits.append(f"{INDENT}{fact.name}: ({limits_of}),\n")
    return (
        "# Upper bounds beyond 64 signed bits, which msgspec does not take.\n"
        "_LIMITS: Final[Mapping[type[Any], tuple[tuple[str, int], ...]]] = {\n"
        f"{''.join(limits)}}}\n\n\n"
        f"def _from_text(kind: type[Any], value: Any) -> Any:\n"
        f"{INDENT}if not isinstance(value, str):\n"
        f'{INDENT * 2}raise TypeError(f"Expected `str`, got `{{type(value).__name__}}`")\n'
        f"{INDENT}return kind(value)\n\n\n"
        f"_DECODER: Final = msgspec.json.Decoder({envelope}, dec_hook=_from_text)\n\n\n"
        f"def decode(data: bytes | str) -> {envelope}:\n"
        + docstring(
            "Read an envelope from its JSON text. Raises msgspec.DecodeError or "
            "msgspec.ValidationError, with the path of the fault.",
            INDENT,
        )
        + f"{INDENT}envelope = _DECODER.decode(data)\n"
        f"{INDENT}for name, limit in _LIMITS[type(envelope.{event})]:\n"
        f"{INDENT * 2}if getattr(envelope.{event}, name) > limit:\n"
        f"{INDENT * 3}path = msgspec.structs.fields(envelope.{event})\n"
        f"{INDENT * 3}key = next(part.encode_name for part in path if part.name == name)\n"
        f"{INDENT * 3}raise msgspec.ValidationError(\n"
        f'{INDENT * 4}f"Expected `int` <= {{limit}} - at `$.{event}.{{key}}`"\n'
        f"{INDENT * 3})\n"
        f"{INDENT}return envelope\n"
    )


def _encode(envelope: str, composites: list[str]) -> str:
    kinds = " | ".join(composites) or "()"
    return (
        "def _to_text(value: Any) -> str:\n"
        f"{INDENT}if isinstance(value, {kinds}):\n"
        f"{INDENT * 2}return str(value)\n"
        f'{INDENT}raise TypeError(f"{{type(value).__name__}} has no place on the wire")\n\n\n'
        "_ENCODER: Final = msgspec.json.Encoder(enc_hook=_to_text)\n\n\n"
        f"def encode(value: Any) -> bytes:\n"
        + docstring(
            f"Write an {envelope}, or any other value of the vocabulary (a record, an event, "
            "effects), as JSON text.",
            INDENT,
        )
        + f"{INDENT}return _ENCODER.encode(value)\n"
    )


def _schema(envelope: str, composites: list[str]) -> str:
    kinds = f"({', '.join(composites)},)" if composites else "()"
    return (
        "def _schema_of(kind: type[Any]) -> dict[str, Any]:\n"
        f"{INDENT}if kind in {kinds}:\n"
        f'{INDENT * 2}return {{"type": "string", "description": kind.__doc__}}\n'
        f"{INDENT}raise NotImplementedError(kind)\n\n\n"
        "def json_schema() -> dict[str, Any]:\n"
        f"{docstring(f'The JSON Schema of an {envelope}.', INDENT)}"
        f"{INDENT}return msgspec.json.schema({envelope}, schema_hook=_schema_of)\n"
    )


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
    return (
        f"{INDENT * 2}case _:\n"
        f'{INDENT * 3}raise TypeError(f"{function} takes an instance of its {what} kinds, '
        f'not {{type({what}).__name__}}")\n'
    )
