"""Python source text: sorts as annotations, expressions as expressions, laid out to be read.

Owns Python's precedence, and the one place where a sort decides how something is
written: enum values are singletons and compared with `is`.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

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

WIDTH: Final = 100
INDENT: Final = "    "

# Python's precedence, loosest first.
_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _ATOM = range(7)


def snake(name: str) -> str:
    """A name in lower case with underscores: ActivationFailed and activation-failed alike."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def docstring(text: str, indent: str) -> str:
    """A docstring of one line if it fits, else wrapped, with its closing quotes apart."""
    text = " ".join(text.split()).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if text.endswith('"'):
        text += " "
    if len(indent) + len(text) + 6 <= WIDTH:
        return f'{indent}"""{text}"""\n'
    lines = textwrap.wrap('"""' + text, WIDTH, initial_indent=indent, subsequent_indent=indent)
    return "\n".join(lines) + f'\n{indent}"""\n'


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
            return name.upper() if name else "int"
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


def literal(value: Any, sort: Sort | None) -> str:
    """A constant of a sort."""
    if isinstance(value, expr.Make):
        parts = (f"{name}={literal(part.value, part.sort)}" for name, part in value.fields)
        return f"{value.record.name}({', '.join(parts)})"
    of = inner(sort) if sort is not None else None
    match of:
        case Enum() if value is not None:
            return f"{of.name}.{of.member(value).name}"
        case Symbol(parts=parts) if parts:
            return f"{of}({value!r})"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def broken(text: str, indent: str) -> str:
    """A long choice, conjunction or union over several lines, in brackets."""
    inside = f"\n{indent}{INDENT}"
    depth, rows = 0, ""
    for piece in re.split(r"( (?:if|else|and|or|\|) |[()])", text):
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


@dataclass
class Source:
    """Writes expressions whose roots are called by the names given.

    Records that are looked up or made become local variables: `locals` has their
    definitions, to be placed before the expression.
    """

    roots: Mapping[str, str]
    sorts: Mapping[expr.Node, Sort]
    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What a (root, field) is written as, where that is not an attribute of the root."""
    locals: dict[str, str] = field(default_factory=dict)

    def write(self, node: expr.Node, sort: Sort | None = None) -> str:
        """The text of an expression; `sort` is that of its place, for constants without one."""
        return self._text(node, _CHOICE, sort)

    def _text(self, node: expr.Node, outer: int, sort: Sort | None = None) -> str:
        level, text = self._level(node, sort)
        return f"({text})" if level < outer else text

    def _level(self, node: expr.Node, sort: Sort | None) -> tuple[int, str]:
        match node:
            case expr.Const(value=value, sort=own):
                return _ATOM, literal(value, own if own is not None else sort)
            case expr.Root(name):
                return _ATOM, self.roots[name]
            case expr.Bound(name):
                return _ATOM, name
            case expr.Attr(subject, name):
                return self._attribute(subject, name)
            case expr.Part(item, _, part):
                return _ATOM, f"{self._text(item, _ATOM)}.{snake(part.name)}"
            case expr.Or(items):
                return self._joined(" or ", _OR, items)
            case expr.And(items):
                return self._joined(" and ", _AND, items)
            case expr.Iff(left, right):
                return _COMPARE, f"{self._text(left, _SUM)} is {self._text(right, _SUM)}"
            case expr.Compare(op, left, right):
                return self._comparison(op, left, right)
            case expr.Arithmetic(op, left, right):
                return _SUM, f"{self._text(left, _SUM)} {op} {self._text(right, _ATOM)}"
            case expr.If(test, then, otherwise):
                return _CHOICE, (
                    f"{self._text(then, _OR, sort)} if {self._text(test, _OR)}"
                    f" else {self._text(otherwise, _OR, sort)}"
                )
            case expr.Not(expr.Present(item)):
                return _COMPARE, f"{self._text(item, _SUM)} is None"
            case expr.Not(expr.Iff(left, right)):
                return _COMPARE, f"{self._text(left, _SUM)} is not {self._text(right, _SUM)}"
            case expr.Not(item):
                opposite = expr.negate(item)
                if isinstance(opposite, expr.Not):
                    return _NOT, f"not {self._text(item, _NOT)}"
                return self._level(opposite, sort)
            case expr.Present(item):
                return _COMPARE, f"{self._text(item, _SUM)} is not None"
            case expr.Value(item):
                return self._level(item, None)
            case expr.OrElse(item, fallback):
                value = self._text(item, _SUM)
                return _CHOICE, (
                    f"{self._text(fallback, _OR, sort)} if {value} is None else {value}"
                )
            case expr.Make(record, fields):
                return _ATOM, self._make(record, dict(fields))
            case _:
                return self._map(node)

    def _joined(self, word: str, level: int, items: Sequence[expr.Node]) -> tuple[int, str]:
        if not items:
            return _ATOM, str(level == _AND)
        if len(items) == 1:
            return self._level(items[0], None)
        return level, word.join(self._text(item, level + 1) for item in items)

    def _attribute(self, subject: expr.Node, name: str) -> tuple[int, str]:
        if isinstance(subject, expr.Root) and (subject.name, name) in self.attributes:
            return _ATOM, self.attributes[subject.name, name]
        if isinstance(self.sorts.get(subject), Optional):
            value = self._local(subject)
            return _CHOICE, f"None if {value} is None else {value}.{name}"
        return _ATOM, f"{self._text(subject, _ATOM)}.{name}"

    def _local(self, node: expr.Node) -> str:
        """The name of a local variable that holds an optional."""
        match node:
            case expr.Lookup(expr.Attr(name=of), expr.Attr(name=key)):
                name = f"{of}_at_{key}"
            case _:
                name = f"found_{len(self.locals)}"
        return self._define(name, self._text(node, _CHOICE))

    def _comparison(
        self, op: expr.CompareOperator, left: expr.Node, right: expr.Node
    ) -> tuple[int, str]:
        sort = self.sorts.get(left) or self.sorts.get(right)
        written = str(op)
        if sort is not None and isinstance(inner(sort), Enum):
            written = {"==": "is", "!=": "is not"}.get(op, op)
        return _COMPARE, (
            f"{self._text(left, _SUM, sort)} {written} {self._text(right, _SUM, sort)}"
        )

    def _make(self, record: Record, given: Mapping[str, expr.Node]) -> str:
        parts = [
            self._argument(part.name, self._text(given[part.name], _CHOICE, part.sort))
            for part in in_order(record)
            if part.name in given
        ]
        return self._define(snake(record.name), call(record.name, parts, INDENT).strip())

    def _argument(self, name: str, text: str) -> str:
        if len(f"{INDENT * 2}{name}={text},") > WIDTH:
            text = self._define(name, broken(text, INDENT))
        return f"{name}={text}"

    def _define(self, name: str, text: str) -> str:
        """A local variable of that text, under a name that no other text has."""
        while self.locals.get(name, text) != text:
            name += "_"
        self.locals[name] = text
        return name

    def _map(self, node: expr.Node) -> tuple[int, str]:
        match node:
            case expr.Lookup(of, key):
                return _ATOM, f"{self._text(of, _ATOM)}.get({self.write(key)})"
            case expr.Put(of, key, value):
                sort = self.sorts.get(of)
                value_sort = sort.value if isinstance(sort, Map) else None
                return _ATOM, (
                    f"{{**{self._text(of, _ATOM)}, "
                    f"{self.write(key)}: {self.write(value, value_sort)}}}"
                )
            case expr.Every(of, name, body):
                values = f"{self._text(of, _ATOM)}.values()"
                return _ATOM, f"all({self.write(body)} for {name} in {values})"
            case expr.Where(of, name, body):
                items = f"{self._text(of, _ATOM)}.items()"
                return _ATOM, f"{{key: {name} for key, {name} in {items} if {self.write(body)}}}"
        raise TypeError(f"{type(node).__name__} has no Python text")
