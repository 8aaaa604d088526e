"""What a server may do instead of answering, and what becomes of it."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.collect.github.door import Ask, Door
from pullsmith.collect.github.kept import Kept
from pullsmith.collect.github.wire import Repository, reader
from pullsmith.errors import OutsideError, SourceError
from tests.collect.github.asking import Asker
from tests.collect.github.forge import (
    DIFF,
    Asked,
    Forge,
    Reply,
    changing,
    once,
    say,
    serving,
    without,
)
from tests.collect.github.told import MERGE, UNMERGED

HTML = Reply(200, b"<!DOCTYPE html><title>Unicorn!</title>", {"Content-Type": "text/html"})
ONE = f"/pulls/{MERGE}$"
IN_COMPARE = "/compare/"


def plain(forge: Forge, folder: Path) -> object:
    """What the forge gives when it behaves."""
    folder.mkdir()
    return Asker(forge, folder).outcomes()


def cut_in_half(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def halved(pattern: str, times: int) -> Callable[[Asked, Reply], Reply | None]:
    seen = [0]

    def trick(asked: Asked, reply: Reply) -> Reply | None:
        if not asked.path.endswith(pattern):
            return None
        seen[0] += 1
        return cut_in_half(reply) if seen[0] <= times else None

    return trick


# --- what passes is asked again, and the records are the same -----------------------------------


@pytest.mark.parametrize(
    ("trick", "fault"),
    [
        (once(ONE, HTML), "html"),
        (once(ONE, Reply(200, b"")), "not_json"),
        (halved(f"/pulls/{MERGE}", 1), "not_json"),
        (once(ONE, say(500, "Oops")), "server_error"),
        (once(ONE, say(502), times=4), "server_error"),
        (once(ONE, replace(HTML, status=503)), "server_error"),
        (once(ONE, replace(HTML, cut=7)), "connection"),
        (once(ONE, Reply(200, b"x", {}, cut=0)), "connection"),
        (once(ONE, say(202, "later")), "unexpected_status"),
        (changing(ONE, without("changed_files"), times=2), "missing_field"),
        (changing(ONE, lambda found: {**found, "title": 7}, times=1), "wrong_field"),
        (changing(ONE, lambda found: {**found, "number": 99}, times=1), "wrong_field"),
        (once(IN_COMPARE, HTML, form=DIFF), "unreadable_patch"),
        (changing(IN_COMPARE, lambda diff: diff[:-9], form=DIFF, times=1), "unreadable_patch"),
        (changing("/git/trees/", lambda tree: {**tree, "truncated": True}, times=1), "tree_truncated"),
        (changing("/git/blobs/", lambda blob: {**blob, "content": "eA=="}, times=1), "wrong_blob"),
        (changing("/git/blobs/", lambda blob: {**blob, "content": "%"}, times=1), "not_base64"),
        (changing("/git/commits/", lambda one: {**one, "sha": "e" * 40}, times=1), "wrong_field"),
        (changing("/1/commits$", lambda rows: rows[1:], times=1), "commits_cut"),
        (changing("/1/comments$", lambda rows: rows + rows[:1], times=1), "page_repeated"),
        (once("/repos/ada/tool$", HTML), "html"),
        (once("/pulls$", HTML), "html"),
    ],
)  # fmt: skip
def test_what_passes_does_no_harm(
    forge: Forge,
    work: Path,
    tmp_path: Path,
    trick: Callable[[Asked, Reply], Reply | None],
    fault: str,
) -> None:
    expected = plain(forge, tmp_path / "plain")
    forge.tricks = [trick]
    asker = Asker(forge, work)
    assert asker.outcomes() == expected
    assert f"{fault} " in asker.said[-1].partition("faults: ")[2]
    assert fault == "page_repeated" or max(asker.clock.slept) >= 1


# --- what stays is a drop with its reason; the others are kept ----------------------------------


@pytest.mark.parametrize(
    ("trick", "reason"),
    [
        (once(ONE, HTML, times=0), "html"),
        (halved(f"/pulls/{MERGE}", 99), "not_json"),
        (once(ONE, say(500, "Oops"), times=0), "server_error"),
        (once(ONE, say(404, "Not Found"), times=0), "not_found"),
        (once(ONE, say(451, "DMCA"), times=0), "refused"),
        (once(ONE, say(403, "Resource not accessible"), times=0), "refused"),
        (changing(ONE, without("merge_commit_sha")), "missing_field"),
        (changing("/1/commits$", lambda rows: rows[1:]), "commits_cut"),
        (changing("/1/reviews$", lambda rows: [*rows, rows[0]]), "page_repeated"),
        (changing("/1/comments$", lambda rows: [without("path")(row) for row in rows]), "missing_field"),
    ],
)  # fmt: skip
def test_what_stays_is_a_drop(
    forge: Forge, work: Path, trick: Callable[[Asked, Reply], Reply | None], reason: str
) -> None:
    forge.tricks = [trick]
    asker = Asker(forge, work)
    assert asker.drops() == {str(MERGE): reason}
    asked = len(forge.log)
    assert len(asker.records()) == 4
    assert len(forge.log) == asked  # a drop is finished too


@pytest.mark.parametrize("wrong", ["eA==", ""])
def test_a_licence_whose_bytes_are_not_its_own_is_never_believed(
    forge: Forge, work: Path, wrong: str
) -> None:
    forge.tricks = [changing("/git/blobs/", lambda blob: {**blob, "content": wrong})]
    with pytest.raises(SourceError, match="all dropped: wrong_blob 5"):
        Asker(forge, work).outcomes()


def test_faults_are_never_kept(forge: Forge, work: Path) -> None:
    """Each is asked for again, past what is kept."""
    forge.tricks = [changing(ONE, without("title"))]
    assert Asker(forge, work).drops() == {str(MERGE): "missing_field"}
    assert forge.count(ONE) == 3


# --- what ends a run, in one line, and can be gone on from ---------------------------------------


def test_no_such_repository(forge: Forge, work: Path) -> None:
    with pytest.raises(
        SourceError, match=r"no repository ada/tol \(404\); or GITHUB_TOKEN may not"
    ):
        Asker(forge, work).outcomes(github="ada/tol")
    with pytest.raises(SourceError, match="needs a token that may read it: set GITHUB_TOKEN"):
        Asker(forge, work, {}).outcomes(github="ada/tol")


def test_a_revoked_token(forge: Forge, work: Path) -> None:
    forge.tricks = [once("", say(401, "Bad credentials"), times=0)]
    with pytest.raises(
        OutsideError, match=r"refuses GITHUB_TOKEN \(401\): it may be revoked"
    ) as told:
        Asker(forge, work).outcomes()
    assert "t0ken" not in str(told.value)
    assert told.value.exit_code == 3
    assert len(forge.log) == 1
    with pytest.raises(OutsideError, match=r"wants a token \(401\): set GITHUB_TOKEN"):
        Asker(forge, work, {}).outcomes()


def test_a_token_revoked_in_the_middle_ends_the_run_at_once(forge: Forge, work: Path) -> None:
    forge.tricks = [once("/git/commits/", say(401, "Bad credentials"), times=0)]
    with pytest.raises(OutsideError, match="run the same command again to go on"):
        Asker(forge, work).outcomes()
    assert forge.count("", 401) <= 6  # those in flight
    forge.tricks = []
    assert len(Asker(forge, work).records()) == 5
    assert forge.twice() == []


def test_a_token_that_cannot_be_one(forge: Forge, work: Path) -> None:
    with pytest.raises(SourceError, match="GITHUB_TOKEN holds blanks") as told:
        Asker(forge, work, {"GITHUB_TOKEN": "a b"}).outcomes()
    assert "a b" not in str(told.value)
    assert forge.log == []


def test_the_token_goes_to_this_server_only(forge: Forge, work: Path) -> None:
    with serving(Forge(forge.repository)) as other:
        other.pulls = forge.pulls
        away = say(302, "Found", Location=f"{other.url}/repos/ada/tool/pulls/{MERGE}")
        forge.tricks = [once(ONE, away)]
        Asker(forge, work).outcomes()
        assert {one.token for one in forge.log} == {"token t0ken"}
        assert [one.token for one in other.log] == [""]


def test_without_a_token_nothing_is_sent_and_graphql_not_asked(forge: Forge, work: Path) -> None:
    assert len(Asker(forge, work, {}).records()) == 5
    assert {one.token for one in forge.log} == {""}
    assert forge.count("graphql") == 0


def test_a_server_that_is_not_there(forge: Forge, work: Path) -> None:
    with serving(Forge(forge.repository)) as gone:
        pass
    forge.url = gone.url
    with pytest.raises(
        OutsideError, match=r"127.0.0.1:\d+: does not answer \(connection: ConnectError"
    ):
        Asker(forge, work).outcomes()


def test_a_server_that_goes_away_ends_the_run_and_drops_nothing(forge: Forge, work: Path) -> None:
    away = Reply(500, b"", {}, cut=0)
    begun = [False]

    def trick(asked: Asked, _: Reply) -> Reply | None:
        begun[0] = begun[0] or "/git/" in asked.path
        return away if begun[0] else None

    forge.tricks = [trick]
    with pytest.raises(OutsideError, match=r"does not answer .*what was fetched is kept"):
        Asker(forge, work).outcomes()
    forge.tricks = []
    assert len(Asker(forge, work).outcomes()) == 5
    assert forge.twice() == []


def test_a_page_that_is_not_githubs(forge: Forge, work: Path) -> None:
    forge.tricks = [once("", HTML, times=0)]
    with pytest.raises(OutsideError, match=r"not what GitHub answers: html.*is base_url right\?"):
        Asker(forge, work).outcomes()


def test_an_answer_that_does_not_come_in_time(forge: Forge, work: Path) -> None:
    late = threading.Event()

    def trick(asked: Asked, _: Reply) -> None:
        if asked.path.endswith("/tool"):
            late.wait(5)

    forge.tricks = [trick]
    try:
        with pytest.raises(OutsideError, match=r"does not answer \(timed_out"):
            Asker(forge, work, timeout_seconds=0.01).outcomes()
    finally:
        late.set()


# --- limits: waited for, or the time they end ----------------------------------------------------


def reset(asker: Asker, seconds: float) -> dict[str, str]:
    return {"x_ratelimit_remaining": "0", "x_ratelimit_limit": "5000",
            "x_ratelimit_reset": str(int(asker.clock.time + seconds)), "date": "x"}  # fmt: skip


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("message", "headers", "waits"),
    [
        ("slow down", {"retry_after": "7"}, 7),
        ("You have exceeded a secondary rate limit.", {}, 60),
        ("You have triggered an abuse detection mechanism.", {}, 60),
        ("no", {"retry_after": "garbled"}, 60),
    ],
)
def test_secondary_limits_are_waited_for(
    forge: Forge, work: Path, status: int, message: str, headers: dict[str, str], waits: int
) -> None:
    if (status, message) == (403, "no"):
        message = "rate limit"
    forge.tricks = [once(ONE, say(status, message, **headers))]
    asker = Asker(forge, work)
    assert len(asker.records()) == 5
    assert waits <= max(asker.clock.slept) < waits + 2
    assert any(f"limit reached, waiting {waits}" in line for line in asker.said)


def test_a_403_that_is_no_limit_is_not_waited_for(forge: Forge, work: Path) -> None:
    forge.tricks = [once(ONE, say(403, "Must have admin rights"))]
    asker = Asker(forge, work)
    assert asker.drops() == {str(MERGE): "refused"}
    assert max(asker.clock.slept) < 1


def test_the_hours_limit_is_waited_for_where_it_ends_soon(forge: Forge, work: Path) -> None:
    asker = Asker(forge, work)
    forge.tricks = [once(ONE, say(403, "API rate limit exceeded", **reset(asker, 600)))]
    assert len(asker.records()) == 5
    assert 590 < max(asker.clock.slept) < 700


def test_the_hours_limit_ends_the_run_with_the_time_it_resets(forge: Forge, work: Path) -> None:
    asker = Asker(forge, work)
    forge.tricks = [once(ONE, say(403, "API rate limit exceeded", **reset(asker, 3000)), times=0)]
    with pytest.raises(OutsideError) as told:
        asker.outcomes()
    assert "the limit of 5000 requests an hour is used up; it resets at 2027-01-15 08:5" in str(
        told.value
    )
    assert "run the same command again then to go on" in str(told.value)
    forge.tricks = []
    assert len(Asker(forge, work).records()) == 5
    assert forge.twice() == []


def test_nothing_left_holds_what_follows_before_it_is_refused(forge: Forge, work: Path) -> None:
    asker = Asker(forge, work, {})

    def last(asked: Asked, reply: Reply) -> Reply | None:
        if not asked.path.endswith("/pulls"):
            return None
        left = {name.replace("_", "-"): value for name, value in reset(asker, 3000).items()}
        return replace(reply, headers={**reply.headers, **left})

    forge.tricks = [last]
    with pytest.raises(
        OutsideError, match="without a token 60 an hour are allowed, with one 5,000"
    ):
        asker.outcomes()
    assert len(forge.log) == 2


def test_a_server_that_always_says_wait(forge: Forge, work: Path) -> None:
    forge.tricks = [once(ONE, say(429, "", retry_after="1"), times=0)]
    with pytest.raises(OutsideError, match="still says wait after 6 waits"):
        Asker(forge, work).outcomes()


# --- ETags ----------------------------------------------------------------------------------------


def test_the_list_costs_nothing_where_it_has_not_changed(forge: Forge, work: Path) -> None:
    """A run that ended while it read the list asks for its page with the ETag it has."""
    forge.tricks = [once("/pulls$", say(401, "no"), times=0)]
    with pytest.raises(OutsideError):
        Asker(forge, work).outcomes()
    forge.tricks = []
    first = Asker(forge, work, most_files=1)
    first.outcomes()
    assert forge.count("/pulls$", 200) == 1


def test_a_kept_answer_that_is_no_good_is_passed_by(forge: Forge, work: Path) -> None:
    """Its ETag still holds, so asking with it would give the same again for ever."""
    asker = Asker(forge, work)
    ask = Ask("/repos/ada/tool")

    async def get(kept: Kept) -> str:
        async with Door(forge.url, kept, outside=asker.outside, report=print) as door:
            found = await door.get(ask, reader(Repository))
            etag = kept.response(ask.key)
            assert etag is not None
            kept.keep_response(ask.key, replace(etag, body=b"<html>"))
            assert await door.get(ask, reader(Repository)) == found
            return found.full_name

    with Kept(work / "github.sqlite") as kept:
        assert asyncio.run(get(kept)) == "ada/tool"
    assert [one.status for one in forge.log] == [200, 304, 200]


def test_graphql_going_wrong_costs_only_what_it_knows(forge: Forge, work: Path) -> None:
    for number, trick in enumerate(
        [
            once("graphql", HTML, times=0),
            once("graphql", say(502), times=0),
            once("graphql", say(401, "Bad credentials"), times=0),
            once("graphql", Reply(200, json.dumps({"errors": [{"message": "no", "type": "NOT_FOUND"}]}).encode()), times=0),
            changing("graphql", lambda _: {"data": {"repository": None}}),
        ]
    ):  # fmt: skip
        folder = work / str(number)
        folder.mkdir()
        forge.tricks = [trick]
        records = Asker(forge, folder).records()
        assert len(records) == 5
        assert {one.resolved for one in records[MERGE].threads} == {None}
        assert records[MERGE].closes == ()


def test_a_token_that_may_not_ask_graphql_is_not_tried_again(forge: Forge, work: Path) -> None:
    forge.graphql = False
    forge.pulls = {number: one for number, one in forge.pulls.items() if number != UNMERGED}
    Asker(forge, work).outcomes(limit=1)
    asked = forge.count("graphql")
    Asker(forge, work).outcomes(limit=3)
    assert forge.count("graphql") == asked == 1
