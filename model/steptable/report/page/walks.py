"""The system of a world as plain data, from which the page takes steps by itself.

    WALK      {"variables": [VARIABLE, ...], "stored": 2, "nodes": [NODE, ...],
               "starts": [[CODE, ...], ...], "actions": [ACTION, ...], "cases": [CASE, ...],
               "judged": [[PROPERTY, AT], ...], "dropped": ["..."]}
    VARIABLE  {"scope": "...", "name": "...", "words": ["...", ...], "numbers": [1, ...],
               "if": [[VARIABLE, [CODE, ...]], ...]}
    ACTION    {"name": "...", "party": "...", "says": ["..." | [VARIABLE, ...], ...]}
    CASE      {"action": 0, "when": AT, "choices": [VARIABLE, ...], "sets": [[VARIABLE, AT], ...],
               "moves": true, "events": [["INSTANCE", "EVENT", "ROW" | null], ...],
               "checks": [[PROPERTY, AT], ...], "effects": [["INSTANCE", "EFFECT", AT], ...]}

Variables, properties and actions are numbers in their lists; an AT is the number of a node. The
first `stored` variables make a state, the others are choices. A CODE is the position of a value
in its domain; nodes compute with `numbers` where a variable has some, with codes for all else. A
NODE is a constant, or what to do and with what: ["v", VARIABLE], ["and", AT, ...], and so on.
A variable means something only where each one under `if` has one of those codes. Cases, choices
and values stand in the order in which steps are numbered, so that keys are those of `replay`.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias, assert_never

from steptable import expr
from steptable.explore.exploration import SuccessorFunction
from steptable.explore.system.keys import EffectKey
from steptable.explore.system.transitions import (
    CHOICE,
    Transition,
    TransitionSystem,
    choice_root,
)
from steptable.partial.codes import Coding
from steptable.partial.intervals import is_within
from steptable.partial.paths import Path
from steptable.partial.scalar import Scalar
from steptable.partial.variables import Variable
from steptable.report.page.scalars import Conditions, is_of_others, of_choices, of_states, told
from steptable.world import Action

_EXACT: Final = 54
"""The bits, with the sign, up to which a browser's numbers are exact."""

Data: TypeAlias = dict[str, Any]


def walk(system: TransitionSystem) -> Data | None:
    """All that it takes to walk in a world; None where its numbers are too large for a browser."""
    try:
        return _Simulator(system).data()
    except _TooLarge:
        return None


class _TooLarge(Exception):
    """A number may be beyond those that a browser has one by one."""


class _Simulator:
    def __init__(self, system: TransitionSystem) -> None:
        self.system = system
        self.world = system.world
        self.cases = SuccessorFunction.of(system).transitions_in_order
        wanted = {item.name for transition in self.cases for item in transition.parameters}
        wanted |= {
            name
            for number, action in enumerate(self.world.actions)
            for choice in _mentioned(action)
            for name in self._of_choice(number, choice)
        }
        choices = [item for name, item in system.parameters.items() if name in wanted]
        self.variables = (*system.variables, *choices)
        self.number = {item.name: number for number, item in enumerate(self.variables)}
        self.places = {item.path: number for number, item in enumerate(self.variables)}
        self.known = {item.name: item for item in self.variables}
        self.coding = Coding(self.known)
        self.nodes: dict[Any, int] = {}

    def data(self) -> Data:
        for variable in filter(lambda item: item.is_numeric, self.variables):
            self._demand_exact(expr.Bound(variable.name))
        whole = of_states(self.system)
        known = whole | of_choices(self.system)
        made: Data = {
            "stored": len(self.system.variables),
            "variables": [self._variable(item, known) for item in self.variables],
            "starts": [
                [
                    variable.domain.index(value)
                    for variable, value in zip(self.system.variables, values, strict=True)
                ]
                for _, values in self.system.initial
            ],
            "actions": [
                {"name": action.name, "party": action.party, "says": self._says(number, action)}
                for number, action in enumerate(self.world.actions)
            ],
            "cases": [self._case(transition) for transition in self.cases],
            "judged": [
                [key.index, self.at(node)] for key, node in self.system.state_conditions.items()
            ],
            "dropped": list(
                dict.fromkeys(str(path.value) for path in whole if path not in self.places)
            ),
        }
        return made | {"nodes": list(self.nodes)}

    def _variable(self, variable: Variable, conditions_at: dict[Path, Conditions]) -> Data:
        needed = [
            [at, [self.variables[at].domain.index(value) for value in values]]
            for path, values in conditions_at.get(variable.path, ())
            if (at := self.places.get(path)) is not None
        ]
        if variable.path.is_presence and is_of_others(variable.path, self.places):
            # The value itself says that there is one.
            needed.append([self.number[variable.name], [0]])
        return told(self.system, variable) | ({"if": needed} if needed else {})

    # ── Actions ──────────────────────────────────────────────────────────────────────

    def _says(self, number: int, action: Action) -> list[str | list[int]]:
        """The sentence of an action, with the scalars of each choice in the place of its name."""
        sorts = dict(action.choices)
        parts: list[str | list[int]] = []
        for part in re.split(r"(\{\w+\})", action.says or action.name):
            if part[1:-1] in sorts and part.startswith("{"):
                parts.append([self.number[name] for name in self._of_choice(number, part[1:-1])])
            elif part:
                parts.append(part)
        return parts

    def _of_choice(self, number: int, choice: str) -> list[str]:
        value = choice_root(number).joined(CHOICE).field(choice)
        known = self.system.parameters
        return [name for name, variable in known.items() if variable.path.is_within(value)]

    def _case(self, transition: Transition) -> Data:
        places = {item.name: item for item in self.system.variables}
        return {
            "action": self.world.actions.index(transition.action),
            "when": self.at(transition.guard),
            "choices": [self.number[item.name] for item in transition.parameters],
            "sets": [
                [self.number[name], self.at(node, places[name])]
                for name, node in transition.assignments.items()
            ],
            "moves": transition.is_step,
            "events": [
                [item.instance, item.event.name, item.row and item.row.name]
                for item in transition.delivered
            ],
            "checks": [[key.index, self.at(node)] for key, node in transition.checks.items()],
            "effects": self._effects(transition),
        }

    def _effects(self, transition: Transition) -> list[list[Any]]:
        """The kinds of effects that a case may have, in the order in which its rows name them."""
        order = [
            EffectKey(taken.instance, emission.effect.name)
            for taken in transition.delivered
            if taken.row is not None
            for emission in taken.row.emissions(taken.event.side)
        ]
        found = transition.premises
        return [
            [key.instance, key.effect, self.at(found[key])]
            for key in dict.fromkeys(order)
            if key in found
        ]

    # ── Nodes ────────────────────────────────────────────────────────────────────────

    def at(self, node: Scalar, place: Variable | None = None) -> int:
        """The number of a node; alike ones are one. `place` is where it is stored."""
        return self._at(self.coding.coded(node, place))

    def _at(self, node: Scalar) -> int:
        made = self._made(node)
        return self.nodes.setdefault(made, len(self.nodes))

    def _made(self, node: Scalar) -> Any:
        match node:
            case expr.Const(value):
                self._demand_exact(node)
                return int(value)
            case expr.Bound(name):
                return ("v", self.number[name])
            case expr.Not(item):
                return ("not", self._at(item))
            case expr.And(items):
                return ("and", *map(self._at, items))
            case expr.Or(items):
                return ("or", *map(self._at, items))
            case expr.Iff(left, right):
                return ("iff", self._at(left), self._at(right))
            case expr.Compare(op, left, right):
                return (op, self._at(left), self._at(right))
            case expr.Arithmetic(op, left, right):
                self._demand_exact(node)
                return (op, self._at(left), self._at(right))
            case expr.If(test, then, otherwise):
                return ("if", *map(self._at, (test, then, otherwise)))
            case _:
                assert_never(node)

    def _demand_exact(self, number: Scalar) -> None:
        if not is_within(number, self.known, _EXACT):
            raise _TooLarge


def _mentioned(action: Action) -> list[str]:
    """The choices that the sentence of an action speaks of."""
    sorts = dict(action.choices)
    return [name for name in re.findall(r"\{(\w+)\}", action.says) if name in sorts]
