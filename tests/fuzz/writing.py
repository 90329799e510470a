"""Whoever writes expressions: what can be read, and how one of several ways is chosen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, Final, Self, TypeAlias

from fuzz.scopes import Scope
from fuzz.vocabulary import Vocabulary
from steptable import expr
from steptable.machine import Effect
from steptable.sorts import Integer, Sort

NOTHING: Final = expr.Const(None, None)
EMPTY: Final = expr.Const({}, None)

Way: TypeAlias = Callable[[], expr.Node]


class Unwritable(Exception):
    """Nothing of that sort can be read or made here."""


class Writing:
    """Somebody who writes over one scope, in a world or for the rows of a machine."""

    careless: Final = 0.04
    """How often a value is not kept within the domain of its place."""

    def __init__(
        self,
        dice: Random,
        words: Vocabulary,
        scope: Scope,
        *,
        in_world: bool = True,
        compares_records: bool = False,
        emits: Sequence[Effect] = (),
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.dice, self.words, self.scope = dice, words, scope
        self.in_world, self.compares_records, self.emits = in_world, compares_records, emits
        self.numbers = numbers or itertools.count()

    @classmethod
    def over(cls, dice: Random, words: Vocabulary, roots: Mapping[str, Sort], **kind: Any) -> Self:
        """An author who may read some roots."""
        return cls(dice, words, Scope.of(dice, words, roots), **kind)

    def knowing(self, *more: tuple[expr.Node, Sort]) -> Self:
        """The same author, where more can be read."""
        return type(self)(
            self.dice,
            self.words,
            self.scope.within(*more),
            in_world=self.in_world,
            compares_records=self.compares_records,
            emits=self.emits,
            numbers=self.numbers,
        )

    def maybe(self, chance: float = 0.5) -> bool:
        """Yes or no."""
        return self.dice.random() < chance

    def first_of(self, ways: list[Way], otherwise: Way) -> expr.Node:
        """What one of some ways leads to, or another one if none of those that are tried does."""
        for _ in range(4):
            try:
                return self.dice.choice(ways)()
            except Unwritable:
                continue
        return otherwise()

    def read(self, sort: Sort) -> expr.Node:
        """Something of a sort that can be read."""
        nodes = self.scope.some(sort)
        if not nodes:
            raise Unwritable
        return self.dice.choice(nodes)

    def condition(self, depth: int = 2) -> expr.Node:
        """Some truth."""
        raise NotImplementedError

    def value(self, sort: Sort, depth: int = 2, *, typed: bool = False) -> expr.Node:
        """Some value of a sort; `typed` where its place does not say of which sort it is.

        Raises `Unwritable` where there is none.
        """
        raise NotImplementedError

    def either(self, sort: Sort, depth: int, *, typed: bool) -> expr.Node:
        """One of two values; perhaps one of what is established."""
        raise NotImplementedError

    def fallback(self, sort: Sort, depth: int, *, typed: bool) -> expr.Node:
        """What is there of an optional, or something else."""
        raise NotImplementedError


def freed(node: expr.Node) -> expr.Node:
    """A number beside another one: a plain constant had to be in the other's range."""
    if isinstance(node, expr.Const) and isinstance(node.sort, Integer):
        return expr.Arithmetic("+", node, expr.Const(0, Integer(0, 0)))
    return node
