"""A merge that is well passes, one that lost what was learnt fails; counted by hand and on a twin."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pullsmith.errors import StudyError, TrainingError
from pullsmith.export.fidelity import Asking, Fidelity, Question, asking_of, check, compare, counted
from pullsmith.export.source import find_source
from pullsmith.llm.local import LocalModel
from pullsmith.llm.protocol import Completion
from pullsmith.llm.scripted import saying
from pullsmith.records import Message, Outcome
from tests.export.trained import Run

# PEFT 0.21 asks transformers 5.23 by a name that is about to go; ours silences it where it trains.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing. is deprecated")


def said(*texts: str, outcome: Outcome = Outcome.OK) -> list[Completion]:
    return [Completion(outcome=outcome, text=text) for text in texts]


def questions(count: int, *, contract: bool = True) -> list[Question]:
    """Answers that begin with v follow the contract."""
    follows = (lambda text: text.startswith("v")) if contract else None
    return [Question((Message(role="user", content=str(n)),), follows) for n in range(count)]


def test_answers_are_counted_equal_and_valid_each_for_itself() -> None:
    found = counted(said("v1", "v2", "x"), said("v1", "v3", "v"), questions(3))
    assert found == Fidelity(prompts=3, equal=1, valid_before=2, valid_after=3)
    assert found.figures() == pytest.approx(
        {"prompts": 3, "equal_rate": 1 / 3, "valid_rate_before": 2 / 3, "valid_rate_after": 1}
    )
    assert found.told() == "1 of 3 answers equal, contract-valid 2 before and 3 after"


def test_an_answer_that_was_cut_is_not_the_one_that_ended() -> None:
    cut = said("v1", outcome=Outcome.CUT)
    assert counted(said("v1"), cut, questions(1)) == Fidelity(1, 0, 1, 0)
    assert counted(cut, cut, questions(1)) == Fidelity(1, 1, 0, 0)


def test_prompts_that_do_not_fit_say_nothing_and_alone_are_refused() -> None:
    full = said("", outcome=Outcome.OVER_BUDGET)
    assert counted([*full, *said("v")], [*full, *said("v")], questions(2)).prompts == 1
    with pytest.raises(StudyError, match="no prompt fits"):
        counted(full, full, questions(1))


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (Fidelity(20, 20, 15, 15), None),
        (Fidelity(20, 10, 15, 13), None),  # half of the words changed, two answers lost: noise
        (Fidelity(20, 9, 15, 15), "is another model: 9 of 20 answers equal"),
        (Fidelity(20, 20, 15, 12), "is worse: .* contract-valid 15 before and 12 after"),
        (Fidelity(20, 9, None, None), "is another model"),
        (Fidelity(20, 20, 12, 15), None),
    ],
)
def test_what_noise_explains_passes_and_what_it_does_not_is_refused(
    found: Fidelity, fault: str | None
) -> None:
    if fault is None:
        check(found, "the merge")
        return
    with pytest.raises(TrainingError, match=fault):
        check(found, "the merge")


def test_weights_in_four_bits_may_say_other_words_in_the_same_form() -> None:
    check(Fidelity(20, 3, 15, 14), "four bits", least_equal=0.0)


def test_any_model_is_asked_through_the_door() -> None:
    asking = Asking(tuple(questions(2)), max_tokens=8)
    found = compare(saying("v"), saying("v"), asking, names=("scripted:v", "scripted:v"))
    assert found == Fidelity(2, 2, 2, 2)


@pytest.mark.slow
def test_a_merge_that_lost_the_adapter_is_refused_and_the_true_one_is_not(
    lora_run: Run, tmp_path: Path
) -> None:
    source = find_source(str(lora_run.file))
    asking = asking_of(source)
    assert len(asking.questions) == 8
    assert len({question.messages for question in asking.questions}) == 2
    adapter = _strong(source.folder, tmp_path / "adapter")
    before = LocalModel(adapter, base=source.base)
    names = (source.base, "./merged")
    same = compare(before, LocalModel(adapter, base=source.base), asking, names=names)
    assert same.equal == same.prompts == 8
    check(same, "the same")
    lost = compare(before, LocalModel(None, base=source.base), asking, names=names)
    with pytest.raises(TrainingError, match="is another model"):
        check(lost, "the base without its adapter")


def _strong(adapter: Path, out: Path) -> Path:
    """The adapter made to matter: two steps of training hardly move a greedy answer."""
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copytree(adapter, out)
    torch.manual_seed(0)
    path = out / "adapter_model.safetensors"
    weights = {
        name: torch.randn_like(weight) if "lora_B" in name else weight
        for name, weight in load_file(path).items()
    }
    save_file(weights, path)
    return out


def test_a_folder_is_asked_probes_without_a_contract(lora_run: Run) -> None:
    asking = asking_of(find_source(str(lora_run.final)), 5)
    assert len({question.messages for question in asking.questions}) == 5
    assert all(question.follows is None for question in asking.questions)
