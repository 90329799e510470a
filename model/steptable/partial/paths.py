"""How the parts of a value are named."""

from __future__ import annotations

import re


def entry_name(name: str, key: str) -> str:
    """The name of what a map or a bag has of a key.

    Brackets in a key are told apart from ours: `m[a][b]` is an entry of an entry, whatever keys
    there are.
    """
    plain = re.sub(r"[\\[\]]", r"\\\g<0>", key)
    return f"{name}[{plain}]"
