"""What functions over packed states do with the transitions of a system, as Python to be filled in.

All of them go through the same transitions. One searches: it expands a batch of states, keeps what
is new, counts what was taken, and notes the first step that breaks a property: in the first such
state of the batch, by the first such transition. One explains: it yields every step out of one
state, with its transition and the choices made. One lists every step out of a batch of states, as
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Template:
    """What a function does with the transitions."""

    head: str
    on_taken: str
    on_successor: str
    on_refusal: str
    """Of a transition that only delivers refused events."""
    on_premise: str
    on_violation: str
    foot: str
    on_overflow: str = ""
    """Of a step that would store a value which its variable has no room for."""


SEARCH: Final = Template(
    head=(
        "def run(frontier, parents, fresh, counts, broken, met):\n"
        "  push = fresh.append\n  for s in frontier:\n    e = 0\n"
    ),
    on_taken="counts[{transition}] += 1; e = 1",
    on_successor="if n not in parents: parents[n] = s; push(n)",
    on_refusal="",
    on_premise="if {index} not in met and {holds}: met.add({index})",
    on_violation=(
        "if {index} not in broken or "
        "broken[{index}][0] == s and {transition} < broken[{index}][1]: "
        "broken[{index}] = (s, {transition}, ({choices}))"
    ),
    foot=(
        "    if not e and {dead} not in broken and not {terminal}: broken[{dead}] = (s, None, ())\n"
    ),
)

SEARCH_ORBITS: Final = replace(
    SEARCH,
    head=SEARCH.head.replace(" met):", " met, canonical):"),
    on_successor="if (n := canonical(n)) not in parents: parents[n] = s; push(n)",
)
"""Searches among the states that stand for others, too: `canonical` gives the one for each."""

SUCCESSORS: Final = Template(
    head="def run(s):\n  if True:\n    yield from ()\n",
    on_taken="",
    on_successor="yield n, {transition}, ({choices})",
    on_refusal="",
    on_premise="",
    on_violation="",
    foot="",
)

REFUSALS: Final = replace(
    SUCCESSORS, on_successor="", on_refusal="yield s, {transition}, ({choices})"
)
"""Yields what only delivers refused events, in the same way."""

OVERFLOWS: Final = replace(
    SUCCESSORS, on_successor="", on_overflow="yield s, {transition}, ({choices})"
)
"""Yields the steps that leave the bounds of the world, and so lead to no state of it."""


STEPS: Final = Template(
    head=(
        "def run(states, index, steps, ends):\n"
        "  push = steps.append\n  for s in states:\n    pass\n"
    ),
    on_taken="",
    on_successor="push(index[n] << 16 | {action})",
    on_refusal="",
    on_premise="",
    on_violation="",
    foot="    ends.append(len(steps))\n",
)
"""Lists the number of the state that each step leads to, and of its action."""
