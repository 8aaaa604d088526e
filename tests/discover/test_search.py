"""What a run over hour files finds, and what it says of the files it could not use."""

from __future__ import annotations

import gzip
import itertools
import sys
from pathlib import Path

import pytest

from pullsmith.discover import Discovered, FileState, Machine, Wanted, discover
from pullsmith.errors import MissingExtraError, SourceError
from tests.discover.hours import Event, before_2015, comment, cut, event, full, hour, lines, review


def found(*files: Path, **wanted: int) -> Discovered:
    return discover([str(file) for file in files], wanted=Wanted(**wanted))


def one(tmp_path: Path, *events: Event) -> dict[str, object]:
    """What is said of the only repository of an hour."""
    listed = found(hour(tmp_path, "2025-01-01-0", *events), min_merged=0).repositories
    assert len(listed) == 1
    return listed[0].model_dump()


# ── whole payloads, until October 2025 ──


def test_a_closed_event_says_whether_it_was_merged(tmp_path: Path) -> None:
    said = one(tmp_path, full(1), full(2), full(3, merged=False), full(4, "opened"))
    assert (said["merged"], said["merged_at_most"], said["closed"]) == (2, 2, 3)
    assert said["licence"] == "unknown"


def test_a_merge_time_counts_where_the_field_is_gone(tmp_path: Path) -> None:
    only_time = full(1)
    del only_time["payload"]["pull_request"]["merged"]
    assert one(tmp_path, only_time)["merged"] == 1


def test_a_pull_request_counts_once_however_often_it_is_closed(tmp_path: Path) -> None:
    said = one(tmp_path, full(1, merged=False), full(1, "reopened"), full(1))
    assert (said["merged"], said["closed"]) == (1, 1)


def test_reviewers_and_authors_are_people_and_not_their_own(tmp_path: Path) -> None:
    said = one(
        tmp_path, full(1, by="ann"), full(2, by="ben"), comment(1, "ann"), comment(1, "cleo"), review(2, "ann"),
        review(2, "renovate[bot]"), comment(2, "dependabot[bot]"),
    )  # fmt: skip
    assert (said["authors"], said["reviewers"], said["review_comments"]) == (2, 2, 2)


def test_pull_requests_of_programs_do_not_count(tmp_path: Path) -> None:
    bots = [
        full(2, by="dependabot[bot]"),
        full(3, by="our-own-robot", user_type="Bot"),
        full(4, by="pre-commit-ci"),
        comment(2, "ann"),
    ]
    listed = found(hour(tmp_path, "2025-01-01-0", full(1), *bots))
    assert (listed.repositories[0].merged, listed.repositories[0].review_comments) == (1, 0)
    assert listed.counts.bot_pull_requests == 3


def test_what_a_body_says_is_no_event(tmp_path: Path) -> None:
    push = event(
        "PushEvent", {"commits": [{"message": '"type":"PullRequestEvent","action":"merged"'}]}
    )
    listed = found(hour(tmp_path, "2025-01-01-0", full(1), push))
    assert (listed.files[0].lines, listed.files[0].pull_request_events) == (2, 1)


# ── cut payloads, since October 2025 ──


def test_the_merged_action_counts_and_closed_beside_it_is_not_merged(tmp_path: Path) -> None:
    said = one(tmp_path, cut(1), cut(2), cut(3, "closed"))
    assert (said["merged"], said["merged_at_most"], said["closed"]) == (2, 2, 3)


def test_closed_that_does_not_say_is_a_bound_where_no_merge_is_seen(tmp_path: Path) -> None:
    said = one(tmp_path, cut(1, "closed"), cut(2, "closed"), cut(3, "opened"))
    assert (said["merged"], said["merged_at_most"], said["closed"]) == (0, 2, 2)


def test_each_file_says_for_itself_whether_it_knows_merges(tmp_path: Path) -> None:
    old = hour(tmp_path, "2025-10-07-0", cut(1, "closed"))
    new = hour(tmp_path, "2025-10-07-1", cut(2), cut(3, "closed"))
    listed = found(old, new).repositories[0]
    assert (listed.merged, listed.merged_at_most, listed.closed) == (1, 2, 3)


def test_a_merge_seen_in_one_file_is_no_bound_because_of_another(tmp_path: Path) -> None:
    unsaid = hour(tmp_path, "2025-10-07-0", cut(1, "closed"))
    said = one(tmp_path, cut(1))
    listed = found(unsaid, hour(tmp_path, "2025-10-07-1", cut(1))).repositories[0]
    assert listed.merged == listed.merged_at_most == listed.closed == said["merged"] == 1


def test_the_author_comes_from_the_opening_in_another_file(tmp_path: Path) -> None:
    opened = hour(
        tmp_path, "2025-11-01-0", cut(1, "opened", who="ann"), cut(2, "opened", who="renovate[bot]")
    )
    merged = hour(tmp_path, "2025-11-01-1", cut(1, who="ben"), cut(2, who="ben"), comment(1, "ann"))
    listed = found(opened, merged)
    assert listed.repositories[0].merged == 1
    assert (listed.repositories[0].authors, listed.repositories[0].reviewers) == (1, 0)
    assert listed.counts.bot_pull_requests == 1


def test_the_branch_tells_a_programs_pull_request_when_nothing_else_does(tmp_path: Path) -> None:
    robots = [cut(2, branch="dependabot/pip/a-1"), cut(3, branch="renovate/node-20")]
    person = [
        cut(4, branch="renovate/x", who="ann"),
        cut(4, "opened", branch="renovate/x", who="ann"),
    ]
    listed = found(hour(tmp_path, "2025-11-01-0", cut(1, branch="renovating"), *robots, *person))
    assert listed.repositories[0].merged == 2
    assert listed.counts.bot_pull_requests == 2


# ── each event once ──


def test_events_given_twice_count_once(tmp_path: Path) -> None:
    same = comment(1, "ben")
    first = hour(tmp_path, "2025-01-01-0", full(1), same)
    again = hour(tmp_path, "2025-01-01-1", same, same)
    listed = found(first, again)
    assert (listed.counts.events, listed.counts.repeated_events) == (2, 2)
    assert listed.repositories[0].review_comments == 1


def test_a_number_that_was_given_again_years_later_is_another_event(tmp_path: Path) -> None:
    # Ids started anew in October 2025: 4712145307 is an event of 2016 as well.
    old = comment(1, "ben", id="4712145307", created_at="2016-10-14T00:00:00Z")
    new = comment(1, "cleo", id="4712145307", created_at="2025-11-28T00:00:00Z")
    listed = found(hour(tmp_path, "2025-01-01-0", full(1), old, new))
    assert listed.repositories[0].review_comments == 2
    assert listed.counts.repeated_events == 0


# ── names ──


def test_a_renamed_repository_is_one_under_its_newest_name(tmp_path: Path) -> None:
    before = full(1, repo="first/name", created_at="2025-01-01T00:00:00Z")
    after = full(2, repo="second/name", created_at="2025-01-01T00:30:00Z")
    before["repo"]["id"] = after["repo"]["id"] = 77
    assert one(tmp_path, before, after) == one(tmp_path, after, before)
    assert one(tmp_path, before, after)["repository"] == "second/name"


def test_a_name_two_repositories_had_belongs_to_the_latest(tmp_path: Path) -> None:
    gone = full(1, repo="a/b", created_at="2025-01-01T00:00:00Z")
    now = full(2, repo="A/b", created_at="2025-01-01T00:30:00Z")
    gone["repo"]["id"], now["repo"]["id"] = 1, 2
    said = one(
        tmp_path,
        gone,
        now,
        full(3, repo="A/b", created_at="2025-01-01T00:30:00Z") | {"repo": now["repo"]},
    )
    assert (said["repository"], said["merged"]) == ("A/b", 2)


def test_names_github_does_not_give_are_left_out_and_counted(tmp_path: Path) -> None:
    odd = full(1, repo='x/y" }, { planted = "stdlib')
    listed = found(hour(tmp_path, "2025-01-01-0", odd, full(1), full(1, repo="/nobody")))
    assert [one.repository for one in listed.repositories] == ["forge/anvil"]
    assert listed.counts.odd_names == 2


# ── order ──


def test_by_score_then_by_name_whatever_the_order_of_files_and_threads(tmp_path: Path) -> None:
    events = [full(n, repo=name) for name in ("b/b", "a/a", "c/c") for n in (1, 2)]
    talked = [comment(1, "zoe", repo="c/c"), full(9, repo="d/d")]
    files = [
        hour(tmp_path, f"2025-01-01-{n}", *half)
        for n, half in enumerate((events[:3], events[3:] + talked))
    ]
    answers = {
        discover([str(file) for file in order], machine=Machine(threads=threads)).model_dump_json()
        for order in itertools.permutations(files)
        for threads in (1, 3)
    }
    assert len(answers) == 1
    ranked = Discovered.model_validate_json(answers.pop()).repositories
    # √(2·2), √(2·1), √(2·1), √(1·1)
    assert [(one.rank, one.repository, one.score) for one in ranked] == [
        (1, "c/c", 2.0), (2, "a/a", 1.4), (3, "b/b", 1.4), (4, "d/d", 1.0),
    ]  # fmt: skip


def test_min_merged_and_top(tmp_path: Path) -> None:
    few, many = full(1, repo="few/few"), [full(n, repo="many/many") for n in (1, 2)]
    path = hour(tmp_path, "2025-01-01-0", few, *many)
    assert [one.repository for one in found(path, min_merged=2).repositories] == ["many/many"]
    assert [one.repository for one in found(path, top=1).repositories] == ["many/many"]
    assert found(path, top=1).counts.repositories == 2
    assert found(path, min_merged=9).repositories == ()


# ── files that are not what they should be ──


def test_a_file_cut_off_gives_the_lines_before_that(tmp_path: Path) -> None:
    path = hour(tmp_path, "2025-01-01-0", *[full(n) for n in range(3000)])
    path.write_bytes(path.read_bytes()[:-300])
    listed = found(path)
    assert listed.files[0].state is FileState.PARTIAL
    assert "Unexpected end of GZIP stream" in listed.files[0].detail
    assert 1000 < listed.repositories[0].merged < 3000
    assert listed.repositories[0].merged == listed.files[0].lines
    assert listed.files[0].broken_lines == 0
    assert str(tmp_path) not in listed.files[0].detail


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_flipped_bytes_are_damage_too_and_never_a_short_file(tmp_path: Path, share: float) -> None:
    path = hour(tmp_path, "2025-01-01-0", *[full(n) for n in range(3000)])
    content = bytearray(path.read_bytes())
    start = int(len(content) * share)
    content[start : start + 8] = bytes(255 - byte for byte in content[start : start + 8])
    path.write_bytes(content)
    listed = found(path, hour(tmp_path, "2025-01-01-1", full(1, repo="a/a")))
    assert listed.files[0].state is FileState.PARTIAL
    assert "damaged gzip" in listed.files[0].detail
    assert listed.files[0].lines > 100
    assert listed.files[1].state is FileState.READ


def test_broken_lines_are_counted_and_the_others_read(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01-0.json.gz"
    torn = lines([full(9)])[:80] + b"\n"
    bad = b'[1]\n7\n{"a": 1}\n' + torn + lines([full(8)]).replace(b"A title", b"\xff\xfe")
    path.write_bytes(gzip.compress(lines([full(1)]) + bad + lines([full(2)])))
    listed = found(path)
    assert (listed.files[0].state, listed.files[0].broken_lines) == (FileState.READ, 5)
    assert listed.repositories[0].merged == 2


def test_an_event_that_does_not_say_of_what_is_incomplete(tmp_path: Path) -> None:
    nameless, numberless = full(2), full(3)
    nameless["repo"] = {"id": 5}
    numberless["payload"] = {"action": "closed"}
    listed = found(hour(tmp_path, "2025-01-01-0", full(1), nameless, numberless))
    assert (listed.files[0].pull_request_events, listed.files[0].incomplete_events) == (1, 2)
    assert listed.counts.events == 1
    assert listed.repositories[0].merged == 1


@pytest.mark.parametrize(
    ("content", "state", "detail"),
    [
        (b"<!DOCTYPE html><html>busy</html>", FileState.HTML, "an HTML or XML page"),
        (gzip.compress(b"\n <?xml version='1.0'?><Error/>"), FileState.HTML, "an HTML or XML page"),
        (b"", FileState.EMPTY, "no byte"),
        (gzip.compress(b""), FileState.EMPTY, "no line"),
        (b"\x1f\x8b\x08 and then nonsense", FileState.UNREADABLE, "gzip"),
        (b"PK\x03\x04 a zip file, say\n", FileState.NO_EVENTS, "none of the 1 lines"),
        (gzip.compress(b"{}\n" * 3), FileState.NO_EVENTS, "none of the 3 lines"),
        (
            gzip.compress(lines([before_2015(1), before_2015(2)])),
            FileState.BEFORE_2015,
            "from 2015 on",
        ),
        (None, FileState.MISSING, "no such file"),
    ],
    ids=[
        "page",
        "zipped page",
        "empty",
        "empty zip",
        "damaged",
        "binary",
        "no events",
        "old",
        "missing",
    ],
)
def test_a_file_of_another_kind_is_named_and_the_others_are_read(
    tmp_path: Path, content: bytes | None, state: FileState, detail: str
) -> None:
    bad = tmp_path / "2025-01-01-1.json.gz"
    if content is not None:
        bad.write_bytes(content)
    good = [hour(tmp_path, f"2025-01-01-{n}", full(n)) for n in (0, 2)]
    listed = found(*good, bad)
    assert [file.state for file in listed.files] == [FileState.READ, state, FileState.READ]
    assert detail in listed.files[1].detail
    assert listed.files[1].name == str(bad)
    assert listed.missing_hours == ("2025-01-01-1",)
    assert listed.repositories[0].merged == 2
    with pytest.raises(
        SourceError, match=rf"no hour file could be read: .*2025-01-01-1.json.gz: {state}"
    ):
        found(bad)


def test_a_folder_called_like_a_file(tmp_path: Path) -> None:
    folder = tmp_path / "2025-01-01-1.json.gz"
    folder.mkdir()
    with pytest.raises(SourceError, match="no hour files there"):
        found(folder)


def test_a_line_of_the_old_schema_among_new_ones_is_broken(tmp_path: Path) -> None:
    listed = found(hour(tmp_path, "2025-01-01-0", full(1), before_2015(2)))
    assert (listed.files[0].state, listed.files[0].broken_lines) == (FileState.READ, 1)


def test_unzipped_files_and_several_zipped_parts_are_read(tmp_path: Path) -> None:
    plain = tmp_path / "2025-01-01-0.json"
    plain.write_bytes(lines([full(1)]))
    called_zipped = tmp_path / "2025-01-01-1.json.gz"
    called_zipped.write_bytes(lines([full(2)]))
    parts = tmp_path / "2025-01-01-2.json.gz"
    parts.write_bytes(gzip.compress(lines([full(3)])) + gzip.compress(lines([full(4)])))
    assert found(plain, called_zipped, parts).repositories[0].merged == 4


def test_hours_nobody_gave_are_named(tmp_path: Path) -> None:
    files = [hour(tmp_path, f"2025-01-01-{n}", full(n)) for n in (0, 3, 5)]
    listed = found(*files, hour(tmp_path, "of-no-hour", full(9)))
    assert listed.missing_hours == ("2025-01-01-1 to 2025-01-01-2 (2)", "2025-01-01-4")
    assert [file.hour for file in listed.files] == [
        "2025-01-01-0",
        "2025-01-01-3",
        "2025-01-01-5",
        "",
    ]


def test_without_duckdb_the_pip_command_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'pullsmith\[discover\]'"):
        found(hour(tmp_path, "2025-01-01-0", full(1)))


def test_nothing_is_left_behind_and_no_extension_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    found(hour(tmp_path, "2025-01-01-0", full(1)))
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "home").exists()
