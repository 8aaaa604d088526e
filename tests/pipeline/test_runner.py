"""Which jobs run, which are skipped, and what is never overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from pullsmith import pipeline
from pullsmith.engine import StageContext, StageResult
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.pipeline import JobState, StageSpec
from pullsmith.records import PullRequest
from pullsmith.store import JobKey
from pullsmith.study import Study, parse_study
from pullsmith.tally import Tally
from tests.study.test_load import SMALL
from tests.test_store import a_pull_request

RAN: list[str] = []
WORKERS: set[int] = set()


def run(context: StageContext) -> StageResult:
    """A stage: it writes one record a train step, so that settings change its output."""
    RAN.append(str(context.job.path.name))
    WORKERS.add(context.workers)
    if context.study.seed == 13:
        raise KeyboardInterrupt
    rows = [a_pull_request(number) for number in range(context.study.train.steps)]
    context.job.write(PullRequest, rows)
    return StageResult(Tally.of(records_in=len(rows), records_out=len(rows), drops=[]))


STAGES = (
    StageSpec("one", __name__, lambda s, c: [], lambda s, c: {"steps": s.train.steps}),
    StageSpec("two", __name__, lambda s, c: [JobKey("one")], lambda s, c: {}, lambda s: ["x", "y"]),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    RAN.clear()
    return parse_study(SMALL, folder=tmp_path, overrides=["train.steps=2"])


def states(study: Study) -> list[str]:
    return [state.state.value for state in pipeline.status(study, STAGES)]


def test_runs_in_order_and_a_second_run_does_nothing(study: Study) -> None:
    assert states(study) == ["waiting"] * 3
    pipeline.run(study, stages=STAGES)
    assert RAN == ["one", "x", "y"]
    assert states(study) == ["done"] * 3
    pipeline.run(study, stages=STAGES)
    assert RAN == ["one", "x", "y"]


def test_how_many_workers_is_no_setting(study: Study) -> None:
    WORKERS.clear()
    pipeline.run(study, stages=STAGES, workers=3)
    assert {3} == WORKERS
    pipeline.run(study, stages=STAGES, workers=1)
    assert RAN == ["one", "x", "y"]
    assert {3} == WORKERS


def test_until_and_only(study: Study) -> None:
    pipeline.run(study, stages=STAGES, until="one")
    assert RAN == ["one"]
    pipeline.run(study, stages=STAGES, only="y")
    assert RAN == ["one", "y"]


def test_until_a_stage_without_cells_stops_there(study: Study) -> None:
    empty = StageSpec("none", __name__, lambda s, c: [], lambda s, c: {}, lambda s: [])
    pipeline.run(study, stages=(STAGES[0], empty, STAGES[1]), until="none")
    assert RAN == ["one"]


def test_what_a_model_needs_is_looked_for_before_any_of_its_jobs_is_done(study: Study) -> None:
    three = StageSpec(
        "three", __name__, lambda s, c: [JobKey("two", "x"), JobKey("two", "y")],
        lambda s, c: {}, lambda s: ["y"],
    )  # fmt: skip
    stages = (*STAGES, three)
    pipeline.run(study, stages=stages, until="one")
    RAN.clear()
    with pytest.raises(StudyError, match=r"^three/y needs two/x first; pullsmith run does them in"):
        pipeline.run(study, stages=stages, only="y")
    assert RAN == []
    pipeline.run(study, stages=stages, only="y", until="two")
    pipeline.run(study, stages=stages, only="two/x")
    pipeline.run(study, stages=stages, only="y")
    assert RAN == ["y", "x", "y"]


def test_a_journal_of_its_own_is_beside_the_shared_one(study: Study) -> None:
    seen: list[str] = []

    def lists(context: StageContext) -> StageResult:
        seen.append(context.run.journal.relative_to(context.run.path).as_posix())
        assert context.run.journal.parent.is_dir()
        return run(context)

    class Listing(StageSpec):
        def run(self, context: StageContext) -> StageResult:
            return lists(context)

    stage = Listing("one", __name__, lambda s, c: [], lambda s, c: {})
    pipeline.run(study, stages=(stage,))
    pipeline.run(study, stages=(stage,), journal="n+all", restart=True)
    assert seen == ["journal.sqlite"]
    other = study.model_copy(update={"name": "other"})
    pipeline.run(other, stages=(stage,), journal="n+all")
    assert seen == ["journal.sqlite", "journals/n+all.sqlite"]
    with pytest.raises(StudyError, match=r"journal '\.\./x': expected a name"):
        pipeline.run(study, stages=(stage,), journal="../x")


def test_a_stage_whose_input_is_missing_says_so(study: Study) -> None:
    with pytest.raises(StudyError, match="two/y needs one first"):
        pipeline.run(study, stages=STAGES, only="y")


def test_a_stage_whose_input_is_of_other_settings_says_which_command_to_run(study: Study) -> None:
    pipeline.run(study, stages=STAGES, until="one")
    changed = study.model_copy(update={"train": study.train.model_copy(update={"steps": 3})})
    with pytest.raises(
        RunFolderError, match=r"one was made with .*; pullsmith one STUDY\.toml --re"
    ):
        pipeline.run(changed, stages=STAGES, only="y")
    assert RAN == ["one"]
    pipeline.run(changed, stages=STAGES, only="one", restart=True)
    pipeline.run(changed, stages=STAGES, only="y")
    assert RAN == ["one", "one", "y"]


def test_an_unknown_stage_names_the_known_ones(study: Study) -> None:
    with pytest.raises(StudyError, match="unknown stage or model 'three'; known: one, two, x, y"):
        pipeline.run(study, stages=STAGES, until="three")


def test_other_settings_are_refused_and_nothing_is_lost(study: Study) -> None:
    pipeline.run(study, stages=STAGES)
    changed = study.model_copy(update={"train": study.train.model_copy(update={"steps": 3})})
    assert pipeline.status(changed, STAGES)[0].state is JobState.STALE
    with pytest.raises(RunFolderError, match=r"steps \(2 → 3\).*--restart"):
        pipeline.run(changed, stages=STAGES)
    assert states(study) == ["done"] * 3


def test_restart_moves_aside_and_makes_what_follows_anew(study: Study) -> None:
    pipeline.run(study, stages=STAGES)
    RAN.clear()
    changed = study.model_copy(update={"train": study.train.model_copy(update={"steps": 3})})
    pipeline.run(changed, stages=STAGES, restart=True)
    assert RAN == ["one", "x", "y"]
    aside = pipeline.run_folder(study).path / "aside"
    assert len(list(aside.iterdir())) == 3
    assert len(list(pipeline.run_folder(study).read("one", PullRequest))) == 3


def test_an_interrupted_job_is_started_not_done(study: Study) -> None:
    interrupted = study.model_copy(update={"seed": 13})
    with pytest.raises(KeyboardInterrupt):
        pipeline.run(interrupted, stages=STAGES)
    assert states(study) == ["started", "waiting", "waiting"]
    pipeline.run(study, stages=STAGES)
    assert states(study) == ["done"] * 3


def test_a_run_folder_that_cannot_be_made(study: Study, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    blocked = study.model_copy(update={"runs": tmp_path / "file"})
    with pytest.raises(RunFolderError, match="cannot be made"):
        pipeline.run(blocked, stages=STAGES)
