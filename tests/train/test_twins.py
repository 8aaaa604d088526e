"""Every architecture of the presets trains, packs, saves, merges and answers, quirks and all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pullsmith.engine import StageContext
from pullsmith.errors import TrainingError
from pullsmith.llm.chat import prepare_tokenizer, render, token_ids
from pullsmith.llm.local import LocalModel
from pullsmith.llm.protocol import Request
from pullsmith.models.presets import presets
from pullsmith.train.merge import merge_adapter
from pullsmith.train.student import head_is_plain
from tests.train.builders import examples
from tests.train.runs import context, study, train
from tests.train.twins import TWINS, Twin, twin_folder, twin_tokenizer

# PEFT 0.21 asks transformers 5.23 by a name that is about to go; ours silences it where it trains.
pytestmark = pytest.mark.filterwarnings(
    "ignore:.is_gradient_checkpointing. is deprecated",
    "ignore:The following (rank|alpha)_pattern keys did not match",
)
ROWS = examples(4, 3)
SETTINGS = ("train.steps=6", "train.learning_rate=0.01", "train.probe_steps=0")
NAMES = sorted(TWINS)


def trained(twin: Twin, root: Path, *, method: str) -> tuple[StageContext, list[float]]:
    """The finished job of a twin, and the losses on its way."""
    folder = twin_folder(twin, root / "twin")
    lines: list[str] = []
    settings = (*SETTINGS, f"train.packing={str(twin.packs).lower()}")
    job = context(
        study(root, str(folder), method=method, overrides=settings), ROWS, report=lines.append
    )
    train(job)
    return job, [float(x.rpartition(" ")[2]) for x in lines if x.startswith("step ")]


def answers(model: LocalModel) -> list[str]:
    asked = [
        Request(model="m", messages=row.messages, max_tokens=8, temperature=0.0, scan=None)
        for row in ROWS[:3]
    ]
    return [completion.text for completion in model.complete_many(asked)]


def test_every_architecture_of_the_presets_has_a_twin() -> None:
    known = {preset.architecture.value for preset in presets().values()} - {None}
    assert known - {twin.architecture for twin in TWINS.values()} == set()


@pytest.mark.parametrize("name", NAMES)
def test_an_adapter_trains_packed_merges_and_answers_alike(name: str, tmp_path: Path) -> None:
    job, losses = trained(TWINS[name], tmp_path, method="lora")
    assert losses[-1] < losses[0]
    base, adapter = tmp_path / "twin", job.job.path / "final"
    difference = merge_adapter(
        base, adapter, tmp_path / "merged", asked=[row.messages for row in ROWS[:3]]
    )
    assert difference < 1e-3
    said = answers(LocalModel(adapter, base=str(base)))
    assert answers(LocalModel(tmp_path / "merged")) == said
    assert any(said)
    assert said != answers(LocalModel(base))


@pytest.mark.parametrize("name", NAMES)
def test_all_weights_train_packed_and_answer(name: str, tmp_path: Path) -> None:
    job, losses = trained(TWINS[name], tmp_path, method="full")
    assert losses[-1] < losses[0] - 0.2
    assert any(answers(LocalModel(job.job.path / "final")))


def test_an_architecture_whose_packed_examples_see_each_other_is_refused(tmp_path: Path) -> None:
    leaky = replace(TWINS["gpt_oss"], packs=True)
    with pytest.raises(TrainingError, match=r"changes by 0\.0.* gpt_oss lets them see each other"):
        trained(leaky, tmp_path, method="full")


@pytest.mark.parametrize("name", NAMES)
def test_its_prompt_has_one_first_token_and_every_word_of_the_messages(name: str) -> None:
    tokenizer = prepare_tokenizer(twin_tokenizer(TWINS[name]))
    (text,) = render(tokenizer, [ROWS[0].messages], generation_prompt=True)
    assert all(message.content.strip() in text for message in ROWS[0].messages)
    (ids,) = token_ids(tokenizer, [text])
    if TWINS[name].bos not in (None, TWINS[name].end):
        assert ids[0] == tokenizer.bos_token_id
        assert ids[1] != tokenizer.bos_token_id


def test_the_leaner_loss_is_taken_where_the_head_is_plain_and_only_there(tmp_path: Path) -> None:
    from pullsmith.llm.weights import load_model

    plain = {
        name: head_is_plain(load_model(twin_folder(TWINS[name], tmp_path / str(i)), dtype="auto"))
        for i, name in enumerate(("qwen2", "gpt_bigcode", "granitemoehybrid"))
    }
    assert plain == {"qwen2": True, "gpt_bigcode": True, "granitemoehybrid": False}
