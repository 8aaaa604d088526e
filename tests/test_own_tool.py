"""The worked example, a tool of the user's own, through every stage as the built-in ones go."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from pullsmith import pipeline
from pullsmith.errors import RunFolderError
from pullsmith.records import Answer, Example, Outcome, Phase, Prompt, Result, Verdict
from pullsmith.store import RunFolder
from pullsmith.study import Study, load_study

STUDY = Path(__file__).parents[1] / "studies" / "commit-message" / "study.toml"
JUDGE = "why: so\\nscore_response1: 7\\nscore_response2: 4\\nwhich_response_was_better: 1"
QUICK = (
    "train.steps=6", "train.warmup_steps=1", "rank.resamples=100", "train.tiny.vocabulary=600",
    "collect.sources.0.count=20",
    f'judge=[{{ model = "rubric" }}, {{ model = "scripted:{JUDGE}" }}]',
)  # fmt: skip


def load(folder: Path) -> Study:
    return load_study(STUDY, [*QUICK, f"runs={folder / 'runs'}"])


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The example's run, every stage of it."""
    study = load(tmp_path_factory.mktemp("example"))
    states = pipeline.run(study, workers=2)
    assert {state.state.value for state in states} == {"done"}
    return pipeline.run_folder(study)


def test_every_prompt_is_in_its_own_words(ran: RunFolder) -> None:
    prompts = list(ran.read("render", Prompt))
    assert {(p.tool, p.contract) for p in prompts} == {("commit-message", "native-1")}
    assert all("You write commit messages" in p.messages[0].content for p in prompts)
    assert all("<untrusted>\nTitle: " in p.messages[1].content for p in prompts)


def test_the_teachers_answers_become_examples_in_canonical_yaml(ran: RunFolder) -> None:
    answers = list(ran.read("generate", Answer))
    assert {(a.outcome, a.value_json) for a in answers} == {
        (Outcome.OK, '{"kind":"chore","subject":"Change some lines"}')
    }
    examples = list(ran.read("clean", Example))
    assert len(examples) == len(answers) > 5
    assert {e.target for e in examples} == {"kind: chore\nsubject: Change some lines"}


def test_everyone_answers_and_what_has_no_habit_says_so(ran: RunFolder) -> None:
    tiny = Counter(a.phase for a in ran.read("respond", Answer, "tiny"))
    assert tiny[Phase.BEFORE] == tiny[Phase.AFTER] > 0
    assert {a.outcome for a in ran.read("respond", Answer, "constant")} == {Outcome.OK}
    refused = {(a.outcome, a.fault) for a in ran.read("respond", Answer, "majority")}
    assert refused == {
        (Outcome.REFUSED, "unknown_tool: the majority row has no habit for commit-message")
    }


def test_every_judge_compares_the_valid_answers(ran: RunFolder) -> None:
    verdicts = [v for v in ran.read("judge", Verdict, "constant") if not v.repeat]
    by_judge = Counter((v.judge == "rubric", v.result) for v in verdicts)
    half = len(verdicts) // 4
    # The rubric sees two valid, grounded, short answers; the script likes whatever comes first.
    assert by_judge == {
        (True, Result.TIE): 2 * half,
        (False, Result.WIN): half,
        (False, Result.LOSS): half,
    }
    assert {v.by_rule for v in verdicts} == {""}


def test_the_board_has_it_as_a_tool(ran: RunFolder) -> None:
    board = json.loads((ran.path / "report" / "board.json").read_text())
    constant = next(row for row in board["models"] if row["model"] == "constant")
    assert list(constant["tools"]) == ["commit-message"]
    assert (constant["valid_rate"], constant["grounded_rate"]) == (1.0, 1.0)
    assert constant["planted_recall"] is None


def test_a_changed_template_makes_the_stages_stale(ran: RunFolder, tmp_path: Path) -> None:
    study = load(ran.path.parents[1])
    folder = tmp_path / "tool"
    folder.mkdir()
    for name, content in study.tool[0].files().items():
        (folder / name).write_bytes(content)
    moved = (study.tool[0].model_copy(update={"folder": folder}),)
    same = study.model_copy(update={"tool": moved})
    assert {s.state.value for s in pipeline.status(same)} == {"done"}
    (folder / "user.j2").write_text('{% include "pull_request.j2" %}\n')
    stale = {s.key.stage for s in pipeline.status(same) if s.state.value == "stale"}
    assert stale == {"render", "generate", "clean", "respond", "judge", "rank"}
    with pytest.raises(RunFolderError, match=r"tools\.commit-message .*--restart"):
        pipeline.run(same)
