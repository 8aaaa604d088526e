"""What students take: by hand where it can be, unknown where a fact is, and less once rendered."""

from __future__ import annotations

import pytest

from pullsmith.pipeline.hardware import Hardware, hardware_on, longest_prompt, text_bytes
from pullsmith.records import Message, Prompt, Split
from pullsmith.study import Study
from pullsmith.train.gpus import GPUS
from tests.judged import prompt, pull_request, study

GPU = GPUS["h100"]
TRAIN = {
    "steps": 100, "gradient_accumulation_steps": 4, "pull_requests_per_batch": 2,
    "max_length_tokens": 2000, "packing": True,
}  # fmt: skip
SEVEN = {"model": "hf:codellama/CodeLlama-7b-hf", "contract": "compact-1", "max_tokens": 100}


def made(*students: dict[str, object], **train: object) -> Study:
    return study(student=students, train={**TRAIN, **train}, render={"max_diff_tokens": 1000})


def needs(*students: dict[str, object], prompts: list[Prompt] | None = None, **train: object) -> Hardware:  # fmt: skip
    return hardware_on(made(*students, **train), prompts, GPU, calls=640)


def test_before_rendering_every_example_is_as_long_as_may_be() -> None:
    (found,) = needs(SEVEN).students
    # 100 steps x 4 batches x 2 pull requests x 3 tools, each 1,000 x 1.3 + 700 + 100 tokens, cut at 2,000.
    assert longest_prompt(made(SEVEN), "compact-1") == 2000
    assert found.training_tokens == 2400 * 2000
    # 7e9 weights x 2 x 3 ways (full) x tokens at .3 of 989 TFLOP/s.
    assert found.training_hours == pytest.approx(7e9 * 6 * 2400 * 2000 / (0.3 * 989e12) / 3600)
    assert found.answers == 2 * 640
    # Reading 1,280 prompts; writing 20 batches of 100 tokens, 28 GB of 32-bit weights at half of 3,350 GB/s each.
    reading = 2 * 7e9 * 2000 * 1280 / (0.3 * 989e12)
    writing = 20 * 100 * 28e9 / (0.5 * 3350e9)
    assert found.answering_hours == pytest.approx((reading + writing) / 3600)
    assert found.gpu_hours == pytest.approx((found.training_hours or 0) + (reading + writing) / 3600)  # fmt: skip


def test_full_training_of_a_large_model_takes_many_gpus_and_much_disk() -> None:
    (found,) = needs({"model": "hf:Phind/Phind-CodeLlama-34B-v2", "contract": "compact-1"}).students
    assert found.gpus is not None
    assert found.gpus >= 7  # 16 bytes a weight are 507 GiB
    assert found.weights_bytes == 4 * 34 * 10**9
    assert found.download_bytes == 2 * 34 * 10**9
    assert found.states_bytes == 2 * 12 * 34 * 10**9
    (adapter,) = needs({"model": "hf:Phind/Phind-CodeLlama-34B-v2", "contract": "compact-1", "method": "lora"}, activation_checkpointing=True).students  # fmt: skip
    assert adapter.gpus == 2  # 83 GiB
    assert (adapter.weights_bytes or 0) < 10**9


def test_what_hangs_on_an_unknown_fact_is_unknown_and_the_rest_is_told() -> None:
    found = needs(SEVEN, {"model": "./mine"}, {"model": "hf:ibm-granite/granite-34b-code-instruct-8k", "method": "lora"})  # fmt: skip
    _, mine, granite = found.students
    assert (mine.training_hours, mine.answering_hours, mine.memory_bytes, mine.gpus) == (None,) * 4
    assert (mine.download_bytes, mine.weights_bytes, mine.states_bytes) == (None,) * 3
    assert found.unknown == ("./mine",)
    assert granite.gpu_hours is not None  # its size is known, its layers are not
    assert (granite.memory_bytes, granite.weights_bytes) == (None, None)
    assert found.without_bytes == ("./mine", "hf:ibm-granite/granite-34b-code-instruct-8k")
    about = {"size_billions": 7.0, "layers": 32, "width": 4096, "vocabulary": 32016}
    told, twin = needs({**SEVEN, "name": "a"}, {**SEVEN, "model": "./mine", "about": about}).students  # fmt: skip
    assert (told.memory_bytes, told.gpu_hours) == (twin.memory_bytes, twin.gpu_hours)


def test_one_model_in_two_methods_is_downloaded_once() -> None:
    two = needs({**SEVEN, "methods": ["full", "lora"]})
    assert [each.method for each in two.students] == ["full", "lora"]
    kept = sum(each.weights_bytes or 0 for each in two.students)
    assert two.known_bytes == 2 * 7 * 10**9 + kept
    assert two.most_states_bytes == two.students[0].states_bytes


def test_a_student_s_own_recipe_is_priced() -> None:
    usual, longer = needs(SEVEN, {**SEVEN, "name": "longer", "train": {"steps": 300}}).students
    assert longer.training_tokens == 3 * usual.training_tokens


def rendered(name: str, words: int, side: Split) -> Prompt:
    content = "word " * words
    made = prompt(pull_request(name), "review", "compact-1")
    return made.model_copy(update={"split": side, "messages": (Message(role="user", content=content),)})  # fmt: skip


def test_after_rendering_prompts_are_counted_and_padding_is_a_matter_of_packing() -> None:
    prompts = [rendered(str(n), 10 if n % 2 else 30, Split.TRAIN) for n in range(60)]
    prompts.append(rendered("eval", 1000, Split.EVAL))
    (packed,) = needs(SEVEN, prompts=prompts).students
    # 30 and 10 words, one token each with a margin of 1.3: 39 and 13, and 100 of the answer.
    assert packed.training_tokens == 2400 * (26 + 100)
    (padded,) = needs(SEVEN, prompts=prompts, packing=False).students
    assert padded.training_tokens == 2400 * (39 + 100)
    (before,) = needs(SEVEN).students
    assert (packed.memory_bytes or 0) < (before.memory_bytes or 0)


def test_text_on_disk_is_what_is_asked_once_and_what_is_answered_twice() -> None:
    # 4 bytes a token: the longest list of prompts, and all answers twice.
    assert text_bytes(made(SEVEN), [(10, 1000, 50), (5, 400, 20)]) == 4 * (2 * 1000 + 2 * 70)
    assert text_bytes(made(SEVEN), [(None, 0, 0), (5, 400, 20)]) is None
