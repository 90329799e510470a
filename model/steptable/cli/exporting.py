"""The commands that print something for other tools: export json, promela, schema."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from steptable.cli.app import Commands, app, demand_current, named_worlds, write
from steptable.errors import UsageError, suggestion
from steptable.explore.promela.model import model
from steptable.explore.system.builder import build
from steptable.project import load
from steptable.project.interchange import to_json


class _Exports(Commands):
    """What can be exported; an unknown name is answered like that of a world or a view."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            known = self.list_commands(ctx)
            raise UsageError(f"'{name}' can't be exported; {suggestion(name, known)}")
        return super().resolve_command(ctx, args)


export = typer.Typer(cls=_Exports, no_args_is_help=True, rich_markup_mode="rich")
app.add_typer(export, name="export", help="Print the machine or a world for other tools.")


@export.command()
def schema() -> None:
    """Print the JSON Schema of the wire's envelope."""
    project = load()
    demand_current(project)
    write(msgspec.json.format(msgspec.json.encode(project.wire_schema()), indent=2))


@export.command()
def promela(
    world: Annotated[str, typer.Argument(help="The world to write as a model.")],
) -> None:
    """Print a world as a model for the checker SPIN, which says how it is to be run.

    One step of the world is one step of SPIN's. Each property has a number,
    and is checked with [bold]spin -DPROPERTY=NUMBER[/bold].
    """
    (chosen,) = named_worlds(load(), [world])
    write(model(build(chosen)).rstrip("\n").encode())


@export.command("json")
def as_json(
    worlds: Annotated[
        bool, typer.Option("--worlds/--no-worlds", help="Whether the worlds are in it, too.")
    ] = True,
) -> None:
    """Print the declarations, to keep a version and compare it later."""
    write(to_json(load(worlds=worlds).declared).encode())
