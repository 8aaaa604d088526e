"""Records out of GitHub's API: the same as a clone's, in order, and each pull request once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pullsmith.collect.github.session import host_of
from pullsmith.errors import SourceError
from tests.collect.github.asking import Asker
from tests.collect.github.forge import Forge, Pull, once, say
from tests.collect.github.told import BY_BOT, MERGE, ODD, REBASED, SQUASH, UNMERGED, Told
from tests.collect.reading import collected


def test_a_clone_and_the_api_give_the_same_record(forge: Forge, told: Told, work: Path) -> None:
    from_git = {one.number or 0: one for one in collected(told.folder).pull_requests}
    from_api = Asker(forge, work).records()
    same = set(from_git) & set(from_api)
    assert same == {MERGE, SQUASH, ODD, BY_BOT}
    for number in same:
        one, other = from_git[number], from_api[number]
        for name in (
            "id",
            "repository",
            "files",
            "base_sha",
            "head_sha",
            "merge_sha",
            "author",
            "licence",
        ):
            assert getattr(one, name) == getattr(other, name), (number, name)
    assert from_git[MERGE].commit_messages == from_api[MERGE].commit_messages
    assert from_git[MERGE].title == from_api[MERGE].title
    assert from_git[MERGE].licence is not None


def test_how_it_was_merged_is_found_out(forge: Forge, told: Told, work: Path) -> None:
    records = Asker(forge, work).records()
    seen = {number: (one.evidence, one.confidence_reason) for number, one in records.items()}
    assert seen == {
        MERGE: ("github_merge", "merge_head_equals_pull_head"),
        SQUASH: ("github_squash", "number_is_a_pull"),
        REBASED: ("github_branch", "number_is_a_pull"),
        ODD: ("github_merge", "merge_head_equals_pull_head"),
        BY_BOT: ("github_squash", "number_is_a_pull"),
    }
    rebased = records[REBASED]
    assert (rebased.base_sha, rebased.head_sha) == (told.at["m1"], told.at["three"])
    assert [one.path for one in rebased.files] == ["g.py", "h.py"]
    assert rebased.commit_messages == ("Three a", "Three b")


def test_the_rest_of_a_record(forge: Forge, work: Path) -> None:
    records = Asker(forge, work).records()
    one = records[MERGE]
    assert (one.source, one.branch, one.labels) == ("github", "ada/a", ("bug", "easy"))
    assert one.body == "Because.\n\nIt is right."
    assert one.merged_at == "2026-01-01T00:00:00Z"
    assert records[SQUASH].body == ""
    assert records[BY_BOT].flags == ("bot",)
    assert records[MERGE].flags == ()


def test_newest_merge_first_and_never_one_that_was_not_merged(forge: Forge, work: Path) -> None:
    assert list(Asker(forge, work).records()) == [BY_BOT, ODD, REBASED, SQUASH, MERGE]
    assert forge.count(f"/pulls/{UNMERGED}$") == 0


def test_limit_and_since(forge: Forge, work: Path, tmp_path: Path) -> None:
    assert list(Asker(forge, work).records(limit=2)) == [BY_BOT, ODD]
    assert forge.count(f"/pulls/{REBASED}$") == 0
    other = tmp_path / "other"
    other.mkdir()
    assert list(Asker(forge, other).records(since="2026-01-03")) == [BY_BOT, ODD, REBASED]
    assert forge.count(f"/pulls/{SQUASH}$") == 0


def test_a_limit_is_filled_up_where_some_are_dropped(forge: Forge, work: Path) -> None:
    forge.pulls[BY_BOT].merge = None
    asker = Asker(forge, work)
    assert list(asker.records(limit=2)) == [ODD, REBASED]


def test_a_second_run_asks_nothing_again(forge: Forge, work: Path) -> None:
    first = Asker(forge, work).outcomes()
    asked = len(forge.log)
    assert Asker(forge, work).outcomes() == first
    assert len(forge.log) == asked
    assert forge.twice() == []


def test_two_that_came_in_by_one_commit_are_one_record(
    forge: Forge, told: Told, work: Path
) -> None:
    twin = forge.pulls[SQUASH]
    forge.pulls[7] = Pull(7, twin.head, twin.base, twin.merge, merged_at="2026-01-01T12:00:00Z")
    asker = Asker(forge, work)
    assert asker.drops() == {"7": "same_merge_commit"}
    assert SQUASH in asker.records()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"merge_commit_sha": None}, "no_merge_commit"),
        ({"changed_files": 0}, "empty"),
        ({"changed_files": 412}, "diff_cut"),
        ({"changed_files": 4000}, "diff_cut"),
        ({"additions": 99}, "counts_differ"),
        ({"merge_commit_sha": "f" * 40}, "not_found"),
        ({"commits": 7}, "commits_cut"),
    ],
)
def test_what_cannot_be_had_whole_is_dropped(
    forge: Forge, work: Path, changes: dict[str, object], reason: str
) -> None:
    forge.pulls[MERGE].changes = changes
    asker = Asker(forge, work)
    assert asker.drops() == {str(MERGE): reason}
    assert len(asker.records()) == 4


def test_more_files_than_wanted(forge: Forge, work: Path) -> None:
    assert Asker(forge, work, most_files=2).drops() == {str(ODD): "too_many_files"}
    assert forge.count("/compare/") == 9  # nothing of the large one was asked for


def test_nothing_merged_is_an_error_that_says_so(forge: Forge, work: Path) -> None:
    forge.pulls = {UNMERGED: forge.pulls[UNMERGED]}
    with pytest.raises(SourceError, match="no usable pull request: none was merged") as caught:
        Asker(forge, work).outcomes()
    assert caught.value.reason == "no_pull_requests"


def test_nothing_usable_says_why(forge: Forge, work: Path) -> None:
    forge.pulls = {SQUASH: forge.pulls[SQUASH]}
    forge.pulls[SQUASH].merge = None
    with pytest.raises(SourceError, match="all dropped: no_merge_commit 1"):
        Asker(forge, work).outcomes()


def test_hosts() -> None:
    assert host_of("https://api.github.com") == "github.com"
    assert host_of("https://api.corp.ghe.com") == "corp.ghe.com"
    assert host_of("https://git.example.org/api/v3") == "git.example.org"
    assert host_of("https://api.example.org/api/v3") == "api.example.org"


def test_a_renamed_repository_is_called_what_it_is_now(forge: Forge, work: Path) -> None:
    moved = say(301, "Moved", Location=f"{forge.url}/repos/ada/tool")
    forge.tricks = [once("/repos/old/name$", moved)]
    records = Asker(forge, work).records(github="old/name")
    assert {one.repository for one in records.values()} == {"127.0.0.1/ada/tool"}
    assert forge.count("/repos/old/") == 1


def test_every_reason_and_evidence_stands_in_the_page() -> None:
    """Both ways: what the code can say is on the page, and what the page says is in the code."""
    root = Path(__file__).parents[3]
    folder = root / "src/pullsmith/collect/github"
    code = "\n".join(path.read_text() for path in [*folder.glob("*.py")])
    page = (root / "docs/collect.md").read_text()
    part = page.split("\n## GitHub\n")[1].split("### Git and GitHub together")[0]
    rows = [line.split("|")[1] for line in part.splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`([a-z_0-9]+)`", row)} - {"GITHUB_TOKEN"}
    assert len(named) > 25
    assert {name for name in named if f'"{name}"' not in code} == set()
    said = set(re.findall(r'(?:Damaged|Unusable|Broken|_drop)\((?:listed, )?"([a-z_0-9]+)"', code))
    ends_the_run = {"page_out_of_order"}
    assert len(said) > 15
    assert said - named - ends_the_run == set()
