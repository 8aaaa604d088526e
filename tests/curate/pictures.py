"""The pictures of docs/curate.md: ``python -m tests.curate.pictures FOLDER``, or make curate-pictures.

A small study of changes written for this, so nothing of anybody's is shown; the same ones every time.
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page

from pullsmith.contracts.answers import AnswerValue, KeyIssue, Review
from pullsmith.curate.desk import Desk
from pullsmith.records import (
    Answer,
    ChangeStatus,
    FileChange,
    Phase,
    Prompt,
    PullRequest,
    Split,
)
from tests import judged
from tests.browsed import PHONE, opened, started
from tests.clean.made import improve
from tests.curate import made
from tests.curate.keys import decided, enter, press
from tests.curate.pages import served
from tests.curated import defect, planted, real

WIDTH, HEIGHT = 1200, 720  # small enough to be committed
OLD = '''def read_limits(path):
    """The limits of a study; none where there is no file."""
    text = path.read_text()
    limits = {}
    for line in text.splitlines():
        name, value = line.split("=")
        limits[name.strip()] = int(value)
    return limits


def room_left(limits, used):
    return limits["tokens"] - used
'''
NEW = '''def read_limits(path):
    """The limits of a study; none where there is no file."""
    if path == None or not path.exists():
        return {}
    limits = {}
    for line in path.read_text().splitlines():
        name, _, value = line.partition("=")
        limits[name.strip()] = int(value)
    return limits


def room_left(limits, used):
    """Tokens that may still be spent; never fewer than none."""
    return max(0, limits.get("tokens", 0) - used)
'''
TEST_OLD = """def test_limits(tmp_path):
    assert read_limits(tmp_path / "limits") == {}
"""
TEST_NEW = """def test_limits(tmp_path):
    assert read_limits(tmp_path / "limits") == {}
    assert room_left({}, 5) == 0
"""
TITLES = (
    "Limits: a study without a file has none",
    "Reader: blanks around a name do not count",
    "Report: the largest share comes first",
    "Retry once where a connection breaks off",
    "Queue: close what was opened",
    "Dates: weeks begin on Monday",
)


def change(path: str, old: str, new: str, language: str = "python") -> FileChange:
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm=""))[2:]
    return FileChange(
        path=path,
        status=ChangeStatus.MODIFIED,
        language=language,
        patch="\n".join(lines) + "\n",
        added_lines=sum(line.startswith("+") for line in lines),
        deleted_lines=sum(line.startswith("-") for line in lines),
    )


def files(number: int = 0) -> tuple[FileChange, ...]:
    name = "limits" if not number else f"limits_{number}"
    old, new = (text.replace("limits", name) for text in (OLD, NEW))
    return change(f"study/{name}.py", old, new), change(f"tests/test_{name}.py", TEST_OLD, TEST_NEW)


def issue(path: str, line: int, header: str, content: str) -> KeyIssue:
    return KeyIssue(
        relevant_file=path,
        issue_header=header,
        issue_content=content,
        start_line=line,
        end_line=line,
    )


def review(*issues: KeyIssue) -> Review:
    return Review(
        estimated_effort_to_review=2, relevant_tests="Yes", key_issues_to_review=issues,
        security_concerns="No",
    )  # fmt: skip


def by_identity(path: str) -> KeyIssue:
    return issue(
        path,
        3,
        "Comparison with None",
        "`path == None` asks the object's own `__eq__`; compare by identity.",
    )


def to_clean(folder: Path) -> Desk:
    """Two teachers on six changes; they disagree on the first."""
    records = [
        real(f"c{n}", *files(n), title=title, split=Split.TRAIN, repository="forge.test/team/study", author="person-1", number=40 + n, body="A study need not have a file of limits." if not n else "")
        for n, title in enumerate(TITLES)
    ]  # fmt: skip
    said: list[Answer] = []
    for n, record in enumerate(records):
        path = record.files[0].path
        first: AnswerValue = review(by_identity(path))
        second = review() if not n else first
        edit = improve(
            "    if path == None or not path.exists():",
            "    if path is None or not path.exists():",
            relevant_file=path,
            suggestion_content="Compare with None by identity: == asks the object, and an object may say anything.",
            one_sentence_summary="Compare with None by identity",
            label="possible issue",
        )
        said += [
            made.answer(record, first, model="rules+truth"),
            made.answer(record, second, model="rules"),
            made.answer(record, edit, model="rules+truth"),
        ]
    teachers = [
        {"model": "rules+truth", "contract": "compact-1"},
        {"model": "rules", "contract": "compact-1"},
    ]
    asked = made.to_clean(
        folder, records=records, said=said, teacher=teachers, name="study", clean={"review": 12}
    )
    return made.desk(asked)


def to_choose(folder: Path) -> Desk:
    """Planted ones of several kinds and sizes."""
    kinds = ("none_comparison", "bare_except", "off_by_one", "swapped_arguments")
    records = [
        planted(
            f"d{n}", *files(n)[: 1 + n % 2], title=TITLES[n % 6], pool="eval",
            defect=defect("x", kind=kinds[n % 4]) if n % 3 else None,
        )
        for n in range(16)
    ]  # fmt: skip
    others = [planted("t", change("train.py", "a = 1\n", "b = train(2)\n"), pool="train")]
    return made.desk(
        made.to_choose(
            folder, [*records, *others], name="study", eval={"per_tool": 5, "chosen_by": "human"}
        )
    )


def to_judge(folder: Path) -> Desk:
    """One who names the comparison beside one who names the sum."""
    asked = judged.study(runs=str(folder / "runs"), name="study")
    run = made.run_of(asked)
    found = [
        judged.pull_request(f"r{n}").model_copy(update={"files": files(n)[:1], "title": title})
        for n, title in enumerate(TITLES)
    ]
    judged.store(run, "split", PullRequest, found)
    judged.store(run, "render", Prompt, [judged.prompt(one, "review") for one in found])
    paths = {one.id: one.files[0].path for one in found}
    mine = [
        judged.answer(one, review(by_identity(paths[one.id])), phase=Phase.AFTER) for one in found
    ]
    vague = "Consider handling errors more carefully here."
    theirs = [
        judged.answer(one, review(issue(paths[one.id], 8, "Possible Issue", vague)), model="rules")
        for one in found
    ]
    judged.store(run, "respond", Answer, mine, "tiny")
    judged.store(run, "respond", Answer, theirs, "rules")
    return made.desk(asked)


def clean_scene(page: Page, save: Callable[[str], None]) -> None:
    save("curate-clean.png")
    press(page, "v")
    page.locator(".w").first.wait_for()
    press(page, "f")
    text = page.locator("#edit").input_value().replace("start_line: 3", "start_line: 90")
    press(page, "Control+a")
    page.keyboard.insert_text(text.replace("end_line: 3", "end_line: 90"))
    page.locator("#faults li.wrong").first.wait_for()
    save("curate-edit.png")


def choose_scene(page: Page, save: Callable[[str], None]) -> None:
    for _ in range(3):
        decided(page, "p")
    page.locator(".gauge h2", has_text="3 of").wait_for()
    save("curate-choose.png")


def judge_scene(page: Page, save: Callable[[str], None]) -> None:
    press(page, "1", "Tab")
    page.keyboard.type("8")
    press(page, "Tab")
    page.keyboard.type("4")
    press(page, "Tab")
    page.keyboard.type("It names the line and what happens there; the other could stand anywhere.")
    save("curate-judge.png")


def phone_scene(_: Page, save: Callable[[str], None]) -> None:
    save("curate-phone.png")


SCENES = (
    ("clean", to_clean, clean_scene, WIDTH, "light"),
    ("choose", to_choose, choose_scene, WIDTH, "light"),
    ("judge", to_judge, judge_scene, WIDTH - 80, "dark"),
    ("clean", to_clean, phone_scene, PHONE, "dark"),
)  # fmt: skip


def take(browser: Browser, folder: Path) -> None:
    """Every picture, into ``folder``."""
    for queue, make, scene, width, scheme in SCENES:
        with (
            tempfile.TemporaryDirectory() as run,
            served(make(Path(run))) as page_of,
            opened(browser, f"{page_of.url}/{queue}", width=width, scheme=scheme) as page,  # type: ignore[arg-type]
        ):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            enter(page)
            page.wait_for_timeout(500)

            def save(name: str, page: Page = page) -> None:
                page.wait_for_timeout(1_000)  # what is marked fades in
                page.screenshot(path=folder / name)

            scene(page, save)


if __name__ == "__main__":
    given = Path(sys.argv[1])
    given.mkdir(parents=True, exist_ok=True)
    with started() as browser_:
        take(browser_, given)
