"""The layers of the engine, and what declarations and generated files may import.

Imports are read from the source, so that one inside a function or under `TYPE_CHECKING` counts
like any other.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ENGINE: Final = "steptable"
SPEC: Final = "nixfleet_state_machine"

# The parts of each package, lowest first. Each may import those of the lines above its own, and
# nothing else of the package; those of one line know nothing of each other. A package's own
# `__init__` stands above all of its parts, and its parts do not import it.
LAYERS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    ENGINE: (
        ("support",),
        ("errors",),
        ("sorts",),
        ("expr",),
        ("kinds", "operators"),
        ("terms",),
        ("machine",),
        ("properties",),
        ("world",),
        ("parts", "reachability"),
        ("interpreter",),
        ("wellformed",),
        ("elaboration",),
        ("partial",),
        ("targets",),
        ("kept",),
        ("project",),
        ("explore",),
        ("check",),
        ("compare",),
        ("versions",),
        ("report",),
        ("drawing",),
        ("derive",),
        ("cli", "pytest_plugin"),
    ),
    f"{ENGINE}.check": (
        ("pinning", "verdicts"),
        ("plain_results",),
        ("judging", "results"),
        ("running",),
        ("diagnosis", "mutation"),
    ),
    f"{ENGINE}.cli": (
        ("app",),
        ("telling",),
        ("beginning", "comparing", "deriving", "drawing", "exploring", "exporting"),
        ("commands",),
        ("__init__",),
        ("__main__",),
    ),
    f"{ENGINE}.compare": (
        ("inputs", "normal", "rules", "telling", "vocabulary"),
        ("imports", "wires", "witness"),
        ("behaviour",),
        ("journals", "properties"),
        ("difference",),
    ),
    f"{ENGINE}.drawing": (
        ("coverage", "gallery", "machines", "sequences", "spaces"),
        ("findings", "journal", "recording"),
        ("catalogue",),
    ),
    f"{ENGINE}.drawing.sequences": (("canvas", "messages"), ("story",), ("mermaid", "svg")),
    f"{ENGINE}.explore": (
        ("memory", "system"),
        ("packed", "retracing"),
        ("promela", "symmetry"),
        ("exploration",),
        ("graph", "liveness", "orbit_verdicts", "replay", "usage"),
        ("c", "overflows", "python"),
        ("engines",),
    ),
    f"{ENGINE}.explore.c": (
        ("compiler", "scalars"),
        ("analysis", "orbits"),
        ("code",),
        ("native", "steps"),
        ("engine",),
    ),
    f"{ENGINE}.explore.liveness": (("fair_components",), ("cycles",), ("lassos",)),
    f"{ENGINE}.explore.packed": (
        ("compiling", "layout", "templates"),
        ("numbering", "step_graph"),
        ("code",),
    ),
    f"{ENGINE}.explore.promela": (("text",), ("fairness",), ("model",)),
    f"{ENGINE}.explore.python": (("engine",),),
    f"{ENGINE}.explore.symmetry": (
        ("relabelling",),
        ("normal_forms", "permutations"),
        ("automorphisms",),
        ("orbits",),
    ),
    f"{ENGINE}.explore.system": (
        ("clauses", "events", "keys", "starts", "unbounded"),
        ("premises",),
        ("transitions",),
        ("cone", "forgetting"),
        ("own_sorts", "properties"),
        ("values",),
        ("actions",),
        ("builder",),
    ),
    f"{ENGINE}.interpreter": (("evaluate",), ("simulate",)),
    f"{ENGINE}.kept": (("fingerprints",), ("results",)),
    f"{ENGINE}.partial": (
        ("paths", "scalar", "stand_ins"),
        ("scalar_keys", "symbolic", "variables"),
        ("shapes",),
        ("assignments", "codes", "intervals"),
        ("domain_bounds", "keys"),
        ("evaluator",),
    ),
    f"{ENGINE}.project": (("interchange", "settings", "writing"), ("beginning",)),
    f"{ENGINE}.report": (
        ("names", "places", "traces"),
        ("outcome",),
        ("formats",),
        ("diff", "findings", "page", "readme"),
    ),
    f"{ENGINE}.report.diff": (("rows",), ("sections",), ("dot", "json", "markdown", "text")),
    f"{ENGINE}.report.formats": (
        ("json", "table", "terminal", "text"),
        ("guide", "junit", "sarif", "summary"),
        ("github",),
    ),
    f"{ENGINE}.report.page": (("scalars", "traces"), ("walks",), ("contents",), ("document",)),
    f"{ENGINE}.report.traces": (
        ("bounds", "relevance", "values", "verdict"),
        ("lines",),
        ("pytest_code",),
    ),
    f"{ENGINE}.support": (
        ("distribution", "interrupts", "plain", "private_cache", "renaming"),
        ("processes",),
    ),
    f"{ENGINE}.targets": (
        ("header", "markdown", "statemachine", "structs", "words"),
        ("diagrams", "python"),
    ),
    f"{ENGINE}.targets.diagrams": (
        ("dot_text", "draw", "layered", "matrix"),
        ("dot_rows",),
        ("dot",),
        ("matrix_dot", "mermaid", "svg"),
    ),
    f"{ENGINE}.targets.python": (
        ("settling", "source", "wire_text"),
        ("checks", "expressions", "reading"),
        ("effects", "vocabulary"),
        ("lifecycle", "members", "wire"),
        ("reducer",),
        ("in_memory",),
        ("trial",),
    ),
    f"{ENGINE}.versions": (("alone", "isolation", "repository"), ("unpacking",)),
    f"{ENGINE}.wellformed": (
        ("depth", "expressions", "texts"),
        ("machines", "shape"),
        ("__init__", "worlds"),
    ),
    f"{ENGINE}.wellformed.expressions": (
        ("firing", "fitting"),
        ("scope", "values"),
        ("containers", "operations"),
        ("sorting",),
    ),
    f"{ENGINE}.wellformed.machines": (
        ("declared", "reading", "structure"),
        ("constructors", "defaults", "sides", "unfit", "written"),
        ("names", "rows", "usage"),
    ),
    f"{ENGINE}.wellformed.worlds": (
        ("scopes",),
        ("bounds", "names", "properties", "sorts", "starts"),
        ("actions", "symmetry"),
    ),
}

# The half of the engine that declarations are written in.
DECLARING: Final = {
    "errors",
    "sorts",
    "expr",
    "kinds",
    "operators",
    "terms",
    "machine",
    "properties",
    "world",
}

# What importers load, with all that each may import beside the standard library.
IMPORTED: Final = {
    SPEC: {f"{SPEC}.reducer"},
    f"{SPEC}.reducer": {"msgspec"},
    f"{SPEC}.wire": {"msgspec", f"{SPEC}.reducer"},
}


def sources(folder: Path) -> dict[str, str]:
    """The source of every module of a package, by its dotted name."""
    texts = {}
    for file in sorted(folder.rglob("*.py")):
        parts = file.relative_to(folder.parent).with_suffix("").parts
        texts[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file.read_text("utf-8")
    return texts


def imports(source: str) -> Iterator[tuple[int, str]]:
    """Every module that a source imports, with the line; of `from a import b` it is `a.b`."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                # Relative imports begin with a dot here, and so are nothing that is allowed.
                origin = "." * level + (module or "")
                yield from ((node.lineno, f"{origin}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__")
                | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def is_within(name: str, module: str) -> bool:
    return name == module or name.startswith(f"{module}.")


def is_within_any(name: str, modules: set[str]) -> bool:
    return any(is_within(name, module) for module in modules)


def is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def rank(package: str, part: str) -> int | None:
    """On which line of its package a part stands; an `__init__` that is on none is above all."""
    lines = LAYERS.get(package, ())
    found = (number for number, line in enumerate(lines) if part in line)
    return next(found, len(lines) if part == "__init__" else None)


def parts_of(name: str) -> list[str]:
    """The parts that a dotted name goes through; what is below the last module is left out."""
    parts = [ENGINE]
    for part in name.split(".")[1:]:
        if rank(".".join(parts), part) is None:
            break
        parts.append(part)
    return [*parts, "__init__"] if ".".join(parts) in LAYERS else parts


def engine_faults(modules: Mapping[str, str]) -> list[str]:
    """What is wrong with the imports among the modules of the engine, one sentence each."""
    faults = []
    for module, source in modules.items():
        own = parts_of(module)
        if missing := module.removeprefix(".".join(own).removesuffix(".__init__")).strip("."):
            package = ".".join(own).removesuffix(".__init__")
            faults.append(
                f"{module}: '{missing.split('.')[0]}' has no layer in {package}; add it to LAYERS "
                "in tests/repository/test_layering.py, below everything it imports"
            )
        else:
            faults += _import_faults(module, own, source)
    return faults


def _import_faults(module: str, own: list[str], source: str) -> Iterator[str]:
    for line, name in imports(source):
        if name.startswith(".") or is_within(name, SPEC):
            yield f"{module}:{line} imports {name}"
        elif is_within(name, ENGINE):
            theirs = parts_of(name)
            # The engine's own package imports nothing, and may be imported by all.
            if theirs in ([ENGINE, "__init__"], own):
                continue
            depth = next(
                i for i, pair in enumerate(zip(own, theirs, strict=False)) if pair[0] != pair[1]
            )
            package = ".".join(own[:depth])
            here, there = rank(package, own[depth]), rank(package, theirs[depth])
            if here is None or there is None or there >= here:
                yield f"{module}:{line} imports {name}, which is not below it"


def declaration_faults(modules: Mapping[str, str]) -> list[str]:
    """What declarations import that is neither a declaration nor what declarations are made of."""
    declarations = modules.keys() - IMPORTED.keys()
    allowed = declarations | {f"{ENGINE}.{part}" for part in DECLARING}
    return [
        f"{module}:{line} imports {name}"
        for module in sorted(declarations)
        for line, name in imports(modules[module])
        if not is_standard(name) and not is_within_any(name, allowed)
    ]


def imported_faults(modules: Mapping[str, str]) -> list[str]:
    """What importers of the machine would load beside the generated files and msgspec."""
    return [
        f"{module}:{line} imports {name}"
        for module, allowed in IMPORTED.items()
        for line, name in imports(modules[module])
        if not is_standard(name) and not is_within_any(name, allowed)
    ]


def test_every_module_of_the_engine_imports_only_layers_below_it() -> None:
    """What one layer means can be understood without the layers that are built on it."""

    assert engine_faults(sources(ROOT / "model" / ENGINE)) == []


def test_declarations_import_only_the_declaring_half_of_the_engine() -> None:
    """A declaration says what a machine is, and knows nothing of what is made of it."""

    assert declaration_faults(sources(ROOT / "spec" / SPEC)) == []


def test_generated_files_import_only_msgspec_and_the_standard_library() -> None:
    """Importers of the reducer install nothing but msgspec."""

    assert imported_faults(sources(ROOT / "spec" / SPEC)) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("from steptable.machine import Machine", id="plain"),
        pytest.param("import steptable.machine as m", id="module"),
        pytest.param("from steptable import machine", id="from the package"),
        pytest.param("def later():\n    from steptable.machine import Machine", id="in a function"),
        pytest.param(
            "if TYPE_CHECKING:\n    from steptable.machine import Machine", id="for types alone"
        ),
        pytest.param("importlib.import_module('steptable.machine')", id="by name"),
        pytest.param("from .machine import Machine", id="relative"),
        pytest.param("from steptable.cli import main", id="from the top"),
        pytest.param("from nixfleet_state_machine import step", id="from a declaration"),
    ],
)
def test_an_import_of_what_is_not_below_is_a_fault(source: str) -> None:
    """No way of writing an import slips past the test of the layers."""

    assert len(engine_faults({"steptable.expr": source})) == 1


@pytest.mark.parametrize("source", ["import msgspec", "from steptable import errors", "import ast"])
def test_an_import_from_below_or_outside_is_no_fault(source: str) -> None:
    """The layers say nothing of libraries."""

    assert engine_faults({"steptable.expr": source}) == []


def test_modules_of_one_line_know_nothing_of_each_other() -> None:
    """The command line and the pytest plugin are two fronts of one engine."""

    assert engine_faults({"steptable.cli": "import steptable.pytest_plugin"}) == [
        "steptable.cli:1 imports steptable.pytest_plugin, which is not below it"
    ]


def test_a_module_without_a_layer_is_a_fault_that_says_where_to_add_it() -> None:
    """A new module has its place decided when it is written, not when it is in the way."""

    assert engine_faults({"steptable.novelty.inner": ""}) == [
        "steptable.novelty.inner: 'novelty' has no layer in steptable; add it to LAYERS "
        "in tests/repository/test_layering.py, below everything it imports"
    ]


def test_the_layers_of_a_package_are_looked_at_like_those_of_the_engine() -> None:
    """A circle within a package is as hard to read as one between packages."""
    assert engine_faults(
        {
            "steptable.explore.packed.layout": "from steptable.explore.packed.code import Writer",
            "steptable.explore.packed.code": "from steptable.explore.packed.layout import Layout",
            "steptable.explore.system.cone": "from steptable.explore import exploration",
            "steptable.explore.c.novelty": "",
        }
    ) == [
        "steptable.explore.packed.layout:1 imports steptable.explore.packed.code.Writer, which is "
        "not below it",
        "steptable.explore.system.cone:1 imports steptable.explore.exploration, which is not "
        "below it",
        "steptable.explore.c.novelty: 'novelty' has no layer in steptable.explore.c; add it to "
        "LAYERS in tests/repository/test_layering.py, below everything it imports",
    ]


def test_every_part_of_the_layers_is_there() -> None:
    """A module that is gone leaves no name behind that would be taken for a map."""
    modules = sources(ROOT / "model" / ENGINE)
    listed = {
        f"{package}.{part}"
        for package, lines in LAYERS.items()
        for line in lines
        for part in line
        if part != "__init__"
    }

    assert listed <= modules.keys()


@pytest.mark.parametrize(
    "source",
    [
        "from steptable.interpreter.evaluate import evaluate",
        "from steptable import targets",
        "import steptable",
        "import msgspec",
        "from nixfleet_state_machine.reducer import step",
        "from nixfleet_state_machine import wire",
        "from nixfleet_state_machine import step",
    ],
)
def test_a_declaration_that_imports_engine_library_or_generated_code_is_a_fault(
    source: str,
) -> None:
    """Generated code made of declarations that import it could never be made afresh."""

    assert len(declaration_faults({f"{SPEC}.table": source})) == 1


def test_a_declaration_that_imports_declarations_and_their_language_is_no_fault() -> None:
    """Declarations are spread over files, by what they declare."""
    source = "from nixfleet_state_machine.states import PENDING\nfrom steptable.terms import field"

    assert declaration_faults({f"{SPEC}.table": source, f"{SPEC}.states": ""}) == []


def test_a_generated_file_that_imports_the_engine_or_a_declaration_is_a_fault() -> None:
    """An importer would load, and have to install, what the file was made of."""
    modules = {
        SPEC: "from nixfleet_state_machine.reducer import *",
        f"{SPEC}.reducer": "from steptable.sorts import Record",
        f"{SPEC}.wire": "from nixfleet_state_machine.events import FACTS",
    }

    assert imported_faults(modules) == [
        f"{SPEC}.reducer:1 imports steptable.sorts.Record",
        f"{SPEC}.wire:1 imports nixfleet_state_machine.events.FACTS",
    ]


def test_importing_the_machine_loads_the_reducer_and_msgspec_alone() -> None:
    """The price of an import is paid by every agent that starts."""
    # What msgspec itself loads is its own affair.
    program = (
        "import sys, msgspec; before = set(sys.modules); import nixfleet_state_machine; "
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert [name for name in done.stdout.split() if not is_standard(name)] == [
        SPEC,
        f"{SPEC}.reducer",
    ]


def loaded_by(program: str) -> set[str]:
    """The top-level modules that a program has loaded at its end."""
    program += "\nimport sys\nprint(*sys.modules)\n"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


def test_only_promises_about_runs_load_the_numeric_libraries() -> None:
    """They take longer to load than most of what the command line does."""
    heavy = {"numpy", "scipy"}
    checking = """
from steptable.check import check
from nixfleet_state_machine.worlds.reducer import world
assert check(world).states
"""

    assert not heavy & loaded_by("import steptable.cli, steptable.pytest_plugin")
    assert not heavy & loaded_by(checking)
    assert heavy <= loaded_by("import steptable.explore.liveness.lassos")
