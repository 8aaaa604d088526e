"""Twenty things in each queue decided with the keyboard alone; then the stages show just these decisions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from pullsmith.curate.desk import Desk
from pullsmith.judge.stage import run as judge
from pullsmith.records import Order, PullRequest, Result, Verdict
from pullsmith.study.judging import HUMAN
from tests.browsed import opened
from tests.curate import made
from tests.curate.keys import decided, enter, on, press, said, tab_to
from tests.curate.pages import served
from tests.curated import defect, file, planted, written


def fix(page: Page) -> tuple[str, str]:
    """Break the answer, see why it cannot be kept, mend it, keep it; the name and what it says now."""
    name = on(page)
    press(page, "f")
    expect(page.locator("#edit")).to_be_focused()
    text = page.locator("#edit").input_value()
    press(page, "Control+End", "Enter")
    page.keyboard.type("broken: [")
    expect(page.locator("#faults li.wrong").first).to_contain_text("line")
    expect(page.locator("[data-do=save]")).to_be_disabled()
    press(page, "Control+Enter")
    assert on(page) == name
    press(page, "Control+a")
    edited = text.replace("Better.", "Better, and shorter.").replace(
        "It hides errors.", "Errors are hidden."
    )
    page.keyboard.insert_text(edited)
    expect(page.locator("[data-do=save]")).to_be_enabled()
    decided(page, "Control+Enter")
    return name, "Better, and shorter." if "Better, and" in edited else "Errors are hidden."


def reject(page: Page, reason: str) -> str:
    """With a reason of one's own."""
    press(page, "r")
    tab_to(page, "#other")
    page.keyboard.type(reason)
    return decided(page, "Enter")


def test_twenty_examples_are_kept_fixed_rejected_and_undone(
    browser: Browser, tmp_path: Path
) -> None:
    asked = made.to_clean(tmp_path, count=5, clean={"review": 20})
    desk = made.desk(asked)
    targets = {name: desk.clean.item(name).target for name in desk.clean.names()}
    kept, fixed, rejected = list[str](), dict[str, str](), dict[str, str]()
    with served(desk) as page_of, opened(browser, f"{page_of.url}/clean") as page:
        enter(page)
        for round_ in range(4):
            kept.append(decided(page, "k"))
            fixed.update([fix(page)])
            rejected[decided(page, "r", "3")] = "points at the wrong lines"
            rejected[reject(page, f"nothing new {round_}")] = f"nothing new {round_}"
            undone = decided(page, "k")
            press(page, "u")
            said(page, "Taken back: keep.")
            assert on(page) == undone
            rejected[decided(page, "r", "1")] = "says something untrue"
        expect(page.locator("#item h1")).to_have_text("Through")
        expect(page.locator(".end p").first).to_have_text(
            "Nothing is left for you to decide here. The study goes on with pullsmith run."
        )
        expect(page.locator("nav")).to_contain_text("20/20")
    assert len({*kept, *fixed, *rejected}) == 20
    examples = {one.id: one for one in made.clean_again(asked)}
    assert examples.keys() == {*kept, *fixed}
    assert all(examples[name].target == targets[name] for name in kept)
    assert all(words in examples[name].target for name, words in fixed.items())
    standing = {name: desk.clean.item(name).standing for name in rejected}
    assert {name: one and one.text for name, one in standing.items()} == rejected


def pull_requests() -> list[PullRequest]:
    """Twenty that may be evaluated, half of them defective, of twenty sizes; and some to train on."""
    held_out = [
        planted(
            f"d{n:02}",
            file(*[f"held_{n} = {line}" for line in range(1 + n)]),
            defect=defect(f"held_{n} = 0") if n % 2 else None,
            pool="eval",
        )
        for n in range(20)
    ]
    others = [
        planted(f"t{n}", file(f"train(other_{n}, words_{n})", path=f"t{n}.py"), pool="train")
        for n in range(4)
    ]
    return [*held_out, *others]


def test_twenty_pull_requests_are_looked_at_and_picked_to_the_target(
    browser: Browser, tmp_path: Path
) -> None:
    wanted = {"per_tool": 8, "chosen_by": "human"}
    asked = made.to_choose(tmp_path, pull_requests(), eval=wanted)
    desk = made.desk(asked)
    assert len(desk.choose.names()) == 20
    picked, looked_at = set[str](), set[str]()
    with served(desk) as page_of, opened(browser, f"{page_of.url}/choose") as page:
        enter(page)
        expect(page.locator(".gauge h2")).to_have_text("Picked 0 of 8")
        for number in range(20):
            looked_at.add(on(page))
            if number % 2:
                decided(page, "x")
            elif number == 4:
                press(page, "w")
                page.keyboard.type("rare size")
                picked.add(decided(page, "Enter"))
            elif len(picked) < 8:
                picked.add(decided(page, "p"))
            else:
                press(page, "p")
                said(page, "No more planted ones are wanted")
                decided(page, "s" if number < 18 else "x")
        expect(page.locator("nav")).to_contain_text("8/8")
        # One is given back with undo, another taken in its place.
        last = sorted(picked)[-1]
        page.goto(f"{page_of.url}/choose?at={last}")
        expect(page.locator(".gauge h2")).to_have_text("Picked 8 of 8")
        expect(page.locator(".gauge .enough")).to_be_visible()
        decided(page, "x")
        press(page, "u")
        said(page, "Taken back: unpick.")
        assert on(page) == last
    assert len(looked_at) == 20
    chosen = [one for one in made.split_again(asked) if one.split == "eval"]
    assert {one.id for one in chosen} == picked
    why = [one.text for one in desk.book.read().lines if one.text]
    assert why == ["rare size"]


def votes(desk: Desk, page: Page, count: int) -> dict[str, int]:
    """Judge by what is read: who names the comparison is better, every third pair is equal."""
    found = {}
    for number in range(count):
        first = "Comparison" in page.locator("#response1 + div").inner_text()
        key = "0" if number % 3 == 2 else "1" if first else "2"
        press(page, key)
        expect(page.locator(f"[name=better][value='{key}']")).to_be_checked()
        tab_to(page, "[name=first_score]")
        page.keyboard.type("8" if first else "3")
        tab_to(page, "[name=second_score]")
        page.keyboard.type("3" if first else "8")
        tab_to(page, "#why")
        page.keyboard.type(f"because {number}")
        if number == 5:
            continue_after_undo(page)
        found[decided(page, "Control+Enter")] = number
    return found


def continue_after_undo(page: Page) -> None:
    """Record, take back, and say it again: the pair is there again, and empty."""
    name = decided(page, "Control+Enter")
    press(page, "u")
    said(page, "Taken back")
    assert on(page) == name
    assert page.locator("#why").input_value() == ""
    first = "Comparison" in page.locator("#response1 + div").inner_text()
    press(page, "0")
    for field, score in (("first_score", first), ("second_score", not first)):
        tab_to(page, f"[name={field}]")
        page.keyboard.type("8" if score else "3")
    tab_to(page, "#why")
    page.keyboard.type("because 5")


def test_twenty_pairs_are_judged_blind(browser: Browser, tmp_path: Path) -> None:
    asked = made.to_judge(tmp_path, count=20)
    desk = made.desk(asked)
    with served(desk) as page_of, opened(browser, f"{page_of.url}/judge") as page:
        enter(page)
        press(page, "Control+Enter")
        said(page, "Say first which response is better")
        for word in ("tiny", "rules", "candidate", "reference", "after"):
            assert word not in page.content().replace("Reference", "")
        assert len(votes(desk, page, 20)) == 20
        expect(page.locator("#item h1")).to_have_text("Through")
    staged = made.judge_context(asked)
    with (
        ThreadPoolExecutor() as pool
    ):  # the judge asks with asyncio.run, which the browser's thread refuses
        pool.submit(judge, staged).result()
    rows = [row for row in written(staged, Verdict) if row.judge == HUMAN]
    assert len(rows) == 20
    # The candidate names the comparison, the reference is silent: whatever was shown first.
    assert sorted(row.result for row in rows) == [Result.TIE] * 6 + [Result.WIN] * 14
    assert {(row.candidate_score, row.reference_score) for row in rows} == {(8.0, 3.0)}
    assert {row.order for row in rows} == set(Order)
    assert sorted(row.why for row in rows) == sorted(f"by Anna: because {n}" for n in range(20))


def test_search_and_filters_narrow_the_queue_down_and_stay_when_the_page_is_loaded_again(
    browser: Browser, tmp_path: Path
) -> None:
    desk = made.desk(made.to_clean(tmp_path, count=3))
    with served(desk) as page_of, opened(browser, f"{page_of.url}/clean") as page:
        enter(page)
        press(page, "/")
        page.keyboard.type("change 2")
        press(page, "Enter")
        expect(page.locator("h1")).to_have_text("Change 2")
        expect(page.locator(".moves .note")).to_have_text("1 of 4")
        page.reload()
        expect(page.locator(".moves .note")).to_have_text("1 of 4")
        page.locator("select[name=tool]").select_option("review")
        expect(page.locator(".moves .note")).to_have_text("1 of 2")
        expect(page.locator(".facts b")).to_have_text("review")
        decided(page, "k")
        decided(page, "k")
        expect(page.locator("h1")).to_have_text("Through")
        page.locator("select[name=show]").select_option("open")
        expect(page.locator("h1")).to_have_text("Nothing fits")
        page.locator("select[name=tool]").select_option("")
        expect(page.locator(".moves .note")).to_have_text("1 of 2")
        expect(page.locator(".facts b")).to_have_text("improve")
