"""Evaluates expressions over partly known values, into scalars and structures of them.

A step in a known state becomes short that way: most of it is decided while it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import assert_never

from steptable import expr
from steptable.interpreter.evaluate import empty
from steptable.partial.keys import (
    PossibleKeys,
    possible_keys,
    possible_keys_among,
    possible_keys_within,
)
from steptable.partial.paths import Plain
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
from steptable.partial.variables import Variable
from steptable.sorts import Field, Symbol


@dataclass(frozen=True)
class PartialEvaluator:
    """Evaluates in an environment of symbolic roots.

    `variables` are the scalar ones, whose domains say which keys there can be where a map is
    read or written at one that is not a constant. `rerun` evaluates a step that was not taken.
    """

    env: Mapping[str, Symbolic]
    variables: Mapping[str, Variable]
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
            case expr.Lookup() | expr.Put():
                return self._map(node)
            case expr.Every() | expr.Some() | expr.Where() | expr.CountWhere():
                return self._through(node)
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
            (test, constant(str(text).split(whole.separator, len(whole.parts) - 1)[at]))
            for test, text in possible_keys(item, item, self.variables)
        ]
        *others, (_, found) = parts
        for test, part in reversed(others):
            found = scalar_choice(test, part, found)
        return found

    def _map(self, node: expr.Lookup | expr.Put) -> Symbolic:
        match node:
            case expr.Lookup(of, key):
                whole = self.evaluate(of)
                if isinstance(whole, SymbolicRecord):
                    return self._of_total(whole, key)
                entries, found = self._entries(of), ABSENT
                for test, at in self._known(key, entries):
                    found = as_option(choice(test, entries[at], found))
                return found
            case expr.Put(of, key, value):
                whole = self.evaluate(of)
                if isinstance(whole, SymbolicRecord):
                    return self._put_in_total(whole, key, self.evaluate(value))
                entries, put = dict(self._entries(of)), as_option(self.evaluate(value))
                for test, at in self._keys(key):
                    kept = choice(test, put, entries.get(at, ABSENT))
                    assert isinstance(kept, SymbolicOptional)
                    entries[at] = kept
                return SymbolicMap(entries)
            case _:
                assert_never(node)

    def _through(self, node: expr.ThroughMap) -> Symbolic:
        """What is asked of each value that may be in a map, one key after another."""
        entries = {
            key: entry
            for key, entry in self._entries(node.map).items()
            if entry.value is not None and not is_false(entry.present)
        }
        holds = {
            key: both(entry.present, self._within(node, key, entry).scalar(node.body))
            for key, entry in entries.items()
        }
        match node:
            case expr.Every():
                absent = {key: negation(entry.present) for key, entry in entries.items()}
                return both(*(either(absent[key], holds[key]) for key in entries))
            case expr.Some():
                return either(*holds.values())
            case expr.Where():
                return SymbolicMap(
                    {
                        key: SymbolicOptional(holds[key], entry.value)
                        for key, entry in entries.items()
                    }
                )
            case expr.CountWhere():
                count: Scalar = constant(0)
                for one in holds.values():
                    count = arithmetic("+", count, scalar_choice(one, constant(1), constant(0)))
                return count
            case _:
                assert_never(node)

    @staticmethod
    def _emitted(step: Symbolic, effect: str) -> Symbolic:
        assert isinstance(step, SymbolicRecord)
        return step.of.get(f"emits {effect}", constant(0))

    def _of_total(self, whole: SymbolicRecord, key: expr.Node) -> Symbolic:
        found: Symbolic | None = None
        for test, at in possible_keys_among(whole.of, self.scalar(key), key, self.variables):
            found = whole.of[at] if found is None else choice(test, whole.of[at], found)
        # Only read where there is such a key; where there never is, any value will do.
        return constant(None) if found is None else found

    def _put_in_total(
        self, whole: SymbolicRecord, key: expr.Node, value: Symbolic
    ) -> SymbolicRecord:
        entries = dict(whole.of)
        for test, at in possible_keys_among(whole.of, self.scalar(key), key, self.variables):
            entries[at] = choice(test, value, entries[at])
        return SymbolicRecord(entries)

    def _within(
        self, node: expr.ThroughMap, key: Plain, entry: SymbolicOptional
    ) -> PartialEvaluator:
        assert entry.value is not None
        bound: dict[str, Symbolic] = {node.name: entry.value}
        if node.key is not None:
            bound[node.key] = constant(key)
        return replace(self, env={**self.env, **bound})

    def _queue(self, node: expr.Length | expr.Head | expr.Push | expr.Pop) -> Symbolic:
        line = self.evaluate(node.queue)
        if isinstance(node, expr.Length) and not isinstance(line, SymbolicQueue):
            return reduce(partial(arithmetic, "+"), as_counts(line).of.values(), NONE)
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
        if isinstance(node, expr.Count):
            count: Scalar = NONE
            for test, value in self._known(node.value, bag.of):
                count = scalar_choice(test, bag.count(value), count)
            return count
        counts = dict(bag.of)
        if node.by == 1:
            for test, value in self._keys(node.value):
                old = counts.get(value, NONE)  # one value may be there by several ways
                counts[value] = scalar_choice(test, add(old, 1), old)
        else:
            for test, value in self._known(node.value, bag.of):
                old = counts[value]
                less = scalar_choice(compare(">", old, NONE), add(old, -1), NONE)
                counts[value] = scalar_choice(test, less, old)
        return SymbolicBag(counts)

    def _entries(self, node: expr.Node) -> Mapping[Plain, SymbolicOptional]:
        value = self.evaluate(node)
        if isinstance(value, SymbolicRecord):
            return {at: SymbolicOptional(TRUE, item) for at, item in value.of.items()}
        assert isinstance(value, SymbolicMap)
        return value.of

    def _known(self, node: expr.Node, keys: Collection[Plain]) -> PossibleKeys:
        """Those of some keys that a key may be."""
        return possible_keys_within(keys, self.scalar(node), node, self.variables)

    def _keys(self, node: expr.Node) -> PossibleKeys:
        return possible_keys(self.scalar(node), node, self.variables)
