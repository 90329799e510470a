"""The command line, `steptable`: results to stdout, progress and errors to stderr.

Exit codes: 0 all is as declared; 1 something is violated, unwitnessed, not as pinned, never
taken or stale; 2 a declaration is ill-formed or the usage wrong; 3 the exploration is
incomplete; 130 interrupted; 141 nobody reads the results on, as with `| head`.

Importing this module loads next to nothing, so that Ctrl-C finds `main` at work from the first.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import traceback
from typing import Final, NoReturn

from steptable.errors import is_end_of_memory
from steptable.support.interrupts import came, remembered
from steptable.support.plain import harmless

__all__ = ["main"]

INTERRUPTED: Final = 130
"""The exit code after Ctrl-C."""


def main() -> None:
    """Run the command line."""
    with remembered():
        try:
            _run()
        except KeyboardInterrupt:
            _end_interrupted()
        except (MemoryError, OSError, ImportError) as error:
            if not is_end_of_memory(error):
                raise
            sys.stderr.write("steptable: out of memory\n")
            sys.exit(3)
        except SystemExit as end:
            if came() and end.code != INTERRUPTED:
                _end_interrupted()
            raise


def _end_interrupted() -> NoReturn:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough
    sys.stderr.write("interrupted\n")
    sys.exit(INTERRUPTED)


def _end() -> None:
    """Keep the exit code: once all is done, only Python's own cleaning up can be interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Python dies of SIGINT in the end if Ctrl-C has ever ended an exec() of text, such as one of
    # dataclasses, though it was heard; it forgets that with the next one.
    exec("")


def _run() -> None:
    atexit.register(_end)
    if not os.environ.get("COLUMNS", "").strip("0"):
        # Where nobody knows the width it may be said to be 0, into which nothing would be written.
        os.environ.pop("COLUMNS", None)
    try:
        from steptable.cli.commands import app  # noqa: PLC0415
    except ModuleNotFoundError as error:  # installed without the extra that has the engine
        if (error.name or "").split(".")[0] == "steptable":
            raise
        sys.stderr.write(
            f"steptable: {error.name or 'a module'} is missing, which the command line needs; "
            "install it with pip install 'nixfleet-state-machine[model]'\n"
        )
        sys.exit(2)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a character shows a question mark for it.
            stream.reconfigure(errors="replace")
    try:
        app(prog_name="steptable")
    except Exception as error:
        if is_end_of_memory(error):
            raise
        # Told as Python would, but for what it does to a terminal.
        sys.stderr.write(harmless(traceback.format_exc()))
        sys.exit(1)
