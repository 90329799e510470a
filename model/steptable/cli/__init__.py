"""The command line, `steptable`: results to stdout, progress and errors to stderr.

Exit codes: 0 all is as declared; 1 something is violated, unwitnessed, not as pinned, never
taken or stale; 2 a declaration is ill-formed or the usage wrong; 3 the exploration is
incomplete; 130 interrupted; 141 nobody reads the results on, as with `| head`.
"""

from __future__ import annotations

import sys
import traceback

from steptable.plain import harmless

_missing = ""
try:
    from steptable.cli import comparing, deriving, drawing, exploring, exporting
    from steptable.cli.app import app
except ModuleNotFoundError as error:  # installed without the extra that has the engine
    if (error.name or "").split(".")[0] == "steptable":
        raise
    _missing = error.name or "a module"

__all__ = ["comparing", "deriving", "drawing", "exploring", "exporting", "main"]


def main() -> None:
    """Run the command line."""
    if _missing:
        sys.stderr.write(
            f"steptable: {_missing} is missing, which the command line needs; "
            "install it with pip install 'nixfleet-state-machine[model]'\n"
        )
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a character shows a question mark for it.
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="steptable")
    except Exception:  # noqa: BLE001  # told as Python would, but for what it does to a terminal
        sys.stderr.write(harmless(traceback.format_exc()))
        sys.exit(1)
