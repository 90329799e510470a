"""The parts of a generated codec that are the same for every machine, but for a few names.

Text goes two ways through it. What reads just as it would be written is read by msgspec into the
real structs, and shown to be that by writing it again. Everything else is read as plain values
first (see `steptable.targets.python.reading`), and where a text says more than these, its whole
JSON is looked at: msgspec looks closely at nothing that it passes over.
"""

from __future__ import annotations

from typing import Final


def instant_pattern() -> str:
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


READING: Final = '''\
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


def _beyond(low: int, high: int, path: str) -> NoReturn:
    raise _fault(f"Expected `int` from {{low}} to {{high}}", path)


def _from_text(kind: Any, value: Any) -> Any:
    return kind(value)


class _Text(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What is read of an object, as JSON has it."""
'''


NUMBERED: Final = '''\
_DECIMAL: Final = re.compile("0|-?[1-9][0-9]{0,99}").fullmatch


def _number(text: str, path: str, low: int | None = None, high: int | None = None) -> int:
    """An integer that is a key, and so a text: its digits, as they are written."""
    if _DECIMAL(text) is None:
        raise _fault("Expected `int` in digits as a key", path)
    number = int(text)
    if low is not None and high is not None and not low <= number <= high:
        raise _fault(f"Expected `int` from {low} to {high} as a key", path)
    return number


def _key(text: str, kind: Any, path: str) -> Any:
    return _number(text, path) if kind is int or typing.get_origin(kind) is Annotated else text
'''
"""What reads the keys of maps by integers, where there are any."""


DECODE: Final = '''\
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


def _whole(digits: str) -> int | float:
    # Python reads no integer of thousands of digits, and no field of integers has room for one.
    return int(digits) if len(digits) <= 400 else float(digits)


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
        return UnknownKind(_cut(message), _cut(kind))
    if re.sub(r"\\[[0-9.]+\\]", "[]", path.rstrip("`")) in _INSTANTS:
        message = message.replace("Expected `str", "Expected `datetime", 1)
    return msgspec.ValidationError(_cut(message))


_Kind_ = TypeVar("_Kind_")


@typing.overload
def read(data: bytes | str, kind: type[_Kind_]) -> _Kind_: ...


@typing.overload
def read(data: bytes | str, kind: Any) -> Any:
    """Unions, such as Event, and other types that are no classes."""


def read(data: bytes | str, kind: Any) -> Any:
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


def _timed(value: Any, wanted: Any, path: str) -> Any:
    """A JSON value with its instants read."""
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is Annotated:
        return _timed(value, arguments[0], path)
    if wanted is datetime:
        return _instant(value, path) if isinstance(value, str) else value
    if origin in (typing.Union, types.UnionType):
        tag = value.get("kind") if isinstance(value, dict) else None
        kinds = [kind for kind in arguments if kind is not type(None)]
        named = [kind for kind in kinds if tag == getattr(kind, "__name__", None)]
        chosen = named or (kinds if len(kinds) == 1 else [])
        return _timed(value, chosen[0], path) if chosen and value is not None else value
    if isinstance(value, list) and arguments:
        # Of one type after the other, the last of them for all that follow.
        of = [kind for kind in arguments if kind is not Ellipsis]
        last = len(of) - 1
        return [
            _timed(item, of[min(at, last)], f"{{path}}[{{at}}]") for at, item in enumerate(value)
        ]
    if isinstance(value, dict) and len(arguments) == 2:
        inside = f"{{path}}[...]"
        return {{{named}: _timed(item, arguments[1], inside) for name, item in value.items()}}
    if isinstance(value, dict) and isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        parts = {{part.encode_name: part.type for part in msgspec.structs.fields(wanted)}}
        return {{
            name: _timed(item, parts[name], f"{{path}}.{{name}}") if name in parts else item
            for name, item in value.items()
        }}
    return value
'''


ENCODE: Final = '''\
def _no_text(value: Any) -> NoReturn:
    raise TypeError(f"{{type(value).__name__}} has no place on the wire")


_REFUSER: Final = msgspec.json.Encoder(enc_hook=_no_text)
_CHECKS: Final[Mapping[type[Any], Callable[[Any], None]]] = {{
    **CHECKS,
    {envelope}: {check},
}}


def _within(value: Any) -> None:
    """Look at what is written of the vocabulary within something else."""
    check = _CHECKS.get(type(value))
    if check is not None:
        check(value)
    elif isinstance(value, (tuple, list, set, frozenset)):
        for item in value:
            _within(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            _within(item)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _within(getattr(value, name))
    elif isinstance(value, datetime):
        zone = value.utcoffset()
        if zone is None or zone % timedelta(minutes=1):
            raise _wrong("what is written", "a datetime in a zone of whole minutes", value)
    elif isinstance(value, float) and not abs(value) < float("inf"):
        raise _wrong("what is written", "a finite float", value)


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every text in a value, with where it stands."""
    if isinstance(value, str):
        yield value, where
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _texts(getattr(value, name), f"{{where or type(value).__name__}}.{{name}}")
    elif isinstance(value, (tuple, list)):
        for at, item in enumerate(value):
            yield from _texts(item, f"{{where}}[{{at}}]")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(name, f"{{where}} key")
            yield from _texts(item, f"{{where}}[...]")


def _broken(value: Any) -> TypeError:
    """The error for a text that holds a half of a character, which no text of UTF-8 does."""
    for text, where in _texts(value, ""):
        try:
            text.encode()
        except UnicodeError:
            return _wrong(where or "what is written", "a text of whole characters", text)
    return TypeError("what is written holds a text that UTF-8 does not have")


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
            _within(item)
    try:
        return _ENCODER.encode(value)
    except UnicodeError:
        raise _broken(value) from None
    except TypeError:
        # Texts of a type of their own are written as texts; nothing else has a place here.
        return _REFUSER.encode(value)
'''
