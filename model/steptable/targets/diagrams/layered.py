"""Places boxes and the edges between them, layer by layer, where no `dot` is at hand.

The way of Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system
structures" (1981), for the few states of a machine: boxes in reading order, edges against it
turned round for the time being, a place on every layer that an edge passes, one of them wide
enough for its label; then as few crossings as a few sweeps find, then straight lines.

All numbers are whole pixels, so that the same graph gives the same text everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

Size: TypeAlias = tuple[int, int]
Edge: TypeAlias = tuple[str, str]
Point: TypeAlias = tuple[int, int]

_ASIDE: Final = 18
_APART: Final = 20
"""Pixels between neighbours on a layer, and between layers."""

_PORT: Final = 16
"""Pixels between the ends of two edges at one box."""

_SWEEPS: Final = 32


@dataclass(frozen=True)
class Box:
    """A rectangle: its centre, and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def top(self) -> int:
        return self.y - self.height // 2

    @property
    def bottom(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True)
class Layered:
    """Where everything is; the origin is the upper left corner."""

    width: int
    height: int
    boxes: Mapping[str, Box]
    labels: Mapping[Edge, Box]
    lines: Mapping[Edge, tuple[Point, ...]]
    """The points of each edge from source to target, between which it runs upright at first
    and at last."""


@dataclass(frozen=True)
class _Place:
    """What stands on a layer: a box, or where an edge passes."""

    layer: int
    of: str | Edge
    size: Size


def layered(sizes: Mapping[str, Size], labels: Mapping[Edge, Size]) -> Layered:
    """Places boxes, which come in reading order, and edges between them, with their labels.

    No edge may lead back to the box that it comes from.
    """
    chains = _chains(sizes, labels)
    layers = _layers(sizes, chains)
    near = _neighbours(chains)
    _untangle(layers, near)
    across = _straighten(layers, near)
    return _drawn(layers, across, chains)


def _chains(
    sizes: Mapping[str, Size], labels: Mapping[Edge, Size]
) -> dict[Edge, tuple[_Place, ...]]:
    """What each edge passes on its way down, its ends included."""
    order = {name: number for number, name in enumerate(sizes)}
    down = {edge: tuple(sorted(edge, key=order.__getitem__)) for edge in labels}
    depth = dict.fromkeys(sizes, 0)
    for name in sizes:
        above = [upper for upper, lower in down.values() if lower == name]
        depth[name] = max((depth[upper] + 2 for upper in above), default=0)
    chains = {}
    for edge, (upper, lower) in down.items():
        first, last = depth[upper], depth[lower]
        middle = (first + last) // 4 * 2 + 1
        chains[edge] = (
            _Place(first, upper, sizes[upper]),
            *(
                _Place(layer, edge, labels[edge] if layer == middle else (0, 0))
                for layer in range(first + 1, last)
            ),
            _Place(last, lower, sizes[lower]),
        )
    return chains


def _layers(
    sizes: Mapping[str, Size], chains: Mapping[Edge, Sequence[_Place]]
) -> list[list[_Place]]:
    passed = [place for chain in chains.values() for place in chain]
    met = {place.of for place in passed}
    alone = [_Place(0, name, size) for name, size in sizes.items() if name not in met]
    places = dict.fromkeys([*passed, *alone])
    depth = max(place.layer for place in places)
    return [[place for place in places if place.layer == layer] for layer in range(depth + 1)]


def _neighbours(chains: Mapping[Edge, Sequence[_Place]]) -> dict[_Place, list[_Place]]:
    near: dict[_Place, list[_Place]] = {}
    for chain in chains.values():
        for upper, lower in pairwise(chain):
            near.setdefault(upper, []).append(lower)
            near.setdefault(lower, []).append(upper)
    return near


# ── Across ───────────────────────────────────────────────────────────────────────────


def _untangle(layers: list[list[_Place]], near: Mapping[_Place, Sequence[_Place]]) -> None:
    """Order each layer by what its places hang on, down and up again; the best order stays."""
    best = [list(layer) for layer in layers]
    fewest = _crossings(layers, near)
    for sweep in range(_SWEEPS):
        step = 1 if sweep % 2 else -1
        for depth in range(len(layers))[::-step]:
            layer = layers[depth]
            beside = {place: n for n, place in enumerate(_at(layers, depth + step))}
            wishes = {
                place: _mean(
                    [beside[other] for other in near.get(place, ()) if other in beside] or [n]
                )
                for n, place in enumerate(layer)
            }
            # What wishes for the same goes the other way round in some sweeps, on some layers.
            turned = bool(sweep // 2 >> depth % 4 & 1)
            layer.sort(key=wishes.__getitem__, reverse=turned)
            if turned:
                layer.reverse()
        if (crossings := _crossings(layers, near)) < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best


def _at(layers: list[list[_Place]], depth: int) -> list[_Place]:
    return layers[depth] if 0 <= depth < len(layers) else []


def _crossings(layers: list[list[_Place]], near: Mapping[_Place, Sequence[_Place]]) -> int:
    count = 0
    for upper, lower in pairwise(layers):
        beside = {place: number for number, place in enumerate(lower)}
        ends = [
            (number, beside[other])
            for number, place in enumerate(upper)
            for other in near.get(place, ())
            if other in beside
        ]
        count += sum(a < c and b > d for a, b in ends for c, d in ends)
    return count


def _straighten(
    layers: list[list[_Place]], near: Mapping[_Place, Sequence[_Place]]
) -> dict[_Place, float]:
    """How far each place is from the middle: as near to what it hangs on as there is room."""
    across: dict[_Place, float] = {}
    for layer in layers:
        across |= _spread(layer, dict.fromkeys(layer, 0.0))
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else layers[::-1]:
            wishes = {p: [across[other] for other in near.get(p, ())] for p in layer}
            across |= _spread(layer, {p: _mean(w or [across[p]]) for p, w in wishes.items()})
    # At last each hangs straight below what leads to it, as far as there is room.
    for upper, layer in pairwise(layers):
        wishes = {p: [across[o] for o in near.get(p, ()) if o in upper] for p in layer}
        across |= _spread(layer, {p: _mean(w or [across[p]]) for p, w in wishes.items()})
    return across


def _spread(layer: Sequence[_Place], wishes: Mapping[_Place, float]) -> dict[_Place, float]:
    """The least squares away from the wishes, in order and with room between neighbours."""
    offsets = [0.0]
    for left, right in pairwise(layer):
        offsets.append(offsets[-1] + (left.size[0] + right.size[0]) / 2 + _ASIDE)
    # Neighbours that would overlap move as one block (pool adjacent violators).
    blocks: list[list[float]] = []
    for place, offset in zip(layer, offsets, strict=True):
        blocks.append([wishes[place] - offset])
        while len(blocks) > 1 and _mean(blocks[-2]) >= _mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    shifts = [_mean(block) for block in blocks for _ in block]
    return {p: s + o for p, s, o in zip(layer, shifts, offsets, strict=True)}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


# ── In pixels ────────────────────────────────────────────────────────────────────────


def _drawn(
    layers: list[list[_Place]],
    across: Mapping[_Place, float],
    chains: Mapping[Edge, Sequence[_Place]],
) -> Layered:
    left = min(x - place.size[0] / 2 for place, x in across.items())
    right = max(x + place.size[0] / 2 for place, x in across.items())
    at: dict[_Place, Box] = {}
    spans: list[tuple[int, int]] = []
    y = 0
    for layer in layers:
        height = max(place.size[1] for place in layer)
        for place in layer:
            width, own = place.size
            at[place] = Box(round(across[place] - left), y + height // 2, width, own)
        spans.append((y, y + height))
        y += height + _APART
    return Layered(
        round(right - left),
        y - _APART,
        {place.of: box for place, box in at.items() if isinstance(place.of, str)},
        {p.of: box for p, box in at.items() if not isinstance(p.of, str) and p.size != (0, 0)},
        {edge: _line(edge, chain, at, spans, chains) for edge, chain in chains.items()},
    )


def _line(
    edge: Edge,
    chain: Sequence[_Place],
    at: Mapping[_Place, Box],
    spans: Sequence[tuple[int, int]],
    chains: Mapping[Edge, Sequence[_Place]],
) -> tuple[Point, ...]:
    first, *passed, last = chain
    points = [(_port(edge, first, 0, at, chains), at[first].bottom)]
    for place in passed:
        top, bottom = spans[place.layer]
        points += [(at[place].x, top)] + ([(at[place].x, bottom)] if bottom > top else [])
    points.append((_port(edge, last, -1, at, chains), at[last].top))
    return tuple(points if edge[0] == first.of else points[::-1])


def _port(
    edge: Edge,
    place: _Place,
    end: int,
    at: Mapping[_Place, Box],
    chains: Mapping[Edge, Sequence[_Place]],
) -> int:
    """Where an edge meets a box: beside the others on that side, in the order they come from."""
    beside = 1 if end == 0 else -2
    met = [other for other, chain in chains.items() if chain[end] == place]
    met.sort(key=lambda other: at[chains[other][beside]].x)
    return round(at[place].x + (met.index(edge) - (len(met) - 1) / 2) * _PORT)
