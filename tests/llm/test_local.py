from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pullsmith.errors import StudyError, TrainingError
from pullsmith.llm.local import LocalModel
from pullsmith.llm.protocol import BatchModel, Completion, Request
from pullsmith.records import Message, Outcome
from tests.train.builders import twin_folder

if TYPE_CHECKING:
    import torch

WORDS = ("cache", "file", "line", "def", "value", "return")


# PEFT 0.21 asks transformers 5.23 by a name that is about to go; ours silences it where it trains.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")


def request(text: str, **fields: object) -> Request:
    messages = (Message(role="user", content=text),)
    return Request.model_validate(
        {"model": "m", "messages": messages, "max_tokens": 12, "scan": None, **fields}
    )


def requests(count: int, **fields: object) -> list[Request]:
    """Prompts of different lengths."""
    return [request(" ".join(WORDS[: 1 + n % 6]) + f" {n}", **fields) for n in range(count)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return twin_folder(tmp_path_factory.mktemp("twin"))


@pytest.fixture(scope="module")
def model(folder: Path) -> LocalModel:
    return LocalModel(folder, threads=1, batch_size=4)


def texts(completions: list[Completion]) -> list[str]:
    return [completion.text for completion in completions]


def forced(tmp_path: Path, tokens: list[int]) -> LocalModel:
    """A model that says ``tokens`` in turn whatever it is asked: each points at the next."""
    import torch
    from transformers import LlamaForCausalLM

    twin = twin_folder(tmp_path)
    loaded = LlamaForCausalLM.from_pretrained(twin)
    with torch.no_grad():
        for layer in loaded.model.layers:
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
        cue = 2  # "[A]", the last token of every prompt
        rows = torch.eye(32)
        loaded.model.embed_tokens.weight.zero_()
        loaded.lm_head.weight.zero_()
        for at, (now, then) in enumerate(zip([cue, *tokens], tokens, strict=False)):
            loaded.model.embed_tokens.weight[now] = rows[at]
            loaded.lm_head.weight[then] += rows[at]
    loaded.save_pretrained(twin)
    return LocalModel(twin, threads=1)


def test_it_is_a_model_the_door_asks_in_batches(model: LocalModel) -> None:
    assert isinstance(model, BatchModel)
    assert model.batch_size == 4


def test_answers_come_in_the_order_of_the_requests(model: LocalModel) -> None:
    asked = requests(9)
    together = texts(model.complete_many(asked))
    assert texts(model.complete_many(asked[::-1])) == together[::-1]
    alone = [model.complete_many([one])[0].text for one in asked]
    assert together == alone
    assert len(set(together)) > 1


def test_no_requests_give_no_answers(model: LocalModel) -> None:
    assert model.complete_many([]) == []


def test_an_answer_ends_at_the_end_token_and_shows_no_padding(tmp_path: Path) -> None:
    model = forced(tmp_path, [40, 41, 42, 1])
    short, long = model.complete_many([request("a"), request("a b c value return", max_tokens=4)])
    for found in (short, long):
        assert (found.outcome, found.output_tokens, found.detail) == (Outcome.OK, 4, "")
    assert short.text == long.text
    assert len(short.text) == 3
    assert long.input_tokens > short.input_tokens


def test_an_answer_that_reaches_its_limit_is_cut_whatever_its_neighbours_may(
    tmp_path: Path,
) -> None:
    model = forced(tmp_path, [40, 41, 42, 1])
    cut, whole = model.complete_many([request("a", max_tokens=3), request("a", max_tokens=9)])
    assert (cut.outcome, cut.output_tokens) == (Outcome.CUT, 3)
    assert cut.detail == "no end after 3 tokens"
    assert whole.outcome is Outcome.OK
    assert cut.text == whole.text  # three letters each: only one of them was ended


def test_an_answer_in_circles_is_cut_before_its_limit_and_a_sampled_one_is_not(
    tmp_path: Path,
) -> None:
    model = forced(tmp_path, [40, 41, 42, 41])  # 40, then 41 and 42 for ever
    greedy, sampled = model.complete_many(
        [request("a", max_tokens=100), request("a", max_tokens=100, temperature=1e-6)]
    )
    # 48 tokens in circles are seen at the end of the third stage of 24: the first was 40.
    assert (greedy.outcome, greedy.output_tokens) == (Outcome.CUT, 72)
    assert greedy.detail == "no end after 72 tokens, the last of which repeat themselves"
    assert (sampled.outcome, sampled.output_tokens) == (Outcome.CUT, 100)
    assert sampled.detail == "no end after 100 tokens"
    assert sampled.text.startswith(greedy.text)


def test_an_answer_without_words_is_empty(tmp_path: Path) -> None:
    (found,) = forced(tmp_path, [1]).complete_many([request("a")])
    assert (found.outcome, found.text, found.output_tokens) == (Outcome.EMPTY, "", 1)


def test_special_tokens_inside_an_answer_stay_visible(tmp_path: Path) -> None:
    (found,) = forced(tmp_path, [40, 3, 41, 1]).complete_many([request("a")])
    assert "[user]" in found.text


def test_a_prompt_that_fills_the_window_is_over_budget(model: LocalModel) -> None:
    full, fine = model.complete_many([request("value " * 300), request("value")])
    assert (full.outcome, full.text) == (Outcome.OVER_BUDGET, "")
    assert full.detail.endswith("the model's window is 256")
    assert fine.outcome is not Outcome.OVER_BUDGET


def test_the_window_limits_the_answer(model: LocalModel) -> None:
    probe = model.complete_many([request("a")])[0].input_tokens
    base = model.complete_many([request("a" + " a" * 100)])[0].input_tokens
    each = (base - probe) // 100
    near = request("a" + " a" * ((250 - probe) // each), max_tokens=50)
    (found,) = model.complete_many([near])
    assert found.outcome is Outcome.CUT
    assert found.input_tokens + found.output_tokens == 256


def test_sampling_repeats_by_key_and_not_by_neighbours(model: LocalModel) -> None:
    asked = requests(6, temperature=1.0)
    together = texts(model.complete_many(asked))
    assert texts(model.complete_many(asked)) == together
    assert texts(model.complete_many(asked[3:])) == together[3:]
    other = texts(model.complete_many(requests(6, temperature=1.0, sample=1)))
    assert other != together
    assert texts(model.complete_many(requests(6))) != together


def test_greedy_rows_stay_greedy_beside_sampled_ones(model: LocalModel) -> None:
    greedy = request("value line")
    mixed = model.complete_many([greedy, request("value file", temperature=2.0)])
    assert mixed[0].text == model.complete_many([greedy])[0].text


def test_the_noise_draws_from_the_softmax() -> None:
    """Shares of 4,000 draws at temperature 2 against exp(score / 2), normalised."""
    import torch

    from pullsmith.llm.local import _noise, _streams

    scores = torch.log(torch.tensor([0.64, 0.32, 0.04]))
    many = [request(str(n), temperature=2.0) for n in range(4000)]
    [noise] = _noise(many, _streams(many))
    drawn = noise(None, scores.expand(4000, 3)).argmax(-1)
    # sqrt of .64, .32, .04 is .8, .566, .2; divided by their sum 1.566: .511, .361, .128.
    shares = torch.bincount(drawn, minlength=3) / 4000
    # Three standard errors of a share of 4,000 draws are at most .024.
    assert shares.tolist() == pytest.approx([0.511, 0.361, 0.128], abs=0.024)


def test_an_adapter_changes_what_its_base_says(folder: Path, tmp_path: Path) -> None:
    adapter = adapted(folder, tmp_path / "adapter", scale=3.0)
    asked = requests(5)
    alone = texts(LocalModel(None, base=str(folder), threads=1).complete_many(asked))
    on_top = texts(LocalModel(adapter, base=str(folder), threads=1).complete_many(asked))
    assert on_top != alone
    # Where the folder is no model, as before training, the base itself answers.
    empty = LocalModel(tmp_path, base=str(folder), threads=1)
    assert texts(empty.complete_many(asked)) == alone


def test_a_pickled_adapter_is_refused(folder: Path, tmp_path: Path) -> None:
    adapter = adapted(folder, tmp_path / "adapter", scale=1.0)
    (adapter / "adapter_model.safetensors").rename(adapter / "adapter_model.bin")
    with pytest.raises(StudyError, match="pickled weights are never loaded"):
        LocalModel(adapter, base=str(folder), threads=1).complete_many(requests(1))


def test_neither_folder_nor_base_is_refused() -> None:
    with pytest.raises(TrainingError, match="needs a folder or the name of a base model"):
        LocalModel(None).complete_many(requests(1))


def adapted(base: Path, folder: Path, *, scale: float) -> Path:
    """An adapter with weights of size ``scale`` on ``base``."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

    loaded = LlamaForCausalLM.from_pretrained(base)
    config = LoraConfig(r=4, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM")
    with_adapter = get_peft_model(loaded, config)
    draw = torch.Generator().manual_seed(1)
    for name, weight in with_adapter.named_parameters():
        if "lora_" in name:
            weight.data = _normal(weight, draw) * scale
    with_adapter.save_pretrained(folder)
    PreTrainedTokenizerFast.from_pretrained(base).save_pretrained(folder)
    return folder


def _normal(like: torch.Tensor, draw: torch.Generator) -> torch.Tensor:
    import torch

    return torch.randn(like.shape, generator=draw)
