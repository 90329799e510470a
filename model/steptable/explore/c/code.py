"""Writes a system as C: what the search needs to know of it, and nothing else.

`expand` gives the successors of a state, counts the transitions taken and notes the first steps
that break something; `judge` notes the first states that decide a property. Around them stands the
runtime (`runtime/*.h`), which is the same for every system. Nothing of a declaration comes into the
text but numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Final

from steptable import expr
from steptable.explore.c.analysis import Analysis, PreparedTransition, TabledTransition, WordChange
from steptable.explore.c.orbits import canonical
from steptable.explore.c.scalars import Scalars
from steptable.explore.packed.layout import Layout
from steptable.explore.packed.numbering import Numbering
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.system.keys import DEADLOCK, OVERFLOW, Breakable, PropertyKey
from steptable.explore.system.transitions import TransitionSystem
from steptable.partial.scalar import Scalar, is_false, is_true, negation

_TABLES: Final = ("mixed.h", "table.h", "bucket.h", "worker.h")
_SEARCH: Final = ("growth.h", "search.h", "rounds.h", "backward.h", "entry.h")

_LISTING: Final = ("steps.h",)

_GROUP: Final = 64
"""Transitions whose possibility is told by one word."""


@dataclass(frozen=True)
class CompiledNumbering:
    """What the numbers that compiled code uses stand for."""

    transitions: tuple[int, ...]
    """The transitions of the system for which there is anything to do."""
    noted: Numbering
    choices: int
    """The most choices that a transition depends on."""


class CWriter:
    """Writes the C of a system, which with orbits goes through one state of each."""

    def __init__(
        self, system: TransitionSystem, layout: Layout, orbits: Orbits | None = None
    ) -> None:
        self.system = system
        self.layout = layout
        self.orbits = orbits
        self.scalars = Scalars(system, layout)
        self.analysis = Analysis(system, layout)
        self.transitions = self.analysis.transitions

    @cached_property
    def over_states(self) -> dict[PropertyKey, Scalar]:
        """For each property over states: what decides it."""
        return {
            key: negation(node) if self.system.property_of(key).kind == "always" else node
            for key, node in self.system.state_conditions.items()
        }

    @cached_property
    def numbering(self) -> CompiledNumbering:
        return CompiledNumbering(
            tuple(item.number for item in self.transitions),
            Numbering.of(self.system, self.transitions),
            max((len(item.transition.parameters) for item in self.transitions), default=0),
        )

    @cached_property
    def plain(self) -> dict[int, TabledTransition]:
        """The transitions that are rows of a table, by their place among the transitions."""
        rows = ((at, self.analysis.plain(item)) for at, item in enumerate(self.transitions))
        return {at: row for at, row in rows if row is not None}

    def search(self) -> str:
        """The whole text of a search, runtime included."""
        expand, judge = "".join(self._expand()), "".join(self._judge())
        return self._text(expand, judge, after=_SEARCH)

    def listing(self) -> str:
        """The whole text of what lists every step out of states that are given."""
        return "#define LISTING\n" + self._text("".join(self._expand()), after=_LISTING)

    def _text(self, *parts: str, after: tuple[str, ...]) -> str:
        known = self.numbering
        sizes = {
            "WORDS": self.layout.words,
            "BITS": self.layout.bits_of_last,
            "CASES": len(known.transitions),
            "DECIDED": len(known.noted.decided),
            "BROKEN": len(known.noted.broken),
            "MET": len(known.noted.met),
            "CHOICES": known.choices,
        }
        return "\n".join(
            [
                *(f"#define {name} {size or 1}" for name, size in sizes.items()),
                _runtime("state.h"),
                "".join(canonical(self.orbits)),
                *map(_runtime, _TABLES),
                *self.scalars.declared_tables(),
                *parts,
                *map(_runtime, after),
            ]
        )

    # ── Successors ───────────────────────────────────────────────────────────────────

    def _expand(self) -> Iterator[str]:
        yield from self._plain_table()
        for at, item in enumerate(self.transitions):
            if at not in self.plain:
                yield from self._coded(at, item)
        yield "static void expand(Worker *w, const State s)\n{\n"
        yield "bool moves = false;\n"
        for first in range(0, len(self.transitions), _GROUP):
            yield from self._group(first, self.transitions[first : first + _GROUP])
        terminal = self.system.terminal
        if not is_true(terminal):
            yield from (f"{line}\n" for line in self.scalars.reads([terminal]))
            which = self.numbering.noted.broken.index(DEADLOCK)
            yield f"if (!moves && w->unbroken[{which}] && !{self.scalars.text(terminal)})\n"
            yield f"note_broken(w, {which}, s, -1, no_choices);\n"
        yield "(void)moves;\n(void)s;\n(void)w;\n}\n"

    def _plain_table(self) -> Iterator[str]:
        """The rows of what plain transitions do, one after another."""
        rows: list[str] = []
        heads = []
        for at in range(len(self.transitions)):
            row = self.plain.get(at)
            if row is None:
                heads.append("{{0}, {0}, 0, 0, 0, 0}")
                continue
            by = row.by
            word, shift, mask = 0, 0, (1 << (len(row.keep) - 1).bit_length()) - 1
            if by is not None and mask:
                word, shift = self.scalars.word_of(by), self.scalars.shift_of(by)
            heads.append(
                f"{{{_words(row.mask)}, {{{', '.join(map(str, row.rotate))}}}, "
                f"{word}, {shift}, {mask}, {len(rows)}}}"
            )
            rows += [
                f"{{{_words(keep)}, {_words(put)}}}"
                for keep, put in zip(row.keep, row.put, strict=True)
            ]
        if self.plain:
            yield f"static const PlainRow plain_rows[{len(rows)}] = {{\n"
            yield ",\n".join(rows)
            yield f"}};\nstatic const Plain plain_cases[{len(heads)}] = {{\n"
            yield ",\n".join(heads)
            yield "};\n"

    def _group(self, first: int, group: list[PreparedTransition]) -> Iterator[str]:
        """The transitions whose possibility is told by one word of bits."""
        every = (1 << len(group)) - 1
        yield "{\nuint64_t possible = " + _hex(every) + ";\n"
        yield from self._looked_up(group, every)
        yield from self._computed(group, every)
        bits = dict.fromkeys(("plain", "moving"), 0)
        for at, item in enumerate(group):
            bits["plain"] |= (first + at in self.plain) << at
            # With choices, whether anything moves is only known when they are made.
            bits["moving"] |= (item.transition.is_step and not item.varying) << at
        yield f"moves |= (possible & {_hex(bits['moving'])}) != 0;\n"
        if bits["plain"]:
            yield f"take_plain(w, s, possible & {_hex(bits['plain'])}, {first}, plain_cases, "
            yield "plain_rows);\n"
        if bits["plain"] != every:
            yield f"for (uint64_t rest = possible & {_hex(every & ~bits['plain'])}; rest != 0; "
            yield "rest &= rest - 1)\nswitch (__builtin_ctzll(rest)) {\n"
            for at in range(len(group)):
                if not bits["plain"] >> at & 1:
                    yield f"case {at}: moves |= case_{first + at}(w, s); break;\n"
            yield "}\n"
        yield "}\n"

    def _looked_up(self, group: list[PreparedTransition], every: int) -> Iterator[str]:
        for name in dict.fromkeys(name for item in group for name in item.possible):
            domain = self.scalars.variables[name].domain
            rows = []
            for value in domain:
                row = every
                for at, item in enumerate(group):
                    if value not in item.possible.get(name, domain):
                        row &= ~(1 << at)
                rows.append(_hex(row))
            yield "{\nstatic const uint64_t by_value[] = {" + ", ".join(rows) + "};\n"
            yield f"possible &= by_value[{self.scalars.code(name)}];\n}}\n"

    def _computed(self, group: list[PreparedTransition], every: int) -> Iterator[str]:
        conditions: dict[Scalar, list[int]] = {}
        for at, item in enumerate(group):
            for part in item.computed:
                positive = negation(part) if isinstance(part, expr.Not) else part
                masks = conditions.setdefault(positive, [every, every])
                masks[0 if positive is part else 1] &= ~(1 << at)
        if not conditions:
            return
        lines = list(self.scalars.reads(conditions))
        yield "{\n" + "".join(f"{line}\n" for line in lines)
        for node, (without, with_it) in conditions.items():
            # `without` lacks the transitions that need the condition, `with_it` those that need its
            # contrary.
            yield f"if (possible & {_hex(every & ~(without & with_it))})\n"
            yield f"possible &= {self.scalars.text(node)} ? {_hex(with_it)} : {_hex(without)};\n"
        yield "}\n"

    # ── Transitions that are no row of a table ───────────────────────────────────────

    def _coded(self, at: int, item: PreparedTransition) -> Iterator[str]:
        """A function that takes a transition in every way there is; whether there was one."""
        transition = item.transition
        change = self.analysis.change(item.assignments)
        nodes = [*item.varying, *item.checks.values(), *item.premises.values(), item.within_bounds]
        if transition.is_step and not is_false(item.within_bounds):
            nodes += change.others.values()
        yield f"static bool case_{at}(Worker *w, const State s)\n{{\n"
        yield "bool taken = false;\n"
        yield from (f"{line}\n" for line in self.scalars.reads(nodes))
        for parameter in transition.parameters:
            yield self.scalars.loop(parameter) + "\n"
        condition = " && ".join(self.scalars.text(part) for part in item.varying)
        yield f"if ({condition or '1'}) {{\n"
        yield f"w->hits[{at}]++;\ntaken = true;\n"
        yield from self._noted(item)
        if transition.is_step and not is_false(item.within_bounds):
            if not is_true(item.within_bounds):
                yield f"if {_braced(self.scalars.text(item.within_bounds))} {{\n"
            if transition.parameters:
                yield "make_room(w);\n"
            yield from self._successor(at, change)
            if not is_true(item.within_bounds):
                yield "}\n"
        yield "}\n" + "}" * len(transition.parameters)
        yield f"\n(void)s;\nreturn {'taken' if transition.is_step else '(void)taken, false'};\n}}\n"

    def _noted(self, item: PreparedTransition) -> Iterator[str]:
        known = self.numbering.noted
        for met, holds in item.premises.items():
            which = known.met.index(met)
            text = self.scalars.text(holds)
            yield f"if (w->unmet[{which}] && {text}) w->unmet[{which}] = false;\n"
        checks = dict[Breakable, Scalar](item.checks.items())
        if item.transition.is_step and not is_true(item.within_bounds):
            checks[OVERFLOW] = item.within_bounds
        names = ", ".join(self.scalars.local(p.name) for p in item.transition.parameters)
        for key, holds in checks.items():
            if is_true(holds):
                continue
            which = known.broken.index(key)
            choices = f"(const int64_t[CHOICES]){{{names or '0'}}}"
            yield f"if (w->unbroken[{which}] && !{self.scalars.text(holds)})\n"
            yield f"note_broken(w, {which}, s, {item.number}, {choices});\n"

    def _successor(self, number: int, change: WordChange) -> Iterator[str]:
        yield "State n;\n"
        for at in range(self.layout.words):
            terms = [f"(s.w[{at}] & {_hex(change.keep[at])})"]
            if change.put[at]:
                terms.append(_hex(change.put[at]))
            for move, mask in change.copies.items():
                if move.target == at:
                    way = f"<< {move.distance}" if move.distance > 0 else f">> {-move.distance}"
                    terms.append(f"(s.w[{move.source}] {way} & {_hex(mask)})")
            for name, node in change.others.items():
                if self.scalars.word_of(name) == at:
                    variable = self.scalars.variables[name]
                    code = self.scalars.encoded(variable, self.scalars.text(node, variable))
                    terms.append(f"({code} << {self.scalars.shift_of(name)})")
            yield f"n.w[{at}] = {' | '.join(terms)};\n"
        yield f"w->out = give(w, w->out, n, s, {number});\n"

    # ── States ───────────────────────────────────────────────────────────────────────

    def _judge(self) -> Iterator[str]:
        met = self.system.premise_conditions if self.orbits is None else self.orbits.orbit_premises
        premises = {key: met[key] for key in self.system.state_premises}
        yield "static inline void judge(Worker *w, const State s)\n{\n"
        nodes = [*self.over_states.values(), *premises.values()]
        yield from (f"{line}\n" for line in self.scalars.reads(nodes))
        for which, node in enumerate(self.over_states.values()):
            if not is_false(node):
                yield f"if (w->undecided[{which}] && {self.scalars.text(node)})\n"
                yield f"note_decided(w, {which}, s);\n"
        for key, node in premises.items():
            which = self.numbering.noted.met.index(key)
            if not is_false(node):
                yield f"if (w->unmet[{which}] && {self.scalars.text(node)})\n"
                yield f"w->unmet[{which}] = false;\n"
        yield "(void)w;\n(void)s;\n}\n"


def _runtime(name: str) -> str:
    return (files("steptable.explore.c") / "runtime" / name).read_text(encoding="utf-8")


def _hex(number: int) -> str:
    return f"{number:#x}ull"


def _words(words: Iterable[int]) -> str:
    return "{" + ", ".join(map(_hex, words)) + "}"


def _braced(text: str) -> str:
    return text if text.startswith("(") else f"({text})"
