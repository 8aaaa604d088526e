"""The door to the languages; the other languages are played by a module made here."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pullsmith.collect import planted
from pullsmith.collect.planted import by_language, planted_pull_requests
from pullsmith.collect.planted.harvest import Function, Harvest
from pullsmith.collect.planted.operators import Site
from pullsmith.collect.planted.sites import FileSite
from pullsmith.collect.planted.templates import TEMPLATES, Template
from pullsmith.records import Split
from pullsmith.study.collect import PlantedSource
from tests.collect.repositories import FORGE, Teller

LINES = (
    "func find{n}(a int) int {{",
    "\tif a > {n} {{",
    "\t\treturn 1",
    "\t}}",
    "\treturn a",
    "}}",
)
PACKAGE = "pullsmith.collect.planted.languages"


def harvest_go(files: Iterable[tuple[str, bytes]], *, language: str, max_lines: int) -> Harvest:
    """Every six lines of a file are a function."""
    assert language == "go"
    assert max_lines == 8
    functions, texts = [], {}
    for path, content in files:
        rows = tuple(content.decode("utf-8").split("\n")[:-1])
        texts[path] = rows
        functions += [
            Function(
                path=path,
                name=rows[at].split("(")[0].split()[1],
                keyword="func",
                first_line=at + 1,
                lines=rows[at : at + 6],
                argument="a",
                insert_at=1,
                removable=((1, 4),),
                sites=(Site("inverted", 1, rows[at + 1].replace(">", "<"), rows[at + 1]),),
                language="go",
            )
            for at in range(1, len(rows), 6)
        ]
    return Harvest(tuple(functions), texts, {})


def templates_of_go(language: str) -> dict[Split, dict[str, tuple[Template, ...]]]:
    assert language == "go"
    line = '{} := "$x"'
    return {
        pool: {"secret": (Template(line.format(name), ("b := $n($p)",), "$m := get($S)"),)}
        for pool, name in ((Split.TRAIN, "$m"), (Split.EVAL, "other"))
    }


def go_sites(path: str, text: str, *, lines: Collection[int] | None = None) -> tuple[FileSite, ...]:
    assert path.endswith(".go")
    return tuple(
        FileSite("inverted", at, row.replace(">", "<"), row)
        for at, row in enumerate(text.split("\n"), start=1)
        if ">" in row and (lines is None or at in lines)
    )


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    module = ModuleType(PACKAGE)
    functions = {
        "language_of": lambda path: "go" if path.endswith(".go") else None,
        "harvest_foreign_texts": harvest_go,
        "foreign_templates": templates_of_go,
        "file_sites": go_sites,
        "parses": lambda text, language: "{" in text and language == "go",
    }
    for name, function in functions.items():
        setattr(module, name, function)
    monkeypatch.setitem(sys.modules, PACKAGE, module)
    monkeypatch.setattr("pullsmith.collect.planted.languages", module, raising=False)
    by_language.templates_of.cache_clear()
    yield module
    by_language.templates_of.cache_clear()


def text_of(count: int) -> str:
    return "// caf\u00e9\n" + "".join(
        "\n".join(LINES).format(n=number) + "\n" for number in range(count)
    )


def test_functions_of_another_language_become_pull_requests(go: ModuleType, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"m{number}.go").write_text(text_of(10), encoding="utf-8")
        (tmp_path / f"m{number}.py").write_text("x = 1\n\n\ndef f(a):\n    return g(a)\n")
    source = PlantedSource.model_validate(
        {"planted": str(tmp_path), "languages": ["go"], "kinds": ["inverted", "secret", "sql"]}
    )
    made = planted_pull_requests(source, seed=0, count=60)
    assert {file.language for one in made for file in one.files} == {"go"}
    assert {file.path[-3:] for one in made for file in one.files} == {".go"}
    kinds = {one.defect.kind for one in made if one.defect}
    assert kinds == {"inverted", "secret"}  # no template for SQL, and no place
    secrets = [one.defect for one in made if one.defect and one.defect.kind == "secret"]
    assert all("_" not in one.original[0].split(" :=")[0] for one in secrets)  # mixed case


def test_a_pull_request_in_another_language_is_planted_on(go: ModuleType, tmp_path: Path) -> None:
    teller = Teller()
    teller.commit("First", {"m.go": text_of(1).encode()})
    teller.commit("Add (#1)", {"m.go": text_of(2).encode(), "n.py": b"x\n"}, committer=FORGE)
    teller.make(tmp_path)
    planted = {"repository": tmp_path, "on": "pull-requests"}
    source = PlantedSource.model_validate({"planted": planted, "languages": ["python", "go"]})
    [one] = planted_pull_requests(source, seed=0, count=1)
    assert one.defect is not None
    assert (one.defect.path, one.defect.defective) == ("m.go", ("\tif a < 1 {",))
    assert "\n+\tif a < 1 {\n" in next(file.patch for file in one.files if file.path == "m.go")


def test_a_line_of_another_language_that_does_not_parse_does_not_make_wrong(go: ModuleType) -> None:
    text, site = "a {\nb {\n", FileSite("k", 1, "c {", "a {")
    assert by_language.makes_wrong(text, site, "go")
    assert not by_language.makes_wrong(text, FileSite("k", 1, "a {", "a {"), "go")
    assert not by_language.makes_wrong("a {", FileSite("k", 1, "a", "a {"), "go")


def test_python_needs_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(planted, "languages", raising=False)
    monkeypatch.setitem(sys.modules, PACKAGE, None)  # importing it now fails
    by_language.templates_of.cache_clear()
    assert by_language.is_written_in("a/b.py", "python")
    assert not by_language.is_written_in("a/b.go", "python")
    assert by_language.templates_of("python") is TEMPLATES
    assert by_language.parses("x = 1\n", "python")
    assert not by_language.parses("x =\n", "python")
    assert by_language.file_sites("a.py", "def f(a):\n    return a is None\n", {2})
    with pytest.raises(ImportError):
        by_language.is_written_in("a/b.go", "go")
