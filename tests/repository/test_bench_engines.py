"""The engines are compared on the same model, whoever explores it. Nothing here asserts a time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import checkers, engines, lookups, spin
from bench.measure import Figures

SIZE, STATES = (1, 2, 3), 3_942

needs_spin = pytest.mark.skipif(bool(spin.missing()), reason=spin.missing())


@needs_spin
@pytest.mark.parametrize("model", spin.MODELS.values(), ids=spin.MODELS)
def test_both_models_for_spin_have_the_published_size(model: Path) -> None:
    """A model with fewer states would be a faster one."""

    with spin.verifier(model, SIZE, spin.OPTIMISED) as pan:
        assert spin.verified(pan, STATES).states == STATES


@needs_spin
def test_two_hosts_of_the_packed_model_have_the_published_size() -> None:
    """Its words are packed by hand, host by host."""

    with spin.verifier(spin.MODELS["packed"], (2, 1, 2), spin.OPTIMISED) as pan:
        assert spin.verified(pan, 24_649).states == 24_649


@pytest.mark.parametrize(
    ("package", "search"),
    [("minicheck", checkers.by_minicheck), ("musil", checkers.by_musil)],
)
def test_checkers_of_the_package_index_find_every_state(package: str, search: object) -> None:
    """They get the model in another form than the engines do."""
    if not checkers.installed(package):
        pytest.skip(f"pip install {package}")

    assert callable(search)
    assert search(*SIZE[1:]) == STATES


@pytest.mark.skipif(shutil.which("gcc") is None, reason="apt-get install gcc")
def test_the_calibration_counts_what_it_looks_up() -> None:
    """It is the yardstick of the share that is said to be reached."""

    with lookups.compiled() as program:
        assert lookups.seconds(program, 64_000, 64_000) > 0


def test_the_table_takes_the_better_model_of_spin() -> None:
    """A rival is measured at its best, and a missed target says so."""
    figures = Figures(
        {
            engines.ONE: [1.0],
            engines.TWO: [0.5],
            f"{engines.SPIN_ONE}, idiomatic": [30.0],
            f"{engines.SPIN_ONE}, packed": [10.0],
            f"{engines.SPIN_TWO}, packed": [20.0],
            engines.LOOKUPS: [0.4],
        }
    )
    notes = engines.Notes(dict.fromkeys(figures.rounds, 12.0), transitions=30_000_000)

    text = engines.large_table((1, 4, 5), figures, notes, {engines.ONE: 15, engines.TWO: 15})

    assert [line.split() for line in text.splitlines()[1:3]] == [
        [*engines.ONE.split(), "13.69", "M/s", "12.0", "10.0x", "≥", "15x", "misses"],
        [*engines.TWO.split(), "27.38", "M/s", "12.0", "40.0x", "≥", "15x", "meets"],
    ]
    assert "40% (wanted: 50%, misses)" in text
