"""Defects on top of pull requests of a small repository."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pullsmith.collect.planted import planted_pull_requests
from pullsmith.collect.planted.kinds import KINDS
from pullsmith.collect.planted.python import parse
from pullsmith.collect.source_git import Limits
from pullsmith.diff.patch import apply_hunks, parse_hunks
from pullsmith.errors import SourceError
from pullsmith.records import PullRequest
from pullsmith.study.collect import PlantedSource
from tests.collect.reading import LIMITS, collected
from tests.collect.repositories import FORGE, Teller, git

START = "import g\n\n\ndef first(a, b):\n    return g.first(a, b)\n"
ADDED = """

def added_{n}(self, path, size=None):
    total = {n}
    if size is None:
        size = len(path)
    if not total:
        raise ValueError(path)
    return total < size
"""


def repository(folder: Path, count: int = 6) -> Path:
    """Squashed pull requests 1 to ``count``, each with a function; two without a usable line."""
    teller = Teller()
    text = START
    teller.commit("First", {"src/m.py": text.encode(), "tests/test_m.py": text.encode()})
    for number in range(1, count + 1):
        text += ADDED.format(n=number)
        teller.commit(f"Add {number} (#{number})", {"src/m.py": text.encode()}, committer=FORGE)
    test = text + ADDED.format(n=0)
    teller.commit("Test (#90)", {"tests/test_m.py": test.encode()}, committer=FORGE)
    teller.commit("Words (#91)", {"src/m.py": (text + "# é\n").encode()}, committer=FORGE)
    teller.make(folder)
    return folder


def source(path: Path, **settings: object) -> PlantedSource:
    planted = {"repository": path, "on": "pull-requests"}
    return PlantedSource.model_validate({"planted": planted, **settings})


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("mined"))


@pytest.fixture(scope="module")
def made(clone: Path) -> list[PullRequest]:
    return planted_pull_requests(source(clone), seed=0, count=6)


def bases(clone: Path) -> dict[str, PullRequest]:
    mined = collected(clone).pull_requests
    return {one.merge_sha: one for one in mined}


def test_context_is_the_base_records(clone: Path) -> None:
    limits = Limits(LIMITS.max_files, LIMITS.max_blob_bytes, context_lines=6)
    known = {one.merge_sha: one for one in collected(clone, limits).pull_requests}
    for one in planted_pull_requests(source(clone), seed=0, count=3, limits=limits):
        (file,) = one.files
        assert file.context == known[one.merge_sha].files[0].context
        assert file.context
        assert len(file.context[0].before) == 6


def test_all_but_the_patch_the_truth_and_the_name_is_the_base_record(
    clone: Path, made: list[PullRequest]
) -> None:
    known = bases(clone)
    assert [one.number for one in made] == [6, 5, 4, 3, 2, 1]  # the newest first
    for one in made:
        base = known[one.merge_sha]
        assert one.source == "planted"
        assert one.evidence == "planted:mined"
        assert one.flags == (*base.flags, "planted")
        assert one.pool is None
        changed = {"id", "source", "evidence", "flags", "files", "defect"}
        kept = {name: value for name, value in base if name not in changed}
        assert {name: value for name, value in one if name not in changed} == kept


def test_exactly_one_added_line_of_the_patch_is_another(
    clone: Path, made: list[PullRequest]
) -> None:
    known = bases(clone)
    for one in made:
        assert one.defect is not None
        [file], [base] = one.files, known[one.merge_sha].files
        rows, old = file.patch.split("\n"), base.patch.split("\n")
        [place] = [at for at, (new, was) in enumerate(zip(rows, old, strict=True)) if new != was]
        assert (rows[place],) == tuple("+" + line for line in one.defect.defective)
        assert (old[place],) == tuple("+" + line for line in one.defect.original)
        assert file.model_copy(update={"patch": base.patch}) == base


def test_the_truth_is_on_its_line_and_both_versions_parse(
    clone: Path, made: list[PullRequest]
) -> None:
    for one in made:
        defect, [file] = one.defect, one.files
        assert defect is not None
        before = git(clone, "cat-file", "blob", f"{one.base_sha}:{file.path}")
        after = apply_hunks(before, parse_hunks(file.patch.encode())).decode()
        assert after.split("\n")[defect.start_line - 1] == defect.defective[0]
        head = git(clone, "cat-file", "blob", f"{one.head_sha}:{file.path}").decode()
        assert head.split("\n")[defect.start_line - 1] == defect.original[0]
        wrong, right = parse(after), parse(head)
        assert wrong is not None
        assert right is not None
        assert defect.header == KINDS[defect.kind].header


def test_what_is_drawn_depends_on_the_seed_and_the_record_only(
    clone: Path, made: list[PullRequest], tmp_path: Path
) -> None:
    assert planted_pull_requests(source(clone), seed=0, count=2) == made[:2]
    others = planted_pull_requests(source(clone), seed=1, count=6)
    assert [one.id for one in others] != [one.id for one in made]
    assert len({one.id for one in [*others, *made]}) >= 8


def test_only_the_chosen_kinds(clone: Path) -> None:
    only = planted_pull_requests(source(clone, kinds=["lost_raise"]), seed=0, count=6)
    assert {one.defect.kind for one in only if one.defect} == {"lost_raise"}


def test_fewer_than_wanted_is_an_error_that_says_how_many(clone: Path) -> None:
    # Of eight: one adds lines to a test only, one adds a comment.
    with pytest.raises(SourceError, match=r"7 pull requests wanted, but of 8 only 6 add a line"):
        planted_pull_requests(source(clone), seed=0, count=7)
    with pytest.raises(SourceError, match="of 8 only 0"):
        planted_pull_requests(source(clone, kinds=["lost_await"]), seed=0, count=1)


def test_a_line_that_would_not_parse_is_never_planted(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pullsmith.collect.planted.mined.makes_wrong", lambda *_: False)
    with pytest.raises(SourceError, match="only 0 add"):
        planted_pull_requests(source(clone), seed=0, count=1)


@pytest.mark.parametrize("content", [None, b"\xff", ADDED.format(n=1).encode(), b"\n" * 80])
def test_a_file_that_is_not_what_the_patch_says_is_left_alone(
    clone: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    def read(_clone: object, names: list[bytes], *, max_bytes: int) -> Iterator[bytes | None]:
        assert max_bytes > 0
        yield from [content] * len(names)

    monkeypatch.setattr("pullsmith.collect.planted.mined.read_objects", read)
    with pytest.raises(SourceError, match="only 0 add"):
        planted_pull_requests(source(clone), seed=0, count=1)
