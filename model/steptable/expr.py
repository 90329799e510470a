"""The expression tree: guards, updates and effect fields as plain data.

Every node is a frozen value with ordinary equality and can be taken apart with
`match`. Meaning is given in one place, the interpreter (`steptable.interpreter.evaluate`);
everything else reads the tree. Where a node was written is remembered for error
messages and takes no part in comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeAlias

from steptable.errors import Location
from steptable.sorts import Record, Sort, Symbol

CompareOperator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    at: Location | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Const(Node):
    """A literal. Enum values are their text, an empty optional is None, an empty map is {}."""

    value: Any
    sort: Sort | None
    """None for nothing, the empty map and states, which take the sort of their place."""

    def __hash__(self) -> int:
        return hash((Const, repr(self.value)))


@dataclass(frozen=True, slots=True)
class Unknown(Node):
    """A name that could not be found while the declaration was read; always a fault."""

    what: str
    name: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Root(Node):
    """A whole thing that an expression can speak of: `record`, `event`, `policy`, `row`, …"""

    name: str


@dataclass(frozen=True, slots=True)
class Bound(Node):
    """The variable of the nearest enclosing quantifier of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr(Node):
    """A field. Of an optional record: the field where there is a record, else nothing."""

    subject: Node
    name: str


@dataclass(frozen=True, slots=True)
class Part(Node):
    """One part of a composite symbol."""

    item: Node
    whole: Symbol
    part: Symbol


@dataclass(frozen=True, slots=True)
class Not(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class And(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Iff(Node):
    """Both or neither: equality of truth values has a word of its own."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    op: CompareOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    op: Literal["+", "-"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    test: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Present(Node):
    """Whether an optional has a value."""

    item: Node


@dataclass(frozen=True, slots=True)
class Value(Node):
    """The value of an optional; only where a guard has just established that there is one."""

    item: Node


@dataclass(frozen=True, slots=True)
class OrElse(Node):
    """The optional if it has a value, else the fallback."""

    item: Node
    fallback: Node


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """The value of a key of a map, as an optional."""

    map: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Put(Node):
    """The map with one key set."""

    map: Node
    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Every(Node):
    """Whether the body holds for each value of a map; true of an empty one."""

    map: Node
    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Where(Node):
    """The map without the values for which the body does not hold."""

    map: Node
    name: str
    body: Node


@dataclass(frozen=True, slots=True)
class Make(Node):
    """A record out of its fields."""

    record: Record
    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class With(Node):
    """A record with some fields changed."""

    subject: Node
    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Length(Node):
    """How many values are in a queue."""

    queue: Node


@dataclass(frozen=True, slots=True)
class Head(Node):
    """The oldest value of a queue, as an optional."""

    queue: Node


@dataclass(frozen=True, slots=True)
class Push(Node):
    """The queue with a value behind the others."""

    queue: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Pop(Node):
    """The queue without its oldest value; an empty one stays empty."""

    queue: Node


@dataclass(frozen=True, slots=True)
class Count(Node):
    """How many of a value are in a bag."""

    bag: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Change(Node):
    """The bag with one more, or one less, of a value; never less than none."""

    bag: Node
    value: Node
    by: Literal[1, -1]


@dataclass(frozen=True, slots=True)
class Emitted(Node):
    """How many effects of that name a step produced (properties over steps only)."""

    step: Node
    effect: str


@dataclass(frozen=True, slots=True)
class Rerun(Node):
    """What the event at hand would do to another record, or its mirrored half to this one."""

    half: Literal["same", "other"]
    record: Node


_PARTS: Final[dict[type[Node], tuple[str, ...]]] = {}
"""The names of the fields of each kind of node, but for where it was written."""


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in order."""
    kind = type(node)
    if kind not in _PARTS:
        _PARTS[kind] = tuple(part.name for part in fields(kind) if part.name != "at")
    for name in _PARTS[kind]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple) and isinstance(item[-1], Node):
                    yield item[-1]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def negate(node: Node) -> Node:
    """The opposite of a truth, with the negation pushed inwards where that reads better."""
    opposite: dict[CompareOperator, CompareOperator] = {
        "==": "!=",
        "!=": "==",
        "<": ">=",
        "<=": ">",
        ">": "<=",
        ">=": "<",
    }
    match node:
        case Not(item):
            return item
        case And(items):
            return Or(tuple(negate(item) for item in items))
        case Or(items):
            return And(tuple(negate(item) for item in items))
        case Compare(op, left, right):
            return Compare(opposite[op], left, right)
        case Const(bool() as value, sort):
            return Const(not value, sort)
        case _:
            return Not(node)
