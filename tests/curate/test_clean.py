"""The queue of examples: what is shown is what clean made, and what is said is what clean replays."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.curate.items import Filter
from pullsmith.decisions import Action, decided_on
from pullsmith.errors import BrokenEditError, ChangedSinceError, DecisionError, PeopleNeededError
from pullsmith.records import Answer, Example, PullRequest
from pullsmith.rows import read_rows
from tests.clean.made import improve, review
from tests.curate.made import (
    NOW,
    answer,
    answers,
    clean_again,
    desk,
    job_path,
    requests,
    run_of,
    to_clean,
)
from tests.curated import finish


def test_an_item_is_the_example_with_its_diff_and_its_answer_in_three_forms(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    queue = desk(asked).clean
    kept = {e.id: e for e in read_rows(job_path(asked, "clean") / "to-review.parquet", Example)}
    assert sorted(queue.names()) == sorted(kept)
    assert len(kept) == 8
    name = next(n for n in queue.names() if "#improve/" in n and n.endswith(">native-1"))
    item = queue.item(name)
    assert item.digest == decided_on(kept[name])
    assert (item.tool, item.contract, item.teacher, item.language) == (
        "improve", "native-1", "rules+truth", "python",
    )  # fmt: skip
    assert [line.text for line in item.shown.lines if line.sign == "+"] == ["a = 0", "b = 2"]
    assert item.text.startswith("code_suggestions:\n- relevant_file: app/a.py\n")
    assert item.target == kept[name].target
    places = [(p.path, p.start_line, p.end_line) for p in item.posted if p.show == "place"]
    assert places == [("app/a.py", 2, 2)]  # found by its quote
    assert "`app/a.py:2` **Improve it**" in item.markdown
    assert "```suggestion\nb = 3\n```" in item.markdown
    assert (item.flags, item.standing, item.decisions) == ((), None, ())
    assert item.prompt == "improve in native-1"


def test_what_is_decided_is_what_clean_replays(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    queue = desk(asked).clean
    kept, fixed, rejected, _ = [name for name in queue.names() if name.endswith(">native-1")]
    item = queue.item(fixed)
    queue.keep(kept, who="ada", digest=queue.item(kept).digest)
    better = item.text.replace("It hides errors.", "It hides every error.")
    assert better != item.text
    made = queue.fix(fixed, better, who="ada", digest=item.digest)
    queue.reject(rejected, "only a matter of taste", who="bob", digest=queue.item(rejected).digest)
    assert (made.action, made.at, made.who) == (Action.FIX, NOW, "ada")
    assert queue.item(fixed).fixed == better
    assert queue.item(fixed).text == item.text  # what was decided on stays in sight
    examples = {each.id: each for each in clean_again(asked)}
    assert rejected not in examples
    assert "It hides every error." in examples[fixed].target
    assert kept in examples
    # The same decisions still are on what is shown once clean has run.
    assert [queue.item(n).digest for n in (kept, fixed, rejected)] == [
        one.of for one in (queue.item(n).standing for n in (kept, fixed, rejected)) if one
    ]


def test_clean_says_where_people_differ_and_takes_the_last_word(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    queue, said = desk(asked).clean, list[str]()
    one, other, third, *_ = queue.names()
    for name in (one, other, third):
        queue.keep(name, who="ada", digest=queue.item(name).digest)
    queue.keep(other, who="bob", digest=queue.item(other).digest)
    queue.reject(one, "wrong", who="bob", digest=queue.item(one).digest)
    assert {each.id for each in clean_again(asked, said)} == set(queue.names()) - {one}
    assert [line for line in said if "people say" in line] == [
        f"people say different things of 1 examples, for example {one}; the last word counts, and "
        "pullsmith curate STUDY.toml --agreement names them all"
    ]


def test_a_fix_that_changes_nothing_keeps(tmp_path: Path) -> None:
    queue = desk(to_clean(tmp_path)).clean
    item = queue.item(queue.names()[0])
    assert queue.fix(item.name, item.text, who="ada", digest=item.digest).action is Action.KEEP


def test_a_broken_edit_is_refused_with_its_lines_and_nothing_is_written(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    queue = desk(asked).clean
    item = queue.item(next(n for n in queue.names() if "#review/" in n))
    broken = item.text.replace("start_line: 2", "start_line: 9").replace(
        "end_line: 2", "end_line: 9"
    )
    (fault,) = queue.check(item.name, broken)
    assert (fault.flag, fault.message) == ("line_not_shown", "line_not_shown: app/a.py:9-9")
    assert broken.split("\n")[fault.line - 1].startswith("- relevant_file: app/a.py")
    with pytest.raises(
        BrokenEditError, match=r"the edit cannot be kept: line \d+: line_not_shown"
    ) as e:
        queue.fix(item.name, broken, who="ada", digest=item.digest)
    assert e.value.faults == (f"line {fault.line}: line_not_shown: app/a.py:9-9",)
    assert queue.item(item.name).standing is None
    assert queue.check(item.name, item.text) == []
    assert not (run_of(asked).path / "decisions.jsonl").exists()


def test_a_decision_on_what_changed_meanwhile_is_refused(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    queue = desk(asked).clean
    name = next(n for n in queue.names() if "#improve/" in n)
    before = queue.item(name)
    said = [answer(one, improve("b = 2", "b = 4")) for one in requests(2)]
    finish(
        run_of(asked), "generate", Answer, said
    )  # the teacher answers anew while the page is open
    with pytest.raises(PeopleNeededError):
        clean_again(asked)
    changed = "has changed since it was shown"
    with pytest.raises(ChangedSinceError, match=changed):
        queue.keep(name, who="ada", digest=before.digest)
    with pytest.raises(ChangedSinceError, match=changed):
        queue.reject(name, "wrong", who="ada", digest=before.digest)
    with pytest.raises(ChangedSinceError, match=changed):
        queue.fix(name, before.text, who="ada", digest=before.digest)
    after = queue.item(name)
    assert "b = 4" in after.text
    assert queue.keep(name, who="ada", digest=after.digest).of == after.digest
    assert not [n for n in queue.names() if "#review/" in n]  # no answer to it any more


def test_an_example_whose_answer_is_gone_is_said_until_clean_has_run(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    queue = desk(asked).clean
    name, digest = queue.names()[0], queue.item(queue.names()[0]).digest
    finish(run_of(asked), "generate", Answer, [])  # another teacher answers, clean has not run yet
    with pytest.raises(
        DecisionError, match=r"its answer is not in the run any more; pullsmith clean"
    ):
        queue.item(name)
    finish(run_of(asked), "generate", Answer, [a for one in requests(2) for a in answers(one)])
    finish(run_of(asked), "split", PullRequest, requests(2)[1:])
    with pytest.raises(
        DecisionError, match="its prompt or pull request is not in the run any more"
    ):
        queue.item(name)
    finish(run_of(asked), "split", PullRequest, requests(2))
    assert queue.item(name).digest == digest


def test_a_decision_on_an_older_text_is_in_sight_and_does_not_count(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    first = desk(asked)
    name = next(n for n in first.clean.names() if "#improve/" in n)
    first.clean.reject(name, "wrong", who="ada", digest=first.clean.item(name).digest)
    said = [answer(one, improve("b = 2", "b = 4")) for one in requests(2)]
    finish(run_of(asked), "generate", Answer, said)
    with pytest.raises(PeopleNeededError):
        clean_again(asked)
    for each in (first, desk(asked)):
        item = each.clean.item(name)
        assert (item.standing, item.decisions) == (None, ())
        assert [one.who for one in item.outdated] == ["ada"]
        assert each.said() == [f"reject by ada does not count: {name} has changed since"]
        assert each.progress()[0].decided == 0


def test_suspicious_ones_come_first_and_filters_leave_what_they_say(tmp_path: Path) -> None:
    records = requests(12)
    said = [answer(one, review(2)) for one in records]
    long = review(2).model_copy(update={"security_concerns": "word " * 200})
    said[5] = answer(records[5], long)
    said[7] = answer(records[7], review(2), grounding_faults=("line_not_shown: app/a.py:9-9",))
    empty = review().model_copy(update={"key_issues_to_review": ()})
    said += [answer(records[3], empty, model="rules")]
    asked = to_clean(
        tmp_path, records=records, said=said,
        teacher=[{"model": m, "contract": "compact-1"} for m in ("rules+truth", "rules")],
    )  # fmt: skip
    queue = desk(asked).clean
    first = [name.partition("#")[0] for name in queue.names()][:6]
    # What the validator found counts twice, so it comes before a doubt of another kind.
    assert first == [records[n].id for n in (7, 7, 3, 3, 5, 5)]
    assert queue.names() == queue.names()
    assert queue.names()[6:] == sorted(queue.names()[6:])
    by_flag = {
        flag: {n.partition("#")[0] for n in queue.names(Filter(flag=flag))}
        for flag, _ in queue.choices().flags
    }
    assert by_flag == {
        "line_not_shown": {records[7].id},
        "teachers_disagree": {records[3].id},
        "odd_length": {records[5].id},
    }
    item = queue.item(queue.names(Filter(flag="teachers_disagree"))[0])
    assert [(flag.code, flag.message) for flag in item.flags] == [
        ("teachers_disagree", "teachers disagree: compare with what rules says")
    ]
    assert [(o.teacher, "key_issues_to_review: []" in o.text) for o in item.others] == [
        ("rules", True)
    ]
    assert queue.names(Filter(tool="describe")) == queue.names(Filter(language="go")) == []
    assert len(queue.names(Filter(tool="review", language="python"))) == 24


def test_search_finds_titles_ids_and_words_of_the_answer(tmp_path: Path) -> None:
    records = requests(3)
    said = [answer(one, review(2)) for one in records]
    odd = review(2).model_copy(update={"security_concerns": "A Password is logged."})
    asked = to_clean(tmp_path, records=records, said=[*said[:2], answer(records[2], odd)])
    queue = desk(asked).clean
    assert {n.partition("#")[0] for n in queue.names(search="password")} == {records[2].id}
    assert {n.partition("#")[0] for n in queue.names(search="change 1")} == {records[1].id}
    assert {n.partition("#")[0] for n in queue.names(search="@P000#")} == {records[0].id}
    assert queue.names(search="nowhere") == []
    assert queue.names(search=" ") == queue.names()


def test_filters_by_reason_and_annotator(tmp_path: Path) -> None:
    queue = desk(to_clean(tmp_path)).clean
    one, other, *_ = queue.names()
    queue.reject(one, "points at the wrong lines", who="ada", digest=queue.item(one).digest)
    queue.keep(other, who="bob", digest=queue.item(other).digest)
    assert queue.names(Filter(reason="Wrong line")) == [one]
    assert queue.names(Filter(annotator="bob")) == [other]
    assert queue.choices().reasons == (("points at the wrong lines", 1),)
    assert queue.choices().annotators == (("ada", 1), ("bob", 1))


def test_a_share_is_looked_at_by_two_and_the_rest_by_one(tmp_path: Path) -> None:
    asked = to_clean(tmp_path, count=25, curate={"twice": 0.3})
    queue = desk(asked).clean
    mine = Filter(undecided_by="ada")
    assert queue.names(mine) == queue.names()
    for name in queue.names():
        queue.keep(name, who="ada", digest=queue.item(name).digest)
    assert queue.names(mine) == []
    second = queue.names(Filter(undecided_by="bob"))
    # 100 examples at .3: five standard deviations of sqrt(100 * .3 * .7) = 4.6 are 23.
    assert 7 < len(second) < 53
    assert all(queue.item(name).twice for name in second)
    assert not any(queue.item(n).twice for n in set(queue.names()) - set(second))
    name = second[0]
    queue.reject(name, "wrong", who="bob", digest=queue.item(name).digest)
    assert name not in queue.names(Filter(undecided_by="cyd"))
    item, progress = queue.item(name), queue.progress("bob")
    assert [(one.who, one.action.value) for one in item.decisions] == [
        ("ada", "keep"), ("bob", "reject"),
    ]  # fmt: skip
    assert item.standing == item.decisions[1]  # the last line counts
    assert (progress.decided, progress.mine, progress.disagreed) == (100, 1, 1)
    assert progress.left == len(second) - 1


@pytest.mark.parametrize(
    ("who", "reason", "message"),
    [
        ("", "x", "the name '' is none"),
        ("a" * 81, "x", "is none: write one of 1 to 80 visible letters"),
        ("ada\u202e", "x", "is none"),
        ("\u3164", "x", "is none"),  # a letter that is blank
        ("ada", "  ", "a rejected example needs a reason"),
        ("ada", "x" * 4001, "the reason has 4,001 characters, at most 4,000"),
    ],
)
def test_what_cannot_be_decided_is_refused(
    tmp_path: Path, who: str, reason: str, message: str
) -> None:
    asked = to_clean(tmp_path, count=1)
    queue = desk(asked).clean
    item = queue.item(queue.names()[0])
    with pytest.raises(DecisionError, match=message):
        queue.reject(item.name, reason, who=who, digest=item.digest)
    with pytest.raises(DecisionError, match="there is no example 'gone'"):
        queue.keep("gone", who="ada", digest="x")
    assert not (run_of(asked).path / "decisions.jsonl").exists()


def test_after_clean_has_run_without_people_its_rows_are_shown(tmp_path: Path) -> None:
    asked = to_clean(tmp_path)
    free = asked.model_copy(update={"clean": asked.clean.model_copy(update={"review": 0})})
    finish(run_of(free), "clean", Example, clean_again(free))
    queue = desk(free).clean
    assert len(queue.names()) == 8
    item = queue.item(queue.names()[0])
    queue.reject(item.name, "wrong", who="ada", digest=item.digest)
    assert item.name not in {each.id for each in clean_again(free)}
