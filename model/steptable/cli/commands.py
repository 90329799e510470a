"""All commands: importing their modules adds them to `app`."""

from steptable.cli import comparing, deriving, drawing, exploring, exporting
from steptable.cli.app import app

__all__ = ["app", "comparing", "deriving", "drawing", "exploring", "exporting"]
