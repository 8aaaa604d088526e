"""What every address answers: pages, pieces, decisions, and refusals in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pullsmith.curate.desk import Desk
from tests.curate import made
from tests.curate.asking import Reply, ask, entered, post
from tests.curate.pages import Served, served
from tests.curated import file, planted

LISTED = [
    *(planted(f"d{n}", file(f"held_{n} = 1"), pool="eval") for n in range(3)),
    planted("t", file("train(other)"), pool="train"),
]


@dataclass(frozen=True)
class Person:
    """Somebody at the page."""

    page: Served
    cookie: str

    def get(self, path: str) -> Reply:
        return ask(self.page, path, headers={"Cookie": self.cookie})

    def post(self, path: str, said: object) -> Reply:
        return post(self.page, path, said, Cookie=self.cookie)

    def decide(self, queue: str, action: str, item: Any, **more: object) -> Reply:
        named = {"queue": queue, "action": action, "name": item.name, "digest": item.digest}
        return self.post("/decide", named | more)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return made.desk(made.to_clean(tmp_path))


@pytest.fixture
def anna(desk: Desk) -> Iterator[Person]:
    with served(desk) as page:
        yield Person(page, entered(page))


def texts(desk: Desk) -> list[tuple[str, str, str]]:
    return [(one.who, one.action.value, one.text) for one in desk.book.read().lines]


def test_the_first_page_asks_who_decides_and_the_name_is_asked_for_once(desk: Desk) -> None:
    with served(desk) as page:
        assert "Who decides?" in ask(page, "/clean").text
        set_by = post(page, "/door", {"who": "  Ána\t O'Neil "}).headers["set-cookie"]
        assert "HttpOnly" in set_by
        assert "SameSite=strict" in set_by
        cookie = {"Cookie": set_by.partition(";")[0]}
        assert "Ána O&#39;Neil" in ask(page, "/clean", headers=cookie).text


@pytest.mark.parametrize(
    ("who", "why"),
    [("", "0 characters"), (" \t", "0 characters"), ("a" * 81, "81 characters"), ("a\u202eb", r"u202e")],
)  # fmt: skip
def test_a_name_that_cannot_be_told_apart_is_none(anna: Person, who: str, why: str) -> None:
    reply = anna.post("/door", {"who": who})
    assert (reply.status, why in reply.text) == (400, True)
    assert anna.post("/door", {"who": "a" * 80}).status == 200


def test_without_a_name_nothing_is_shown_or_decided(desk: Desk) -> None:
    with served(desk) as page:
        nobody = Person(page, "pullsmith-who-1=bm9ib2R5")
        assert nobody.get("/part/side").status == 400
        item = desk.clean.item(desk.clean.names()[0])
        assert "enter a name" in nobody.decide("clean", "keep", item).text
        assert texts(desk) == []


def test_the_root_leads_to_the_first_queue_with_something_left(anna: Person) -> None:
    reply = anna.get("/")
    assert (reply.status, reply.headers["location"]) == (303, "/clean")
    assert anna.get("/nothing").status == 404
    assert anna.get("/part/nothing").status == 404


def test_keep_fix_and_reject_are_recorded_as_they_were_said(anna: Person, desk: Desk) -> None:
    first, second, third = (desk.clean.item(name) for name in desk.clean.names()[:3])
    assert anna.decide("clean", "keep", first).status == 200
    edit = second.text.replace("Better.", "Much better.").replace("It hides", "That hides")
    assert anna.decide("clean", "fix", second, text=edit).status == 200
    assert anna.decide("clean", "reject", third, text=" too vague ").status == 200
    said = texts(desk)
    assert [(who, action) for who, action, _ in said] == [
        ("Anna", "keep"),
        ("Anna", "fix"),
        ("Anna", "reject"),
    ]
    assert "Much better." in said[1][2] or "That hides" in said[1][2]
    assert said[2][2] == "too vague"


def test_a_broken_edit_is_checked_line_by_line_and_never_kept(anna: Person, desk: Desk) -> None:
    item = desk.clean.item(desk.clean.names()[0])
    broken = f"{item.text}\nnonsense: [\n"
    told = anna.post("/check", {"name": item.name, "digest": item.digest, "text": broken})
    assert (told.status, '"line"' in told.text) == (200, True)
    reply = anna.decide("clean", "fix", item, text=broken)
    assert (reply.status, '"faults"' in reply.text) == (422, True)
    assert texts(desk) == []
    good = anna.post("/check", {"name": item.name, "digest": item.digest, "text": item.text})
    assert good.text == '{"faults":[],"hidden":[]}'


def test_what_is_not_seen_in_an_edit_is_told_with_its_line(anna: Person, desk: Desk) -> None:
    item = desk.clean.item(desk.clean.names()[0])
    told = anna.post(
        "/check", {"name": item.name, "digest": "", "text": f"# a\u202eb\n{item.text}"}
    )
    assert r'"hidden":[{"line":1,"text":"# a\\u202eb"}]' in told.text


def test_what_has_changed_since_it_was_shown_is_not_decided(anna: Person, desk: Desk) -> None:
    item = desk.clean.item(desk.clean.names()[0])
    named = {"queue": "clean", "action": "keep", "name": item.name, "digest": "of before"}
    reply = anna.post("/decide", named)
    assert (reply.status, "changed since" in reply.text) == (409, True)
    assert texts(desk) == []


@pytest.mark.parametrize(
    "said",
    [{}, [], "keep", {"queue": "clean"}, {"queue": "clean", "action": "keep", "name": 1, "digest": ""},
     {"queue": "clean", "action": "verdict", "name": "", "digest": ""},
     {"queue": "clean", "action": "keep", "name": "", "digest": "", "order": "candidate-first"},
     {"queue": "clean", "action": "pick", "name": "", "digest": ""},
     {"queue": "judge", "action": "keep", "name": "", "digest": ""},
     {"queue": "clean", "action": "keep", "name": "no such", "digest": ""},
     {"queue": "clean", "action": "keep", "name": "\x00", "digest": "\x00"}],
)  # fmt: skip
def test_a_write_of_another_form_is_refused_in_words(
    anna: Person, desk: Desk, said: object
) -> None:
    reply = anna.post("/decide", said)
    assert (reply.status, "said" in reply.text) == (400, True)
    assert texts(desk) == []


def test_half_a_character_is_no_reason(anna: Person, desk: Desk) -> None:
    item = desk.clean.item(desk.clean.names()[0])
    body = f'{{"queue": "clean", "action": "reject", "name": "{item.name}", "digest": "{item.digest}", "text": "\\ud800"}}'
    sent = {"Cookie": anna.cookie}
    assert ask(anna.page, "/decide", method="POST", headers=sent, body=body.encode()).status == 400
    assert texts(desk) == []


def test_undo_takes_the_last_decision_of_that_person_back_and_names_it(
    anna: Person, desk: Desk
) -> None:
    first, second = (desk.clean.item(name) for name in desk.clean.names()[:2])
    anna.decide("clean", "keep", first)
    ben = Person(anna.page, entered(anna.page, "Ben"))
    ben.decide("clean", "keep", second)
    reply = anna.post("/undo", {})
    assert reply.status == 200
    assert f'"queue":"clean","name":"{first.name}"' in reply.text
    assert "nothing of yours" in anna.post("/undo", {}).text
    assert desk.clean.item(first.name).standing is None
    assert desk.clean.item(second.name).standing is not None


def shown(reply: Reply) -> str:
    found = re.search(r'data-name="([^"]*)"', reply.text)
    return found[1].replace("&gt;", ">") if found else ""


def test_steps_go_through_the_queue_and_say_where_it_ends(anna: Person, desk: Desk) -> None:
    from urllib.parse import quote

    names = desk.clean.names()
    here = shown(anna.get("/part/item?queue=clean"))
    assert here == names[0]
    for name in names[1:]:
        here = shown(anna.get(f"/part/item?queue=clean&step=next&from={quote(here)}"))
        assert here == name
    assert "last one" in anna.get(f"/part/item?queue=clean&step=next&from={quote(here)}").text
    assert shown(anna.get(f"/part/item?queue=clean&step=back&from={quote(here)}")) == names[-2]
    assert "first one" in anna.get(f"/part/item?queue=clean&step=back&from={quote(names[0])}").text
    assert "Nothing fits" in anna.get("/part/item?queue=clean&search=nowhere").text
    assert anna.get("/part/item?queue=clean&step=sideways").status == 400
    assert anna.get("/part/item?queue=dance").status == 400
    assert anna.get("/part/rows?queue=clean&section=x").status == 400


def test_an_empty_queue_says_what_to_run(anna: Person) -> None:
    assert "pullsmith run STUDY.toml --until respond" in anna.get("/judge").text


def test_a_file_of_another_run_is_told_on_the_page(anna: Person, desk: Desk) -> None:
    from pullsmith.curate.book import Book
    from pullsmith.decisions import Action

    Book(desk.book.path).write(Action.KEEP, "forge.test/x/y@gone", who="Ben", of="d")
    with desk.book.path.open("a") as file:
        file.write('{"half a li')
    notices = anna.get("/part/side").text
    assert 'class="notice"' in notices
    assert "does not count" in notices
    assert "broken off" in notices


def test_a_full_disk_is_told_and_nothing_is_decided(
    anna: Person, desk: Desk, tmp_path: Path
) -> None:
    item = desk.clean.item(desk.clean.names()[0])
    desk.book.path.mkdir(parents=True)  # nobody can append to a folder
    reply = anna.decide("clean", "keep", item)
    assert (reply.status, "cannot be written" in reply.text) == (500, True)
    desk.book.path.rmdir()
    assert anna.decide("clean", "keep", item).status == 200


def test_people_see_how_much_they_agree_and_pairs_keep_their_opaque_names(tmp_path: Path) -> None:
    desk = made.desk(made.to_judge(tmp_path))
    name = desk.judge.names("Anna")[0]
    with served(desk) as page:
        for who, better in (("Anna", 1), ("Ben", 0)):
            person = Person(page, entered(page, who))
            item = desk.judge.item(name, who)
            vote = {"better": better, "first_score": 5, "second_score": 5}
            assert person.decide("judge", "vote", item, **vote).status == 200
        people = person.get("/part/people").text
    assert "Anna and Ben" in people
    assert f'href="/judge?at={name}"' in people
    for model in ("tiny", "rules"):
        assert model not in people


@pytest.mark.parametrize(
    ("vote", "status"),
    [({"better": 2, "first_score": 1, "second_score": 10}, 200), ({"better": 3, "first_score": 1, "second_score": 1}, 400),
     ({"better": 1, "first_score": 0, "second_score": 1}, 400), ({"better": 1, "first_score": 1, "second_score": 11}, 400),
     ({"better": 1}, 400), ({}, 400), ({"better": 1, "first_score": 1, "second_score": 1, "result": "win"}, 400)],
)  # fmt: skip
def test_a_vote_is_the_form_of_the_judges_and_nothing_else(
    tmp_path: Path, vote: dict[str, object], status: int
) -> None:
    desk = made.desk(made.to_judge(tmp_path))
    item = desk.judge.item(desk.judge.names("Anna")[0], "Anna")
    with served(desk) as page:
        assert Person(page, entered(page)).decide("judge", "vote", item, **vote).status == status
        # What was shown to one person is no vote of another: their orders may differ.
        ben = Person(page, entered(page, "Ben"))
        assert (
            ben.decide("judge", "vote", item, better=1, first_score=1, second_score=1).status == 409
        )
    assert len(desk.book.read().lines) == (status == 200)


def test_pairs_are_narrowed_down_by_tool_and_the_short_list_by_language(tmp_path: Path) -> None:
    judged, listed = made.to_judge(tmp_path / "a"), made.to_choose(tmp_path / "b", LISTED)
    for asked, path, chosen in (
        (judged, "/judge?tool=review", '<option value="review" selected>review (4)'),
        (listed, "/choose?language=python", '<option value="python" selected>python (3)'),
    ):
        with served(made.desk(asked)) as page:
            text = Person(page, entered(page)).get(path).text
        assert chosen in text
        assert "1 of 4" in text or "1 of 3" in text
        assert "improve" not in text.partition("</form>")[0]
