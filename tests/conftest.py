"""What tests of several files need."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def unoptimised() -> Iterator[None]:
    """Random worlds are small, so that compiling them is what takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFLAGS", os.environ.get("CFLAGS", "") + " -O0")
        yield
