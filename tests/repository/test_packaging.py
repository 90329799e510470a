"""What a build puts into other people's environments."""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import tomllib
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = {
    "nixfleet_state_machine": ROOT / "spec" / "nixfleet_state_machine",
    "steptable": ROOT / "model" / "steptable",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this tree, built by the declared backend without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (file,) = folder.iterdir()
    return zipfile.ZipFile(file)


def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return HeaderParser().parsestr(wheel.read(name).decode())


def test_the_wheel_is_the_two_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """A folder called spec or model in site-packages would be in everybody's way."""
    inside = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert inside == {
        f"{package}/{file.relative_to(folder).as_posix()}"
        for package, folder in PACKAGES.items()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert {f"{package}/py.typed" for package in PACKAGES} <= inside


def test_the_wheel_carries_the_licence_and_the_command(wheel: zipfile.ZipFile) -> None:
    """Whoever installs it may use it, and finds `steptable` on the path."""
    texts = {name.split(".dist-info/")[-1]: name for name in wheel.namelist()}

    assert "MIT License" in wheel.read(texts["licenses/LICENSE"]).decode()
    points = configparser.ConfigParser()
    points.read_string(wheel.read(texts["entry_points.txt"]).decode())
    assert {name: dict(points[name]) for name in points.sections()} == {
        "console_scripts": {"steptable": "steptable.cli:main"},
        "pytest11": {"steptable": "steptable.pytest_plugin"},
    }


def test_a_base_install_requires_msgspec_alone(wheel: zipfile.ZipFile) -> None:
    """Importers of the reducer don't pay for the engine."""
    required = [
        text for text in metadata(wheel).get_all("Requires-Dist", []) if "extra ==" not in text
    ]

    assert [text.split(">=")[0] for text in required] == ["msgspec"]


def test_the_engine_the_adapter_and_the_tests_are_extras(wheel: zipfile.ZipFile) -> None:
    """What is installed beside the reducer is chosen by name."""

    assert metadata(wheel).get_all("Provides-Extra") == ["bench", "dev", "model", "statemachine"]


def test_the_reducer_runs_from_the_wheel(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Nothing that an importer needs is left behind in the tree."""
    wheel.extractall(tmp_path)
    program = "import nixfleet_state_machine as m, nixfleet_state_machine.wire; print(m.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(done.stdout.strip()) == tmp_path / "nixfleet_state_machine" / "__init__.py"


def test_a_project_of_ones_own_begins_from_the_wheel(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    """Who installs it has no checkout to copy an example from."""
    wheel.extractall(tmp_path / "installed")
    (tmp_path / "own").mkdir()
    for command in ("init", "check"):
        done = subprocess.run(
            [sys.executable, "-m", "steptable.cli", command],
            cwd=tmp_path / "own",
            env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")

    assert done.stdout.splitlines()[-1] == "ok: 3 properties of 1 world as declared"


def test_every_requirement_says_its_lowest_version_and_ci_tries_it() -> None:
    """A bound that nobody installs is a guess; so are the newest Python and the oldest together."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    required = [*project["dependencies"], *(item for extra in extras.values() for item in extra)]
    own = f"{project['name']}["
    pythons = [
        name.rpartition(" ")[2]
        for name in project["classifiers"]
        if name.startswith("Programming Language :: Python :: 3.")
    ]
    workflow = (ROOT / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")

    assert [item for item in required if ">=" not in item and not item.startswith(own)] == []
    assert project["requires-python"] == f">={pythons[0]}"
    assert f"python: {json.dumps(pythons)}" in workflow
    assert f"make lowest PYTHON=python{pythons[0]}" in workflow
