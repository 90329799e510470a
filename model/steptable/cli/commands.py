"""All commands: importing them adds them to `app`."""

from steptable.cli.app import app
from steptable.cli.beginning import init
from steptable.cli.comparing import diff
from steptable.cli.deriving import generate, table
from steptable.cli.drawing import draw
from steptable.cli.exploring import check_command, replay
from steptable.cli.exporting import export

__all__ = ["app", "check_command", "diff", "draw", "export", "generate", "init", "replay", "table"]
