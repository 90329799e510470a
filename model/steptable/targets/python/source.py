"""Python source text: names, sorts as annotations, constants and calls, laid out to be read.

Expressions are written by `steptable.targets.python.expressions`.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.sorts import (
    MISSING,
    Duration,
    Enum,
    Field,
    Instant,
    Integer,
    Map,
    Opaque,
    Optional,
    Record,
    Sort,
    Symbol,
    Truth,
    inner,
)
from steptable.support.plain import escaped
from steptable.wellformed.machines.written import type_name

WIDTH: Final = 100
INDENT: Final = "    "

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}

MemberName: TypeAlias = Callable[[str, str], str]
"""How a member of an enumeration is called: given both names."""


def dotted(enum: str, member: str) -> str:
    """A member as an attribute of its enumeration."""
    return f"{enum}.{member}"


def quoted(text: str) -> str:
    """A text as a string literal, on one line, in characters that everybody sees alike."""
    return f'"{"".join(_ESCAPES.get(c) or _visible(c) for c in text)}"'


def _visible(character: str) -> str:
    return character if character.isprintable() else escaped(character)


def docstring(text: str, indent: str) -> str:
    """A docstring of one line if it fits, else wrapped, with its closing quotes apart."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    text = "".join(map(_visible, text))
    if text.endswith('"'):
        text += " "
    if len(indent) + len(text) + 6 <= WIDTH:
        return f'{indent}"""{text}"""\n'
    # A word that is too long stays whole: broken in an escape, it would say something else.
    lines = textwrap.wrap(
        '"""' + text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
    )
    return "\n".join(lines) + f'\n{indent}"""\n'


def comment(text: str, indent: str) -> str:
    """A comment of one line, whatever is in the text."""
    return f"{indent}# {''.join(map(_visible, ' '.join(text.split())))}"


def call(name: str, arguments: Sequence[str], indent: str, lead: str = "", tail: str = "") -> str:
    """A call in one line if it fits, else one argument a line."""
    line = f"{indent}{lead}{name}({', '.join(arguments)}){tail}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    rows = "".join(f"{indent}{INDENT}{argument},\n" for argument in arguments)
    return f"{indent}{lead}{name}(\n{rows}{indent}){tail}"


def annotation(sort: Sort) -> str:
    """The type of a sort, in the vocabulary of the generated module."""
    match sort:
        case Truth() | Opaque(shape="flag"):
            return "bool"
        case Integer(name=name):
            return type_name(sort) if name else "int"
        case Instant():
            return "Instant"
        case Duration():
            return "timedelta"
        case Symbol(name=name) | Enum(name=name) | Record(name=name):
            return name
        case Optional(of=of):
            return f"{annotation(of)} | None"
        case Map(key=key, value=value):
            return f"Mapping[{annotation(key)}, {annotation(value)}]"
        case Opaque(shape="text"):
            return "str"
        case Opaque(shape="number"):
            return "float"
        case Opaque(shape="payload"):
            return "Payload"
        case Opaque(shape="list", of=of) if of is not None:
            return f"tuple[{annotation(of)}, ...]"
        case Opaque(shape="map", of=of) if of is not None:
            return f"Mapping[str, {annotation(of)}]"
        case Opaque(shape="value", of=of) if of is not None:
            return annotation(of)
    raise TypeError(f"{sort} has no Python type")


def literal(value: Any, sort: Sort | None, called: MemberName = dotted) -> str:
    """A constant of a sort, in which members of enumerations are called as they are there."""
    if isinstance(value, expr.Make):
        sorts = {part.name: part.sort for part in value.record}
        texts = (f"{name}={literal(node, sorts[name], called)}" for name, node in value.fields)
        return f"{value.record.name}({', '.join(texts)})"
    if isinstance(value, expr.Const):
        return literal(value.value, sort if value.sort is None else value.sort, called)
    of = inner(sort) if sort is not None else None
    match of:
        case Duration() if isinstance(value, int):
            return f"timedelta(seconds={value})"
        case Enum() if value is not None:
            return called(of.name, of.member(value).name)
        case Symbol(parts=parts) if parts and value is not None:
            return f"{of}({quoted(value)})"
        case Map(key=key, value=kept) if value is not None:
            items = [
                f"{literal(name, key, called)}: {literal(item, kept, called)}"
                for name, item in dict(value).items()
            ]
            return f"FrozenMap({{{', '.join(items)}}})" if items else "FrozenMap()"
    return quoted(value) if isinstance(value, str) else repr(value)


_PIECES: Final = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'| (?:if|else|and|or|\|) |[()])"""
)
"""What an expression consists of, as far as its layout has to know."""


def broken(text: str, indent: str) -> str:
    """A long choice, conjunction or union over several lines, in brackets."""
    inside = f"\n{indent}{INDENT}"
    depth, rows = 0, ""
    # Texts in quotes are pieces of their own: what they say is no syntax.
    for piece in _PIECES.split(text):
        depth += {"(": 1, ")": -1}.get(piece, 0)
        breaks = depth == 0 and piece.startswith(" ")
        rows += inside + piece.lstrip() if breaks else piece
    return f"({inside}{rows}\n{indent})"


def default(part: Field) -> str:
    """The right side of a struct field, empty where it must be given.

    Only an absent optional may be left out of the JSON text, so every other default
    goes through a factory, which msgspec always writes.
    """
    if part.default is not MISSING:
        return f" = msgspec.field(default_factory=lambda: {literal(part.default, part.sort)})"
    match part.sort:
        case Optional():
            return " = None"
        case Map():
            return " = msgspec.field(default_factory=dict)"
    return ""


def in_order(fields: Iterable[Field]) -> list[Field]:
    """Fields as a struct has them: those without a default first."""
    parts = list(fields)
    return [p for p in parts if p.is_required] + [p for p in parts if not p.is_required]
