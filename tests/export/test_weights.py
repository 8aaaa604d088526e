"""Weights as others load them: the type kept, the stop token where servers look, no pickle, no secret."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pullsmith.errors import OutsideError, SecretError, StudyError, TrainingError
from pullsmith.export.fidelity import asking_of
from pullsmith.export.source import Source, find_source
from pullsmith.export.targets import Choices, Exported, export
from pullsmith.export.weights import write_whole
from pullsmith.llm.weights import weights_digest
from tests.export.trained import Run

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")


def settings(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


@pytest.fixture(scope="module")
def merged(lora_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    folder = tmp_path_factory.mktemp("out") / "merged"
    return export(find_source(str(lora_run.file)), "safetensors", folder, Choices())


def test_an_adapter_is_merged_and_the_merge_answers_as_it_did(merged: Exported) -> None:
    assert {"model.safetensors", "config.json", "tokenizer.json", "README.md"} <= set(merged.files)
    assert "adapter_config.json" not in merged.files
    assert merged.measured["equal_rate"] == 1.0
    assert merged.measured["prompts"] == 8
    assert merged.notes[0].startswith("8 of 8 answers equal, contract-valid ")


def test_it_loads_without_us_and_stops_where_it_learnt_to(merged: Exported) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(merged.folder, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(merged.folder, local_files_only=True)
    assert model.generation_config.eos_token_id == [tokenizer.eos_token_id]
    assert model.generation_config.pad_token_id == tokenizer.pad_token_id != tokenizer.eos_token_id
    assert tokenizer.chat_template
    talk = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    assert "s" in tokenizer.apply_chat_template(talk, tokenize=False)


def test_whole_weights_are_copied_as_they_are(tiny_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = export(find_source(str(tiny_run.file)), "safetensors", out, Choices())
    assert made.measured == {}  # nothing was merged, so nothing had to be asked
    assert weights_digest(out) == weights_digest(tiny_run.final)
    assert not (tmp_path / ".out.part").exists()


def test_sampling_settings_of_the_base_do_not_reach_a_server(tiny_run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_run.final, folder)
    stops = {"eos_token_id": [1, 7], "repetition_penalty": 1.05, "temperature": 0.7, "do_sample": True}  # fmt: skip
    (folder / "generation_config.json").write_text(json.dumps(stops))
    export(find_source(str(folder)), "safetensors", tmp_path / "out", Choices())
    found = settings(tmp_path / "out" / "generation_config.json")
    assert {1, 7} <= set(found["eos_token_id"])
    assert found["do_sample"] is False
    assert "repetition_penalty" not in found
    assert "temperature" not in found


def test_bfloat16_stays_bfloat16_and_large_files_become_shards(
    tiny_run: Run, tmp_path: Path
) -> None:
    import torch
    from safetensors import safe_open
    from transformers import AutoModelForCausalLM

    folder = tmp_path / "model"
    shutil.copytree(tiny_run.final, folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    out = tmp_path / "out"
    out.mkdir()
    source = find_source(str(folder))
    write_whole(source, out, asking_of(source), least_equal=0.5, shard_gb=0)
    shards = sorted(out.glob("model-*.safetensors"))
    assert len(shards) > 1
    assert (out / "model.safetensors.index.json").is_file()
    for path in shards:
        with safe_open(path, "pt") as weights:
            assert all(weights.get_tensor(name).dtype == torch.bfloat16 for name in weights.keys())  # noqa: SIM118  # no mapping


def test_an_adapter_alone_names_its_base_as_others_read_it(lora_run: Run, tmp_path: Path) -> None:
    source = find_source(str(lora_run.file))
    made = export(source, "adapter", tmp_path / "out", Choices())
    assert {"adapter_model.safetensors", "adapter_config.json", "README.md"} <= set(made.files)
    found = settings(tmp_path / "out" / "adapter_config.json")
    assert found["base_model_name_or_path"] == source.base
    hub = Source("pupil", source.folder, "hf:Org/Name")
    export(hub, "adapter", tmp_path / "hub", Choices())
    assert settings(tmp_path / "hub" / "adapter_config.json")["base_model_name_or_path"] == "Org/Name"  # fmt: skip


def test_a_model_trained_in_full_has_no_adapter(tiny_run: Run, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="so it has no adapter; --to safetensors"):
        export(find_source(str(tiny_run.file)), "adapter", tmp_path / "out", Choices())
    assert not (tmp_path / "out").exists()


def test_what_lies_beside_the_weights_and_is_no_part_of_them_stays(
    tiny_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_run.final, folder)
    (folder / "optimizer.pt").write_bytes(b"\x80\x04")
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04")
    made = export(find_source(str(folder)), "safetensors", tmp_path / "out", Choices())
    assert not {"optimizer.pt", "pytorch_model.bin"} & set(made.files)


def test_a_secret_in_a_template_stops_the_export_and_leaves_nothing(
    tiny_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_run.final, folder)
    key = "sk_live_" + "a1" * 12
    (folder / "chat_template.jinja").write_text(f"{{{{ '{key}' }}}}")
    with pytest.raises(SecretError, match=r"chat_template\.jinja, line 1"):
        export(find_source(str(folder)), "safetensors", tmp_path / "out", Choices())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model"]


def test_a_folder_without_its_tokenizer_is_refused(tiny_run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(tiny_run.final, folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(StudyError, match="holds no tokenizer"):
        export(find_source(str(folder)), "safetensors", tmp_path / "out", Choices())


def test_a_merge_below_the_users_own_bound_is_refused_and_leaves_nothing(
    lora_run: Run, tmp_path: Path
) -> None:
    source = find_source(str(lora_run.final))
    with pytest.raises(TrainingError, match="fewer equal than 101%"):  # more than all of them
        export(source, "safetensors", tmp_path / "out", Choices(least_equal=1.01))
    assert list(tmp_path.iterdir()) == []


def test_a_base_that_the_hub_does_not_give_is_an_outside_failure(
    lora_run: Run, tmp_path: Path
) -> None:
    source = Source("pupil", lora_run.final, "hf:nobody/not-cached-here")
    with pytest.raises(OutsideError, match="hf:nobody/not-cached-here: the hub did not give it"):
        export(source, "safetensors", tmp_path / "out", Choices())
    assert list(tmp_path.iterdir()) == []


def test_code_of_a_model_is_not_run(lora_run: Run, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(Path(find_source(str(lora_run.file)).base), base)
    config = settings(base / "config.json")
    config |= {"model_type": "own", "auto_map": {"AutoModelForCausalLM": "own.Own", "AutoConfig": "own.C"}}  # fmt: skip
    (base / "config.json").write_text(json.dumps(config))
    (base / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    source = Source("pupil", lora_run.final, str(base))
    with pytest.raises(StudyError, match=f"{base}: the model cannot be loaded"):
        export(source, "safetensors", tmp_path / "out", Choices())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base"]
