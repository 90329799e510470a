"""What all commands share: where they print to, and how what they raise becomes an exit code."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from steptable import derive
from steptable.check import Disagreement
from steptable.errors import (
    GenerationError,
    Incomplete,
    SpecError,
    UsageError,
    is_end_of_memory,
    suggestion,
)
from steptable.project import Project
from steptable.report.formats.terminal import Terminal, Unwritable, written
from steptable.support.distribution import version
from steptable.world import World

out = Terminal()
err = Terminal(stderr=True)


class Commands(TyperGroup):
    """Commands whose help and errors speak of options, not of types of Python."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        command = super().get_command(ctx, cmd_name)
        for param in () if command is None else command.get_params(ctx):
            _without_types(param)
        return command

    def get_params(self, ctx: Any) -> Any:
        params = super().get_params(ctx)
        for param in params:
            _without_types(param)
        return params

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = plain_refusal(error.message)
            raise


def _without_types(param: Any) -> None:
    """Let help show of an option what may be written after it, and of a flag nothing."""
    told = getattr(param, "display_type_rich", None)
    if told is None or "display_type_rich" in vars(param):
        return

    def display(ctx: Any) -> str:
        if param.param_type_name == "argument" or getattr(param, "is_flag", False):
            return ""
        plain = re.sub(r"list\[(.*)\]", r"\1", str(told(ctx)))
        return plain.replace("<int range>", "<int>").replace("<str>", "<text>")

    param.display_type_rich = display


def plain_refusal(said: str) -> str:
    """What is wrong with the value of an option, without the words of the library that looks."""
    said = said.removeprefix("Value error, ")
    for pattern, plain in (
        (r"Input should be a valid integer.*", "write an integer"),
        (r"Input should be greater than or equal to (\S+)", r"write \1 or more"),
        (r"Input should be less than or equal to (\S+)", r"write \1 or less"),
        (r"Input should be", "it must be"),
    ):
        said = re.sub(pattern, plain, said)
    return said


class _Commands(Commands):
    """All commands; whatever they raise becomes a sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except SpecError as error:
            for fault in error.faults:
                err.print(str(fault))
            count = len(error.faults)
            err.print(f"{count} fault{'' if count == 1 else 's'}; nothing was done")
            raise typer.Exit(2) from error
        except UsageError as error:
            err.print(f"steptable: {error}")
            raise typer.Exit(2) from error
        except (Disagreement, GenerationError) as error:
            err.print(f"failure: {error}")
            raise typer.Exit(1) from error
        except Incomplete as error:
            err.print(f"steptable: {error}")
            raise typer.Exit(3) from error
        except RecursionError as error:
            err.print("steptable: something that is declared, or given, is nested too deep")
            raise typer.Exit(2) from error
        except KeyboardInterrupt as error:
            err.print("interrupted")
            raise typer.Exit(130) from error
        except BrokenPipeError as error:
            _silence()
            raise typer.Exit(141) from error
        except Unwritable as error:
            _silence()
            err.print(f"steptable: the results can't be written: {error}")
            raise typer.Exit(2) from error
        except (MemoryError, OSError, ImportError) as error:
            if is_end_of_memory(error):
                err.print("steptable: out of memory")
                raise typer.Exit(3) from error
            if not isinstance(error, OSError):
                raise
            where = f"{error.filename}: " if error.filename else ""
            err.print(f"steptable: {where}{error.strerror or error}")
            raise typer.Exit(2) from error


def _silence() -> None:
    """Give up on stdout; Python would try to write there again on its way out, and complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="One declared transition table: check it, generate its reducer, draw it.\n\n"
    "Reads what [bold]\\[tool.steptable][/bold] names in the pyproject.toml of this folder or of "
    "one above it.",
    epilog="Exit codes: 0 all as declared · 1 violated or stale · 2 ill-formed or wrong usage · "
    "3 incomplete · 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        out.print(f"steptable {version()}")
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    pass


Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what is wrong.")]


Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Look at nothing that was kept of earlier runs; explore anew."),
]


def demand_current(project: Project) -> None:
    """Exit if derived code is not of the declarations as they are: what it shows means nothing."""
    found = derive.stale_modules(project)
    for item in found:
        err.print(f"{item.kind}: {shown_path(item.path, project)}; run `steptable generate`")
    if found:
        raise typer.Exit(1)


def named_worlds(project: Project, names: list[str], *, thorough: bool = False) -> list[World]:
    """The worlds of some names; where none is given, the project's, with `thorough` all of them."""
    known = {world.name: world for world in (*project.worlds, *project.thorough)}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no world '{name}'; {suggestion(name, known)}")
    if not project.worlds:
        raise UsageError("no world is declared; name some as worlds in [tool.steptable]")
    usual = list(known.values()) if thorough else list(project.worlds)
    return [known[name] for name in dict.fromkeys(names)] or usual


def shown_path(path: Path, project: Project) -> str:
    """A path as seen from the root of the project, or whole where it lies outside."""
    path = path.resolve()
    return str(path.relative_to(project.root) if path.is_relative_to(project.root) else path)


def write(text: bytes) -> None:
    """Put out what programs read: the bytes as they are."""
    if sys.stdout is not None:  # it is None if it was closed before Python began
        with written():
            sys.stdout.buffer.write(text + b"\n")
            sys.stdout.flush()
