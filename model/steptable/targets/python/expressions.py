"""Expressions as Python source text.

Owns Python's precedence, and the one place where a sort decides how something is
written: enum values are singletons and compared with `is`.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from steptable import expr
from steptable.sorts import Enum, Map, Optional, Record, Sort, Symbol, inner
from steptable.support.renaming import snake
from steptable.targets.python.source import (
    INDENT,
    WIDTH,
    MemberName,
    broken,
    call,
    dotted,
    in_order,
    literal,
    quoted,
)
from steptable.wellformed.machines.written import LOCAL_NAMES

_RESERVED: Final = LOCAL_NAMES | set(dir(builtins))
"""What generated functions call by name, and what no variable of theirs may therefore hide: this,
and the names of the module."""

# Python's precedence, loosest first.
_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGNED, _ATOM = range(9)


@dataclass
class Source:
    """Writes expressions whose roots are called by the names given.

    Records that are looked up or made become local variables, to be placed before the
    expression (`definitions`). What may fail unless a test before it holds, or speaks of
    a quantified value, stays where it is.
    """

    roots: Mapping[str, str]
    sorts: Mapping[expr.Node, Sort]
    attributes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What a (root, field) is written as, where that is not an attribute of the root."""
    locals: dict[str, str] = field(default_factory=dict)
    """The text of each local variable."""
    placed: set[str] = field(default_factory=set)
    """The local variables whose definition has been taken."""
    bound: Mapping[str, str] = field(default_factory=dict)
    """What the quantified values are called."""
    sheltered: bool = False
    """Whether what is written is evaluated only where some test before it holds."""
    taken: frozenset[str] = frozenset()
    """The names of the module, which no local variable may hide."""
    called: MemberName = dotted
    """How members of enumerations are called."""

    def write(self, node: expr.Node, sort: Sort | None = None) -> str:
        """The text of an expression; `sort` is that of its place, for constants without one."""
        return self._text(node, _CHOICE, sort)

    def define(self, name: str, text: str) -> str:
        """A local variable of that text, laid out for one level of indentation.

        It gets a name that nothing else has.
        """
        while self.locals.get(name, text) != text or not self._is_free(name):
            name += "_"
        self.locals[name] = text
        return name

    def definitions(self, indent: str) -> str:
        """The statements that define the local variables needed since the last call."""
        new = [name for name in self.locals if name not in self.placed]
        self.placed.update(new)
        texts = (f"{INDENT}{name} = {self.locals[name]}" for name in new)
        deeper = indent.removeprefix(INDENT)
        return "".join(f"{deeper}{line}\n" for text in texts for line in text.split("\n"))

    def shelter(self) -> Source:
        """The same, for what is evaluated only where some test before it holds."""
        return replace(self, sheltered=True)

    def branch(self) -> Source:
        """The same, for one of several ways: what it defines is not there on the others."""
        return replace(self, locals=dict(self.locals), placed=set(self.placed))

    def quantified(self, name: str) -> tuple[str, Source]:
        """What a quantified value is called, and the source of what is said of it."""
        called = self._unlike(name, {text for bound, text in self.bound.items() if bound != name})
        return called, replace(self, bound={**self.bound, name: called}, sheltered=True)

    def _unlike(self, name: str, others: Container[str]) -> str:
        """A name, with what tells it from all that means something else here."""
        while name in self.locals or name in others or not self._is_free(name):
            name += "_"
        return name

    def _is_free(self, name: str) -> bool:
        return name not in _RESERVED | self.taken and not keyword.iskeyword(name)

    def _text(self, node: expr.Node, outer: int, sort: Sort | None = None) -> str:
        level, text = self._level(node, sort)
        return f"({text})" if level < outer else text

    def _level(self, node: expr.Node, sort: Sort | None) -> tuple[int, str]:
        match node:
            case expr.Const(value=value, sort=own):
                # A text that is written out has no sort of its own: it is what it stands for.
                known = sort if own is None or (own == Symbol("text") and sort is not None) else own
                return _ATOM, literal(value, known, self.called)
            case expr.Root(name):
                return _ATOM, self.roots[name]
            case expr.Bound(name):
                return _ATOM, self.bound[name]
            case expr.Attr(subject, name):
                return self._attribute(subject, name)
            case expr.Part(expr.Bound() as item, whole, part):
                # What is in a map is looked at when it is read, and may be a plain text until then.
                return _ATOM, f"{whole}({self.write(item)}).{snake(part.name)}"
            case expr.Part(item, whole, part):
                return _ATOM, f"{self._text(item, _ATOM, whole)}.{snake(part.name)}"
            case expr.Or(items):
                return self._joined(" or ", _OR, items)
            case expr.And(items):
                return self._joined(" and ", _AND, items)
            case expr.Iff(left, right):
                return _COMPARE, f"{self._text(left, _SUM)} is {self._text(right, _SUM)}"
            case expr.Compare(op, left, right):
                return self._comparison(op, left, right)
            case expr.Arithmetic(op, left, right):
                return self._calculated(op, left, right)
            case expr.Negative(item):
                return _SIGNED, f"-{self._text(item, _ATOM)}"
            case expr.Extreme(which, items):
                function = "min" if which == "least" else "max"
                return _ATOM, f"{function}({', '.join(self.write(item) for item in items)})"
            case expr.If(test, then, otherwise):
                ways = self.shelter()
                return _CHOICE, (
                    f"{ways._text(then, _OR, sort)} if {self._text(test, _OR)}"
                    f" else {ways._text(otherwise, _OR, sort)}"
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
                other = self.shelter()._text(fallback, _OR, sort)
                return _CHOICE, f"{other} if {value} is None else {value}"
            case expr.Make(record, fields):
                return _ATOM, self._make(node, record, dict(fields))
            case expr.With(subject, fields):
                return _ATOM, self._with(subject, fields)
            case expr.Lookup() | expr.Put():
                return self._map(node)
            case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
                return _ATOM, self._through_map(node)
            case expr.Length() | expr.Head() | expr.Push() | expr.Pop():
                raise TypeError(f"{node} is of a world, and no program has a queue")
            case expr.Count() | expr.Change():
                raise TypeError(f"{node} is of a world, and no program has a bag")
            case expr.Emitted() | expr.Rerun() | expr.Unknown():
                raise TypeError(f"{node} has no Python text")
            case _:
                assert_never(node)

    def _calculated(
        self, op: expr.ArithmeticOperator, left: expr.Node, right: expr.Node
    ) -> tuple[int, str]:
        match op:
            case "+" | "-":
                return _SUM, f"{self._text(left, _SUM)} {op} {self._text(right, _PRODUCT)}"
            case "*":
                return _PRODUCT, f"{self._text(left, _PRODUCT)} * {self._text(right, _SIGNED)}"
            case "%":
                divided = f"{self._text(left, _PRODUCT)} % {self._text(right, _SIGNED)}"
                if isinstance(right, expr.Const):
                    return _PRODUCT, divided
                # What rows add up may leave its limits.
                return _CHOICE, f"{divided} if {self._text(right, _SUM)} > 0 else 0"
            case _:
                assert_never(op)

    def _joined(self, word: str, level: int, items: Sequence[expr.Node]) -> tuple[int, str]:
        if not items:
            return _ATOM, str(level == _AND)
        if len(items) == 1:
            return self._level(items[0], None)
        first, rest = items[0], self.shelter()
        texts = [self._text(first, level + 1), *(rest._text(i, level + 1) for i in items[1:])]
        return level, word.join(texts)

    def _attribute(self, subject: expr.Node, name: str) -> tuple[int, str]:
        if isinstance(subject, expr.Root) and (subject.name, name) in self.attributes:
            return _ATOM, self.attributes[subject.name, name]
        if not isinstance(self.sorts.get(subject), Optional):
            return _ATOM, f"{self._text(subject, _ATOM)}.{name}"
        value = self._text(subject, _CHOICE)
        if not re.fullmatch(r"[\w.]+", value):
            if not self._may_define(subject):
                return _ATOM, f"getattr({value}, {quoted(name)}, None)"
            value = self.define("found", value)
        return _CHOICE, f"None if {value} is None else {value}.{name}"

    def _may_define(self, node: expr.Node) -> bool:
        """Whether the expression can be evaluated ahead of what it is part of."""
        below = list(expr.walk(node))
        if any(isinstance(part, expr.Bound) for part in below):
            return False
        return not self.sheltered or not any(isinstance(part, expr.Value) for part in below)

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

    def _make(self, node: expr.Node, record: Record, fields: Mapping[str, expr.Node]) -> str:
        apart = self._may_define(node)
        parts = []
        for part in in_order(record):
            if part.name in fields:
                text = self._text(fields[part.name], _CHOICE, part.sort)
                if apart and len(f"{INDENT * 2}{part.name}={text},") > WIDTH:
                    text = self.define(part.name, broken(text, INDENT))
                parts.append(f"{part.name}={text}")
        if not apart:
            return f"{record.name}({', '.join(parts)})"
        return self.define(snake(record.name), call(record.name, parts, INDENT).strip())

    def _with(self, subject: expr.Node, fields: Iterable[tuple[str, expr.Node]]) -> str:
        sort = self.sorts.get(subject)
        known = {part.name: part.sort for part in sort} if isinstance(sort, Record) else {}
        parts = [f"{name}={self.write(node, known.get(name))}" for name, node in fields]
        return f"_replace({', '.join([self.write(subject), *parts])})"

    def _map(self, node: expr.Lookup | expr.Put) -> tuple[int, str]:
        match node:
            case expr.Lookup(of, key):
                text = f"{self._text(of, _ATOM)}.get({self.write(key, self._key(of))})"
                if not self._may_define(node):
                    return _ATOM, text
                return _ATOM, self.define("_at_".join(_last_names(of, key)) or "found", text)
            case expr.Put(of, key, value):
                sort = self.sorts.get(of)
                value_sort = sort.value if isinstance(sort, Map) else None
                return _ATOM, (
                    f"FrozenMap({{**{self._text(of, _ATOM)}, "
                    f"{self.write(key, self._key(of))}: {self.write(value, value_sort)}}})"
                )
            case _:
                assert_never(node)

    def _key(self, of: expr.Node) -> Sort | None:
        sort = self.sorts.get(of)
        return sort.key if isinstance(sort, Map) else None

    def _through_map(self, node: expr.ThroughMap) -> str:
        if isinstance(node, expr.Where):
            key, called, inside = self.bound_pair(node.name, node.key)
            ranging = f"for {key}, {called} in {self._text(node.map, _ATOM)}.items()"
            return f"FrozenMap({{{key}: {called} {ranging} if {inside._text(node.body, _OR)}}})"
        ranging, _, inside = self.ranging(node)
        match node:
            case expr.Every():
                return f"all({inside.write(node.body)} {ranging})"
            case expr.Some():
                return f"any({inside.write(node.body)} {ranging})"
            case expr.CountWhere():
                return f"sum(1 {ranging} if {inside._text(node.body, _OR)})"
            case _:
                assert_never(node)

    def ranging(self, node: expr.ThroughMap) -> tuple[str, str, Source]:
        """A loop's head, what a value is called in it, and the source of what is said there."""
        of = self._text(node.map, _ATOM)
        if node.key is None:
            called, inside = self.quantified(node.name)
            return f"for {called} in {of}.values()", called, inside
        key, called, inside = self.bound_pair(node.name, node.key)
        return f"for {key}, {called} in {of}.items()", called, inside

    def bound_pair(self, name: str, key: str | None) -> tuple[str, str, Source]:
        """What a key and its value are called, and the source of what is said of them."""
        if key is None:  # nothing is said of it
            of_value, inside = self.quantified(name)
            return inside._unlike("key", inside.bound.values()), of_value, inside
        of_key, inside = self.quantified(key)
        of_value, inside = inside.quantified(name)
        return of_key, of_value, inside


def _last_names(*nodes: expr.Node) -> Iterator[str]:
    """The fields that the expressions end in."""
    for node in nodes:
        if isinstance(node, expr.Attr):
            yield node.name
