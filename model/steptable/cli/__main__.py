"""Runs the command line as `python -m steptable.cli`."""

from steptable.cli import main

main()
