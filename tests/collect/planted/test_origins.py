"""Code out of a folder and out of a repository, read without a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.collect.planted import planted_pull_requests, planted_state
from pullsmith.collect.planted.origins import MAX_BYTES, read_origin
from pullsmith.errors import SourceError
from pullsmith.records import Split
from pullsmith.study.collect import PlantedSource
from tests.collect.planted.test_unchanged import code
from tests.collect.repositories import Content, Teller

ORIGIN = "https://github.com/ada/engine.git"
MIT = (Path(__file__).parents[3] / "LICENSE").read_bytes()


def function(name: str) -> bytes:
    return f"x = 1\n\n\ndef {name}(a):\n    b = g(a)\n    return h(b)\n".encode("ascii")


FILES: dict[str | bytes, Content] = {
    "a.py": function("one"),
    "src/b.py": function("two"),
    "tests/c.py": function("three"),
    "d.txt": function("four"),
    "link.py": (b"120000", function("linked")),
    b'"odd\\nname.py"': function("odd"),
    b"bad\xff.py": function("five"),
    "long.py": b"#" * (MAX_BYTES + 1) + b"\n" + function("six"),
    "LICENSE": MIT,
}


def repository(folder: Path) -> Path:
    teller = Teller()
    teller.commit("First", {"old.py": function("gone"), "a.py": function("early")})
    teller.commit("Second", {**FILES, "old.py": None})
    teller.make(folder)
    config = (folder / "config").read_text()
    (folder / "config").write_text(f'{config}[remote "origin"]\n\turl = {ORIGIN}\n')
    return folder


def on_functions(path: Path, **settings: object) -> PlantedSource:
    return PlantedSource.model_validate({"planted": {"repository": path}, **settings})


def test_a_repositorys_functions_are_its_newest_commits(tmp_path: Path) -> None:
    origin = read_origin(on_functions(repository(tmp_path)))
    names = [each.name for each in origin.harvest.functions]
    # Not "three" (a test), "four" (no Python), the link, the odd names, the long file, the past.
    assert names == ["one", "two"]
    assert origin.harvest.files.keys() == {"a.py", "src/b.py"}
    assert origin.repository == origin.group == "github.com/ada/engine"


def test_the_licence_is_the_repositorys_own(tmp_path: Path) -> None:
    licence = read_origin(on_functions(repository(tmp_path))).licence
    assert licence is not None
    assert [file.path for file in licence.files] == ["LICENSE"]
    assert len(licence.found_at) == 40


def test_records_of_a_repository_carry_its_name(tmp_path: Path) -> None:
    teller = Teller()
    (tmp_path / "code").mkdir()
    source = code(tmp_path / "code")
    files: dict[str | bytes, Content] = {path.name: path.read_bytes() for path in source.iterdir()}
    teller.commit("Only", files)
    teller.make(tmp_path / "bare")
    made = planted_pull_requests(on_functions(tmp_path / "bare", spots=5), seed=0, count=40)
    assert len(made) == 45
    [name] = {one.repository for one in made}
    assert name.startswith("local:")
    groups = {pool: {one.group for one in made if one.pool is pool} for pool in Split}
    assert all(group.startswith(f"{name}:part_") for one in groups.values() for group in one)
    assert not groups[Split.TRAIN] & groups[Split.EVAL]
    assert all(one.licence is None for one in made)


def test_a_folder_has_its_own_name_and_licence(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    folder.mkdir()
    (folder / "a.py").write_bytes(function("one"))
    (folder / "LICENSE").write_bytes(MIT)
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "b.py").write_bytes(function("two"))
    origin = read_origin(PlantedSource.model_validate({"planted": str(folder)}))
    assert [each.name for each in origin.harvest.functions] == ["one"]
    assert origin.repository == origin.group == "planted:engine"
    assert origin.licence is not None
    assert origin.licence.found_at == "engine"


def test_code_that_is_not_there_is_refused(tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    with pytest.raises(SourceError, match="nothing: no folder"):
        read_origin(PlantedSource.model_validate({"planted": str(nothing)}))
    with pytest.raises(SourceError, match="nothing"):
        read_origin(on_functions(nothing))
    teller = Teller()
    teller.commit("Only", {"a.txt": b"text\n"})
    teller.make(tmp_path / "bare")
    with pytest.raises(SourceError, match="no usable function in python"):
        read_origin(on_functions(tmp_path / "bare"))


def test_the_state_of_a_source_follows_its_repository(tmp_path: Path) -> None:
    source = on_functions(repository(tmp_path))
    before = planted_state(source)
    assert before == planted_state(source)
    first = (tmp_path / "marks").read_text().split()[1]
    (tmp_path / "refs" / "heads" / "main").write_text(first + "\n")
    assert planted_state(source) != before
    assert "Python" in planted_state(PlantedSource())
    assert planted_state(PlantedSource.model_validate({"planted": "/x/y"})) == "/x/y"
