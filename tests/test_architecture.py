"""Imports point down, no stage imports a stage, importing is silent and light; checked on the code.

The checks are functions of a folder, so that they are also seen to fail, on a bad toy package.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "pullsmith"
STAGES = {
    "collect", "select", "split", "render", "generate", "clean", "train", "respond", "judge", "rank", "report", "curate",
}  # fmt: skip
# Lowest first: a unit may import from strictly lower layers, and from itself.
LAYERS: tuple[set[str], ...] = (
    {"__init__", "errors"},
    {"records"},
    {
        "canaries",
        "exclusions",
        "grammars",
        "models",
        "ports",
        "rows",
        "spdx",
        "stats",
        "tally",
        "tokens",
        "traits",
        "visible",
    },
    {"study", "diff", "redact", "decisions", "stored", "short_list", "reference_pack"},
    {"store"},
    {"contracts", "eval_set"},
    {"controls", "scoring"},
    {"pairs"},
    {"questions"},
    {"engine", "llm"},
    {"corpus"} | STAGES,
    {"pipeline", "discover", "publish", "branch", "verdicts"},
    {"export", "compare"},
    {"serve"},
    {"cli"},
    {"__main__"},
)
HEAVY = {"torch", "transformers", "trl", "peft", "datasets", "accelerate"}
MAY_TRAIN = {"train", "llm", "serve"}


def unit_of(path: Path, root: Path) -> str:
    return path.relative_to(root).parts[0].removesuffix(".py")


def imported_units(tree: ast.AST, package: str) -> Iterator[str]:
    """Units of the package that are imported anywhere in the file, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            names = names[1:] if node.module == package else names[:1]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == package and len(parts) > 1:
                yield parts[1]


def layer_faults(root: Path, layers: tuple[set[str], ...]) -> list[str]:
    level = {unit: number for number, units in enumerate(layers) for unit in units}
    faults = []
    for path in sorted(root.rglob("*.py")):
        unit = unit_of(path, root)
        if unit not in level:
            faults.append(f"{path.name}: {unit} is in no layer")
            continue
        for other in imported_units(ast.parse(path.read_text()), root.name):
            # A name imported from the package itself, such as __version__, belongs to __init__.
            lower = level.get(other, 0 if root / other not in root.iterdir() else 99)
            if other != unit and lower >= level[unit]:
                faults.append(f"{path.relative_to(root)} imports {other}")
    return faults


def size_faults(root: Path, most: int) -> list[str]:
    lengths = {path: path.read_text().count("\n") for path in root.rglob("*.py")}
    assert lengths, "no files found"
    return [
        f"{path.relative_to(root)}: {length} lines"
        for path, length in lengths.items()
        if length > most
    ]


def module_cycles(root: Path) -> list[str]:
    """Modules that import each other at the top level, directly or around corners."""
    graph = {}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        top = [
            node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom)
        ]
        graph[name] = {node.module for node in top if node.module} - {name}
    cycles = []
    for start, direct in graph.items():
        seen, frontier = set(), set(direct)
        while frontier:
            seen |= frontier
            frontier = {after for name in frontier for after in graph.get(name, ())} - seen
        # A package's __init__ re-exports its own modules, which do not import it back.
        if start in seen:
            cycles.append(start)
    return cycles


def test_imports_point_down() -> None:
    assert len(list(SOURCE.rglob("*.py"))) > 40
    assert layer_faults(SOURCE, LAYERS) == []


def test_no_import_cycles() -> None:
    assert module_cycles(SOURCE) == []


def test_files_are_small() -> None:
    assert size_faults(SOURCE, 400) == []
    lengths = sorted(path.read_text().count("\n") for path in SOURCE.rglob("*.py"))
    assert lengths[len(lengths) // 2] <= 150


def test_training_libraries_are_imported_inside_functions_of_train_and_llm_only() -> None:
    found = []
    for path in SOURCE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        heavy = [node for node in ast.walk(tree) if _imports_heavy(node)]
        if unit_of(path, SOURCE) not in MAY_TRAIN:
            found += [f"{path.name}:{node.lineno}" for node in heavy if isinstance(node, ast.stmt)]
    assert found == []


def _imports_heavy(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] in HEAVY for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in HEAVY


def test_the_checks_fail_on_a_bad_package(tmp_path: Path) -> None:
    root = tmp_path / "pullsmith"
    (root / "select").mkdir(parents=True)
    (root / "errors.py").write_text("def f():\n    from pullsmith.pipeline import run\n")
    (root / "select" / "a.py").write_text(
        "from pullsmith.split import x\nfrom pullsmith.select.b import y\n"
    )
    (root / "select" / "b.py").write_text("from pullsmith.select.a import z\n" + "\n" * 500)
    (root / "utils.py").write_text("")
    assert layer_faults(root, LAYERS) == [
        "errors.py imports pipeline", "select/a.py imports split", "utils.py: utils is in no layer",
    ]  # fmt: skip
    assert set(module_cycles(root)) == {"pullsmith.select.a", "pullsmith.select.b"}
    assert size_faults(root, 400) == ["select/b.py: 501 lines"]


IMPORT_ALL = """
import importlib, pathlib, sys, time
root = pathlib.Path(sys.argv[1])
for path in sorted(root.rglob("*.py")):
    parts = path.relative_to(root.parent).with_suffix("").parts
    if parts[-1] not in ("__main__",):
        importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
loaded = sorted(HEAVY & set(sys.modules))
assert not loaded, f"importing pullsmith imported {loaded}"
""".replace("HEAVY", repr(HEAVY))


def test_importing_everything_prints_nothing_writes_nothing_and_never_imports_torch(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, str(SOURCE)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("unit", sorted(STAGES))
def test_every_stage_is_there(unit: str) -> None:
    assert (SOURCE / unit).is_dir() or (SOURCE / f"{unit}.py").is_file()
