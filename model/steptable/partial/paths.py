"""Where a scalar lies in a whole value: a path of fields, of entries by key, and of slots.

A path says what it leads to by its parts. Its text is what people read, and what JSON and the
page have; nothing takes that apart again, since the keys of a map are anybody's text.

Whether an optional holds something, and how long a queue is, are scalars *about* the value at a
path: `host.soak_due_at?` says whether there is a deadline, `host.soak_due_at` which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from itertools import takewhile
from typing import TypeAlias


@dataclass(frozen=True)
class Part:
    """A field of a record or of a payload; at the root, an instance or a variable."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True)
class Entry:
    """What a map or a bag has of a key."""

    key: str

    def __str__(self) -> str:
        # Brackets in a key are told apart from ours: `m[a][b]` is an entry of an entry, whatever
        # keys there are.
        plain = re.sub(r"[\\[\]]", r"\\\g<0>", self.key)
        return f"[{plain}]"


@dataclass(frozen=True)
class Slot:
    """A place in a queue, the head being 0."""

    number: int

    def __str__(self) -> str:
        return f"[{self.number}]"


class About(Enum):
    """What there is to know about a value beside itself."""

    PRESENCE = "?"
    LENGTH = "#"

    def __str__(self) -> str:
        return self.value


Segment: TypeAlias = Part | Entry | Slot | About


@dataclass(frozen=True)
class Path:
    """Where a scalar lies."""

    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, *names: str) -> Path:
        """The path through some fields."""
        return cls(tuple(map(Part, names)))

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return "".join(map(str, self.segments)).removeprefix(".")

    # ── Further ──────────────────────────────────────────────────────────────────────

    def field(self, name: str) -> Path:
        return Path((*self.segments, Part(name)))

    def entry(self, key: str) -> Path:
        return Path((*self.segments, Entry(key)))

    def slot(self, number: int) -> Path:
        return Path((*self.segments, Slot(number)))

    @property
    def presence(self) -> Path:
        return Path((*self.segments, About.PRESENCE))

    @property
    def length(self) -> Path:
        return Path((*self.segments, About.LENGTH))

    def joined(self, onward: Path) -> Path:
        """The path that goes on by another one."""
        return Path((*self.segments, *onward.segments))

    # ── Back ─────────────────────────────────────────────────────────────────────────

    @property
    def root(self) -> str:
        """The instance or variable that it begins at."""
        first = self.segments[0]
        assert isinstance(first, Part)
        return first.name

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The fields that it goes through, down to the first map, queue or optional."""
        parts = takewhile(lambda one: isinstance(one, Part), self.segments)
        return tuple(one.name for one in parts if isinstance(one, Part))

    @property
    def parent(self) -> Path:
        return Path(self.segments[:-1])

    @property
    def is_presence(self) -> bool:
        return self.segments[-1] is About.PRESENCE

    @property
    def is_length(self) -> bool:
        return self.segments[-1] is About.LENGTH

    @property
    def value(self) -> Path:
        """The value that it leads to, or that it says something about."""
        return self.parent if isinstance(self.segments[-1], About) else self

    @property
    def owner(self) -> Path:
        """The field that it lies in, whatever maps, queues and optionals there are within that."""
        return Path.of(*self.names)

    @property
    def declaration(self) -> Path:
        """The same for every slot of a queue and every key of a map."""
        return Path(tuple(one for one in self.segments if not isinstance(one, Entry | Slot)))

    def is_within(self, other: Path) -> bool:
        """Whether it is another path, or leads further from there; or says something about that."""
        return self.segments[: len(other.segments)] == other.segments

    def after(self, other: Path) -> Path:
        """How it goes on from a path that it is within."""
        return Path(self.segments[len(other.segments) :])

    def beginnings(self) -> Iterator[Path]:
        """Every path that it is within, itself last."""
        return (Path(self.segments[:end]) for end in range(1, len(self.segments) + 1))
