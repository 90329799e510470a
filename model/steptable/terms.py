"""The surface in which declarations write expressions: operators over `steptable.expr`.

A `Term` holds one node of the tree. Comparisons and connectives build nodes and
never compare anything; `bool(term)` refuses, so that `and`, `or`, `if` and a
chained comparison are errors and not silent misreadings. Sorts are checked when
the whole declaration is read (`steptable.wellformed`), so that one run names
every fault; a name that does not exist becomes an `Unknown` node for the same reason.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal, NoReturn, Protocol, TypeAlias, runtime_checkable

from steptable import expr
from steptable.errors import declared_at, fail
from steptable.kinds import Sorted, declaring, keeping
from steptable.operators import Refusing
from steptable.sorts import (
    DURATION,
    INSTANT,
    MISSING,
    TRUTH,
    Enum,
    Field,
    Integer,
    Member,
    Record,
    Sort,
    Symbol,
)


@runtime_checkable
class Liftable(Protocol):
    """Anything that stands for a constant in an expression, such as a state."""

    def as_node(self) -> expr.Node: ...


class Term(Refusing):
    """An expression under construction. `term.node` is the plain tree."""

    __slots__ = ("node",)
    __hash__ = Refusing.__hash__  # `==` builds a node, so that Python would make it None

    def __init__(self, node: expr.Node) -> None:
        self.node = node

    def __repr__(self) -> str:
        return f"Term({self.node!r})"

    def __getattr__(self, name: str) -> Term:
        if name.startswith("_"):
            # Python, debuggers and notebooks ask for such names to find out what this is.
            raise AttributeError(name)
        return Term(expr.Attr(self.node, name, at=declared_at()))

    def __getitem__(self, key: Operand) -> Term:
        return Term(expr.Lookup(self.node, lift(key), at=declared_at()))

    def __call__(self, *_: object, **__: object) -> NoReturn:
        name = self.node.name if isinstance(self.node, expr.Attr) else ""
        methods = [key for key in vars(Term) if callable(vars(Term)[key]) and key[0] != "_"]
        near = difflib.get_close_matches(name, methods, n=1)
        fail(
            "expression",
            f"'.{name}' is a field here, and can't be called" if name else "a term can't be called",
            f"did you mean '.{near[0]}(...)'?" if near else "remove the brackets",
            "term-as-function",
        )

    def __eq__(self, other: Operand) -> Term:  # type: ignore[override]
        return self._compare("==", other)

    def __ne__(self, other: Operand) -> Term:  # type: ignore[override]
        return self._compare("!=", other)

    def __lt__(self, other: Operand) -> Term:
        return self._compare("<", other)

    def __le__(self, other: Operand) -> Term:
        return self._compare("<=", other)

    def __gt__(self, other: Operand) -> Term:
        return self._compare(">", other)

    def __ge__(self, other: Operand) -> Term:
        return self._compare(">=", other)

    def __add__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("+", self.node, lift(other), at=declared_at()))

    def __sub__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("-", self.node, lift(other), at=declared_at()))

    def __radd__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("+", lift(other), self.node, at=declared_at()))

    def __rsub__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("-", lift(other), self.node, at=declared_at()))

    def __mul__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("*", self.node, lift(other), at=declared_at()))

    def __rmul__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("*", lift(other), self.node, at=declared_at()))

    def __mod__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("%", self.node, lift(other), at=declared_at()))

    def __rmod__(self, other: Operand) -> Term:
        return Term(expr.Arithmetic("%", lift(other), self.node, at=declared_at()))

    def __neg__(self) -> Term:
        return Term(expr.Negative(self.node, at=declared_at()))

    def _no_operator(self, *_: object) -> NoReturn:
        fail(
            "expression",
            "of two terms there is no quotient, power, shift or ^, and of one no abs()",
            "write + - * % and - before a term, least(...) or greatest(...), and .iff for ^",
            "no-such-operator",
        )

    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = _no_operator
    __divmod__ = __rdivmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _no_operator
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _no_operator
    __xor__ = __rxor__ = __pos__ = __abs__ = _no_operator

    def __rand__(self, other: Operand) -> Term:
        return all_of(other, self)

    def __ror__(self, other: Operand) -> Term:
        return any_of(other, self)

    def __and__(self, other: Operand) -> Term:
        return all_of(self, other)

    def __or__(self, other: Operand) -> Term:
        return any_of(self, other)

    def __invert__(self) -> Term:
        return Term(expr.Not(self.node, at=declared_at()))

    def _compare(self, op: expr.CompareOperator, other: Operand) -> Term:
        return Term(expr.Compare(op, self.node, lift(other), at=declared_at()))

    def implies(self, other: Operand) -> Term:
        """Where this holds, `other` holds."""
        at = declared_at()
        return Term(expr.Or((expr.Not(self.node, at=at), lift(other)), at=at))

    def iff(self, other: Operand) -> Term:
        """Both hold or neither does."""
        return Term(expr.Iff(self.node, lift(other), at=declared_at()))

    def one_of(self, *values: Operand) -> Term:
        """Equal to one of the values."""
        return any_of(*(self == value for value in values))

    @property
    def is_known(self) -> Term:
        """Whether an optional has a value."""
        return Term(expr.Present(self.node, at=declared_at()))

    @property
    def value(self) -> Term:
        """The value of an optional, where `is_known` has just been established."""
        return Term(expr.Value(self.node, at=declared_at()))

    def or_else(self, fallback: Operand) -> Term:
        """This optional if it has a value, else the fallback."""
        return Term(expr.OrElse(self.node, lift(fallback), at=declared_at()))

    def put(self, key: Operand, value: Operand) -> Term:
        """The map with one key set."""
        return Term(expr.Put(self.node, lift(key), lift(value), at=declared_at()))

    @declaring
    def every(self, condition: Condition) -> Term:
        """Whether each value of the map satisfies the condition.

        What is asked of values is a function of the value, or of its key and the value:
        `lambda probe: …`, `lambda name, probe: …`.
        """
        return Term(expr.Every(self.node, *_body(condition), at=declared_at()))

    @declaring
    def some(self, condition: Condition) -> Term:
        """Whether at least one value of the map satisfies the condition."""
        return Term(expr.Some(self.node, *_body(condition), at=declared_at()))

    @declaring
    def where(self, condition: Condition) -> Term:
        """The map without the values that do not satisfy the condition."""
        return Term(expr.Where(self.node, *_body(condition), at=declared_at()))

    @declaring
    def count_where(self, condition: Condition) -> Term:
        """How many values of the map satisfy the condition."""
        return Term(expr.CountWhere(self.node, *_body(condition), at=declared_at()))

    @property
    def queued(self) -> Term:
        """How many values are in the queue."""
        return Term(expr.Length(self.node, at=declared_at()))

    @property
    def head(self) -> Term:
        """The oldest value of the queue, as an optional."""
        return Term(expr.Head(self.node, at=declared_at()))

    def push(self, value: Operand) -> Term:
        """The queue with a value behind the others."""
        return Term(expr.Push(self.node, lift(value), at=declared_at()))

    def pop(self) -> Term:
        """The queue without its oldest value."""
        return Term(expr.Pop(self.node, at=declared_at()))

    def count_of(self, value: Operand) -> Term:
        """How many of a value are in the bag."""
        return Term(expr.Count(self.node, lift(value), at=declared_at()))

    def add(self, value: Operand) -> Term:
        """The bag with one more of a value."""
        return Term(expr.Change(self.node, lift(value), 1, at=declared_at()))

    def remove(self, value: Operand) -> Term:
        """The bag with one less of a value."""
        return Term(expr.Change(self.node, lift(value), -1, at=declared_at()))

    def has(self, value: Operand) -> Term:
        """Whether a value is in the bag, or in the set."""
        at = declared_at()
        none = expr.Const(0, Integer(0, 0), at=at)
        return Term(expr.Compare(">", expr.Count(self.node, lift(value), at=at), none, at=at))

    def include(self, value: Operand) -> Term:
        """The set with a value, which may be in it already."""
        return if_else(self.has(value), self, self.add(value))

    def with_fields(self, /, **changed: Operand) -> Term:
        """The record with some fields changed."""
        parts = tuple((name, lift(value)) for name, value in changed.items())
        return Term(expr.With(self.node, parts, at=declared_at()))


Operand: TypeAlias = Term | Liftable | bool | int | str | None

Condition: TypeAlias = Callable[..., Operand]
"""What is asked of each value of a map, or of each key and its value."""


def lift(value: Operand) -> expr.Node:
    """The node of anything that may stand in an expression."""
    if isinstance(value, Term):
        return value.node
    if isinstance(value, Liftable):
        return value.as_node()
    at = declared_at()
    if value is None:
        return expr.Const(None, None, at=at)
    if isinstance(value, bool):
        return expr.Const(value, TRUTH, at=at)
    if isinstance(value, int):
        return expr.Const(value, Integer(value, value), at=at)
    if isinstance(value, str):
        return expr.Const(value, Symbol("text"), at=at)
    fail(
        "expression",
        f"{value!r} is no term",
        "write a field, a declared constant, a truth, an integer or a text",
        "not-a-term",
    )


def as_node(value: Operand | expr.Node) -> expr.Node:
    """The same of what may be a node already."""
    return value if isinstance(value, expr.Node) else lift(value)


def _body(condition: Condition) -> tuple[str, expr.Node, str | None]:
    """The name of the value, what is asked of it, and the name of its key if that is read."""
    names = _asked(condition)
    body = lift(condition(*(Term(expr.Bound(name)) for name in names)))
    key = names[0] if len(names) == 2 and expr.Bound(names[0]) in expr.walk(body) else None
    return names[-1], body, key


def _asked(condition: Condition) -> list[str]:
    """The names of what a condition is asked of; a parameter with a default is its own."""
    # A term can be called, too, which says so, and Python would compare it to find out more.
    parameters = () if isinstance(condition, Term) else _signature(condition)
    names = [
        part.name
        for part in parameters
        if part.default is part.empty
        and part.kind in (part.POSITIONAL_ONLY, part.POSITIONAL_OR_KEYWORD)
    ]
    if len(names) not in (1, 2):
        fail(
            "expression",
            "its condition is no function of a value, or of a key and a value",
            "write it as lambda value: ..., or as lambda key, value: ...",
            "not-a-condition",
        )
    return names


def _signature(function: Callable[..., object]) -> Iterable[inspect.Parameter]:
    """The parameters of a function; of some that are Python's own nobody knows them."""
    try:
        return inspect.signature(function).parameters.values()
    except ValueError:
        return ()


@declaring
def root(name: str) -> Term:
    """A whole thing that expressions speak of."""
    return Term(expr.Root(name))


@declaring
def all_of(*items: Operand) -> Term:
    """Every item holds; an empty list does."""
    return Term(expr.And(tuple(_flat(expr.And, items)), at=declared_at()))


@declaring
def any_of(*items: Operand) -> Term:
    """At least one item holds."""
    return Term(expr.Or(tuple(_flat(expr.Or, items)), at=declared_at()))


def _flat(
    kind: type[expr.And[expr.Node] | expr.Or[expr.Node]], items: Iterable[Operand]
) -> Iterator[expr.Node]:
    """The items of a chain: what are chains of the same kind themselves are parts of it.

    An implication stays one.
    """
    for node in map(lift, items):
        # What begins with a negation is an implication.
        if isinstance(node, kind) and not (
            isinstance(node, expr.Or) and node.items and isinstance(node.items[0], expr.Not)
        ):
            yield from node.items
        else:
            yield node


@declaring
def if_else(test: Operand, then: Operand, otherwise: Operand) -> Term:
    """One of two values."""
    return Term(expr.If(lift(test), lift(then), lift(otherwise), at=declared_at()))


@declaring
def least(*items: Operand) -> Term:
    """The least of some integers, instants or durations."""
    return _extreme("least", items)


@declaring
def greatest(*items: Operand) -> Term:
    """The greatest of some integers, instants or durations."""
    return _extreme("greatest", items)


def _extreme(which: Literal["least", "greatest"], items: tuple[Operand, ...]) -> Term:
    return Term(expr.Extreme(which, tuple(map(lift, items)), at=declared_at()))


@declaring
def seconds(number: int) -> Term:
    """A length of time."""
    return Term(expr.Const(number, DURATION, at=declared_at()))


@declaring
def instant(number: int) -> Term:
    """A point in time on a world's clock, in seconds."""
    return Term(expr.Const(number, INSTANT, at=declared_at()))


@declaring
def size_of(bag: Operand) -> Term:
    """How many values are in a bag, in a set or in a queue."""
    return Term(expr.Length(lift(bag), at=declared_at()))


@declaring
def part_of(whole: Operand, sort: Symbol, part: Symbol) -> Term:
    """One part of a composite symbol of the given sort."""
    return Term(expr.Part(lift(whole), sort, part, at=declared_at()))


NOTHING: Final = Term(expr.Const(None, None))
"""The empty optional."""

EMPTY: Final = Term(expr.Const({}, None))
"""The empty map, the empty bag and the empty set."""


class Enumeration(Sorted):
    """A declared enumeration: `Mode.ENFORCE` is a constant of it, `Mode.sort` its sort."""

    @declaring
    def __init__(self, name: str, doc: str, /, **members: str | tuple[str, str]) -> None:
        pairs = {
            key: value if isinstance(value, tuple) else (value, "")
            for key, value in members.items()
        }
        self.sort = Enum(name, tuple(Member(key, *pair) for key, pair in pairs.items()), doc)

    def __getattr__(self, name: str) -> Term:
        if name.startswith("_") or name == "sort":
            raise AttributeError(name)
        at = declared_at()
        for member in self.sort.members:
            if member.name == name:
                return Term(expr.Const(member.value, self.sort, at=at))
        known = tuple(member.name for member in self.sort.members)
        return Term(expr.Unknown(f"value of {self.sort.name}", name, known, at=at))


class Structure(Sorted):
    """A declared record sort: calling it with fields makes a value, `.sort` is its sort."""

    @declaring
    def __init__(self, name: str, doc: str, /, **fields: Field) -> None:
        self.sort = Record(name, named(fields), doc)

    def __call__(self, /, **values: Operand) -> Term:
        parts = tuple((name, lift(value)) for name, value in values.items())
        return Term(expr.Make(self.sort, parts, at=declared_at()))


SortLike: TypeAlias = Sort | Enumeration | Structure


def as_sort(sort: SortLike) -> Sort:
    return sort.sort if isinstance(sort, Enumeration | Structure) else sort


@keeping
def field(sort: SortLike, doc: str = "", *, default: Any = MISSING, read_by: str = "") -> Field:
    """Declare a field; its name is the keyword it is given under.

    `read_by` says who reads a record field that no row reads.
    """
    if isinstance(default, Term | Liftable):
        node = lift(default)
        default = node.value if isinstance(node, expr.Const) else node
    return Field("", as_sort(sort), doc, default, read_by, declared_at())


def named(fields: dict[str, Field]) -> tuple[Field, ...]:
    """Fields under the keywords they were declared with."""
    for name, part in fields.items():
        if not isinstance(part, Field):
            advice = f"write {name}=field(...)"
            fail("declaration", f"'{name}' is {part!r}, not a field", advice, "not-a-field")
    return tuple(
        Field(name, part.sort, part.doc, part.default, part.read_by, part.at)
        for name, part in fields.items()
    )
