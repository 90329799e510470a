"""Drawings of a machine in each format: pictures through `dot`, and the texts they are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import graphviz  # type: ignore[import-untyped]

from steptable.errors import UsageError
from steptable.machine import Machine
from steptable.targets.dot import machine_dot
from steptable.targets.header import MARK
from steptable.targets.mermaid import machine_mermaid

FORMATS: Final[Mapping[str, str]] = {
    "dot": "dot",
    "mermaid": "mmd",
    "svg": "svg",
    "png": "png",
    "pdf": "pdf",
}
"""Each format with the ending of its files; those that work without `dot` stand first."""


def dot_text(machine: Machine) -> str:
    """The machine as a DOT file."""
    return f"// {MARK}\n{machine_dot(machine)}"


def mermaid_text(machine: Machine) -> str:
    """The machine as a Mermaid file."""
    return f"%% {MARK}\n{machine_mermaid(machine)}"


def drawing(machine: Machine, form: str) -> bytes:
    """The machine in one of `FORMATS`. Raises `UsageError` where that needs `dot`, and it fails."""
    match form:
        case "mermaid":
            return mermaid_text(machine).encode()
        case "dot":
            return dot_text(machine).encode()
        case "svg":
            return _picture(machine, form) + f"{picture_mark(machine)}\n".encode()
        case _:
            return _picture(machine, form)


def _picture(machine: Machine, form: str) -> bytes:
    try:
        # Unlike Source.pipe, this hears out a dot that ends before it has read everything.
        picture: bytes = graphviz.pipe("dot", form, dot_text(machine).encode(), quiet=True)
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
    return picture


def picture_mark(machine: Machine) -> str:
    """What an SVG says about the DOT text that it was drawn from."""
    return f"<!-- drawn from sha256:{hashlib.sha256(dot_text(machine).encode()).hexdigest()} -->"
