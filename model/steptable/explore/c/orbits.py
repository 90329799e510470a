"""Writes the state that stands for all of an orbit as C.

It is the same state as `Orbits.canonical` gives: by sorting the parts of members where each has
one to itself, else the least of what every order makes of a state.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from steptable.explore.c.scalars import Unsuited
from steptable.explore.packed.layout import WORD
from steptable.explore.symmetry.orbits import Orbits
from steptable.explore.symmetry.permutations import FieldBits

_WIDEST: Final = 128
"""Bits of a member's part, which are compared as one number."""


def canonical(orbits: Orbits | None) -> Iterator[str]:
    """The function that gives the representative of a state; the state itself without orbits."""
    yield "static inline State canonical(State s)\n{\n"
    if orbits is not None:
        yield from _least(orbits) if orbits.parts is None else _sorting(orbits.parts)
    yield "return s;\n}\n"


# ── By sorting ───────────────────────────────────────────────────────────────────────


def _sorting(parts: Iterable[tuple[FieldBits, ...]]) -> Iterator[str]:
    for members in (some for some in parts if len(some) > 1):
        bits = sum(bits for _, bits in members[0])
        if bits > _WIDEST:
            raise Unsuited(f"a member of {bits} bits is more than compiled code can sort")
        number_type = _number(bits)
        yield f"{{\n{number_type} p[{len(members)}];\n"
        for number, part in enumerate(members):
            yield f"p[{number}] = {_gathered(part)};\n"
        yield f"for (int i = 1; i < {len(members)}; i++)\n"
        yield "for (int j = i; j > 0 && p[j] < p[j - 1]; j--) {\n"
        yield f"const {number_type} other = p[j];\n"
        yield "p[j] = p[j - 1];\np[j - 1] = other;\n}\n"
        for number, part in enumerate(members):
            yield from _spread(number, part)
        yield "}\n"


def _gathered(part: FieldBits) -> str:
    """The fields of a part side by side, as one number."""
    terms, at = [], 0
    for shift, bits in part:
        field = f"s.w[{shift // WORD}] >> {shift % WORD} & {_mask(bits)}"
        terms.append(f"({_number(at + bits)})({field}) << {at}")
        at += bits
    return " | ".join(terms) or "0"


def _number(bits: int) -> str:
    """A type of numbers of so many bits."""
    return "uint64_t" if bits <= WORD else "unsigned __int128"


def _spread(number: int, part: FieldBits) -> Iterator[str]:
    """What was gathered, in its place again."""
    at = 0
    for shift, bits in part:
        word, low = f"s.w[{shift // WORD}]", shift % WORD
        field = f"((uint64_t)(p[{number}] >> {at}) & {_mask(bits)})"
        yield f"{word} = ({word} & ~({_mask(bits)} << {low})) | {field} << {low};\n"
        at += bits


# ── The least of all orders ──────────────────────────────────────────────────────────


def _least(orbits: Orbits) -> Iterator[str]:
    """What each order moves, as rows of a table; a row has new codes, or none."""
    rows: list[str] = []
    codes: list[int] = []
    ends = []
    for moves in orbits.orders:
        for move in moves:
            (shift, bits), to = move.source, move.shift
            at = -1 if move.codes is None else len(codes)
            codes += move.codes or ()
            rows.append(
                f"{{{shift // WORD}, {shift % WORD}, {to // WORD}, {to % WORD}, {at}, "
                f"{_mask(bits)}}}"
            )
        ends.append(len(rows))
    if not rows:
        return
    yield "static const struct {\nuint8_t word, shift, to_word, to_shift;\nint32_t codes;\n"
    yield f"uint64_t mask;\n}} moves[{len(rows)}] = {{\n{_listed(rows)}}};\n"
    yield f"static const uint32_t ends[{len(ends)}] = {{{_listed(ends)}}};\n"
    yield f"static const uint32_t codes[{len(codes) or 1}] = {{{_listed(codes) or '0'}}};\n"
    yield "State least = s;\nunsigned at = 0;\n"
    yield f"for (unsigned i = 0; i < {len(ends)}; i++) {{\nState t = s;\n"
    yield "for (; at < ends[i]; at++) {\n"
    yield "uint64_t code = s.w[moves[at].word] >> moves[at].shift & moves[at].mask;\n"
    yield "if (moves[at].codes >= 0)\ncode = codes[moves[at].codes + (int32_t)code];\n"
    yield "uint64_t *word = &t.w[moves[at].to_word];\n"
    yield "*word = (*word & ~(moves[at].mask << moves[at].to_shift)) | "
    yield "code << moves[at].to_shift;\n}\n"
    yield "if (order(t, least) < 0)\nleast = t;\n}\ns = least;\n"


def _mask(bits: int) -> str:
    return f"{(1 << bits) - 1:#x}ull"


def _listed(items: Sequence[object]) -> str:
    return ", ".join(map(str, items))
