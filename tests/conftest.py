"""What tests of several files need."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept by a test is for tests of this run, and nothing that a user has kept is used."""
    with pytest.MonkeyPatch.context() as patch:
        base = tmp_path_factory.getbasetemp()
        # Processes that share the tests of a run share this, too.
        patch.setenv(
            "XDG_CACHE_HOME", str(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base)
        )
        yield


@pytest.fixture(scope="module")
def unoptimised() -> Iterator[None]:
    """Random worlds are small, so that compiling them is what takes time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CFLAGS", os.environ.get("CFLAGS", "") + " -O0")
        yield
