"""The types of a generated reducer: aliases, enums, structs, events, effects and errors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from steptable.machine import Fact, Machine, records_in
from steptable.sorts import Enum, Field, Integer, Record, Sort, Symbol, inner
from steptable.support.renaming import snake
from steptable.targets.python.checks import as_kept, check_source, is_made_by_rows
from steptable.targets.python.reading import is_short, is_wide
from steptable.targets.python.settling import FROZEN_MAP, SETTLING, WIDE
from steptable.targets.python.source import (
    INDENT,
    annotation,
    call,
    default,
    docstring,
    in_order,
    quoted,
)
from steptable.wellformed.machines.written import (
    IMPORTED_NAMES,
    PRIVATE_NAMES,
    PUBLIC_NAMES,
    base_name,
    check_name,
    function_name,
    type_name,
)


def vocabulary(machine: Machine) -> Iterator[str]:
    """The blocks of source, in the order in which they are defined."""
    sorts = list(named_sorts(machine))
    yield FROZEN_MAP
    yield SETTLING
    yield _aliases(sorts)
    yield from (_wide(sort) for sort in sorts if isinstance(sort, Integer) and _is_wide(sort))
    yield from (_composite(sort) for sort in sorts if isinstance(sort, Symbol) and sort.parts)
    yield from (_enum(sort) for sort in sorts if isinstance(sort, Enum))
    yield _BASES
    for record in values(machine):
        fields = as_kept(machine) if record == machine.record else record.fields
        yield from _checked(machine, record.name, "_Value", record.doc, fields)
    for fact in machine.facts:
        yield from _fact(machine, fact)
    yield _union("Payload", [fact.name for fact in machine.facts])
    yield _union("Event", [event.name for event in machine.events])
    for effect in machine.effects:
        owner = f" ({effect.side.name})" if effect.side else ""
        fields = effect.fields.fields
        yield from _checked(machine, effect.name, "_Tagged", effect.doc + owner, fields)
    yield _union("Effect", [effect.name for effect in machine.effects])
    yield _checks(machine)
    yield _errors(machine)


def values(machine: Machine) -> list[Record]:
    """Every record that is a value, innermost first; events, payloads and effects are not."""
    roots = [machine.policy, machine.record, *(machine.payload(fact) for fact in machine.facts)]
    roots += [event.fields for event in machine.events]
    roots += [effect.fields for effect in machine.effects]
    return list(dict.fromkeys([*records_in(*roots), machine.policy, machine.record]))


def public_names(machine: Machine) -> list[str]:
    """What the generated module offers, sorted."""
    named = [
        *(str(s) for s in named_sorts(machine) if isinstance(s, Enum | Symbol)),
        *(record.name for record in values(machine)),
        *(fact.name for fact in machine.facts),
        *(event.name for event in machine.events),
        *(effect.name for effect in machine.effects),
        *(constructor.name for constructor in machine.constructors),
        *([machine.rehydration.name] if machine.rehydration else []),
        *PUBLIC_NAMES,
    ]
    return sorted(dict.fromkeys(named))


def module_names(machine: Machine) -> frozenset[str]:
    """Every name that the generated module has of its own, but for short ones of members."""
    return frozenset(
        {
            *PRIVATE_NAMES,
            *IMPORTED_NAMES,
            *public_names(machine),
            *(type_name(sort) for sort in named_sorts(machine)),
            *(name for fact in machine.facts for name in (function_name(fact), base_name(fact))),
            *(check_name(record.name) for record in values(machine)),
            *(check_name(fact.name) for fact in machine.facts),
            *(check_name(event.name) for event in machine.events),
            *(check_name(effect.name) for effect in machine.effects),
        }
    )


def named_sorts(machine: Machine) -> Iterator[Sort]:
    """Every sort that needs a name, in order of first use."""
    records = [
        *values(machine),
        *(event.fields for event in machine.events),
        *(effect.fields for effect in machine.effects),
        *([machine.wire.envelope] if machine.wire else []),
    ]
    yield from dict.fromkeys(
        sort for record in records for part in record for sort in _named_in(part.sort)
    )


def _named_in(sort: Sort | None) -> Iterator[Sort]:
    if sort is None:
        return
    of = inner(sort)
    if isinstance(of, Symbol):
        yield from of.parts
    if isinstance(of, Enum | Symbol | Integer):
        yield of
    else:
        yield from _named_in(getattr(of, "key", None))
        yield from _named_in(getattr(of, "value", None) or getattr(of, "of", None))


def _aliases(sorts: Iterable[Sort]) -> str:
    lines = ["Instant: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]"]
    lines.append(_doc_line("A point in time, always with its zone."))
    for sort in sorts:
        match sort:
            case Integer(low, high, name) if name:
                meta = f"Annotated[int, msgspec.Meta({_bounds(low, high)})]"
                lines.append(f"{name.upper()}: TypeAlias = {meta}")
                lines.append(_doc_line(f"An integer from {low} to {high}."))
            case Symbol(name=name, doc=doc, parts=()):
                lines.append(f"{name}: TypeAlias = str")
                lines.append(_doc_line(doc))
    return "\n".join(lines) + "\n"


def _bounds(low: int, high: int) -> str:
    """The limits that msgspec looks at itself, and those that it only writes into a schema."""
    limits = [("ge", "minimum", low), ("le", "maximum", high)]
    near = [f"{key}={limit}" for key, _, limit in limits if is_short(limit)]
    far = [f'"{name}": {limit}' for _, name, limit in limits if not is_short(limit)]
    return ", ".join([*near, *([f"extra_json_schema={{{', '.join(far)}}}"] if far else [])])


def _is_wide(sort: Sort) -> bool:
    return is_wide(sort) and bool(getattr(sort, "name", ""))


def _wide(sort: Integer) -> str:
    alias = sort.name.upper()
    return WIDE.format(alias=alias, name=sort.name, low=sort.low, high=sort.high)


def _doc_line(text: str) -> str:
    return docstring(text, "") if text else ""


def _composite(symbol: Symbol) -> str:
    shape = symbol.separator.join(f"{{{snake(part.name)}}}" for part in symbol.parts)
    count, separator = len(symbol.parts), quoted(symbol.separator)
    refused = quoted(f"a {symbol.name} reads '{_braced(shape)}', not '{{_cut(text)}}'")
    doc = f"{symbol.doc} Raises ValueError for a text that does not read so."
    text = (
        f"class {symbol.name}(str):\n"
        f"{docstring(doc, INDENT)}\n"
        f"{INDENT}__slots__ = ()\n\n"
        f"{INDENT}def __new__(cls, text: str) -> {symbol.name}:\n"
        f"{INDENT * 2}if not isinstance(text, str):\n"
        f'{INDENT * 3}raise TypeError(f"a {symbol.name} is a text, not {{type(text).__name__}}")\n'
        f"{INDENT * 2}parts = text.split({separator}, {count - 1})\n"
        f'{INDENT * 2}if len(parts) != {count} or "" in parts:\n'
        f"{INDENT * 3}raise ValueError(f{refused})\n"
        f"{INDENT * 2}return str.__new__(cls, text)\n"
    )
    for index, part in enumerate(symbol.parts):
        text += (
            f"\n{INDENT}@property\n{INDENT}def {snake(part.name)}(self) -> {part.name}:\n"
            f"{docstring(part.doc, INDENT * 2)}"
            f"{INDENT * 2}return self.split({separator}, {count - 1})[{index}]\n"
        )
    return text


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _enum(sort: Enum) -> str:
    text = f"class {sort.name}(enum.Enum):\n{docstring(sort.doc, INDENT)}\n"
    for member in sort.members:
        text += f"{INDENT}{member.name} = {quoted(member.value)}\n"
        text += docstring(member.doc, INDENT) if member.doc else ""
    return text


_BASES = '''\
class _Value(msgspec.Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """A plain value; absent optionals are left out of its JSON text."""


class _Tagged(_Value, frozen=True, gc=False, tag=True, tag_field="kind"):
    """A value whose JSON text names its type."""
'''


def _struct(
    name: str,
    base: str,
    doc: str,
    fields: Iterable[Field],
    *,
    options: str = "frozen=True, gc=False",
    check: str = "",
) -> str:
    text = f"class {name}({base}, {options}):\n{docstring(doc, INDENT)}"
    for part in in_order(fields):
        text += f"\n{INDENT}{part.name}: {annotation(part.sort)}{default(part)}\n"
        text += docstring(part.doc, INDENT) if part.doc else ""
    return text + (f"\n{check}" if check else "")


def _checked(
    machine: Machine, name: str, base: str, doc: str, fields: tuple[Field, ...]
) -> Iterator[str]:
    """A struct and its check, which is made whenever the struct is, unless rows make it."""
    yield check_source(machine, name, fields)
    check = "" if is_made_by_rows(machine, name) else _post_init(check_name(name))
    yield _struct(name, base, doc, fields, check=check)


def _fact(machine: Machine, fact: Fact) -> Iterator[str]:
    """The fields of a fact once, and under them its payload and each side's event."""
    base = base_name(fact)
    names = " and ".join(name for _, name in fact.halves)
    payload = machine.payload(fact).fields
    yield _struct(base, "_Tagged", f"What {names} and their payload carry.", payload)
    yield check_source(machine, fact.name, payload)
    travels = "durable" if fact.durable else "not durable"
    text = _struct(fact.name, base, f"{fact.doc} (Payload, {travels}.)", ())
    for part in payload:
        if _is_wide(inner(part.sort)):
            option = " | None" if part.sort != inner(part.sort) else ""
            kind = f"_{annotation(inner(part.sort))}{option}"
            text += f"\n{INDENT}{part.name}: {kind}{default(part)}\n"
    yield text
    for side, name in fact.halves:
        doc = f"{fact.doc} (As {side.name} sees it.)"
        extra = fact.extra_fields(side)
        options = "frozen=True, gc=False"
        if extra and not all(part.is_required for part in fact.fields):
            # Positions are taken: a required field can't come after one that may be left out.
            options += ", kw_only=True"
        own = f"_own({check_name(fact.name)})"
        if extra:
            own = check_name(name)
            yield check_source(machine, name, (*payload, *extra))
        yield _struct(name, base, doc, extra, options=options, check=_post_init(own))


def _post_init(check: str) -> str:
    # A type checker wants a `def` here, which would be one more call.
    return f"{INDENT}__post_init__ = {check}  # type: ignore[misc]\n"


def _checks(machine: Machine) -> str:
    """The payloads, and the check of every struct."""
    payloads = ", ".join(fact.name for fact in machine.facts)
    names = {record.name: check_name(record.name) for record in values(machine)}
    for fact in machine.facts:
        names[fact.name] = check_name(fact.name)
        for side, name in fact.halves:
            own = bool(fact.extra_fields(side))
            names[name] = check_name(name if own else fact.name)
    names |= {effect.name: check_name(effect.name) for effect in machine.effects}
    shared = {check for check in names.values() if list(names.values()).count(check) > 1}
    rows = "".join(
        f"{INDENT}{name}: {f'_own({check})' if check in shared else check},\n"
        for name, check in names.items()
    )
    return (
        f"CHECKS: Final[Mapping[type[Any], Callable[[Any], None]]] = {{\n{rows}}}\n"
        + docstring("Looks at a struct, and settles or refuses what its fields hold.", "")
        + f"\n_PAYLOADS: Final = {{kind: CHECKS[kind] for kind in ({payloads},)}}\n"
    )


def _union(name: str, members: list[str]) -> str:
    rows = "".join(f"{INDENT}| {member}\n" for member in members)
    return f"{name}: TypeAlias = (\n{rows.replace('| ', '', 1)})\n"


def _errors(machine: Machine) -> str:
    state = machine.state_sort.name
    identity = [(name, annotation(machine.record.get(name).sort)) for name in machine.identity]  # type: ignore[union-attr]
    whose = ", ".join(f"{name} {{_cut(self.{name})}}" for name, _ in identity)
    number = machine.numbering
    blocks = [
        "class TransitionError(Exception):\n"
        + docstring(
            "An event was refused. The record is as it was, and the event's number is not used up.",
            INDENT,
        ),
        _error(
            "SeqRegression",
            f"The event's {number.event_field} is not above the last accepted one.",
            [("got", "int"), ("last", "int"), *identity],
            f"{number.event_field} {{self.got}} is not above the last accepted "
            f"{number.event_field} {{self.last}}",
            f" ({whose})",
        ),
        _error(
            "IllegalForState",
            "The table has no row for this event in this state.",
            [("state", state), ("event", "Event"), *identity],
            "a record that is {self.state.value} does not accept {type(self.event).__name__}",
            f" ({whose})",
        ),
        _error(
            "InvariantViolation",
            "A guard of the row does not hold: `guard` is its name, `reason` what it demands.",
            [
                ("reason", "str"),
                ("guard", "str | None", "None"),
                ("state", f"{state} | None", "None"),
                *((name, f"{kind} | None", "None") for name, kind in identity),
            ],
            "refused: {self.reason}",
            f" ({whose})",
        ),
    ]
    return "\n\n".join(blocks)


def _sentence(texts: tuple[str, ...]) -> str:
    if len(texts) == 1:
        return f'{INDENT * 2}return f"{texts[0]}"\n'
    rows = "".join(f'{INDENT * 3}f"{text}"\n' for text in texts)
    return f"{INDENT * 2}return (\n{rows}{INDENT * 2})\n"


def _error(name: str, doc: str, parts: list[tuple[str, ...]], *sentence: str) -> str:
    parameters = [
        f"{part[0]}: {part[1]}" + (f" = {part[2]}" if len(part) > 2 else "") for part in parts
    ]
    names = [part[0] for part in parts]
    head = call("def __init__", ["self", *parameters], INDENT, tail=" -> None:")
    body = "".join(f"{INDENT * 2}self.{name} = {name}\n" for name in names)
    return (
        f"class {name}(TransitionError):\n{docstring(doc, INDENT)}\n{head}\n"
        f"{call('super().__init__', names, INDENT * 2)}\n{body}\n"
        f"{INDENT}def __str__(self) -> str:\n{_sentence(sentence)}"
    )
