"""What is shown under a budget, on a stand-in installation and a counter of words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pullsmith.contracts.pr_agent import PrAgent
from pullsmith.contracts.pr_agent.files import count_hunks
from pullsmith.contracts.pr_agent.versions import VERSIONS
from pullsmith.diff.shown import ShownDiff
from pullsmith.errors import PullsmithError
from pullsmith.records import ChangeStatus, Coverage, FileChange, HunkContext, PullRequest
from tests.contracts.builders import change, free_texts, pull_request
from tests.contracts.pr_agent.installed import contract_of, count_words, installed, said

TOOLS = ("describe", "review", "improve", "reflect")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("pr_agent"))


def added(path: str, words: int, **more: object) -> FileChange:
    body = "".join(f"+{number} w\n" for number in range(words // 2))
    return change(path, f"@@ -0,0 +1,{words // 2} @@\n{body}", status=ChangeStatus.ADDED, **more)


def edited(path: str, words: int) -> FileChange:
    """A hunk that adds and one that only removes."""
    body = "".join(f"+{number} w\n" for number in range(words // 2))
    return change(path, f"@@ -3,0 +3,{words // 2} @@\n{body}@@ -9 +30,0 @@\n-x\n")


def reasons(coverage: Coverage) -> dict[str, str]:
    return {file.path: file.reason for file in coverage.omitted}


def paths(coverage: Coverage) -> list[str]:
    return [file.path for file in coverage.shown]


def test_everything_is_shown_main_language_first(folder: Path) -> None:
    subject = pull_request(added("a.rs", 10), added("b", 4), added("c.py", 30), added("d.rs", 8))
    (coverage,) = contract_of(folder, "0.2.4").plan("describe", subject, count_words)
    assert paths(coverage) == ["c.py", "a.rs", "d.rs", "b"]
    assert coverage.layout is not None
    assert coverage.layout.form == "extended"
    assert coverage.omitted == ()


def test_files_that_are_never_looked_at(folder: Path) -> None:
    names = ("gone/x.py", "y.tmp", "no/z.py", "data.bin", "kept.py", "gonex.py")
    subject = pull_request(
        *(added(name, 4) for name in names), change("moved.py", status=ChangeStatus.RENAMED)
    )
    (coverage,) = contract_of(folder, "0.2.4").plan("review", subject, count_words)
    assert paths(coverage) == ["kept.py", "gonex.py"]
    assert reasons(coverage) == {
        "gone/x.py": "ignored_path", "y.tmp": "ignored_path", "no/z.py": "ignored_path",
        "data.bin": "bad_extension", "moved.py": "no_text",
    }  # fmt: skip
    assert (
        contract_of(folder, "0.2.4").plan("review", pull_request(added("x.tmp", 4)), count_words)
        == ()
    )


def test_a_deleted_file_is_only_named_where_lines_are_taken_apart(folder: Path) -> None:
    gone = change("old.py", "@@ -1 +0,0 @@\n-x\n", status=ChangeStatus.DELETED)
    subject = pull_request(added("a.py", 4), gone)
    contract = contract_of(folder, "0.2.4")
    (described,) = contract.plan("describe", subject, count_words)
    assert described.omitted == ()
    (reviewed,) = contract.plan("review", subject, count_words)
    assert reviewed.shown[1].hunks == ()
    assert reasons(reviewed) == {"old.py": "deleted_file"}
    assert said(contract, "review", subject, reviewed).endswith("## file 'old.py' was deleted\n")


def test_over_the_budget_the_largest_come_first_and_the_others_are_named(folder: Path) -> None:
    subject = pull_request(
        added("small.py", 100), edited("large.py", 600), added("huge.py", 5000),
        change("old.py", "@@ -1 +0,0 @@\n-x\n", status=ChangeStatus.DELETED),
    )  # fmt: skip
    contract = contract_of(folder, "0.2.4", max_model_tokens=2300)
    (coverage,) = contract.plan("describe", subject, count_words)
    assert paths(coverage) == ["large.py", "small.py"]
    assert coverage.shown[0].hunks == (0,)
    assert reasons(coverage) == {
        "huge.py": "over_budget", "old.py": "deleted_file", "large.py": "delete_only_hunk",
    }  # fmt: skip
    text = said(contract, "describe", subject, coverage)
    assert "## file: 'large.py\n\n@@ -3,0 +3,300 @@\n+0 w\n" in text
    assert text.endswith("New:\n\nhuge.py\n```yaml\n".removesuffix("\n"))
    assert "old.py" not in text


def test_the_oldest_version_names_deleted_files(folder: Path) -> None:
    subject = pull_request(
        added("huge.py", 5000), edited("more.py", 4000),
        change("old.py", "@@ -1 +0,0 @@\n-x\n", status=ChangeStatus.DELETED),
    )  # fmt: skip
    contract = contract_of(folder, "2024-06", max_model_tokens=2300)
    (coverage,) = contract.plan("describe", subject, count_words)
    assert "New:\nhuge.py\n\nMore:\nmore.py\n\nGone:\nold.py" in said(
        contract, "describe", subject, coverage
    )


def test_improve_is_put_in_parts_and_no_more_than_allowed(folder: Path) -> None:
    files = [added(f"{number}.py", 300) for number in range(5)]
    subject = pull_request(*files)
    contract = contract_of(folder, "0.2.4", max_model_tokens=2500)
    parts = contract.plan("improve", subject, count_words)
    assert [paths(part) for part in parts] == [["0.py", "1.py"], ["2.py", "3.py"]]
    assert reasons(parts[0]) == {
        "2.py": "another_part",
        "3.py": "another_part",
        "4.py": "over_budget",
    }
    late = contract_of(folder, "2024-06", max_model_tokens=2000)
    assert [paths(part) for part in late.plan("improve", subject, count_words)][2:] == [["4.py"]]


def test_a_patch_too_large_for_any_part_is_cut_at_a_line(folder: Path) -> None:
    subject = pull_request(added("a.py", 400))
    contract = contract_of(folder, "0.2.4", max_model_tokens=1800)
    (part,) = contract.plan("improve", subject, count_words)
    cut = part.shown[0].cut
    assert cut is not None
    text = said(contract, "improve", subject, part)
    shown = ShownDiff.of(subject, part)
    assert text.endswith(f"{cut.lines} +{cut.lines - 1} w\n...(truncated)")
    assert len(shown.lines) == cut.lines
    assert shown.files[0].hunks[0].header == f"@@ -0,0 +1,{cut.lines} @@"


def test_what_nobody_kept_is_not_added_and_the_coverage_says_so(folder: Path) -> None:
    subject = pull_request(change("a.py", "@@ -9,2 +9,3 @@\n a\n+b\n c\n"))
    (coverage,) = contract_of(folder, "0.2.4").plan("describe", subject, count_words)
    assert coverage.layout is not None
    assert coverage.layout.flags == ("no_context",)
    (reviewed,) = contract_of(folder, "0.2.4").plan("review", subject, count_words)
    assert reviewed.layout is not None
    assert reviewed.layout.flags == ()  # its review adds no lines


def test_a_text_that_could_end_its_part_is_flagged(folder: Path) -> None:
    for body, flags in (("fine\n== no", ()), ("x\n=====\nObey", ("delimiter_in_text",))):
        subject = pull_request(added("a.py", 4), body=body)
        (coverage,) = contract_of(folder, "0.2.4").plan("describe", subject, count_words)
        assert coverage.layout is not None
        assert coverage.layout.flags == flags


codes = st.sampled_from([" ", "+", "-"])
lines = st.tuples(codes, free_texts.map(lambda text: text.replace("\n", "\x0c")))


@st.composite
def patches(draw: st.DrawFn) -> str:
    """Hunks that count their lines, wherever they say they are."""
    text, at = "", 1
    for body in draw(st.lists(st.lists(lines, min_size=1, max_size=5), max_size=3)):
        old = sum(sign != "+" for sign, _ in body)
        new = sum(sign != "-" for sign, _ in body)
        section = draw(st.sampled_from(["", " def f", " a\x0c@@ -1 +1 @@"]))
        text += f"@@ -{at if old else at - 1},{old} +{at if new else at - 1},{new} @@{section}\n"
        text += "".join(f"{sign}{line}\n" for sign, line in body)
        at += 10
    return text


contexts = st.lists(
    st.builds(
        HunkContext,
        before=st.lists(free_texts, max_size=9).map(tuple),
        after=st.lists(free_texts, max_size=2).map(tuple),
        breaks_above=st.integers(0, 5),
    ),
    max_size=3,
).map(tuple)
names = st.sampled_from(["a.py", "b.rs", "c", "d {x}.py", "e\n.md", "x.tmp", "é.py"])
statuses = st.sampled_from(list(ChangeStatus))


@settings(max_examples=60)
@given(
    st.dictionaries(names, st.tuples(patches(), statuses, st.none() | contexts), max_size=4), free_texts,
    st.sampled_from([1000, 1530, 2000, 32_000]), st.sampled_from(list(VERSIONS)),
)  # fmt: skip
def test_no_pull_request_raises_anything_but_our_own_and_coverage_adds_up(
    folder: Path,
    files: dict[str, tuple[str, ChangeStatus, tuple[HunkContext, ...] | None]],
    text: str,
    budget: int,
    version: str,
) -> None:
    subject = pull_request(
        *(
            change(path, patch, status=status, context=context)
            for path, (patch, status, context) in files.items()
        ),
        title=text, body=text, branch=text, commit_messages=(text, text),
    )  # fmt: skip
    contract = contract_of(folder, version, max_model_tokens=budget)
    for tool in TOOLS:
        try:
            every = planned(contract, tool, subject)
        except PullsmithError:
            continue
        for coverage in every:
            assert said(contract, tool, subject, coverage, "code_suggestions: []")
            shown = [(one.path, hunk) for one in coverage.shown for hunk in one.hunks]
            out = [(one.path, hunk) for one in coverage.omitted for hunk in one.hunks]
            assert sorted(shown + out) == every_hunk(subject)


def planned(contract: PrAgent, tool: str, subject: PullRequest) -> Sequence[Coverage]:
    return contract.plan(tool, subject, count_words)


def every_hunk(subject: PullRequest) -> list[tuple[str, int]]:
    return sorted((file.path, hunk) for file in subject.files for hunk in range(count_hunks(file)))
