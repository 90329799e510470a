"""What can be read at some place of a drawn world: every whole, and what is within it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import TypeAlias

from fuzz.vocabulary import Vocabulary
from steptable import expr
from steptable.sorts import (
    Bag,
    Integer,
    Map,
    Optional,
    Queue,
    Record,
    Sort,
    Symbol,
    Variant,
    inner,
)

Readable: TypeAlias = tuple[expr.Node, Sort]


class Scope:
    """Expressions that read something, by sort, with what is spread out of them."""

    def __init__(self, dice: Random, words: Vocabulary) -> None:
        self.dice, self.words = dice, words
        self.known: list[Readable] = []
        self.by_sort: dict[Sort, list[expr.Node]] = {}

    @classmethod
    def of(cls, dice: Random, words: Vocabulary, roots: Mapping[str, Sort]) -> Scope:
        """A scope of roots."""
        scope = cls(dice, words)
        for name, sort in roots.items():
            scope.read(expr.Root(name), sort)
        return scope

    def within(self, *more: Readable) -> Scope:
        """The same scope, and what can be read besides where something has been established."""
        scope = Scope(self.dice, self.words)
        scope.known = list(self.known)
        scope.by_sort = {sort: list(nodes) for sort, nodes in self.by_sort.items()}
        for node, sort in more:
            # What is looked at most closely is what is nearest.
            for _ in range(2):
                scope.read(node, sort)
        return scope

    def read(self, node: expr.Node, sort: Sort, *, whole: bool = True) -> None:
        """From now on, this can be read; unless `whole`, only the parts of it."""
        for part, of in self._spread(node, sort, 3):
            if whole or part is not node:
                self.known.append((part, of))
                self.by_sort.setdefault(of, []).append(part)

    def _spread(self, node: expr.Node, sort: Sort, depth: int) -> Iterator[Readable]:
        yield node, sort
        for part, of in self._parts(node, sort) if depth else ():
            yield from self._spread(part, of, depth - 1)

    def _parts(self, node: expr.Node, sort: Sort) -> Iterator[Readable]:
        match sort:
            case Record(fields=parts):
                for part in parts:
                    yield expr.Attr(node, part.name), part.sort
            case Optional(of=Record(fields=parts)):
                for part in parts:
                    yield expr.Attr(node, part.name), Optional(inner(part.sort))
            case Variant():
                for part in sort.shared:
                    yield expr.Attr(node, part.name), part.sort
            case Optional(of=Variant() as of):
                for part in of.shared:
                    yield expr.Attr(node, part.name), Optional(inner(part.sort))
            case Symbol(parts=pieces):
                for piece in pieces:
                    yield expr.Part(node, sort, piece), piece
            case Map(key=key, value=of):
                for at in self.words.domain(key):
                    yield expr.Lookup(node, expr.Const(at, key)), of if sort.total else Optional(of)
            case Queue(of=of, capacity=capacity):
                yield expr.Length(node), Integer(0, capacity)
                yield expr.Head(node), Optional(of)
            case Bag(of=of, most=most):
                yield expr.Length(node), Integer(0, most * len(self.words.domain(of)))
                for at in self.words.domain(of):
                    yield expr.Count(node, expr.Const(at, of)), Integer(0, most)

    # ── Choosing ─────────────────────────────────────────────────────────────────────

    def some(self, sort: Sort) -> list[expr.Node]:
        """Everything of a sort."""
        return self.by_sort.get(sort, [])

    def integers(self) -> list[tuple[expr.Node, Integer]]:
        """Everything that is a number."""
        return [(node, sort) for node, sort in self.known if isinstance(sort, Integer)]

    def optionals(self, of: Sort | None = None) -> list[Readable]:
        """Every optional, or every one of a sort."""
        if of is not None:
            return [(node, Optional(of)) for node in self.some(Optional(of))]
        return [pair for pair in self.known if isinstance(pair[1], Optional)]

    def containers(self, kind: type[Map | Queue | Bag]) -> list[Readable]:
        """Every map, every queue or every bag."""
        return [pair for pair in self.known if isinstance(pair[1], kind)]

    def records_with(self, sort: Sort) -> list[tuple[Record, str]]:
        """Every sort of record that has a field of a sort, and its name."""
        records = {of: None for _, of in self.known if isinstance(of, Record)}
        return [(record, part.name) for record in records for part in record if part.sort == sort]
