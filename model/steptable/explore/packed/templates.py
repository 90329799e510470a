"""What functions over packed states do with the cases of a system, as Python to be filled in.

All of them go through the same cases. One searches: it expands a batch of states, keeps what is
new, counts what was taken, and notes the first step that breaks a property: in the first such
state of the batch, by the first such case. One explains: it yields every step out of one state,
with its case and the choices made. One lists every step out of a batch of states, as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True)
class Template:
    """What a function does with the cases."""

    head: str
    taken: str
    moved: str
    still: str
    """Of a case that only delivers refused events."""
    met: str
    broken: str
    foot: str
    outside: str = ""
    """Of a step that would store a value which its variable has no room for."""


SEARCH: Final = Template(
    head=(
        "def run(frontier, parents, fresh, hits, broken, met):\n"
        "  push = fresh.append\n  for s in frontier:\n    e = 0\n"
    ),
    taken="hits[{case}] += 1; e = 1",
    moved="if n not in parents: parents[n] = s; push(n)",
    still="",
    met="if {index} not in met and {holds}: met.add({index})",
    broken=(
        "if {index} not in broken or broken[{index}][0] == s and {case} < broken[{index}][1]: "
        "broken[{index}] = (s, {case}, ({choices}))"
    ),
    foot=(
        "    if not e and {dead} not in broken and not {terminal}: broken[{dead}] = (s, None, ())\n"
    ),
)

SEARCH_ORBITS: Final = replace(
    SEARCH,
    head=SEARCH.head.replace(" met):", " met, canonical):"),
    moved="if (n := canonical(n)) not in parents: parents[n] = s; push(n)",
)
"""Searches among the states that stand for others, too: `canonical` gives the one for each."""

SUCCESSORS: Final = Template(
    head="def run(s):\n  if True:\n    yield from ()\n",
    taken="",
    moved="yield n, {case}, ({choices})",
    still="",
    met="",
    broken="",
    foot="",
)

REFUSALS: Final = replace(SUCCESSORS, moved="", still="yield s, {case}, ({choices})")
"""Yields what only delivers refused events, in the same way."""

OVERFLOWS: Final = replace(SUCCESSORS, moved="", outside="yield s, {case}, ({choices})")
"""Yields the steps that leave the bounds of the world, and so lead to no state of it."""


STEPS: Final = Template(
    head=(
        "def run(states, index, steps, ends):\n"
        "  push = steps.append\n  for s in states:\n    pass\n"
    ),
    taken="",
    moved="push(index[n] << 16 | {action})",
    still="",
    met="",
    broken="",
    foot="    ends.append(len(steps))\n",
)
"""Lists the number of the state that each step leads to, and of its action."""
