"""The digest of what was put to everyone: the same for other models, contracts and words, other for other tasks."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError
from pullsmith.eval_set import eval_set_of
from pullsmith.records import Prompt, PullRequest, Split
from pullsmith.store import RunFolder
from tests.judged import prompt, pull_request, store

PULLS = [pull_request(name) for name in "ab"]
PROMPTS = [prompt(pull, "review") for pull in PULLS]


def run(
    folder: Path, pulls: list[PullRequest] = PULLS, prompts: list[Prompt] = PROMPTS
) -> RunFolder:
    made = RunFolder(folder)
    store(made, "split", PullRequest, pulls)
    store(made, "render", Prompt, prompts)
    return made


def test_contracts_words_and_the_training_side_do_not_count(tmp_path: Path) -> None:
    plain = eval_set_of(run(tmp_path / "plain"))
    assert set(plain.tasks) == {(pull.id, "review", 0) for pull in PULLS}
    learnt = pull_request("c").model_copy(update={"split": Split.TRAIN})
    more = [*PROMPTS, *(prompt(pull, "review", contract="compact-1") for pull in PULLS)]
    train = prompt(learnt, "review").model_copy(update={"split": Split.TRAIN})
    other = eval_set_of(run(tmp_path / "other", [*PULLS, learnt], [*more, train]))
    assert other.digest == plain.digest


@pytest.mark.parametrize("change", ["title", "patch", "tool", "coverage", "fewer"])
def test_another_change_task_or_part_of_it_counts(tmp_path: Path, change: str) -> None:
    pulls, prompts = list(PULLS), list(PROMPTS)
    file = pulls[0].files[0]
    if change == "title":
        pulls[0] = pulls[0].model_copy(update={"title": "Other"})
    if change == "patch":
        changed = file.model_copy(update={"patch": f"{file.patch}+more\n"})
        pulls[0] = pulls[0].model_copy(update={"files": (changed,)})
    if change == "tool":
        prompts.append(prompt(PULLS[0], "improve"))
    if change == "coverage":
        less = prompts[0].coverage.model_copy(update={"diff_tokens": 1})
        prompts[0] = prompts[0].model_copy(update={"coverage": less})
    if change == "fewer":
        prompts.pop()
    plain = eval_set_of(run(tmp_path / "plain")).digest
    assert eval_set_of(run(tmp_path / "other", pulls, prompts)).digest != plain


def test_what_is_not_rendered_yet_has_none(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="not finished"):
        eval_set_of(RunFolder(tmp_path))
