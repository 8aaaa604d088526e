"""Coverage: what is shown under a budget, and that nothing vanishes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st

from pullsmith.diff.shown import ShownDiff, hunks_of, unified
from pullsmith.records import ChangeStatus, Coverage, FileChange, PullRequest
from pullsmith.render.budget import cover
from pullsmith.study.render import RenderSettings
from pullsmith.tokens import MARGIN, count_tokens
from tests.contracts.builders import change, pull_request


def added(lines: int, start: int = 1) -> str:
    return f"@@ -{start},0 +{start + 1},{lines} @@\n" + "+word word word\n" * lines


def deleted(lines: int) -> str:
    return f"@@ -1,{lines} +0,0 @@\n" + "-word word word\n" * lines


def settings(tokens: int = 24_000, files: int = 50) -> RenderSettings:
    return RenderSettings(max_diff_tokens=tokens, max_shown_files=files)


def shown(coverage: Coverage) -> list[tuple[str, tuple[int, ...]]]:
    return [(file.path, file.hunks) for file in coverage.shown]


def omitted(coverage: Coverage) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(file.path, file.reason, file.hunks) for file in coverage.omitted]


def test_the_counter_that_is_given_decides() -> None:
    subject = pull_request(change("a.py", added(40)), change("b.py", added(1)))
    estimated = cover(subject, settings(tokens=350), count_tokens)
    by_letter = cover(subject, settings(tokens=350), len)
    assert shown(estimated) == [("a.py", (0,)), ("b.py", (0,))]
    assert shown(by_letter) == [("b.py", (0,))]
    assert by_letter.diff_tokens == len("b.py") + 4 + len("+word word word") + 12
    assert omitted(by_letter) == [("a.py", "over_budget", (0,))]
    nothing = cover(subject, settings(), lambda _: 0)
    assert nothing.diff_tokens == 2 * 4 + 2 * 12  # what is allowed for headers


def test_what_fits_is_shown_whole_in_its_order() -> None:
    subject = pull_request(
        change("b.py", added(2) + added(2, 9)),
        change("a.py", deleted(2), status=ChangeStatus.DELETED),
        change("r.py", status=ChangeStatus.RENAMED, old_path="q.py"),
    )
    coverage = cover(subject, settings(), count_tokens)
    assert shown(coverage) == [("b.py", (0, 1)), ("a.py", (0,)), ("r.py", ())]
    assert coverage.omitted == ()
    assert coverage.diff_tokens > 0


def test_files_nobody_wrote_and_binary_ones_are_never_shown() -> None:
    flags = ("lock", "generated", "vendored", "minified", "docs", "test")
    subject = pull_request(
        *(change(f"{flag}.x", added(1), flags=(flag,)) for flag in flags),
        change("z.png", binary=True, status=ChangeStatus.ADDED),
    )
    coverage = cover(subject, settings(), count_tokens)
    assert shown(coverage) == [("docs.x", (0,)), ("test.x", (0,))]
    assert omitted(coverage) == [
        ("lock.x", "lock_file", (0,)),
        ("generated.x", "generated_file", (0,)),
        ("vendored.x", "vendored_file", (0,)),
        ("minified.x", "minified_file", (0,)),
        ("z.png", "binary_file", ()),
    ]


def test_deletions_go_first_and_only_when_they_must() -> None:
    subject = pull_request(
        change("gone.py", deleted(40), status=ChangeStatus.DELETED),
        change("cut.py", deleted(40)),
        change("kept.py", added(5) + "@@ -90,9 +95,0 @@\n" + "-word word word\n" * 9),
    )
    assert cover(subject, settings(), count_tokens).omitted == ()
    coverage = cover(subject, settings(tokens=100), count_tokens)
    assert shown(coverage) == [("kept.py", (0,))]
    assert omitted(coverage) == [
        ("gone.py", "deleted_file", (0,)),
        ("cut.py", "delete_only_hunk", (0,)),
        ("kept.py", "delete_only_hunk", (1,)),
    ]


def test_the_main_language_goes_first_and_in_it_the_largest_file() -> None:
    files = (
        change("big.md", added(30), language="markdown"),
        change("small.py", added(8)),
        change("middle.py", added(12)),
        change("large.py", added(22)),
    )
    # 5 tokens a line (the last lacks its line end), 12 a hunk, 7 a file: 22 lines are 128, 12 are 78,
    # 8 are 58; 30 lines of the other language come first only if that were the larger language.
    coverage = cover(pull_request(*files), settings(tokens=int(210 * MARGIN)), count_tokens)
    assert [path for path, _ in shown(coverage)] == ["middle.py", "large.py"]
    assert [(path, reason) for path, reason, _ in omitted(coverage)] == [
        ("big.md", "over_budget"),
        ("small.py", "over_budget"),
    ]


def test_of_a_file_that_does_not_fit_the_hunks_that_do() -> None:
    patch = added(3) + added(60, 20) + added(3, 90)
    coverage = cover(pull_request(change("a.py", patch)), settings(tokens=110), count_tokens)
    assert shown(coverage) == [("a.py", (0, 2))]
    assert omitted(coverage) == [("a.py", "over_budget", (1,))]


def test_no_more_files_than_allowed() -> None:
    subject = pull_request(*(change(f"{n}.py", added(n + 1)) for n in range(4)))
    coverage = cover(subject, settings(files=2), count_tokens)
    assert [path for path, _ in shown(coverage)] == ["2.py", "3.py"]
    assert [reason for _, reason, _ in omitted(coverage)] == ["too_many_files"] * 2


def test_nothing_fits() -> None:
    coverage = cover(pull_request(change("a.py", added(60))), settings(tokens=50), count_tokens)
    assert coverage.shown == ()
    assert coverage.diff_tokens == 0


files_drawn = st.builds(
    lambda name, hunks, status, language, flags, binary: change(
        f"{name}.x",
        "" if binary else "".join(hunks),
        status=status,
        language=language,
        flags=flags,
        binary=binary,
    ),
    name=st.integers(0, 99),
    hunks=st.lists(st.builds(added, st.integers(1, 40)) | st.builds(deleted, st.integers(1, 40)), max_size=4),
    status=st.sampled_from([ChangeStatus.MODIFIED, ChangeStatus.ADDED, ChangeStatus.DELETED]),
    language=st.sampled_from(["python", "go", ""]),
    flags=st.sampled_from([(), (), (), ("lock",)]),
    binary=st.sampled_from([False, False, False, True]),
)  # fmt: skip
subjects = st.lists(files_drawn, min_size=1, max_size=6, unique_by=lambda file: file.path).map(
    lambda files: pull_request(*files)
)


@checks(max_examples=60)
@given(subjects, st.integers(16, 900), st.integers(1, 4))
def test_shown_and_omitted_add_up_and_the_budget_holds(
    subject: PullRequest, tokens: int, files: int
) -> None:
    coverage = cover(subject, settings(tokens, files), count_tokens)
    assert everything(coverage) == {
        (file.path, index) for file in subject.files for index in hunk_numbers(file)
    }
    assert len(coverage.shown) <= files
    assert coverage.diff_tokens * MARGIN <= tokens
    order = [file.path for file in subject.files]
    assert [file.path for file in coverage.shown] == sorted(
        (file.path for file in coverage.shown), key=order.index
    )
    # The estimate per hunk is not below what the whole text counts, as every contract may trust it.
    assert count_tokens(unified(ShownDiff.of(subject, coverage))) <= coverage.diff_tokens * 1.2 + 20


def hunk_numbers(file: FileChange) -> list[int]:
    """The indices of a file's hunks; -1 stands for a file without any."""
    return list(range(len(hunks_of(file)))) or [-1]


def everything(coverage: Coverage) -> set[tuple[str, int]]:
    said: list[tuple[str, int]] = []
    said += [(file.path, index) for file in coverage.shown for index in file.hunks or (-1,)]
    said += [(file.path, index) for file in coverage.omitted for index in file.hunks or (-1,)]
    assert len(said) == len(set(said))
    return set(said)
