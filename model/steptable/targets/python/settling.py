"""The part of a generated reducer that is the same for every machine: how values are settled.

A value is taken for what it says, or refused with its field, itself, and the type that is wanted.
What it is taken for is plain: a tuple, a frozen map, a text, an integer, an instant in UTC or at a
fixed distance from it. The annotations of a struct say what is wanted of its fields.
"""

from __future__ import annotations

from typing import Final

IMPORTS: Final = """\
import enum
import functools
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Final, NoReturn, TypeAlias, TypeVar

import msgspec
"""

FROZEN_MAP: Final = '''\
_Key = TypeVar("_Key")
_Of = TypeVar("_Of")


class FrozenMap(dict[_Key, _Of]):
    """A map that stays as it was made, and is hashable. `copy()` and `|` give a dict to change."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> Any:
        return type(self), (dict(self),)

    def __copy__(self) -> FrozenMap[_Key, _Of]:
        return self

    def __deepcopy__(self, memo: Any) -> FrozenMap[_Key, _Of]:
        return self

    def _refuse(self, *arguments: Any, **named: Any) -> NoReturn:
        raise TypeError("a FrozenMap can't be changed; make another one of a dict(...) of it")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse
'''

SETTLING: Final = '''\
_Function = TypeVar("_Function", bound=Callable[..., Any])
_INFINITE: Final = float("inf")
_replace: Final = msgspec.structs.replace
_set: Final = msgspec.structs.force_setattr


def _own(function: _Function) -> _Function:
    """A copy of a function, for values of one type alone. The interpreter notes in a function's
    code where a type has its attributes, and reads those of a second type several times slower.
    """
    copy: Any = types.FunctionType(
        function.__code__.replace(), function.__globals__, function.__name__
    )
    copy.__doc__, copy.__annotations__ = function.__doc__, function.__annotations__
    return typing.cast(_Function, copy)


def _short(value: Any) -> str:
    """A value as an error shows it: never more than a line."""
    text = repr(value[:80] if isinstance(value, (str, bytes)) else value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _cut(text: Any) -> Any:
    """A text as a sentence shows it."""
    return text if not isinstance(text, str) or len(text) <= 80 else f"{text[:79]}…"


def _wrong(where: str, wanted: str, value: Any) -> TypeError:
    found = "None" if value is None else f"{type(value).__name__} {_short(value)}"
    return TypeError(f"{where} must be {wanted}, not {found}")


def _settle(value: Any) -> None:
    """Look at every field of a struct. One whose value is not plain but says the same as one that
    is gets that: a list becomes a tuple, a time in a zone with a history one in UTC. Raises
    TypeError with field, value and wanted type where it says nothing of the kind.
    """
    _struct((type(value),), value, type(value).__name__)


_Taken: TypeAlias = Callable[[Any, str], Any]
"""What a value is taken for; the text says where it stands."""


@functools.cache
def _fields(kind: Any) -> tuple[tuple[str, _Taken], ...]:
    return tuple((part.name, _taken_for(part.type)) for part in msgspec.structs.fields(kind))


def _taken_for(wanted: Any) -> _Taken:
    """How values of an annotation are looked at."""
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin is Annotated:
        of, meta = arguments[0], arguments[1]
        return _instant if of is datetime else functools.partial(_integer, _limits(meta))
    if origin in (typing.Union, types.UnionType):
        others = tuple(kind for kind in arguments if kind is not type(None))
        if len(others) < len(arguments):
            return functools.partial(_optional, _taken_for(typing.Union[others]))
        return functools.partial(_struct, others)
    if origin is tuple:
        return functools.partial(_tuple, _taken_for(arguments[0]))
    if origin is Mapping:
        return functools.partial(_map, _taken_for(arguments[0]), _taken_for(arguments[1]))
    if wanted is float:
        return _number
    if issubclass(wanted, msgspec.Struct):
        return functools.partial(_struct, (wanted,))
    if issubclass(wanted, str):
        return functools.partial(_text, wanted)
    return functools.partial(_exactly, wanted)


def _limits(meta: Any) -> tuple[int, int]:
    known = {"minimum": meta.ge, "maximum": meta.le, **(meta.extra_json_schema or {})}
    return known["minimum"], known["maximum"]


def _exactly(kind: type[Any], value: Any, where: str) -> Any:
    if type(value) is kind:
        return value
    raise _wrong(where, f"a {kind.__name__}", value)


def _optional(of: _Taken, value: Any, where: str) -> Any:
    return None if value is None else of(value, where)


def _text(kind: type[str], value: Any, where: str) -> Any:
    if type(value) is kind:
        return value
    if isinstance(value, str):
        # Of a subclass, whose own methods may say something else than it reads.
        text = str.__str__(value)
        try:
            return text if kind is str else kind(text)
        except ValueError:
            pass
    raise _wrong(where, f"a {kind.__name__}", value)


def _integer(limits: tuple[int, int], value: Any, where: str) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        number = int.__index__(value)
        if limits[0] <= number <= limits[1]:
            return number
    raise _wrong(where, f"an int from {limits[0]} to {limits[1]}", value)


def _number(value: Any, where: str) -> Any:
    if type(value) in (int, float) and abs(value) < _INFINITE:
        try:
            number = float(value)
        except OverflowError:
            number = _INFINITE
        # An integer may have digits that a float does not have, and be read back as another.
        if number == value:
            return number
    raise _wrong(where, "a finite float", value)


def _instant(value: Any, where: str) -> Any:
    if type(value) is datetime and value.tzinfo is UTC:
        return value
    if not isinstance(value, datetime):
        raise _wrong(where, "a datetime", value)
    offset = value.utcoffset()
    if offset is None:
        raise _wrong(where, "a datetime with a time zone", value)
    if type(value) is datetime and type(value.tzinfo) is timezone:
        # The wire knows whole minutes, and all of these are read back whatever their zone.
        if not offset % timedelta(minutes=1) and 1 < value.year < 9999:
            return value
    # Times of one zone are compared by what its clocks show, which is twice the same in autumn.
    clock = (value.hour, value.minute, value.second, value.microsecond)
    try:
        return datetime(value.year, value.month, value.day, *clock, UTC) - offset
    except OverflowError:
        raise _wrong(where, "a datetime that UTC has too", value) from None


def _tuple(of: _Taken, value: Any, where: str) -> Any:
    if not isinstance(value, (tuple, list)):
        raise _wrong(where, "a tuple", value)
    return tuple(of(item, f"{where}[{index}]") for index, item in enumerate(value))


def _map(key: _Taken, of: _Taken, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping):
        raise _wrong(where, "a mapping", value)
    taken = {}
    for name, item in value.items():
        taken[key(name, f"{where} key")] = of(item, f"{where}[{_short(name)}]")
    return FrozenMap(taken)


def _struct(kinds: tuple[type[Any], ...], value: Any, where: str) -> Any:
    kind: Any = type(value)
    if kind not in kinds:
        names = ", ".join(kind.__name__ for kind in kinds)
        raise _wrong(where, f"a {names}" if len(kinds) == 1 else f"one of {names}", value)
    for name, taken_for in _fields(kind):
        given = getattr(value, name)
        taken = taken_for(given, f"{where}.{name}")
        if taken is not given:
            msgspec.structs.force_setattr(value, name, taken)
    return value


def _argument(kind: type[Any], value: Any, function: str, name: str) -> None:
    """Raise TypeError unless an argument is a struct of its type, and settle it."""
    if type(value) is not kind:
        raise TypeError(f"{function} takes a {kind.__name__} as {name}, not {type(value).__name__}")
    _settle(value)
'''

WIDE: Final = '''\
if typing.TYPE_CHECKING:
    _{alias}: TypeAlias = {alias}
else:

    class _Is{alias}(type):
        """msgspec can't express limits beyond 64 signed bits, but asks a type of ours whether what
        it has read is one of it.
        """

        def __instancecheck__(cls, value):
            return type(value) is int and {low} <= value <= {high}

        def __call__(cls, value):
            return _integer(({low}, {high}), value, "what is read")

    _{alias} = Annotated[
        _Is{alias}("{name}", (), {{}}),
        msgspec.Meta(
            extra_json_schema={{"type": "integer", "minimum": {low}, "maximum": {high}}}
        ),
    ]
'''
"""A second alias of an integer, for structs that look at it where they are decoded alone."""
