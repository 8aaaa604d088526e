"""What clean and generate found wanting, as examples in the student's contract; every answer counted."""

from __future__ import annotations

from pathlib import Path

from pullsmith.engine import StageContext
from pullsmith.records import Answer, Drop, Example, Outcome, Prompt, PullRequest, drop, example_id
from pullsmith.store import JobKey
from pullsmith.train.rejected import prompt_of, rejected_examples
from tests.clean.made import PULL_REQUEST, answer, improve, prompt, review
from tests.curated import context, finish, study


def dropped(made: Answer, reason: str, contract: str = "compact-1") -> Drop:
    record = drop("clean", made, reason)
    name = example_id(made.id, contract=contract)
    return record.model_copy(update={"id": f"clean!{name}", "record_id": name})


def folder(path: Path, *, clean: list[Drop], generate: list[Drop]) -> StageContext:
    made = context(path, "train", study())
    finish(made.run, "split", PullRequest, [PULL_REQUEST])
    tools = ("review", "improve")
    asked = [prompt(tool, name) for tool in tools for name in ("compact-1", "native-1")]
    finish(made.run, "render", Prompt, asked)
    for stage, record_type, drops in (("generate", Answer, generate), ("clean", Example, clean)):
        finish(made.run, stage, record_type, [])
        made.run.job(JobKey(stage)).write_drops(drops)
    return made


def kept(target: str) -> Example:
    one = answer(review())
    return Example(
        id=example_id(one.id, contract="compact-1"), answer_id=one.id, tool="review",
        pull_request_id=one.pull_request_id, contract="compact-1", target=target,
        messages=prompt("review").messages,
    )  # fmt: skip


def sample(number: int, **changes: object) -> Answer:
    one = answer(review())
    name = one.id.rpartition("/")[0] + f"/{number}"
    return one.model_copy(update={"id": name, "sample": number, **changes})


def test_what_was_found_wanting_is_shown_in_the_words_it_was_said_in(tmp_path: Path) -> None:
    unreadable = sample(1, text="nonsense", outcome=Outcome.UNREADABLE, value_json=None)
    clean = [
        dropped(unreadable, "unreadable"),
        dropped(sample(2, text="over"), "other_teacher"),  # nobody found fault with it
        dropped(sample(3, text="", outcome=Outcome.REFUSED, value_json=None), "refused"),
        dropped(sample(4, text="elsewhere"), "no_op", contract="native-1"),  # another student's
        dropped(sample(5, text="the same"), "no_op"),
    ]
    generate = [
        drop(
            "generate",
            sample(6, text="invented", grounding_faults=("no such file",)),
            "worse_sample",
        ),
        drop("generate", sample(7, text="as good"), "worse_sample"),
    ]
    made = folder(tmp_path, clean=clean, generate=generate)
    found = rejected_examples(made, "compact-1", kept=[kept("the same")])
    assert [one.target for one in found.examples] == ["nonsense", "invented"]
    assert {one.messages for one in found.examples} == {prompt("review").messages}
    assert {prompt_of(one) for one in found.examples} == {prompt("review").id}
    assert [(one.record_id[-1], one.reason) for one in found.drops] == [("5", "same_answer")]
    assert found.records_in == len(found.examples) + len(found.drops) == 3


def test_an_answer_in_another_contract_is_written_in_the_student_s(tmp_path: Path) -> None:
    native = answer(review(), contract="native-1")
    broken = answer(
        improve("a", "b"), contract="native-1", value_json=None, outcome=Outcome.UNREADABLE
    )
    made = folder(
        tmp_path, clean=[dropped(native, "no_op"), dropped(broken, "unreadable")], generate=[]
    )
    found = rejected_examples(made, "compact-1", kept=[])
    (one,) = found.examples
    assert one.contract == "compact-1"
    assert "Bare except" in one.target
    assert one.target != native.text
    assert [each.reason for each in found.drops] == ["not_sayable"]


def test_a_prompt_that_the_student_is_not_asked_is_counted(tmp_path: Path) -> None:
    other = answer(review(), prompt_id=f"{PULL_REQUEST.id}#review/compact-1/7")
    made = folder(tmp_path, clean=[dropped(other, "no_op")], generate=[])
    found = rejected_examples(made, "compact-1", kept=[])
    assert [each.reason for each in found.drops] == ["no_student_prompt"]
