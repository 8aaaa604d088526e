from __future__ import annotations

import json
from pathlib import Path

import pytest

from pullsmith.errors import StudyError
from pullsmith.llm.open_model import Weights
from pullsmith.llm.trained import trained_model
from pullsmith.records import Checkpoint, Phase, checkpoint_id
from pullsmith.store import JobFolder, JobKey, Manifest, RunFolder, make_folder
from pullsmith.tally import Tally


def cell(runs: Path, name: str = "tiny", *, base: str = "", finished: bool = True) -> Path:
    """A trained cell of a run, without weights."""
    job = RunFolder(runs / "s").job(JobKey("train", name))
    make_folder(job.path / "final")
    (job.path / "final" / "model.safetensors").write_bytes(b"x")
    rows = [
        Checkpoint(
            id=checkpoint_id(name, phase=phase, weights_digest=weights), student=name, phase=phase,
            folder=folder, weights_digest=weights, parameters=1, steps=1, trained_tokens=1, base=base,
        )
        for phase, folder, weights in ((Phase.BEFORE, "start", "a"), (Phase.AFTER, "final", "b"))
    ]  # fmt: skip
    job.write(Checkpoint, rows)
    if finished:
        _finish(job, {"contract": "compact-1", "max_tokens": 112, "temperature": 0.0})
    return job.path


def _finish(job: JobFolder, role: dict[str, object]) -> None:
    job.finish(
        Manifest(
            pullsmith_version="0", stage="train", cell=None, settings={"role": role}, inputs={},
            tally=Tally(records_in=1, records_out=1, dropped={}, rows=2), output_digest="",
            versions={}, measured={},
        )
    )  # fmt: skip


def test_a_cell_says_how_it_was_trained(tmp_path: Path) -> None:
    folder = cell(tmp_path / "runs")
    found = trained_model(str(folder))
    assert found.weights == Weights(folder / "final", "")
    assert (found.label, found.digest) == ("tiny", "b")
    assert (found.contract, found.max_tokens) == ("compact-1", 112)


def test_a_study_names_its_student(tmp_path: Path) -> None:
    folder = cell(tmp_path / "runs")
    path = tmp_path / "s.toml"
    text = 'name = "s"\nstudent = [{{ model = "tiny" }}{more}]\n[collect]\nsources = [{{ git = "." }}]\n'
    path.write_text(text.format(more=""))
    assert trained_model(str(path)) == trained_model(f"{path}#tiny") == trained_model(str(folder))
    path.write_text(text.format(more=', { model = "hf:o/n", name = "big" }'))
    assert trained_model(f"{path}#tiny") == trained_model(str(folder))
    with pytest.raises(StudyError, match=r"which student\? write one of: .*#tiny, .*#big"):
        trained_model(str(path))


def test_tiny_is_the_one_that_was_trained_near_here(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="make one with: pullsmith demo"):
        trained_model("tiny", near=tmp_path)
    folder = cell(tmp_path / "pullsmith-demo" / "runs")
    cell(tmp_path / "runs", finished=False)
    assert trained_model("tiny", near=tmp_path).weights.folder == folder / "final"
    _finish(JobFolder(tmp_path / "runs" / "s" / "train" / "tiny"), {})
    with pytest.raises(StudyError, match="several runs have trained it"):
        trained_model("tiny", near=tmp_path)


def test_a_cell_that_is_not_trained_yet(tmp_path: Path) -> None:
    folder = cell(tmp_path / "runs", finished=False)
    with pytest.raises(StudyError, match=r"no trained cell there \(it has no manifest.json\)"):
        trained_model(str(folder))


def test_an_adapters_base_comes_from_its_run_or_its_own_settings(tmp_path: Path) -> None:
    assert trained_model(str(cell(tmp_path / "runs", base="hf:o/n"))).weights.base == "hf:o/n"
    folder = tmp_path / "adapter"
    folder.mkdir()
    for said, base in (("o/n", "hf:o/n"), ("./here", "./here"), ("hf:o/n", "hf:o/n")):
        settings = {"base_model_name_or_path": said}
        (folder / "adapter_config.json").write_text(json.dumps(settings))
        assert trained_model(str(folder)).weights == Weights(folder, base)
    (folder / "adapter_config.json").write_text("{}")
    with pytest.raises(StudyError, match="names no base_model_name_or_path"):
        trained_model(str(folder))
    (folder / "adapter_config.json").write_text("[")
    with pytest.raises(StudyError, match="cannot be read"):
        trained_model(str(folder))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("./nowhere", "is no folder"),
        ("rules", "has no weights to load"),
        ("http://127.0.0.1:1/v1#m", "has no weights to load"),
        ("opnai:x", "did you mean 'openai:'"),
    ],
)
def test_what_has_no_weights(text: str, said: str) -> None:
    with pytest.raises(StudyError, match=said):
        trained_model(text)


def test_a_run_is_no_model(tmp_path: Path) -> None:
    cell(tmp_path / "runs")
    with pytest.raises(StudyError, match=r"a run, not a model; write which cell: .*train/tiny"):
        trained_model(str(tmp_path / "runs" / "s"))


def test_a_hub_model_is_its_own_base() -> None:
    assert trained_model("hf:o/n").weights == Weights(base="hf:o/n")
