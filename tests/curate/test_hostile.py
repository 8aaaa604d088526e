"""What strangers may put into a pull request or an answer breaks no function of the desk."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from pullsmith.contracts.canonical import canonical_yaml
from pullsmith.curate.exchange.files import export_file, import_file
from pullsmith.curate.items import Filter, Queue
from pullsmith.decisions import FILE_NAME, read_decisions
from pullsmith.errors import PullsmithError
from pullsmith.records import FileChange, PullRequest, Split
from tests.clean.made import improve, review
from tests.curate.made import answer, desk, run_of, to_clean
from tests.curated import file, real

HOSTILE = (
    "</script><img src=x onerror=alert(1)>\u202e\u2066\u200b{{7*7}} $(id) `x` ``` =1+1 \x1b[31m%s"
)


def hostile() -> PullRequest:
    """One with something in every field, whose code is no better."""
    changed = file(f"x = '{HOSTILE}'", "null = '\x00'", path=f"app/{HOSTILE}.py")
    return real(
        "p0", changed, split=Split.TRAIN, title=HOSTILE + "\n\x00", body=HOSTILE, labels=(HOSTILE,)
    )


def long(megabytes: int) -> PullRequest:
    """One whose diff is that long, with one line of a megabyte in it."""
    lines = ["y" * 1_000_000, *(f"value = {n:085}" for n in range((megabytes - 1) * 10_000))]
    return real("p1", file("a = 1", "b = 2", *lines), split=Split.TRAIN)


def test_hostile_texts_in_every_field_are_shown_as_they_came(tmp_path: Path) -> None:
    request = hostile()
    path = request.files[0].path
    issue = review(1, path).issues[0].model_copy(update={"issue_content": HOSTILE})
    said = review(1, path).model_copy(
        update={"key_issues_to_review": (issue,), "security_concerns": HOSTILE}
    )
    edit = improve(f"x = '{HOSTILE}'", f"y = '{HOSTILE}'", relevant_file=path)
    answers = [answer(request, said), answer(request, edit)]
    asked = to_clean(
        tmp_path, records=[request], said=answers,
        clean={"review": 2, "languages": (), "unshown_files": False, "cut_texts": False, "copied_diff": False},
        student=[{"model": "tiny", "contract": "native-1"}],
    )  # fmt: skip
    made = desk(asked)
    assert len(made.clean.names()) == 2
    for name in made.clean.names(search="ONERROR"):
        item = made.clean.item(name)
        assert item.shown.files[0].path == path
        assert [p.path for p in item.posted if p.show == "place"] == [path]
        assert HOSTILE.partition(" ```")[0] in item.markdown
        assert made.clean.check(name, item.text) == []
        decided = made.clean.reject(name, HOSTILE, who="<b>ada</b>", digest=item.digest)
        assert decided.text == HOSTILE
        assert read_decisions(run_of(asked).path / FILE_NAME).lines[-1] == decided
    assert made.clean.names(Filter(reason="onerror", annotator="<b>ada</b>")) == made.clean.names()
    made.undo("<b>ada</b>")
    for form in ("csv", "jsonl"):
        out = tmp_path / f"out.{form}"
        export_file(made, Queue.CLEAN, out)
        found = import_file(desk(asked), out)
        assert (found.refused, found.there_already) == ([], 1)


def test_a_diff_of_five_megabytes_is_shown_checked_and_exported(tmp_path: Path) -> None:
    request = long(5)
    assert sum(len(each.patch) for each in request.files) > 4_500_000
    asked = to_clean(
        tmp_path, records=[request], said=[answer(request, improve("b = 2", "b = 3"))],
    )  # fmt: skip
    made = desk(asked)
    name = made.clean.names()[0]
    item = made.clean.item(name)
    assert len(item.shown.lines) == 40_004
    used = time.process_time()
    assert made.clean.check(name, item.text) == []
    gone = canonical_yaml(improve("c = 2", "b = 3"))
    assert [fault.flag for fault in made.clean.check(name, gone)] == ["quote_not_found"]
    assert time.process_time() - used < 10  # seconds of CPU: far from hanging, on any machine
    for form in ("csv", "jsonl"):
        out = tmp_path / f"out.{form}"
        assert export_file(made, Queue.CLEAN, out, who="ada") == 2
        assert import_file(made, out).without_a_decision == 2


def test_a_pull_request_without_text_has_an_item(tmp_path: Path) -> None:
    binary = FileChange(path="a.png", status=file().status, binary=True)
    request = real("p2", binary, file("a = 1", "b = 2"), split=Split.TRAIN, title="")
    made = desk(to_clean(tmp_path, records=[request], said=[answer(request, review(2))]))
    item = made.clean.item(made.clean.names()[0])
    assert [(each.path, bool(each.hunks)) for each in item.shown.files] == [
        ("a.png", False), ("app/a.py", True),
    ]  # fmt: skip
    assert made.clean.choices().languages == (("python", 2),)


def test_many_threads_at_one_desk_lose_nothing(tmp_path: Path) -> None:
    asked = to_clean(tmp_path, count=10)
    made, failed = desk(asked), list[PullsmithError]()

    def work(who: str) -> None:
        try:
            for name in made.clean.names():
                item = made.clean.item(name)
                made.clean.check(name, item.text)
                made.clean.keep(name, who=who, digest=item.digest)
                made.progress(who)
        except PullsmithError as error:
            failed.append(error)

    workers = [threading.Thread(target=work, args=(f"person {n}",)) for n in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert failed == []
    read = read_decisions(run_of(asked).path / FILE_NAME)
    assert len({(line.who, line.record_id) for line in read.lines}) == 160
    assert made.progress("person 0")[0].mine == 40


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00: 1", "\u2028- x", "%TAG ! x:", "--- |\n\x1b", "\t\t- x"]
)
def test_no_edit_breaks_the_check(tmp_path: Path, text: str) -> None:
    made = desk(to_clean(tmp_path, count=1))
    name = made.clean.names()[0]
    faults = made.clean.check(name, text)
    assert faults
    assert all(fault.line >= 1 and fault.flag and fault.message for fault in faults)
