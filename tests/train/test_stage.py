from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.engine import Processes, StageContext, StageResult
from pullsmith.errors import MissingExtraError, StudyError, TrainingError
from pullsmith.llm.weights import load_tokenizer, weights_digest
from pullsmith.records import Answer, Checkpoint, Drop, Outcome, Phase, Prompt, drop, example_id
from pullsmith.rows import read_rows
from pullsmith.store import JobFolder, JobKey
from pullsmith.train.rejected import prompt_of
from tests.clean.made import prompt
from tests.curated import finish as write_job
from tests.train.builders import example, examples, rows_of, twin_folder
from tests.train.runs import context, finish, study, train

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    earlier = torch.get_num_threads()
    yield
    assert torch.get_num_threads() == earlier, "the stage gives the threads back"


def checkpoints(job: JobFolder) -> tuple[Checkpoint, Checkpoint]:
    rows = {row.phase: row for shard in job.shards() for row in read_rows(shard, Checkpoint)}
    return rows[Phase.BEFORE], rows[Phase.AFTER]


def left(job: JobFolder, result: StageResult) -> dict[str, bytes]:
    """What a finished job leaves for others, by name."""
    finish(job, result.tally)
    return {
        path.relative_to(job.path).as_posix(): path.read_bytes()
        for path in sorted(job.path.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def test_the_embedded_student_killed_and_resumed_leaves_the_same_bytes(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.train.runs", str(tmp_path / "b"), "tiny", "5"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    lines: dict[str, list[str]] = {"a": [], "b": []}
    straight = context(study(tmp_path / "a"), report=lines["a"].append)
    resumed = context(study(tmp_path / "b"), report=lines["b"].append)
    found = [path.name for path in (resumed.job.path / "work").glob("*/checkpoint-*")]
    assert sorted(found) == ["checkpoint-2", "checkpoint-4"]
    one, other = train(straight), train(resumed)
    assert (one.measured["steps"], other.measured["steps"]) == (6, 2)
    curve = [line for line in lines["a"] if line.startswith("step")]
    assert [line for line in lines["b"] if line.startswith("step")] == curve[4:]
    assert one.tally == other.tally
    files = left(straight.job, one)
    assert files == left(resumed.job, other)
    assert {name.split("/")[0] for name in files} == {
        "start", "final", "loss.json", "rows-00000.parquet", "dropped.parquet",
    }  # fmt: skip
    assert not any(name.endswith((".bin", ".pt", ".pth")) for name in files)


def test_its_checkpoints_name_the_weights_before_and_after(tmp_path: Path) -> None:
    job = context(study(tmp_path))
    result = train(job)
    before, after = checkpoints(job.job)
    for row, folder in ((before, "start"), (after, "final")):
        assert (row.student, row.folder, row.base) == ("pupil", folder, "")
        assert row.weights_digest == weights_digest(job.job.path / folder)
    assert before.weights_digest != after.weights_digest
    assert (before.steps, before.trained_tokens, after.steps) == (0, 0, 6)
    assert after.trained_tokens > 0
    vocabulary = len(load_tokenizer(job.job.path / "start"))
    # Embedding of 128 a token, and two layers of q, k, v (4 heads of 64) with
    # bias, o, a gated MLP of 320, two norms.
    layer = 3 * (128 * 256 + 256) + 256 * 128 + 3 * 128 * 320 + 2 * 128
    assert before.parameters == after.parameters == vocabulary * 128 + 2 * layer + 128
    rows = len(examples())
    assert (result.tally.records_in, result.tally.records_out, result.tally.rows) == (rows, rows, 2)
    assert result.measured["tokens_per_second"] > 0


def test_too_long_examples_and_other_contracts_stay_out(tmp_path: Path) -> None:
    long = example(500, "describe", target="word " * 400)
    other = example(501, "describe", contract="native-1")
    rows = [*examples(4, 2), long, other]
    with pytest.raises(TrainingError, match="1 of 15 examples are too long"):
        train(context(study(tmp_path / "strict"), rows))
    short = study(tmp_path / "short", overrides=["student.0.about.context_tokens=16"])
    with pytest.raises(TrainingError, match="15 of 15 examples are too long"):
        train(context(short, rows))
    job = context(study(tmp_path, overrides=["train.max_too_long_share=0.1"]), rows)
    tally = train(job).tally
    assert (tally.records_in, tally.records_out, tally.dropped) == (15, 14, {"too_long": 1})
    drops = list(read_rows(job.job.path / "dropped.parquet", Drop))
    assert [d.record_id for d in drops] == [long.id]
    assert drops[0].stage == "train"


def test_a_folder_is_trained_in_full(tmp_path: Path) -> None:
    twin = twin_folder(tmp_path / "twin")
    job = context(study(tmp_path, str(twin)))
    train(job)
    before, after = checkpoints(job.job)
    assert (before.folder, before.base) == ("", str(twin))
    assert before.weights_digest == weights_digest(twin)
    assert (after.folder, after.base) == ("final", "")
    final = job.job.path / "final"
    assert rows_of(final / "config.json")["architectures"] == ["LlamaForCausalLM"]
    # What it pads with is kept with it: no end token, which a later training would mask.
    assert rows_of(final / "tokenizer_config.json")["pad_token"] == "<s>"
    assert not (job.job.path / "start").exists()


def test_a_folder_is_trained_with_an_adapter(tmp_path: Path) -> None:
    twin = twin_folder(tmp_path / "twin")
    job = context(study(tmp_path, str(twin), method="lora"))
    train(job)
    before, after = checkpoints(job.job)
    assert (before.folder, before.base) == ("", str(twin))
    assert (after.folder, after.base) == ("final", str(twin))
    final = job.job.path / "final"
    assert [path.name for path in final.glob("*.safetensors")] == ["adapter_model.safetensors"]
    assert rows_of(final / "adapter_config.json")["base_model_name_or_path"] == str(twin)


def test_what_is_trained_is_shown_before_training(tmp_path: Path) -> None:
    lines: list[str] = []
    twin = twin_folder(tmp_path / "twin", plain=True)
    train(context(study(tmp_path, str(twin)), report=lines.append))
    assert lines[1].startswith("no chat template of its own: plain headings")
    assert lines[1].endswith("answers end in </s>")
    assert [line.partition(" in ")[0] for line in lines[2:5]] == ["trained"] * 3
    assert all(line.endswith("</s>'") for line in lines[2:5])


def test_tiny_takes_no_adapter(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="pupil: tiny is trained in full"):
        train(context(study(tmp_path, method="lora")))


def test_weights_in_four_bits_are_refused_without_a_cuda_gpu(tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA GPU")
    twin = twin_folder(tmp_path / "twin")
    with pytest.raises(StudyError, match=r"pupil: method 'qlora' .* needs a CUDA GPU.*\"lora\""):
        train(context(study(tmp_path, str(twin), method="qlora")))
    train(context(study(tmp_path, str(twin), method="lora")))


def test_a_student_without_weights_here_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="pupil: model 'openai:x' has no weights to train here"):
        train(context(study(tmp_path, "openai:x")))


def test_no_examples_in_its_contract_are_named(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="clean kept no example in contract 'compact-1'"):
        train(context(study(tmp_path), [example(1, "review", contract="native-1")]))


def test_the_missing_extra_is_named_when_training_starts(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "class Blocked:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] == 'torch':\n"
        "            raise ModuleNotFoundError(\"No module named 'torch'\", name=name)\n"
        "sys.meta_path.insert(0, Blocked())\n"
        "from pathlib import Path\n"
        "from pullsmith.train import stage\n"
        "from pullsmith.errors import MissingExtraError\n"
        "from tests.train.runs import context, study, train\n"
        "try:\n"
        "    train(context(study(Path(sys.argv[1]))))\n"
        "except MissingExtraError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("training and local models need torch, which cannot be imported")
    assert "pip install 'pullsmith[train]'" in done.stdout
    assert issubclass(MissingExtraError, ImportError)


def test_other_settings_never_go_on_from_these_and_a_tracker_is_none_of_them(
    tmp_path: Path,
) -> None:
    def name(*overrides: str) -> str:
        job = context(study(tmp_path, overrides=overrides))
        train(job)
        (found,) = (job.job.path / "work").iterdir()
        shutil.rmtree(job.job.path / "work")
        return found.name

    first = name("train.steps=2")
    assert name("train.steps=2", "train.probe_steps=0", "train.report_to=[]") == first
    assert name("train.steps=2", "train.learning_rate=0.002") != first


def test_a_preference_stage_moves_the_model_and_counts_what_it_was_given(tmp_path: Path) -> None:
    setting = 'train.preference={method="dpo", steps=3, learning_rate=0.001}'
    job = context(study(tmp_path / "a", overrides=[setting]))
    rejected(job)
    result = train(job)
    rows = len(examples())
    assert (result.tally.records_in, result.tally.records_out) == (rows + 6, rows + 6)
    measured = result.measured
    assert measured["preference_margin_after"] > measured["preference_margin_before"]
    assert measured["probe_last_loss"] < measured["probe_first_loss"]
    plain = context(study(tmp_path / "b"))
    train(plain)
    assert checkpoints(job.job)[1].weights_digest != checkpoints(plain.job)[1].weights_digest
    none = context(study(tmp_path / "c", overrides=[setting]))
    for stage in ("generate", "render"):
        write_job(none.run, stage, Prompt, [])
    with pytest.raises(StudyError, match="of 0 answers that were rejected for what they say none"):
        train(none)
    with pytest.raises(
        StudyError, match="started in 2 processes, and the preference stage runs in one"
    ):
        train(replace(job, processes=Processes(2)))


def rejected(job: StageContext) -> None:
    """Each review has a wrong answer beside it, which clean found wanting."""
    reviews = [row for row in examples() if row.tool == "review"]
    drops: list[Drop] = []
    prompts: list[Prompt] = []
    for row in reviews:
        asked = prompt_of(row)
        one = Answer(
            id=f"{asked}~other/none/none/0", prompt_id=asked, pull_request_id=row.pull_request_id,
            tool="review", contract=row.contract, model="other", outcome=Outcome.UNREADABLE,
            text="nothing to see here",
        )  # fmt: skip
        name = example_id(one.id, contract=row.contract)
        drops.append(drop("clean", one, "unreadable").model_copy(update={"record_id": name}))
        prompts.append(prompt("review").model_copy(update={"id": asked, "messages": row.messages}))
    write_job(job.run, "render", Prompt, prompts)
    write_job(job.run, "generate", Answer, [])
    job.run.job(JobKey("clean")).write_drops(drops)


@pytest.mark.parametrize("learns", [True, False])
def test_second_looks_are_for_the_student_that_asks_for_them(tmp_path: Path, learns: bool) -> None:
    rows = examples()
    look = rows[0].model_copy(update={"id": "look", "tool": "reflect"})
    made = study(tmp_path, overrides=["train.steps=1"])
    student = made.student[0].model_copy(update={"reflect": learns})
    result = train(context(made.model_copy(update={"student": (student,)}), [*rows, look]))
    assert result.tally.records_in == len(rows) + learns


def test_ablations_of_the_embedded_student_start_from_the_same_weights(tmp_path: Path) -> None:
    found = []
    for data in ("all", "share:0.3", "tools:review"):
        chosen = study(
            tmp_path / data, overrides=[f'student.0.data=["{data}"]', "student.0.name=pupil"]
        )
        student = chosen.student[0].model_copy(update={"name": "pupil"})
        job = context(chosen.model_copy(update={"student": (student,)}))
        train(job)
        found.append(checkpoints(job.job))
    befores, afters = zip(*found, strict=True)
    assert len({row.weights_digest for row in befores}) == 1
    assert len({row.weights_digest for row in afters}) == 3


def test_a_student_is_trained_by_its_own_recipe(tmp_path: Path) -> None:
    job = context(study(tmp_path, overrides=["student.0.train.steps=3"]))
    assert train(job).measured["steps"] == 3
