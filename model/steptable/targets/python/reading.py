"""How a generated codec reads reports: structs of plain JSON values first, then the real ones.

msgspec reads instants, composite symbols and integers beyond 64 signed bits otherwise than the
wire has them, or not at all. So what it reads are texts and numbers, in structs that differ from
the payloads in that alone, and small functions make payloads of them. These also know how many
strings the JSON text of a payload has at least, keys included: a text that has no more says
nothing twice, and nothing that was passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from steptable.machine import Fact, Machine, Wire, records_in
from steptable.sorts import (
    MISSING,
    Enum,
    Field,
    Instant,
    Integer,
    Key,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    inner,
)
from steptable.support.renaming import camel
from steptable.targets.python.source import INDENT, annotation, call, default, in_order

UNCOUNTED = "_UNCOUNTED"
"""Stands in for a number of strings that isn't known; no text has as few."""


def text_name(record: str) -> str:
    """The struct of a record's plain values."""
    return f"_{record}Text"


def reader_name(record: str) -> str:
    """What makes the record of them."""
    return f"_read_{record}"


def reading_source(machine: Machine, wire: Wire) -> Iterator[str]:
    """The structs of plain values, and the functions that make payloads of them."""
    payloads = [machine.payload(fact) for fact in machine.facts]
    nested = [record for record in records_in(*payloads) if record not in payloads]
    for record in filter(_needs_reading, nested):
        yield _text_struct(record.name, record)
        fields = _made(record, "{path}.")
        yield (
            f"def {reader_name(record.name)}(text: {text_name(record.name)}, path: str)"
            f" -> {record.name}:\n{call(record.name, fields, INDENT, lead='return ')}\n"
        )
    for fact, payload in zip(machine.facts, payloads, strict=True):
        yield _text_struct(fact.name, payload, f'tag="{fact.name}", tag_field="kind"')
        yield _payload_reader(wire, fact, payload)
    envelope = Record(wire.envelope.name, wire.envelope.fields)
    union = " | ".join(text_name(fact.name) for fact in machine.facts)
    yield _text_struct(envelope.name, envelope, events={wire.event_field: union})
    rows = "".join(
        f"{INDENT}{text_name(fact.name)}: {reader_name(fact.name)},\n" for fact in machine.facts
    )
    yield (
        "_READ: Final[Mapping[type[Any], Callable[[Any], tuple[Payload, int]]]] = {\n"
        + rows
        + "}\n"
    )


def envelope_reader(wire: Wire) -> str:
    """The statements that make an envelope of its plain values, and count its strings."""
    parts = [part for part in in_order(wire.envelope) if part.name != wire.event_field]
    count = _count(parts, "strings + 1")
    made = call(wire.envelope.name, _made_envelope(wire, "event"), INDENT, lead="envelope = ")
    return (
        f"{INDENT}event, strings = _READ[type(text.{wire.event_field})](text.{wire.event_field})\n"
        f"{INDENT}strings = {count}\n{made}\n"
    )


def written_envelope(machine: Machine, wire: Wire) -> str:
    """An envelope whose text is the one that would be written, as a struct and a function."""
    text = "class _Written(_Text, frozen=True, gc=False, omit_defaults=True):\n"
    for part in in_order(wire.envelope):
        kind = (_annotation if _is_composite(part.sort) else annotation)(part.sort)
        text += f"{INDENT}{part.name}: {kind}{default(part)}\n"
    payloads = [part.sort for fact in machine.facts for part in machine.payload(fact)]
    hook = ", dec_hook=_from_text" if any(map(_has_composite, payloads)) else ""
    return f"{text}\n\n_WRITTEN: Final = msgspec.json.Decoder(_Written{hook})\n"


def written_reader(wire: Wire) -> str:
    made = _made_envelope(wire, f"text.{wire.event_field}", composites_only=True)
    return call(wire.envelope.name, made, INDENT, lead="return ") + "\n"


def _made_envelope(wire: Wire, event: str, composites_only: bool = False) -> list[str]:
    made = []
    for part in in_order(wire.envelope):
        text = f"text.{part.name}"
        if part.name == wire.event_field:
            made.append(event)
        elif composites_only and not _is_composite(part.sort):
            made.append(text)
        else:
            made.append(_read(part.sort, text, f'"$.{camel(part.name)}"'))
    return made


def _is_composite(sort: Sort) -> bool:
    of = inner(sort)
    return isinstance(of, Symbol) and bool(of.parts)


def _has_composite(sort: Sort | None) -> bool:
    match sort:
        case Symbol(parts=parts):
            return bool(parts)
        case Optional(of=of) | Opaque(of=of):
            return _has_composite(of)
        case Map(key=key, value=of):
            return _has_composite(key) or _has_composite(of)
        case Record():
            return any(_has_composite(part.sort) for part in sort)
    return False


def instant_paths(machine: Machine, wire: Wire) -> list[str]:
    """Where instants stand, as msgspec writes paths, without the indices of arrays."""
    roots: list[tuple[Iterable[Field], str]] = [(wire.envelope, "$")]
    roots += [(machine.payload(fact), f"$.{camel(wire.event_field)}") for fact in machine.facts]
    return sorted({path for fields, root in roots for path in _instants(fields, root)})


def _instants(fields: Iterable[Field], path: str) -> Iterator[str]:
    for part in fields:
        yield from _instants_in(part.sort, f"{path}.{camel(part.name)}")


def _instants_in(sort: Sort | None, path: str) -> Iterator[str]:
    match sort:
        case Instant():
            yield path
        case Optional(of=of) | Opaque(shape="value", of=of):
            yield from _instants_in(of, path)
        case Map(value=of) | Opaque(shape="map" | "list", of=of):
            yield from _instants_in(of, f"{path}[]")
        case Record():
            yield from _instants(sort, path)


def _needs_reading(sort: Sort | None) -> bool:
    match sort:
        case Instant():
            return True
        case Symbol(parts=parts):
            return bool(parts)
        case Integer():
            return is_wide(sort)
        case Map(key=Integer()):
            # As JSON has it, a key is a text.
            return True
        case Map(key=key, value=of):
            return _needs_reading(key) or _needs_reading(of)
        case Optional(of=of) | Opaque(of=of):
            return _needs_reading(of)
        case Record():
            return any(_needs_reading(part.sort) for part in sort)
    return False


def is_wide(sort: Sort) -> bool:
    """Whether a sort has limits that msgspec, which knows 64 signed bits, can't look at."""
    return isinstance(sort, Integer) and not (is_short(sort.low) and is_short(sort.high))


def is_short(limit: int) -> bool:
    """Whether msgspec can look at a limit; the wire codec looks at others."""
    return -(2**63) <= limit < 2**63


def _text_struct(
    name: str, record: Record, options: str = "", events: dict[str, str] | None = None
) -> str:
    options = f", {options}" if options else ""
    text = f"class {text_name(name)}(_Text, frozen=True, gc=False{options}):\n"
    for part in in_order(record):
        kind = (events or {}).get(part.name) or _annotation(part.sort)
        text += f"{INDENT}{part.name}: {kind}{default(part)}\n"
    return text if record.fields else f"{text}{INDENT}pass\n"


def _annotation(sort: Sort) -> str:
    """The type of the plain values of a sort."""
    if not _needs_reading(sort):
        return annotation(sort)
    match sort:
        case Instant() | Symbol():
            return "str"
        case Integer(low=low):
            return f"Annotated[int, msgspec.Meta(ge={low})]" if is_short(low) else "int"
        case Optional(of=of):
            return f"{_annotation(of)} | None"
        case Record(name=name):
            return text_name(name)
        case Map(key=key, value=of):
            read = "str" if _is_read(key) else annotation(key)
            return f"Mapping[{read}, {_annotation(of)}]"
        case Opaque(shape="list", of=of) if of is not None:
            return f"tuple[{_annotation(of)}, ...]"
        case Opaque(shape="map", of=of) if of is not None:
            return f"Mapping[str, {_annotation(of)}]"
        case Opaque(of=of) if of is not None:
            return _annotation(of)
    raise TypeError(f"{sort} has no plain values")


def _payload_reader(wire: Wire, fact: Fact, payload: Record) -> str:
    fields = _made(payload, f"$.{camel(wire.event_field)}.")
    return (
        f"def {reader_name(fact.name)}(text: {text_name(fact.name)}) -> tuple[{fact.name}, int]:\n"
        + call(fact.name, fields, INDENT, lead="payload = ")
        + f"\n{INDENT}return payload, {_count(in_order(payload), '2')}\n"
    )


def _made(record: Record, path: str) -> list[str]:
    """The arguments that make a record."""
    texts = []
    for part in in_order(record):
        where = f'"{path}{camel(part.name)}"'
        texts.append(_read(part.sort, f"text.{part.name}", "f" * path.startswith("{") + where))
    return texts


def _read(sort: Sort, text: str, path: str) -> str:
    """The value that plain values are read as."""
    if not _needs_reading(sort):
        return text
    match sort:
        case Instant():
            return f"_instant({text}, {path})"
        case Symbol(name=name):
            return f"_composite({name}, {text}, {path})"
        case Integer(low=low, high=high) if is_short(low):
            return f"{text} if {text} <= {high} else _above({high}, {path})"
        case Integer(low=low, high=high):
            return f"{text} if {low} <= {text} <= {high} else _beyond({low}, {high}, {path})"
        case Optional(of=of):
            return f"None if {text} is None else {_read(of, text, path)}"
        case Record(name=name):
            return f"{reader_name(name)}({text}, {path})"
        case Map(key=key, value=of):
            inside = "f" * (not path.startswith("f")) + path[:-1] + '[...]"'
            return (
                f"{{{_read_key(key, 'key', inside)}: {_read(of, 'item', inside)}"
                f" for key, item in {text}.items()}}"
            )
        case Opaque(shape="map", of=of) if of is not None:
            inside = path[:-1] + '[...]"'
            return f"{{key: {_read(of, 'item', inside)} for key, item in {text}.items()}}"
        case Opaque(shape="list", of=of) if of is not None:
            inside = "f" * (not path.startswith("f")) + path[:-1] + '[{index}]"'
            return f"tuple([{_read(of, 'item', inside)} for index, item in enumerate({text})])"
        case Opaque(of=of) if of is not None:
            return _read(of, text, path)
    raise TypeError(f"{sort} is read as it is")


def _is_read(key: Key) -> bool:
    """Whether a key is made of the text that JSON has of it; msgspec takes "-0" for a number."""
    return isinstance(key, Integer) or _needs_reading(key)


def _read_key(key: Key, text: str, path: str) -> str:
    match key:
        case Integer(low, high, name):
            limits = f", {low}, {high}" if name else ""
            return f"_number({text}, {path}{limits})"
    return _read(key, text, path)


def has_numbered(sort: Sort | None) -> bool:
    """Whether there is a map by integers in a value."""
    match sort:
        case Map(key=key, value=of):
            return isinstance(key, Integer) or has_numbered(of)
        case Optional(of=of) | Opaque(of=of):
            return has_numbered(of)
        case Record():
            return any(has_numbered(part.sort) for part in sort)
    return False


def _count(parts: Iterable[Field], base: str) -> str:
    """How many strings a JSON text of these fields has at least, and has if nothing is beside."""
    terms = base.split(" + ")
    for part in parts:
        text = f"text.{part.name}"
        match part.sort:
            case Optional(of=of):
                inside = _strings(of, text)
                count = UNCOUNTED if inside is None else _sum(["1", *inside])
                terms.append(f"(0 if {text} is None else {count})")
            case _:
                inside = None if part.default is not MISSING else _strings(part.sort, text)
                terms += [UNCOUNTED] if inside is None else ["1", *inside]
    return _sum(terms)


def _sum(terms: list[str]) -> str:
    """The text of a sum, its constants added up."""
    fixed = sum(int(term) for term in terms if term.isdigit())
    return " + ".join([str(fixed), *(term for term in terms if not term.isdigit())])


def _strings(sort: Sort, text: str) -> list[str] | None:
    """The terms of the number of strings in a value, None where that isn't known."""
    match sort:
        case Instant() | Symbol() | Enum() | Opaque(shape="text"):
            return ["1"]
        case Opaque(shape="value", of=of) if of is not None:
            return _strings(of, text)
        case Opaque(shape="list", of=of) if of is not None:
            each = _strings(of, "")
            if each is None or not all(item.isdigit() for item in each):
                return None
            count = sum(map(int, each))
            return [f"{count} * len({text})"] if count else []
        case Record():
            terms: list[str] = []
            for part in sort:
                inside = _strings(part.sort, f"{text}.{part.name}") if part.is_required else None
                if inside is None:
                    return None
                terms += ["1", *inside]
            return terms
        case Optional() | Map() | Opaque(shape="map" | "payload"):
            return None
    return []
