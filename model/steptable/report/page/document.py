"""Puts the page together: one file, with its style, its scripts, its drawings and its data."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import msgspec

from steptable.check import Result
from steptable.machine import Machine
from steptable.report.page.contents import Data, contents, machines_of
from steptable.targets.diagrams.svg import machine_svg
from steptable.targets.header import MARK

SCRIPTS: Final = (
    "dom.js",
    "picture.js",
    "lanes.js",
    "fields.js",
    "machine.js",
    "verdicts.js",
    "trace.js",
    "system.js",
    "walk.js",
    "main.js",
)
"""In this order, each may use what those before it define."""


def page_html(
    machine: Machine | None,
    results: Sequence[Result],
    name: str = "",
    walks: Mapping[str, Data | None] | None = None,
) -> str:
    """The whole page. It loads nothing, and runs no script but its own; `walks` as `contents`."""
    script = "".join(asset(name) for name in SCRIPTS)
    drawings = (
        f'<template id="machine-{number}">{machine_svg(item)}</template>'
        for number, item in enumerate(machines_of(machine, results))
    )
    parts = {
        "policy": f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_digest(script)}'",
        "title": html.escape(name if machine is None else machine.name),
        "styles": asset("page.css"),
        "pictures": "\n".join(drawings),
        "contents": embedded(contents(machine, results, name, walks)),
        "scripts": f"<script>{script}</script>",
    }
    page = re.sub(r"\{(\w+)\}", lambda texts: parts[texts[1]], asset("page.html"))
    return f"<!-- {MARK} -->\n{page}"


def asset(name: str) -> str:
    """One of the files beside these modules."""
    return (files(__package__) / "assets" / name).read_text("utf-8")


def embedded(data: object) -> str:
    """Data as JSON that is no markup, whatever texts are in it."""
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")


def _digest(script: str) -> str:
    """The one script that a browser is to run, by its hash."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
