"""Strangers' text in every field of the page: shown, never run, and what hides in it written out."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pullsmith.curate.desk import Desk
from pullsmith.records import ChangeStatus, FileChange, PullRequest, Split
from tests.browsed import opened
from tests.clean.made import improve, review
from tests.curate import made
from tests.curate.keys import decided, enter, press, said, tab_to
from tests.curate.pages import served
from tests.curated import file, planted, real

ATTACKS = (
    "<script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "\"><svg onload=document.title='run'>",
    "'onfocus='document.title=1' autofocus x='",
    "</textarea></pre><script>document.title='run'</script>",
    "{{ 7 * 7 }}{% raw %}${alert(1)}",
    "javascript:document.title='run'",
    "</style><style>*{display:none}</style>",
    "<base href=http://192.0.2.1/><meta http-equiv=refresh content=0>",
)
HIDDEN = "if admin\u202e\u2066 # \u2069nimda\u200b"
TEXT = " ".join(ATTACKS)


def hostile(number: int, attack: str) -> PullRequest:
    path = f"src/{attack.replace('/', '_')}.py"
    changed = file(f"a = {attack!r}", "b = 2", HIDDEN, path=path, deleted=[attack])
    return real(
        f"p{number}", changed, title=f"{attack} {HIDDEN}", body=f"{TEXT}\n{HIDDEN}", author=attack,
        split=Split.TRAIN,
    )  # fmt: skip


def attack_of(record: PullRequest) -> str:
    return record.author


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    records = [hostile(n, attack) for n, attack in enumerate(ATTACKS)]
    answers = []
    for record in records:
        path = record.files[0].path
        issue = review(2, path).key_issues_to_review
        assert issue is not None
        said_ = issue[0].model_copy(
            update={"issue_header": attack_of(record), "issue_content": TEXT}
        )
        answers += [
            made.answer(
                record, review(2, path).model_copy(update={"key_issues_to_review": (said_,)})
            ),
            made.answer(
                record,
                improve(
                    "b = 2",
                    f"b = {TEXT!r}",
                    relevant_file=path,
                    suggestion_content=TEXT,
                    label="bug",
                ),
            ),
        ]
    asked = made.to_clean(tmp_path_factory.mktemp("run"), records=records, said=answers)
    return made.desk(asked)


def untouched(page: Page) -> None:
    """Nothing of it became an element, and nothing ran."""
    assert "run" not in page.title()
    within = page.locator("main")
    for made_by_them in (
        "script",
        "img",
        "base",
        "meta",
        "style",
        "svg[onload]",
        "[onerror]",
        "[onfocus]",
    ):
        assert within.locator(made_by_them).count() == 0, made_by_them


def test_nothing_of_a_pull_request_or_an_answer_runs_and_all_of_it_is_shown(
    browser: Browser, desk: Desk
) -> None:
    with served(desk) as page_of, opened(browser, f"{page_of.url}/clean") as page:
        enter(page, "<b onclick=document.title=1>Mallory</b>")
        assert page.locator(".who").inner_text() == "<b onclick=document.title=1>Mallory</b>"
        names = desk.clean.names()
        assert len(names) == 2 * 2 * len(ATTACKS)  # two tools for two students
        for name in names:
            untouched(page)
            item = desk.clean.item(name)
            title = page.locator("h1").inner_text()
            assert item.pull_request.title.partition(HIDDEN)[0].strip() in title
            assert r"\u202e\u2066 # \u2069nimda\u200b" in title
            assert item.pull_request.files[0].path in page.locator(".file .path").inner_text()
            press(page, "y")
            assert "document.title='run'" in page.locator("pre.yaml").first.inner_text()
            if name != names[-1]:
                decided(page, "n")
        for character in "\u202e\u2066\u2069\u200b":
            assert character not in page.locator("body").inner_text()


def test_reasons_and_names_of_people_and_broken_lines_are_only_text(
    browser: Browser, desk: Desk
) -> None:
    with served(desk) as page_of, opened(browser, f"{page_of.url}/clean") as page:
        enter(page, ATTACKS[1][:80])
        name = page.locator("#item").get_attribute("data-name")
        press(page, "r")
        tab_to(page, "#other")
        page.keyboard.insert_text(TEXT)
        decided(page, "Enter")
        press(page, "u")
        said(page, "Taken back")
        press(page, "r")
        tab_to(page, "#other")
        page.keyboard.insert_text(TEXT)
        decided(page, "Enter")
        press(page, "b")
        page.locator(f'#item[data-name="{name}"]').wait_for()
        assert TEXT in page.locator(".told").inner_text()
        untouched(page)
        page.goto(f"{page_of.url}/clean")  # the reason is a filter now
        assert TEXT in page.locator("select[name=reason]").inner_text()
        press(page, "a")
        page.locator("#people table").wait_for()
        untouched(page)
        page.goto(
            f"{page_of.url}/clean?search={'%22%3E%3Cimg%20src=x%20onerror=1%3E'}&tool=%3Cb%3E&at=%3Cscript%3E"
        )
        untouched(page)
        assert page.locator("[name=search]").input_value() == '"><img src=x onerror=1>'


def test_the_choice_shows_strangers_text_as_text_too(browser: Browser, tmp_path: Path) -> None:
    records = [
        planted(
            f"d{n}", file(attack, path=f"{attack.replace('/', '_')}.py"), title=attack, pool="eval"
        )
        for n, attack in enumerate(ATTACKS)
    ]
    others = [planted("t", file("train(other)", path="t.py"), pool="train")]
    desk = made.desk(made.to_choose(tmp_path, [*records, *others]))
    with served(desk) as page_of, opened(browser, f"{page_of.url}/choose") as page:
        enter(page)
        for number in range(len(desk.choose.names())):
            untouched(page)
            assert page.locator("h1").inner_text() in ATTACKS
            page.locator(".gauge h2").wait_for()
            if number + 1 < len(desk.choose.names()):
                decided(page, "n")


def test_null_bytes_and_five_megabytes_are_shown_in_parts_and_a_flag_leads_to_its_line(
    browser: Browser, tmp_path: Path
) -> None:
    lines = [f"value_{n} = '{'x' * 60}'" for n in range(70_000)]
    lines[5] = "null = '\x00\x1b[31m'"
    big = file(*lines, path="big.py")
    assert len(big.patch) > 5_000_000
    whole = FileChange(
        path="image.png", status=ChangeStatus.ADDED, language="", patch="", binary=True
    )
    record = real("p1", big, whole, split=Split.TRAIN)
    said_ = [made.answer(record, review(69_000, "big.py"))]
    desk = made.desk(made.to_clean(tmp_path, records=[record], said=said_))
    with served(desk) as page_of, opened(browser, f"{page_of.url}/clean") as page:
        enter(page)
        assert (
            "70,001 lines and is shown in parts: 1 of 12"
            in page.locator(".pager").first.inner_text()
        )
        assert r"null = '\x00\x1b[31m'" in page.locator("#l6").inner_text()
        tab_to(page, ".posted [data-do=line]")
        press(page, "Enter")
        page.locator(".r.hit").wait_for()
        assert "value_68999 =" in page.locator(".r.hit").inner_text()
        assert page.locator(".r.hit").evaluate("row => document.activeElement === row")
        assert "12 of 12" in page.locator(".pager").first.inner_text()
        assert page.locator(".r").count() < 7_000
