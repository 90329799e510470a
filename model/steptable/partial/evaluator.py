"""Evaluates expressions over partly known values, into scalars and structures of them.

A step in a known state becomes short that way: most of it is decided while it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, assert_never

from steptable import expr
from steptable.interpreter.evaluate import empty
from steptable.partial.scalar import (
    TRUE,
    Scalar,
    add,
    arithmetic,
    both,
    compare,
    constant,
    either,
    extreme,
    is_false,
    is_true,
    negation,
    same_truth,
    scalar_choice,
)
from steptable.partial.shapes import Decomposer
from steptable.partial.symbolic import (
    ABSENT,
    NONE,
    Structure,
    Symbolic,
    SymbolicBag,
    SymbolicMap,
    SymbolicOptional,
    SymbolicQueue,
    SymbolicRecord,
    as_counts,
    as_option,
    attribute,
    choice,
    equal,
)
from steptable.sorts import Field, Symbol


@dataclass(frozen=True)
class PartialEvaluator:
    """Evaluates in an environment of symbolic roots.

    `values` gives the domain of a scalar variable, for maps that are read or written
    at a key that is not a constant. `rerun` evaluates a step that was not taken.
    """

    env: Mapping[str, Symbolic]
    values: Callable[[str], tuple[Any, ...]]
    decomposer: Decomposer
    rerun: Callable[[str, Symbolic], Symbolic] | None = None

    def scalar(self, node: expr.Node) -> Scalar:
        value = self.evaluate(node)
        if isinstance(value, Structure):
            raise TypeError(f"{node} is no scalar")
        return value

    def evaluate(self, node: expr.Node) -> Symbolic:
        match node:
            case expr.Const(value=None):
                return ABSENT
            case expr.Const(value=dict() as empty_map) if not empty_map:
                return SymbolicMap({})
            case expr.Const(value=value):
                return constant(value)
            case expr.Root(name) | expr.Bound(name):
                return self.env[name]
            case expr.Attr(subject, name):
                return attribute(self.evaluate(subject), name)
            case expr.Part(item, whole, part):
                return self._part(self.scalar(item), whole, whole.parts.index(part))
            case expr.Not(item):
                return negation(self.scalar(item))
            case expr.And(items):
                return both(*self.until_false(items))
            case expr.Or(items):
                return either(*self._until(is_true, items))
            case expr.Iff(left, right):
                return same_truth(self.scalar(left), self.scalar(right))
            case expr.Compare(op, left, right):
                return self._comparison(op, self.evaluate(left), self.evaluate(right))
            case expr.Arithmetic(op, left, right):
                return arithmetic(op, self.scalar(left), self.scalar(right))
            case expr.Negative(item):
                return arithmetic("-", constant(0), self.scalar(item))
            case expr.Extreme(which, items):
                return extreme(which, [self.scalar(item) for item in items])
            case expr.If(test, then, otherwise):
                holds = self.scalar(test)
                if isinstance(holds, expr.Const):
                    return self.evaluate(then if holds.value else otherwise)
                return choice(holds, self.evaluate(then), self.evaluate(otherwise))
            case expr.Present(item):
                return as_option(self.evaluate(item)).present
            case expr.Value(item):
                return self._value(as_option(self.evaluate(item)))
            case expr.OrElse(item, fallback):
                option = as_option(self.evaluate(item))
                value = self.evaluate(fallback)
                return choice(option.present, option.value or value, value)
            case expr.Rerun(half, record):
                assert self.rerun is not None
                return self.rerun(half, self.evaluate(record))
            case expr.Emitted(step, effect):
                return self._emitted(self.evaluate(step), effect)
            case expr.Make() | expr.With():
                return self._record(node)
            case expr.Length() | expr.Head() | expr.Push() | expr.Pop():
                return self._queue(node)
            case expr.Count() | expr.Change():
                return self._bag(node)
            case expr.Lookup() | expr.Put() | expr.Every() | expr.Where():
                return self._map(node)
            case expr.Unknown(what, name):
                raise TypeError(f"there is no {what} '{name}'")
            case _:
                assert_never(node)

    def until_false(self, items: Iterable[expr.Node]) -> Iterator[Scalar]:
        """Conditions up to one that can't hold; those behind it need not have a meaning."""
        return self._until(is_false, items)

    def _until(
        self, decides: Callable[[Symbolic], bool], items: Iterable[expr.Node]
    ) -> Iterator[Scalar]:
        """The items up to one that decides; what stands behind it need not have a meaning."""
        for item in items:
            value = self.scalar(item)
            yield value
            if decides(value):
                return

    def _comparison(self, op: expr.CompareOperator, left: Symbolic, right: Symbolic) -> Scalar:
        if op == "==":
            return equal(left, right)
        if op == "!=":
            return negation(equal(left, right))
        if isinstance(left, Structure) or isinstance(right, Structure):
            raise TypeError(f"{left} and {right} have no order")
        return compare(op, left, right)

    def _value(self, option: SymbolicOptional) -> Symbolic:
        # Only read where it is present; where it never is, any value will do.
        return constant(None) if option.value is None else option.value

    def _record(self, node: expr.Make | expr.With) -> Symbolic:
        changed = {name: self.evaluate(value) for name, value in node.fields}
        if isinstance(node, expr.With):
            subject = self.evaluate(node.subject)
            assert isinstance(subject, SymbolicRecord)
            return SymbolicRecord({**subject.of, **changed})
        return SymbolicRecord(
            {
                part.name: changed[part.name] if part.name in changed else self._empty(part)
                for part in node.record
            }
        )

    def _empty(self, part: Field) -> Symbolic:
        return self.decomposer.concrete(part.sort, empty(part))

    def _part(self, item: Scalar, whole: Symbol, at: int) -> Scalar:
        parts = [
            (test, constant(text.split(whole.separator, len(whole.parts) - 1)[at]))
            for test, text in self._keys(item)
        ]
        *others, (_, found) = parts
        for test, part in reversed(others):
            found = scalar_choice(test, part, found)
        return found

    def _map(self, node: expr.Lookup | expr.Put | expr.Every | expr.Where) -> Symbolic:
        match node:
            case expr.Lookup(of, key):
                entries, keys = self._entries(of), self._keys(self.scalar(key))
                found: Symbolic = ABSENT
                for test, value in keys:
                    found = choice(test, entries.get(value, ABSENT), found)
                return found
            case expr.Put(of, key, value):
                entries, put = dict(self._entries(of)), as_option(self.evaluate(value))
                for test, at in self._keys(self.scalar(key)):
                    kept = choice(test, put, entries.get(at, ABSENT))
                    assert isinstance(kept, SymbolicOptional)
                    entries[at] = kept
                return SymbolicMap(entries)
            case expr.Every(of, name, body):
                return both(
                    *(
                        either(negation(entry.present), self._with(name, entry).scalar(body))
                        for entry in self._entries(of).values()
                        if entry.value is not None
                    )
                )
            case expr.Where(of, name, body):
                return SymbolicMap(
                    {
                        key: SymbolicOptional(
                            both(entry.present, self._with(name, entry).scalar(body)), entry.value
                        )
                        for key, entry in self._entries(of).items()
                        if entry.value is not None
                    }
                )
            case _:
                assert_never(node)

    @staticmethod
    def _emitted(step: Symbolic, effect: str) -> Symbolic:
        assert isinstance(step, SymbolicRecord)
        return step.of.get(f"emits {effect}", constant(0))

    def _with(self, name: str, entry: SymbolicOptional) -> PartialEvaluator:
        assert entry.value is not None
        return replace(self, env={**self.env, name: entry.value})

    def _queue(self, node: expr.Length | expr.Head | expr.Push | expr.Pop) -> Symbolic:
        line = self.evaluate(node.queue)
        assert isinstance(line, SymbolicQueue)
        match node:
            case expr.Length():
                return line.length
            case expr.Head():
                present = compare(">", line.length, constant(0))
                return SymbolicOptional(present, line.slots[0]) if line.slots else ABSENT
            case expr.Pop():
                slots = (*line.slots[1:], line.blank)
                shorter = add(line.length, -1)
                length = scalar_choice(compare(">", line.length, constant(0)), shorter, constant(0))
                return SymbolicQueue(length, slots, line.blank)
            case expr.Push(value=value):
                pushed = self.evaluate(value)
                # Whether there is room for as many is asked when the queue is stored.
                slots = tuple(
                    choice(compare("==", line.length, constant(at)), pushed, slot)
                    for at, slot in enumerate((*line.slots, line.blank))
                )
                return SymbolicQueue(add(line.length, 1), slots, line.blank)
            case _:
                assert_never(node)

    def _bag(self, node: expr.Count | expr.Change) -> Symbolic:
        bag = as_counts(self.evaluate(node.bag))
        keys = self._keys(self.scalar(node.value))
        if isinstance(node, expr.Count):
            count: Scalar = constant(0)
            for test, value in keys:
                count = scalar_choice(test, bag.count(value), count)
            return count
        counts = dict(bag.of)
        for test, value in keys:
            old = counts.get(value, NONE)
            less = scalar_choice(compare(">", old, constant(0)), add(old, -1), constant(0))
            counts[value] = scalar_choice(test, add(old, 1) if node.by == 1 else less, old)
        return SymbolicBag(counts)

    def _entries(self, node: expr.Node) -> Mapping[str, SymbolicOptional]:
        value = self.evaluate(node)
        assert isinstance(value, SymbolicMap)
        return value.of

    def _keys(self, key: Scalar) -> list[tuple[Scalar, str]]:
        """The values a key can have, each with the condition under which it does."""
        match key:
            case expr.Const(value=value):
                return [(TRUE, value)]
            case expr.Bound(name):
                return [(compare("==", key, constant(v)), v) for v in self.values(name)]
            case expr.If(test, then, otherwise):
                either_way = ((test, then), (negation(test), otherwise))
                return [(both(t, u), v) for t, way in either_way for u, v in self._keys(way)]
            case expr.Not() | expr.And() | expr.Or() | expr.Iff() | expr.Compare():
                raise TypeError(f"the key {key} is a truth")
            case expr.Arithmetic():
                raise TypeError(f"the key {key} is computed")
            case _:
                assert_never(key)
