"""The command line, `steptable`: results to stdout, progress and errors to stderr.

Exit codes: 0 all is as declared; 1 something is violated, unwitnessed, not as pinned, never
taken or stale; 2 a declaration is ill-formed or the usage wrong; 3 the exploration is
incomplete; 130 interrupted; 141 nobody reads the results on, as with `| head`.
"""

from __future__ import annotations

import sys

from steptable.cli import deriving, exploring
from steptable.cli.app import app

__all__ = ["deriving", "exploring", "main"]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a character shows a question mark for it.
            stream.reconfigure(errors="replace")
    app(prog_name="steptable")
