"""Who is answered at all: each refusal beside the request that only differs in what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pullsmith.curate.desk import Desk
from pullsmith.curate.web.guard import MOST_BODY_BYTES, Door, names_us, policy
from tests.curate import made
from tests.curate.asking import ask, entered, post
from tests.curate.pages import Served, served


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return made.desk(made.to_clean(tmp_path_factory.mktemp("run")))


@pytest.fixture(scope="module")
def page(desk: Desk) -> Iterator[Served]:
    with served(desk) as answering:
        yield answering


@pytest.fixture
def keep(desk: Desk) -> dict[str, str]:
    item = desk.clean.item(desk.clean.names()[0])
    return {"queue": "clean", "action": "keep", "name": item.name, "digest": item.digest}


def count(desk: Desk) -> int:
    return len(desk.book.read().lines)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_every_name_of_loopback_is_answered(page: Served, name: str) -> None:
    assert ask(page, "/door", headers={"Host": f"{name}:{page.port}"}).status == 200


@pytest.mark.parametrize(
    "named",
    ["evil.example:{port}", "127.0.0.1.evil.example:{port}", "127.0.0.1:1", "127.0.0.1",
     "192.0.2.1:{port}", "user@127.0.0.1:{port}", "127.0.0.1:{port}/x", "[::1:{port}", ""],
)  # fmt: skip
def test_a_name_that_was_made_to_mean_this_machine_is_not(page: Served, named: str) -> None:
    reply = ask(page, "/door", headers={"Host": named.format(port=page.port)})
    assert reply.status == 421
    assert "open the address that pullsmith curate printed" in reply.text


def test_our_own_page_decides(page: Served, desk: Desk, keep: dict[str, str]) -> None:
    before = count(desk)
    assert post(page, "/decide", keep, Cookie=entered(page)).status == 200
    assert count(desk) == before + 1


@pytest.mark.parametrize(
    "header",
    [{"Origin": None}, {"Origin": "null"}, {"Origin": "http://evil.example"},
     {"Origin": "http://127.0.0.1:1"}, {"Origin": "https://127.0.0.1:{port}"},
     {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}],
)  # fmt: skip
def test_another_site_decides_nothing(
    page: Served, desk: Desk, keep: dict[str, str], header: dict[str, str | None]
) -> None:
    told = {name: value and value.format(port=page.port) for name, value in header.items()}
    before = count(desk)
    assert post(page, "/decide", keep, Cookie=entered(page), **told).status == 403
    assert count(desk) == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None, ""]
)
def test_what_a_form_can_send_is_no_decision(
    page: Served, desk: Desk, keep: dict[str, str], kind: str | None
) -> None:
    before = count(desk)
    assert post(page, "/decide", keep, Cookie=entered(page), Content_Type=kind).status == 415
    assert count(desk) == before
    given = {"Cookie": entered(page), "Content_Type": "Application/JSON; charset=utf-8"}
    assert post(page, "/decide", keep, **given).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_get_and_post_are_answered(page: Served, method: str) -> None:
    assert ask(page, "/door", method=method).status == 405


def test_a_body_is_bounded_whether_its_length_is_told_or_not(
    page: Served, keep: dict[str, str]
) -> None:
    cookie = entered(page)
    given = {"name": keep["name"], "digest": "", "text": "a" * (MOST_BODY_BYTES - 300)}
    assert post(page, "/check", given, Cookie=cookie).status == 200
    given["text"] += "a" * 400
    assert post(page, "/check", given, Cookie=cookie).status == 413
    pieces = [b"a" * 100_000] * 11
    reply = ask(page, "/check", method="POST", headers={"Cookie": cookie}, body=pieces)
    assert reply.status == 413
    assert f"{MOST_BODY_BYTES:,} bytes" in reply.text


def test_every_answer_forbids_what_is_not_ours(page: Served) -> None:
    for path in ("/door", "/static/curate.js", "/nothing/here", "/part/item"):
        headers = ask(page, path).headers
        nonce = re.search(r"script-src 'nonce-([^']+)'", headers["content-security-policy"])
        assert nonce is not None
        assert headers["content-security-policy"] == policy(nonce[1])
        assert (headers["x-content-type-options"], headers["x-frame-options"]) == (
            "nosniff",
            "DENY",
        )
        assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in headers


def test_scripts_and_styles_stand_in_files_and_have_the_nonce_of_this_answer(page: Served) -> None:
    cookie = {"Cookie": entered(page)}
    seen = set()
    for path in ("/door", "/clean", "/choose", "/judge"):
        reply = ask(page, path, headers=cookie)
        nonce = re.findall(r'nonce="([^"]+)"', reply.text)
        assert f"'nonce-{nonce[0]}'" in reply.headers["content-security-policy"]
        assert re.findall(r"<script[^>]*>(.*?)</script>", reply.text, re.DOTALL) == [""]
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", reply.text)
        seen.add(nonce[0])
    assert len(seen) == 4


@pytest.mark.parametrize(
    "name", ["..%2fapp.py", "%2e%2e/app.py", "curate.js%00", "/etc/passwd", "..", "templates"]
)
def test_no_other_file_is_given(page: Served, name: str) -> None:
    assert ask(page, "/static/curate.css").status == 200
    assert ask(page, f"/static/{name}").status == 404


def test_a_link_lets_one_person_in_and_the_next_one_is_printed(desk: Desk) -> None:
    with served(desk, host="192.0.2.7", guarded=True) as page:
        assert ask(page, "/door").status == 403
        assert ask(page, "/?token=wrong").status == 403
        assert post(page, "/door", {"who": "Anna"}).status == 403
        first = ask(page, f"/?token={page.tokens[0]}")
        assert (first.status, "location" in first.headers) == (200, False)
        assert "HttpOnly; SameSite=Strict; Path=/" in first.headers["set-cookie"]
        again = ask(page, f"/?token={page.tokens[0]}")
        assert (again.status, again.cookie) == (403, "")
        assert "each opens once" in again.text
        assert ask(page, "/door", headers={"Cookie": first.cookie}).status == 200
        assert ask(page, "/door", headers={"Cookie": f"{first.cookie}x"}).status == 403
        second = ask(page, f"/?token={page.tokens[1]}").cookie
        assert second != first.cookie
        assert post(page, "/door", {"who": "Ben"}, Cookie=second).status == 200
        assert len(page.tokens) == 3


def test_a_page_on_loopback_asks_for_no_link(page: Served) -> None:
    assert page.tokens == []
    assert ask(page, "/door").status == 200


def test_no_token_opens_a_door_that_announced_none() -> None:
    door = Door(needed=True)
    assert door.exchange("") is None
    assert not door.knows("")


@pytest.mark.parametrize(
    ("named", "host", "ours"),
    [("10.0.0.5:80", "0.0.0.0", True), ("10.0.0.5", "0.0.0.0", True), ("box.example:80", "0.0.0.0", False),
     ("box.example:80", "box.example", True), ("evil.example:80", "box.example", False),
     ("10.0.0.5:80", "127.0.0.1", False), ("[fe80::1]:80", "::", True), ("localhost:80", "::", True)],
)  # fmt: skip
def test_elsewhere_addresses_are_ours_and_names_only_if_given(
    named: str, host: str, ours: bool
) -> None:
    assert names_us(named, host, 80) is ours
