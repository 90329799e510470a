"""Drawings in each format: pictures through `dot` or written by us, and the texts behind them.

The texts are the same on every machine and are what `generate --check` compares. A picture
says which text it was drawn from, so that a stale one is known without comparing pictures:
each version of `dot` draws a little differently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import graphviz  # type: ignore[import-untyped]

from steptable.errors import UsageError
from steptable.targets.header import MARK

FORMATS: Final[Mapping[str, str]] = {
    "dot": "dot",
    "mermaid": "mmd",
    "html": "html",
    "svg": "svg",
    "png": "png",
    "pdf": "pdf",
}
"""Each format with the ending of its files; those that work without `dot` stand first."""

PICTURE_MARK: Final = "<!-- drawn from sha256:"

_TEXTS: Final = ("dot", "mermaid", "html")


@dataclass(frozen=True)
class Drawing:
    """One picture: what it is called, how it is read, and the texts that it is made of."""

    name: str
    """The path of its files below the folder of diagrams, without ending."""
    title: str
    reading: str
    """One sentence on how to read it."""
    command: str
    """The command that draws it."""
    dot: str | None = None
    mermaid: str | None = None
    svg: str | None = None
    """A picture that needs no `dot`."""
    html: str | None = None
    """A page of its own."""
    usual: tuple[str, ...] = ("svg",)
    """The formats that are drawn where none is named."""
    kept: tuple[str, ...] = _TEXTS
    """The formats of text that are committed."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that it can be drawn in."""
        texts = [form for form in _TEXTS if getattr(self, form) is not None]
        if self.dot is not None:
            return (*texts, "svg", "png", "pdf")
        return (*texts, "svg") if self.svg is not None else tuple(texts)

    def needs_dot(self, form: str) -> bool:
        """Whether the program `dot` is needed to draw it in some format."""
        return self.dot is not None and form not in _TEXTS

    def file(self, form: str) -> str:
        """The path of its file of some format, below the folder of diagrams."""
        return f"{self.name}.{FORMATS[form]}"

    @property
    def mark(self) -> str:
        """What an SVG says about the text that it was drawn from."""
        text = self.dot if self.dot is not None else self.svg
        return f"{PICTURE_MARK}{hashlib.sha256((text or '').encode()).hexdigest()} -->"

    def drawn(self, form: str) -> bytes:
        """The drawing in one of its formats.

        Raises `UsageError` where it has no such format, or where that needs `dot`, and it fails.
        """
        if form not in self.formats:
            known = ", ".join(self.formats)
            raise UsageError(f"'{self.name}' can't be drawn as {form}; it can as {known}")
        match form:
            case "mermaid":
                return f"%% {MARK}\n{self.mermaid}".encode()
            case "dot":
                return self._dot.encode()
            case "html":
                return (self.html or "").encode()
            case "svg" if self.svg is not None:
                return f"{self.svg}{self.mark}\n".encode()
            case "svg":
                return picture(self._dot, form) + f"{self.mark}\n".encode()
            case _:
                return picture(self._dot, form)

    @property
    def _dot(self) -> str:
        return f"// {MARK}\n{self.dot}"


def distinct(drawings: Iterable[Drawing]) -> list[Drawing]:
    """The drawings, each of which has files of its own. Raises `UsageError` where two have one."""
    made: dict[str, Drawing] = {}
    for drawing in drawings:
        other = made.setdefault(drawing.name, drawing)
        if other is not drawing:
            raise UsageError(
                f"two drawings would be called '{drawing.name}': \"{other.title}\" and "
                f'"{drawing.title}"; rename a world, side, instance or property of one of them'
            )
    return list(made.values())


def picture(text: str, form: str) -> bytes:
    """DOT as a picture. Raises `UsageError` where `dot` is missing, or fails."""
    try:
        # Unlike Source.pipe, this hears out a dot that ends before it has read everything.
        drawn: bytes = graphviz.pipe("dot", form, text.encode(), quiet=True)
    except graphviz.ExecutableNotFound as error:
        raise UsageError(
            f"{form} needs the program dot, which is missing; install it with "
            "`apt-get install graphviz` or `brew install graphviz`, "
            "or draw with `--format dot --format mermaid`, which work without"
        ) from error
    except graphviz.CalledProcessError as error:
        said = (error.stderr or b"").decode(errors="replace").strip().replace("\n", "; ")
        raise UsageError(
            f"dot can't draw {form}: {said or f'it ended with {error.returncode}'}"
        ) from error
    except OSError as error:
        raise UsageError(f"dot can't be run: {error.strerror}") from error
    return drawn
