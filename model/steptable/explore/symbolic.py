"""Evaluates expressions over values that are partly known, into expressions over scalars.

A structured value is taken apart: a record into its fields, an optional into presence
and value, a map into one optional per key that can occur. What remains are scalar
nodes, over constants and scalar variables (`expr.Bound`), simplified as they are built.
So one engine needs to know scalars only, and a step in a known state becomes short.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from steptable import expr
from steptable.evaluate import COMPARE
from steptable.sorts import Field, Map, Optional, Symbol

Scalar: TypeAlias = expr.Node


@dataclass(frozen=True, slots=True)
class Option:
    """An optional: whether there is a value, and which one if so (None: there never is)."""

    present: Scalar
    value: Symbolic | None


@dataclass(frozen=True, slots=True)
class Fields:
    """A record."""

    of: Mapping[str, Symbolic]


@dataclass(frozen=True, slots=True)
class Entries:
    """A map: an optional for each key that may be there; any other key is absent."""

    of: Mapping[str, Option]


@dataclass(frozen=True, slots=True)
class Line:
    """A queue: its length and its slots, oldest first. Unused slots hold a fixed blank value."""

    length: Scalar
    slots: tuple[Symbolic, ...]
    blank: Symbolic


@dataclass(frozen=True, slots=True)
class Counts:
    """A bag: how many there are of each value."""

    of: Mapping[str, Scalar]
    most: int


@dataclass(frozen=True, slots=True)
class Tag:
    """One of several records: which, and the fields of all of them; others hold a blank value."""

    kind: Scalar
    fields: Mapping[str, Symbolic]


Symbolic: TypeAlias = Scalar | Option | Fields | Entries | Line | Counts | Tag

TRUE: Final = expr.Const(True, None)
FALSE: Final = expr.Const(False, None)
ABSENT: Final = Option(FALSE, None)


def constant(value: Any) -> Scalar:
    return expr.Const(value, None)


def is_true(item: Symbolic) -> bool:
    """Whether this is the truth itself; the number 1 is not."""
    return isinstance(item, expr.Const) and item.value is True


def is_false(item: Symbolic) -> bool:
    return isinstance(item, expr.Const) and item.value is False


def both(*items: Scalar) -> Scalar:
    """Conjunction."""
    return _junction(expr.And, is_true, FALSE, items)


def either(*items: Scalar) -> Scalar:
    """Disjunction."""
    return _junction(expr.Or, is_false, TRUE, items)


def _junction(
    kind: type[expr.And] | type[expr.Or],
    is_unit: Callable[[Symbolic], bool],
    zero: Scalar,
    items: Iterable[Scalar],
) -> Scalar:
    parts: dict[Scalar, None] = {}
    for item in items:
        for part in item.items if isinstance(item, kind) else (item,):
            if part == zero or negation(part) in parts:
                return zero
            if not is_unit(part):
                parts[part] = None
    if not parts:
        return negation(zero)
    return next(iter(parts)) if len(parts) == 1 else kind(tuple(parts))


def negation(item: Scalar) -> Scalar:
    match item:
        case expr.Const(value=value):
            return FALSE if value else TRUE
        case expr.Not(inside):
            return inside
        case _:
            return expr.Not(item)


def same_truth(left: Scalar, right: Scalar) -> Scalar:
    """Both or neither."""
    if left == right:
        return TRUE
    if isinstance(left, expr.Const):
        return right if left.value else negation(right)
    if isinstance(right, expr.Const):
        return left if right.value else negation(left)
    return expr.Iff(left, right)


def compare(op: expr.CompareOperator, left: Scalar, right: Scalar) -> Scalar:
    """A comparison of scalars; one with a choice becomes a choice of comparisons."""
    if isinstance(left, expr.Const) and isinstance(right, expr.Const):
        return TRUE if COMPARE[op](left.value, right.value) else FALSE
    if left == right:
        return TRUE if op in ("==", "<=", ">=") else FALSE
    match left, right:
        # x + 1 > x and its like, whatever x is.
        case expr.Arithmetic("+", inside, expr.Const(value=number)), _ if inside == right:
            return TRUE if COMPARE[op](number, 0) else FALSE
        case _, expr.Arithmetic("+", inside, expr.Const(value=number)) if inside == left:
            return TRUE if COMPARE[op](0, number) else FALSE
    if isinstance(left, expr.If) and isinstance(right, expr.Const):
        return scalar_choice(
            left.test, compare(op, left.then, right), compare(op, left.otherwise, right)
        )
    return expr.Compare(op, left, right)


def scalar_choice(test: Scalar, then: Scalar, otherwise: Scalar) -> Scalar:
    if isinstance(test, expr.Const):
        return then if test.value else otherwise
    if then == otherwise:
        return then
    if is_true(then):
        return either(test, otherwise)
    if is_false(otherwise):
        return both(test, then)
    if is_false(then):
        return both(negation(test), otherwise)
    if is_true(otherwise):
        return either(negation(test), then)
    return expr.If(test, then, otherwise)


def choice(test: Scalar, then: Symbolic, otherwise: Symbolic) -> Symbolic:
    """One of two values, field by field."""
    if isinstance(test, expr.Const):
        return then if test.value else otherwise
    match then, otherwise:
        case Option(), _:
            return _option_choice(test, then, as_option(otherwise))
        case _, Option():
            return _option_choice(test, as_option(then), otherwise)
        case Fields(a), Fields(b):
            return Fields({name: choice(test, a[name], b[name]) for name in a})
        case Entries(a), Entries(b):
            keys = dict.fromkeys([*a, *b])
            pairs = {key: (a.get(key, ABSENT), b.get(key, ABSENT)) for key in keys}
            return Entries({key: _option_choice(test, *pair) for key, pair in pairs.items()})
        case expr.Node(), expr.Node():
            return scalar_choice(test, then, otherwise)
        case Line(), Line():
            slots = zip(then.slots, otherwise.slots, strict=True)
            length = scalar_choice(test, then.length, otherwise.length)
            return Line(length, tuple(choice(test, a, b) for a, b in slots), then.blank)
        case Counts(a), Counts(b):
            return Counts({key: scalar_choice(test, a[key], b[key]) for key in a}, then.most)
        case Tag(a, of), Tag(b, other):
            fields = {name: choice(test, of[name], other[name]) for name in of}
            return Tag(scalar_choice(test, a, b), fields)
    raise TypeError(f"no choice between {then} and {otherwise}")


def _option_choice(test: Scalar, then: Option, otherwise: Option) -> Option:
    present = scalar_choice(test, then.present, otherwise.present)
    if then.value is None or otherwise.value is None:
        return Option(present, otherwise.value if then.value is None else then.value)
    return Option(present, choice(test, then.value, otherwise.value))


def as_option(value: Symbolic) -> Option:
    return value if isinstance(value, Option) else Option(TRUE, value)


def equal(left: Symbolic, right: Symbolic) -> Scalar:
    """Equality of whole values."""
    if left is right:
        return TRUE
    match left, right:
        case (Option(), _) | (_, Option()):
            a, b = as_option(left), as_option(right)
            values = TRUE if a.value is None or b.value is None else equal(a.value, b.value)
            return both(same_truth(a.present, b.present), either(negation(a.present), values))
        case Fields(a), Fields(b):
            return both(*(equal(a[name], b[name]) for name in a))
        case Entries(a), Entries(b):
            keys = dict.fromkeys([*a, *b])
            return both(*(equal(a.get(key, ABSENT), b.get(key, ABSENT)) for key in keys))
        case expr.Node(), expr.Node():
            return compare("==", left, right)
        case Line(), Line():
            slots = zip(left.slots, right.slots, strict=True)
            return both(compare("==", left.length, right.length), *(equal(a, b) for a, b in slots))
        case Counts(a), Counts(b):
            return both(*(compare("==", a[key], b[key]) for key in a))
        case Tag(a, of), Tag(b, other):
            return both(compare("==", a, b), *(equal(of[name], other[name]) for name in of))
    raise TypeError(f"{left} and {right} have no equality")


@dataclass(frozen=True)
class Symbolizer:
    """Evaluates in an environment of symbolic roots.

    `values` gives the domain of a scalar variable, for maps that are read or written
    at a key that is not a constant. `rerun` evaluates a step that was not taken.
    """

    env: Mapping[str, Symbolic]
    values: Callable[[str], tuple[Any, ...]]
    rerun: Callable[[str, Symbolic], Symbolic] | None = None
    demands: list[Scalar] = field(default_factory=list)
    """What must hold lest a bound be overrun: room in queues and bags."""

    def scalar(self, node: expr.Node) -> Scalar:
        value = self.evaluate(node)
        if not isinstance(value, expr.Node):
            raise TypeError(f"{node} is no scalar")
        return value

    def evaluate(self, node: expr.Node) -> Symbolic:
        match node:
            case expr.Const(value=None):
                return ABSENT
            case expr.Const(value={}):
                return Entries({})
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
                return both(*self._until(is_false, items))
            case expr.Or(items):
                return either(*self._until(is_true, items))
            case expr.Iff(left, right):
                return same_truth(self.scalar(left), self.scalar(right))
            case expr.Compare(op, left, right):
                # What is only compared is not kept, so it may overrun a bound.
                aside = replace(self, demands=[])
                return self._comparison(op, aside.evaluate(left), aside.evaluate(right))
            case expr.Arithmetic(op, left, right):
                return _arithmetic(op, self.scalar(left), self.scalar(right))
            case expr.If(test, then, otherwise):
                holds = self.scalar(test)
                if isinstance(holds, expr.Const):
                    return self.evaluate(then if holds.value else otherwise)
                return choice(
                    holds, self._where(holds, then), self._where(negation(holds), otherwise)
                )
            case expr.Present(item):
                return as_option(self.evaluate(item)).present
            case expr.Value(item):
                return self._value(as_option(self.evaluate(item)))
            case expr.OrElse(item, fallback):
                option = as_option(self.evaluate(item))
                value = self.evaluate(fallback)
                return choice(option.present, option.value or value, value)
            case expr.Rerun(half, record) if self.rerun is not None:
                return self.rerun(half, self.evaluate(record))
            case expr.Make() | expr.With():
                return self._record(node)
            case expr.Length() | expr.Head() | expr.Push() | expr.Pop():
                return self._queue(node)
            case expr.Count() | expr.Change():
                return self._bag(node)
            case _:
                return self._map(node)

    def _until(
        self, decides: Callable[[Symbolic], bool], items: Iterable[expr.Node]
    ) -> Iterator[Scalar]:
        """The items up to one that decides; what stands behind it need not have a meaning."""
        for item in items:
            value = self.scalar(item)
            yield value
            if decides(value):
                return

    def _where(self, holds: Scalar, node: expr.Node) -> Symbolic:
        """A value that is wanted only where a condition holds; so are its demands."""
        inside = replace(self, demands=[])
        value = inside.evaluate(node)
        self.demands.extend(either(negation(holds), demand) for demand in inside.demands)
        return value

    def _comparison(self, op: expr.CompareOperator, left: Symbolic, right: Symbolic) -> Scalar:
        if op == "==":
            return equal(left, right)
        if op == "!=":
            return negation(equal(left, right))
        if isinstance(left, expr.Node) and isinstance(right, expr.Node):
            return compare(op, left, right)
        raise TypeError(f"{left} and {right} have no order")

    def _value(self, option: Option) -> Symbolic:
        # Only read where it is present; where it never is, any value will do.
        return constant(None) if option.value is None else option.value

    def _record(self, node: expr.Make | expr.With) -> Symbolic:
        changed = {name: self.evaluate(value) for name, value in node.fields}
        if isinstance(node, expr.With):
            subject = self.evaluate(node.subject)
            assert isinstance(subject, Fields)
            return Fields({**subject.of, **changed})
        return Fields(
            {
                part.name: changed[part.name] if part.name in changed else self._empty(part)
                for part in node.record
            }
        )

    def _empty(self, part: Field) -> Symbolic:
        if isinstance(part.default, expr.Node):
            return self.evaluate(part.default)
        match part.sort:
            case Optional():
                return ABSENT
            case Map():
                return Entries({})
        return constant(part.default)

    def _part(self, item: Scalar, whole: Symbol, at: int) -> Scalar:
        found: Scalar = constant("")
        for test, text in self._keys(item):
            part = text.split(whole.separator, len(whole.parts) - 1)[at]
            found = scalar_choice(test, constant(part), found)
        return found

    def _map(self, node: expr.Node) -> Symbolic:
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
                    assert isinstance(kept, Option)
                    entries[at] = kept
                return Entries(entries)
            case expr.Every(of, name, body):
                return both(
                    *(
                        either(negation(entry.present), self._with(name, entry).scalar(body))
                        for entry in self._entries(of).values()
                        if entry.value is not None
                    )
                )
            case expr.Where(of, name, body):
                return Entries(
                    {
                        key: Option(
                            both(entry.present, self._with(name, entry).scalar(body)), entry.value
                        )
                        for key, entry in self._entries(of).items()
                        if entry.value is not None
                    }
                )
            case expr.Emitted(of, effect):
                step = self.evaluate(of)
                assert isinstance(step, Fields)
                return step.of.get(f"emits {effect}", constant(0))
        raise TypeError(f"{type(node).__name__} has no symbolic value")

    def _with(self, name: str, entry: Option) -> Symbolizer:
        assert entry.value is not None
        return replace(self, env={**self.env, name: entry.value})

    def _queue(self, node: expr.Length | expr.Head | expr.Push | expr.Pop) -> Symbolic:
        line = self.evaluate(node.queue)
        assert isinstance(line, Line)
        match node:
            case expr.Length():
                return line.length
            case expr.Head():
                present = compare(">", line.length, constant(0))
                return Option(present, line.slots[0]) if line.slots else ABSENT
            case expr.Pop():
                slots = (*line.slots[1:], line.blank)
                shorter = add(line.length, -1)
                length = scalar_choice(compare(">", line.length, constant(0)), shorter, constant(0))
                return Line(length, slots, line.blank)
            case expr.Push(value=value):
                self.demands.append(compare("<", line.length, constant(len(line.slots))))
                pushed = self.evaluate(value)
                slots = tuple(
                    choice(compare("==", line.length, constant(at)), pushed, slot)
                    for at, slot in enumerate(line.slots)
                )
                return Line(add(line.length, 1), slots, line.blank)

    def _bag(self, node: expr.Count | expr.Change) -> Symbolic:
        bag = self.evaluate(node.bag)
        assert isinstance(bag, Counts)
        keys = self._keys(self.scalar(node.value))
        if isinstance(node, expr.Count):
            count: Scalar = constant(0)
            for test, value in keys:
                count = scalar_choice(test, bag.of[value], count)
            return count
        counts = dict(bag.of)
        for test, value in keys:
            old = counts[value]
            if node.by == 1:
                self.demands.append(either(negation(test), compare("<", old, constant(bag.most))))
            less = scalar_choice(compare(">", old, constant(0)), add(old, -1), constant(0))
            counts[value] = scalar_choice(test, add(old, 1) if node.by == 1 else less, old)
        return Counts(counts, bag.most)

    def _entries(self, node: expr.Node) -> Mapping[str, Option]:
        value = self.evaluate(node)
        assert isinstance(value, Entries)
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
        raise TypeError(f"the key {key} is no plain variable")


def simplify(node: Scalar, given: Mapping[Scalar, bool]) -> Scalar:
    """A scalar where some conditions are known to hold or not to."""
    if node in given:
        return TRUE if given[node] else FALSE
    match node:
        case expr.Not(item):
            return negation(simplify(item, given))
        case expr.And(items):
            return both(*(simplify(item, given) for item in items))
        case expr.Or(items):
            return either(*(simplify(item, given) for item in items))
        case expr.Iff(left, right):
            return same_truth(simplify(left, given), simplify(right, given))
        case expr.Compare(op, left, right):
            return compare(op, simplify(left, given), simplify(right, given))
        case expr.If(test, then, otherwise):
            parts = (simplify(part, given) for part in (test, then, otherwise))
            return scalar_choice(*parts)
    return node


def known_from(condition: Scalar) -> dict[Scalar, bool]:
    """What follows at once from a condition that holds."""
    items = condition.items if isinstance(condition, expr.And) else (condition,)
    known: dict[Scalar, bool] = {}
    for item in items:
        known[item] = True
        if isinstance(item, expr.Not):
            known[item.item] = False
            if isinstance(item.item, expr.Or):
                known |= dict.fromkeys(item.item.items, False)
    return known


def attribute(subject: Symbolic, name: str) -> Symbolic:
    """A field of a record; of an optional record, the field where there is one."""
    match subject:
        case Fields(of):
            return of[name]
        case Option(present, Fields(of)):
            field = as_option(of[name])
            return Option(both(present, field.present), field.value)
        case Option(present, Tag() as tag):
            field = as_option(attribute(tag, name))
            return Option(both(present, field.present), field.value)
        case Option():
            return ABSENT
        case Tag(kind, fields):
            return kind if name == "kind" else fields[name]
    raise TypeError(f"{subject} has no field {name}")


def add(item: Scalar, number: int) -> Scalar:
    """A scalar plus a number."""
    match item:
        case expr.Const(value=value):
            return constant(value + number)
        case expr.Arithmetic("+", inside, expr.Const(value=value)):
            return (
                inside
                if value + number == 0
                else expr.Arithmetic("+", inside, constant(value + number))
            )
        case expr.If(test, then, otherwise):
            return scalar_choice(test, add(then, number), add(otherwise, number))
    return item if number == 0 else expr.Arithmetic("+", item, constant(number))


def _arithmetic(op: str, left: Scalar, right: Scalar) -> Scalar:
    if isinstance(right, expr.Const):
        return add(left, right.value if op == "+" else -right.value)
    if isinstance(left, expr.Const) and op == "+":
        return add(right, left.value)
    return expr.Arithmetic("+" if op == "+" else "-", left, right)
