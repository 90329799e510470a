"""Writes the transitions of a system as Python over packed states.

What a function does with them says a template (`templates`): it searches, or lists steps. Two
more functions have none: one judges, and notes the first state that decides each property over
states; the other tells which of some conditions hold in a state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, assert_never

from steptable import expr
from steptable.explore.packed.layout import Layout, width
from steptable.explore.packed.numbering import Numbering
from steptable.explore.packed.templates import Template
from steptable.explore.system.keys import DEADLOCK, OVERFLOW, Breakable
from steptable.explore.system.transitions import Transition, TransitionSystem, variables_in
from steptable.partial.codes import Coding, working_value
from steptable.partial.scalar import Scalar, is_false, is_true
from steptable.partial.variables import Variable


class PythonWriter:
    """Writes functions over the packed states of a system."""

    def __init__(self, system: TransitionSystem, layout: Layout) -> None:
        self.system = system
        self.layout = layout
        known = {variable.name: variable for variable in system.variables}
        self.variables: Mapping[str, Variable] = known | system.parameters
        self.local = {name: f"v{i}" for i, name in enumerate(self.variables)}
        self.coding = Coding(self.variables)
        self.actions = {action.name: i for i, action in enumerate(system.world.actions)}
        self.numbering = Numbering.of(system, system.transitions)

    def expansion(self, shape: Template) -> str:
        """The function that takes every step."""
        lines = [shape.head]
        shown = [transition for transition in self.system.transitions if self._matters(transition)]
        read = {
            name
            for transition in shown
            for node in transition.scalars()
            for name in variables_in(node)
        }
        read |= variables_in(self.system.terminal)
        lines += self._reads(read, "    ")
        for test, transitions in self.groups().items():
            lines.append(f"    if {test}:\n")
            for number, transition in transitions:
                lines += self._transition(transition, number, shape)
        dead, terminal = self.numbering.broken.index(DEADLOCK), self.text(self.system.terminal)
        lines.append(shape.foot.format(dead=dead, terminal=terminal))
        return "".join(lines)

    def groups(self) -> dict[str, list[tuple[int, Transition]]]:
        """The transitions that matter, by what is tested first: the order in which steps are
        numbered.
        """
        groups: dict[str, list[tuple[int, Transition]]] = {}
        for number, transition in enumerate(self.system.transitions):
            if self._matters(transition):
                groups.setdefault(self._text_of(self._fixed(transition)[:1]), []).append(
                    (number, transition)
                )
        return groups

    @staticmethod
    def _matters(transition: Transition) -> bool:
        """Whether there is anything to do: a refusal that is settled leaves all as it is."""
        return transition.is_step or bool(transition.checks) or bool(transition.premises)

    def _fixed(self, transition: Transition) -> list[Scalar]:
        """The parts of the condition that no choice enters into."""
        return [item for item in _items(transition.guard) if not self._chosen(item)]

    def _chosen(self, node: Scalar) -> bool:
        return any(name in self.system.parameters for name in variables_in(node))

    def _text_of(self, items: Iterable[Scalar]) -> str:
        return " and ".join(self.text(item) for item in items) or "True"

    def _reads(self, names: set[str], indent: str) -> Iterator[str]:
        for variable, shift in zip(self.layout.variables, self.layout.shifts, strict=True):
            if variable.name in names:
                place = f"s >> {shift}" if shift else "s"
                code = f"{place} & {(1 << width(variable)) - 1}"
                yield f"{indent}{self.local[variable.name]} = {_decoded(variable, code)}\n"

    def _transition(self, transition: Transition, number: int, template: Template) -> Iterator[str]:
        indent = "      "
        if rest := self._fixed(transition)[1:]:
            yield f"{indent}if {self._text_of(rest)}:\n"
            indent += " "
        for parameter in transition.parameters:
            values = tuple(working_value(parameter, value) for value in parameter.domain)
            yield f"{indent}for {self.local[parameter.name]} in {values!r}:\n"
            indent += " "
        varying = [item for item in _items(transition.guard) if self._chosen(item)]
        if varying:
            yield f"{indent}if {self._text_of(varying)}:\n"
            indent += " "
        names = [self.local[parameter.name] for parameter in transition.parameters]
        choices = ", ".join(names) + ("," if len(names) == 1 else "")
        action = self.actions[transition.action.name]
        parts = {"transition": number, "choices": choices, "action": action}
        yield f"{indent}{(transition.is_step and template.on_taken.format(**parts)) or 'pass'}\n"
        if template.on_violation:
            yield from self._judged(transition, indent, template, parts)
        if not transition.is_step:
            yield f"{indent}{template.on_refusal.format(**parts) or 'pass'}\n"
        elif template.on_successor and not is_false(transition.within_bounds):
            if not is_true(transition.within_bounds):
                yield f"{indent}if {self.text(transition.within_bounds)}:\n"
                indent += " "
            yield f"{indent}n = {self._successor(transition)}\n"
            yield f"{indent}{template.on_successor.format(**parts)}\n"
        elif template.on_overflow and not is_true(transition.within_bounds):
            yield f"{indent}if not {self.text(transition.within_bounds)}:\n"
            yield f"{indent} {template.on_overflow.format(**parts)}\n"

    def _judged(
        self, transition: Transition, indent: str, template: Template, parts: Mapping[str, Any]
    ) -> Iterator[str]:
        for met, holds in transition.premises.items():
            if transition.is_step and is_true(holds):
                continue  # it is met whenever the case is taken, which is counted
            number = self.numbering.met.index(met)
            yield f"{indent}{template.on_premise.format(index=number, holds=self.text(holds))}\n"
        checks = dict[Breakable, Scalar](transition.checks.items())
        if transition.is_step and not is_true(transition.within_bounds):
            checks[OVERFLOW] = transition.within_bounds
        for key, holds in checks.items():
            broken = template.on_violation.format(index=self.numbering.broken.index(key), **parts)
            yield f"{indent}if not {self.text(holds)}:\n{indent} {broken}\n"

    def _successor(self, transition: Transition) -> str:
        keep = (1 << self.layout.bits) - 1
        everything = keep
        terms, constant = [], 0
        for variable, shift in zip(self.layout.variables, self.layout.shifts, strict=True):
            node = transition.assignments.get(variable.name)
            if node is None:
                continue
            keep &= ~((1 << width(variable)) - 1 << shift)
            if isinstance(node, expr.Const):
                constant |= variable.domain.index(node.value) << shift
            else:
                text = _encoded(variable, self.text(node, variable))
                terms.append(f"({text}) << {shift}" if shift else f"({text})")
        kept = "s" if keep == everything else f"s & {keep}"
        return " | ".join([kept, *terms, *([str(constant)] if constant else [])])

    def judgement(self) -> str:
        """A function that notes the first state that decides each property over states."""
        lines = ["def judge(states, decided, met):\n  for s in states:\n    pass\n"]
        over_states = self.system.state_conditions
        premises = self.system.state_premises
        nodes = (*over_states.values(), *premises.values())
        lines += self._reads({name for node in nodes for name in variables_in(node)}, "    ")
        for key, node in over_states.items():
            index, kind = self.numbering.decided.index(key), self.system.property_of(key).kind
            found = f"not {self.text(node)}" if kind == "always" else self.text(node)
            if found != "not True":
                decided = f"decided[{index}] = s"
                lines.append(f"    if {index} not in decided and {found}: {decided}\n")
        for premise, node in premises.items():
            index = self.numbering.met.index(premise)
            lines.append(f"    if {index} not in met and {self.text(node)}: met.add({index})\n")
        return "".join(lines)

    def predicate(self, nodes: Iterable[Scalar]) -> str:
        """A function that tells of each state which of some conditions hold, as bits."""
        conditions = list(nodes)
        lines = ["def holds(states):\n  for s in states:\n"]
        lines += self._reads({name for node in conditions for name in variables_in(node)}, "    ")
        bits = (f"(1 if {self.text(n)} else 0) << {i}" for i, n in enumerate(conditions))
        return "".join([*lines, f"    yield {' | '.join(bits) or '0'}\n"])

    def text(self, node: Scalar, place: Variable | None = None) -> str:
        """A scalar as Python, over the working values of variables."""
        return self._written(self.coding.coded(node, place))

    def _written(self, node: Scalar) -> str:
        match node:
            case expr.Const(value):
                return repr(value)
            case expr.Bound(name):
                return self.local[name]
            case expr.Not(item):
                return f"(not {self._written(item)})"
            case expr.And(items):
                return f"({' and '.join(map(self._written, items))})"
            case expr.Or(items):
                return f"({' or '.join(map(self._written, items))})"
            case expr.Iff(left, right):
                return f"(bool({self._written(left)}) == bool({self._written(right)}))"
            case expr.Compare(op, left, right):
                return f"({self._written(left)} {op} {self._written(right)})"
            case expr.Arithmetic(op, left, right):
                return self._calculated(op, self._written(left), self._written(right))
            case expr.If(test, then, otherwise):
                ways = self._written(then), self._written(otherwise)
                return f"({ways[0]} if {self._written(test)} else {ways[1]})"
            case _:
                assert_never(node)

    def _calculated(self, op: expr.ArithmeticOperator, left: str, right: str) -> str:
        match op:
            case "+" | "-" | "*":
                return f"({left} {op} {right})"
            case "%":
                return f"({left} % {right} if {right} > 0 else 0)"
            case _:
                assert_never(op)


def _items(condition: Scalar) -> tuple[Scalar, ...]:
    return condition.items if isinstance(condition, expr.And) else (condition,)


def _is_plain(variable: Variable) -> bool:
    return not variable.is_numeric or variable.domain == tuple(range(len(variable.domain)))


def _decoded(variable: Variable, code: str) -> str:
    return code if _is_plain(variable) else f"{variable.domain!r}[{code}]"


def _encoded(variable: Variable, text: str) -> str:
    if _is_plain(variable):
        return text
    codes = {value: code for code, value in enumerate(variable.domain)}
    return f"{codes!r}[{text}]"
