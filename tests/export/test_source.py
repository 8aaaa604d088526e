"""What may be exported: found by name, and refused where it is not what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pullsmith.errors import RunFolderError, StudyError
from pullsmith.export.source import find_source
from tests.export.trained import Run


def test_a_student_of_a_run_is_found_by_its_name_and_alone_without_one(tiny_run: Run) -> None:
    for name in (str(tiny_run.file), f"{tiny_run.file}#pupil"):
        source = find_source(name)
        assert (source.name, source.folder, source.base) == ("pupil", tiny_run.final, "")
        assert source.trained
        assert source.trained.checkpoint.steps == 2
        assert source.window_tokens == 256  # train.max_length_tokens, which the model was built for


def test_a_student_that_is_not_there_or_not_trained_is_told(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"no student 'pupl'; write one of: .*#pupil"):
        find_source(f"{tiny_run.file}#pupl")
    new = tmp_path / "new.toml"
    new.write_text(tiny_run.file.read_text().replace('name = "study"', 'name = "other"'))
    with pytest.raises(RunFolderError, match=r"not trained yet; pullsmith run .* --until train"):
        find_source(str(new))
    both = tmp_path / "both.toml"
    second = '[[student]]\nname = "second"\nmodel = "tiny"\n[train]'
    both.write_text(new.read_text().replace("[train]", second, 1))
    with pytest.raises(StudyError, match=r"several students; write one of: .*#pupil, .*#second"):
        find_source(str(both))


def test_a_study_that_says_other_settings_now_is_not_exported(
    tiny_run: Run, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.toml"
    changed.write_text(tiny_run.file.read_text().replace("steps = 2", "steps = 3", 1))
    with pytest.raises(RunFolderError, match=r"train\.steps \(2 → 3\)"):
        find_source(str(changed))


def test_weights_that_are_not_the_ones_that_were_trained_are_not_exported(
    tiny_run: Run, tmp_path: Path
) -> None:
    copy = tmp_path / "runs"
    shutil.copytree(tiny_run.study.runs, copy)
    file = tmp_path / "study.toml"
    file.write_text(tiny_run.file.read_text().replace(str(tiny_run.study.runs), str(copy)))
    assert find_source(str(file)).folder.is_relative_to(copy)
    weights = find_source(str(file)).folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(RunFolderError, match="not those the run trained"):
        find_source(str(file))


def test_a_folder_is_what_lies_in_it(tiny_run: Run, tmp_path: Path) -> None:
    source = find_source(str(tiny_run.final))
    assert (source.name, source.base, source.trained) == ("final", "", None)
    assert source.window_tokens == 256
    with pytest.raises(StudyError, match="so it sits on no base"):
        find_source(str(tiny_run.final), base="hf:org/name")
    with pytest.raises(StudyError, match="is no folder"):
        find_source(str(tmp_path / "absent"))
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(StudyError, match="pickled weights are never loaded"):
        find_source(str(tmp_path))


@pytest.mark.parametrize(
    ("said", "base", "found"),
    [
        ("hf:Org/Name", "", "hf:Org/Name"),
        ("Org/Name", "", "hf:Org/Name"),
        ("Org/Name", "hf:Other/Name", "hf:Other/Name"),
        (None, "./there", "./there"),
    ],
)
def test_an_adapter_sits_on_what_is_said_or_what_it_says(
    tmp_path: Path, said: str | None, base: str, found: str
) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": said}))
    assert find_source(str(tmp_path), base=base).base == found


@pytest.mark.parametrize(
    ("said", "told"), [(None, "names no base model; say --base"), ("/gone/base", "no folder here")]
)
def test_an_adapter_without_a_base_that_can_be_found_is_refused(
    tmp_path: Path, said: str | None, told: str
) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    (tmp_path / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": said}))
    with pytest.raises(StudyError, match=told):
        find_source(str(tmp_path))
