"""The expression tree: guards, updates and effect fields as plain data.

Every node is a frozen value with ordinary equality and can be taken apart with
`match`. Meaning is given in one place, the interpreter (`steptable.interpreter.evaluate`);
everything else reads the tree. Where a node was written is remembered for error
messages and takes no part in comparison.

`Node` is a closed union: whoever matches nodes names each of them and ends in `assert_never`, so
that the type checker lists every place that a new one needs. Connectives, comparisons, sums and
choices say of which language their operands are, since a part of the tree is a language of its
own, `steptable.partial.scalar`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    Literal,
    TypeAlias,
    TypeGuard,
    TypeVar,
    assert_never,
)

from steptable.errors import Location
from steptable.sorts import Record, Sort, Symbol

Operand_co = TypeVar("Operand_co", covariant=True)
"""What the operands of a node are: any nodes, or those of a smaller language."""

CompareOperator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">="]

ArithmeticOperator: TypeAlias = Literal["+", "-", "*", "%"]
"""`%` is what is left over, from 0 up to the divisor; of a division by less than 1 it is 0."""

OPPOSITE: Final[Mapping[CompareOperator, CompareOperator]] = {
    "==": "!=",
    "!=": "==",
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
}


MIRRORED: Final[Mapping[CompareOperator, CompareOperator]] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
"""The same comparison, said from the other side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """What all nodes have in common."""

    at: Location | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Const(_Base):
    """A literal. Enum values are their text, an empty optional is None, an empty map is {}."""

    value: Any
    sort: Sort | None
    """None for nothing, the empty map and states, which take the sort of their place."""

    def __hash__(self) -> int:
        return hash((Const, repr(self.value)))


@dataclass(frozen=True, slots=True)
class Unknown(_Base):
    """A name that could not be found while the declaration was read; always a fault."""

    what: str
    name: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Root(_Base):
    """A whole thing that an expression can speak of: `record`, `event`, `policy`, `row`, …"""

    name: str


@dataclass(frozen=True, slots=True)
class Bound(_Base):
    """The variable of the nearest enclosing quantifier of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class Attr(_Base):
    """A field. Of an optional record: the field where there is a record, else nothing."""

    subject: Node
    name: str


@dataclass(frozen=True, slots=True)
class Part(_Base):
    """One part of a composite symbol."""

    item: Node
    whole: Symbol
    part: Symbol


@dataclass(frozen=True, slots=True)
class Not(_Base, Generic[Operand_co]):
    item: Operand_co


@dataclass(frozen=True, slots=True)
class And(_Base, Generic[Operand_co]):
    items: tuple[Operand_co, ...]


@dataclass(frozen=True, slots=True)
class Or(_Base, Generic[Operand_co]):
    items: tuple[Operand_co, ...]


@dataclass(frozen=True, slots=True)
class Iff(_Base, Generic[Operand_co]):
    """Both or neither: equality of truth values has a word of its own."""

    left: Operand_co
    right: Operand_co


@dataclass(frozen=True, slots=True)
class Compare(_Base, Generic[Operand_co]):
    op: CompareOperator
    left: Operand_co
    right: Operand_co


@dataclass(frozen=True, slots=True)
class Arithmetic(_Base, Generic[Operand_co]):
    op: ArithmeticOperator
    left: Operand_co
    right: Operand_co


@dataclass(frozen=True, slots=True)
class Negative(_Base):
    item: Node


@dataclass(frozen=True, slots=True)
class Extreme(_Base):
    """The least or the greatest of some numbers or times."""

    which: Literal["least", "greatest"]
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(_Base, Generic[Operand_co]):
    test: Operand_co
    then: Operand_co
    otherwise: Operand_co


@dataclass(frozen=True, slots=True)
class Present(_Base):
    """Whether an optional has a value."""

    item: Node


@dataclass(frozen=True, slots=True)
class Value(_Base):
    """The value of an optional; only where a guard has just established that there is one."""

    item: Node


@dataclass(frozen=True, slots=True)
class OrElse(_Base):
    """The optional if it has a value, else the fallback."""

    item: Node
    fallback: Node


@dataclass(frozen=True, slots=True)
class Lookup(_Base):
    """The value of a key of a map, as an optional."""

    map: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Put(_Base):
    """The map with one key set."""

    map: Node
    key: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Every(_Base):
    """Whether the body holds for each value of a map; true of an empty one.

    Here as in all that goes through a map, `name` is bound to a value, and `key` to what it is
    under, where the body reads that.
    """

    map: Node
    name: str
    body: Node
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Some(_Base):
    """Whether the body holds for at least one value of a map."""

    map: Node
    name: str
    body: Node
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Where(_Base):
    """The map without the values for which the body does not hold."""

    map: Node
    name: str
    body: Node
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CountWhere(_Base):
    """For how many values of a map the body holds."""

    map: Node
    name: str
    body: Node
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Make(_Base):
    """A record out of its fields."""

    record: Record
    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class With(_Base):
    """A record with some fields changed."""

    subject: Node
    fields: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Length(_Base):
    """How many values are in a queue, or in a bag."""

    queue: Node


@dataclass(frozen=True, slots=True)
class Head(_Base):
    """The oldest value of a queue, as an optional."""

    queue: Node


@dataclass(frozen=True, slots=True)
class Push(_Base):
    """The queue with a value behind the others."""

    queue: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Pop(_Base):
    """The queue without its oldest value; an empty one stays empty."""

    queue: Node


@dataclass(frozen=True, slots=True)
class Count(_Base):
    """How many of a value are in a bag."""

    bag: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Change(_Base):
    """The bag with one more, or one less, of a value; never less than none."""

    bag: Node
    value: Node
    by: Literal[1, -1]


@dataclass(frozen=True, slots=True)
class Emitted(_Base):
    """How many effects of that name a step produced (properties over steps only)."""

    step: Node
    effect: str


@dataclass(frozen=True, slots=True)
class Rerun(_Base):
    """What the event at hand would do to another record, or its mirrored half to this one."""

    half: Literal["same", "other"]
    record: Node


Leaf: TypeAlias = Const | Unknown | Root | Bound
"""What has nothing below it."""

OfNumbers: TypeAlias = Negative | Extreme

OfOptional: TypeAlias = Present | Value | OrElse

ThroughMap: TypeAlias = Every | Some | Where | CountWhere
"""What asks something of each value of a map."""

OfContainer: TypeAlias = Lookup | Put | ThroughMap | Length | Head | Push | Pop | Count | Change
"""What is done with maps, queues and bags."""

OfRecord: TypeAlias = Make | With

OfEvent: TypeAlias = Emitted | Rerun

if TYPE_CHECKING:
    Node: TypeAlias = (
        Leaf
        | Attr
        | Part
        | Not["Node"]
        | And["Node"]
        | Or["Node"]
        | Iff["Node"]
        | Compare["Node"]
        | Arithmetic["Node"]
        | If["Node"]
        | OfNumbers
        | OfOptional
        | OfContainer
        | OfRecord
        | OfEvent
    )
else:
    # Annotations of declarations are looked up when their shape is checked.
    Node = _Base


def is_node(value: object) -> TypeGuard[Node]:
    """Whether a value is an expression."""
    return isinstance(value, _Base)


_PARTS: Final[dict[type[Any], tuple[str, ...]]] = {}
"""The names of the fields of each kind of node, but for where it was written."""


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in order."""
    kind = type(node)
    if kind not in _PARTS:
        _PARTS[kind] = tuple(part.name for part in fields(kind) if part.name != "at")
    for name in _PARTS[kind]:
        value = getattr(node, name)
        if is_node(value):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if is_node(item):
                    yield item
                elif isinstance(item, tuple) and is_node(item[-1]):
                    yield item[-1]


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with what becomes of each of the nodes directly below it in their places."""

    def changed(value: Any) -> Any:
        if is_node(value):
            return change(value)
        return tuple(map(changed, value)) if isinstance(value, tuple) else value

    parts = {part.name: getattr(node, part.name) for part in fields(node)}
    found = {name: changed(value) for name, value in parts.items()}
    return replace(node, **{name: value for name, value in found.items() if name != "at"})


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def negate(node: Node) -> Node:
    """The opposite of a truth, with the negation pushed inwards where that reads better."""
    if isinstance(node, Leaf | OfOptional | OfContainer | OfRecord | OfEvent):
        if isinstance(node, Const) and isinstance(node.value, bool):
            return Const(not node.value, node.sort)
        return Not(node)
    match node:
        case Not(item):
            return item
        case And(items):
            return Or(tuple(negate(item) for item in items))
        case Or(items):
            return And(tuple(negate(item) for item in items))
        case Compare(op, left, right):
            return Compare(OPPOSITE[op], left, right)
        case Iff() | Arithmetic() | If() | Attr() | Part() | Negative() | Extreme():
            return Not(node)
        case _:
            assert_never(node)
