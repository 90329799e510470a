"""What commands share that check worlds: how they say what became of each."""

from __future__ import annotations

from functools import cache

from steptable.check import Check, Disagreement, Overflow, Result
from steptable.cli.app import err, out
from steptable.errors import GenerationError, SpecError, UsageError, is_end_of_memory
from steptable.report.formats.text import Report
from steptable.support.processes import Lost


def told(
    checking: Check, report: Report, *, shown: bool = False, verbose: bool = False
) -> tuple[list[Result], list[Overflow], int]:
    """Say what went wrong with worlds, and with `shown` each result, as soon as it is known.

    The results, the overflows, and an exit code for what else went wrong: it hides no other world.
    """
    say = cache(err.print)
    results: list[Result] = []
    overflows: list[Overflow] = []
    code = 0
    for outcome in checking.outcomes():
        match outcome.result:
            case Result() as result:
                results.append(result)
                for line in report.world(result, verbose=verbose) if shown else ():
                    out.print(line)
            case Overflow() as error:
                overflows.append(error)
                for line in report.overflow(error):
                    err.print(line)
            case SpecError() as error:
                code = 2
                for fault in error.faults:
                    say(str(fault))
            case UsageError() as error:  # what was asked for can't be done, of any world
                raise error
            case Disagreement() | GenerationError() | Lost() as error:
                code = code or 1
                say(f"failure: {error}")
            case error if is_end_of_memory(error):
                world = outcome.world.name
                say(f"steptable: out of memory before anything was known of world '{world}'")
            case error:
                raise error
    return results, overflows, code
