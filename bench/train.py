"""Training: real tokens a second and the loss they buy, beside TRL's defaults on the same examples.

    python bench/train.py [--quick] [--json] [--peer NAME=COMMAND]

Planted pull requests are rendered, answered and cleaned by the pipeline itself; both sides train the
same start on them, with the same learning rate and as nearly as batches allow the same number of
tokens. ``tokens_vs_trl_default`` counts tokens that are no padding, per CPU second of one thread;
both save their last state, ours includes building the trainer. ``loss_at_same_tokens`` is each
side's loss afterwards on examples neither saw. ``packed_loss_difference`` is the largest change of
the loss of four examples when they share a row. TRL's defaults: batches of 8 drawn at random and
padded, every position through the head, activations recomputed, bfloat16; on a CPU it must be told
that it is on one.

What a GPU is measured by is in ``gpu_training``: ``tokens_per_second``, ``mfu`` and ``peak_gb`` of Qwen2-7B's
shape. Without one the same code trains a few steps of a tiny shape here, so that it is known to run;
its figures say so in their names and mean nothing else. ``--peer NAME=COMMAND`` puts another trainer
beside ours, from an environment of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figures, cpu_seconds, show
from gpu_training import REHEARSAL, SEVEN_BILLION, beside_peers
from pullsmith import pipeline
from pullsmith.llm.weights import TRAINING_MODULES, quiet_libraries, stop_ids
from pullsmith.records import Example
from pullsmith.study import parse_study
from pullsmith.study.train import TinySettings, TrainSettings
from pullsmith.train.batches import plan_batches
from pullsmith.train.collate import packing_difference, tensors
from pullsmith.train.encode import Encoded, encode
from pullsmith.train.student import Student
from pullsmith.train.tiny import build_tiny
from pullsmith.train.tokenizer import train_tokenizer
from pullsmith.train.trainer import answer_loss, train_student
from pullsmith.train.training import Training

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

STUDY = """
name = "b"
runs = "{root}"
teacher = [{{ model = "rules+truth", contract = "native-1" }}]
student = [{{ model = "tiny", contract = "compact-1" }}]
collect.sources = [{{ planted = "stdlib", fill_to = {count} }}]
eval.per_tool = 10
"""
RATE, WINDOW, HELD = 1e-3, 1024, 60
TRL_BATCH = 8  # its default


def rendered(folder: Path, count: int) -> list[Example]:
    """The examples of planted pull requests, as the pipeline makes them."""
    study = parse_study(STUDY.format(root=folder, count=count))
    pipeline.run(study, until="clean", workers=1)
    return list(pipeline.run_folder(study).read("clean", Example))


def tokenizer_of(examples: Sequence[Example]) -> PreTrainedTokenizerBase:
    texts = [message.content for example in examples for message in example.messages]
    return train_tokenizer([*texts, *(example.target for example in examples)], 2048)


def start(size: str, tokenizer: PreTrainedTokenizerBase) -> Student:
    """The embedded student, or a plain Qwen2 of about 12 M weights; the same each time."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    if size == "tiny":
        model: PreTrainedModel = build_tiny(tokenizer, TinySettings(), window=WINDOW, seed=0)
    else:
        torch.manual_seed(0)
        config = Qwen2Config(
            vocab_size=len(tokenizer), hidden_size=384, intermediate_size=1024, num_hidden_layers=6,
            num_attention_heads=6, num_key_value_heads=6, tie_word_embeddings=True,
            max_position_embeddings=WINDOW, eos_token_id=tokenizer.eos_token_id,
        )  # fmt: skip
        model = Qwen2ForCausalLM(config)
    return Student(model, tokenizer, stop_ids(model, tokenizer), None, compact_loss=True)


def ours(student: Student, rows: Sequence[Encoded], steps: int, folder: Path) -> tuple[int, float]:
    """Tokens and CPU seconds of our trainer; in bfloat16 beyond a million weights, as TRL always."""
    settings = TrainSettings(
        steps=steps, learning_rate=RATE, warmup_steps=steps // 10, checkpoint_steps=10 * steps,
        bf16_on_cpu=student.parameters > 10**6, probe_steps=0,
    )  # fmt: skip
    batches = plan_batches(
        rows, batches=steps, seed=0, pull_requests_per_batch=2, spots_per_batch=8
    )
    training = Training(student, rows, batches, settings, adapter=False, seed=0)
    spent = cpu_seconds(lambda: train_student(training, work=folder, report=lambda _: None))
    return sum(len(rows[i].input_ids) for batch in batches for i in batch), spent


def trl_default(
    student: Student, rows: Sequence[Encoded], tokens: int, folder: Path
) -> tuple[int, float]:
    """Tokens and CPU seconds of TRL as it comes, for about ``tokens`` tokens of the same examples."""
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    mean = sum(len(one.input_ids) for one in rows) / len(rows)
    arguments = SFTConfig(
        output_dir=str(folder), use_cpu=True, max_steps=max(round(tokens / mean / TRL_BATCH), 1),
        learning_rate=RATE, warmup_steps=max(round(tokens / mean / TRL_BATCH), 1) // 10,
        lr_scheduler_type="cosine", adam_beta2=0.98, weight_decay=0.01,
        report_to="none", disable_tqdm=True, seed=0,
    )  # fmt: skip
    data = Dataset.from_dict(
        {"input_ids": [one.input_ids for one in rows], "labels": [one.labels for one in rows]}
    )
    trainer = SFTTrainer(
        model=student.model, args=arguments, train_dataset=data, processing_class=student.tokenizer
    )
    trainer.remove_callback(PrinterCallback)  # its lines would be among our figures
    spent = cpu_seconds(trainer.train)
    seen = trainer.state.max_steps * TRL_BATCH * mean
    return round(seen), spent


def loss_of(student: Student, rows: Sequence[Encoded]) -> float:
    """The mean loss a trained token of examples nobody trained on."""
    import torch

    model, pad = student.model.eval(), student.tokenizer.pad_token_id
    count = sum(one.trained_tokens for one in rows)
    with torch.no_grad():
        parts = [answer_loss(model, tensors([one], pad=pad, packing=False), 1) for one in rows]
    return float(sum(parts)) / count


def beside_trl(
    size: str, rows: Sequence[Encoded], held: Sequence[Encoded], steps: int, folder: Path
) -> Figures:
    """Both sides from the same start, one after the other."""
    mine, peer = start(size, TOKENIZER[0]), start(size, TOKENIZER[0])
    before = loss_of(mine, held)
    tokens, spent = ours(mine, rows, steps, folder / f"ours-{size}")
    seen, peer_spent = trl_default(peer, rows, tokens, folder / f"trl-{size}")
    rate, peer_rate = tokens / spent, seen / peer_spent
    loss, peer_loss = loss_of(mine, held), loss_of(peer, held)
    weights = f"{mine.parameters / 1e6:.1f} M weights"
    return {
        f"tokens_vs_trl_default ({size})": {
            "value": round(rate),
            "unit": f"tokens per CPU-second, no padding counted, {weights}",
            "peer": f"TRL's defaults {peer_rate:.0f}; reach 1.5",
            "ratio": round(rate / peer_rate, 2),
        },
        f"loss_at_same_tokens ({size})": {
            "value": round(loss, 3),
            "unit": f"held-out loss after {tokens} tokens, {before:.2f} before",
            "peer": f"TRL's defaults {peer_loss:.3f} after {seen}",
            "ratio": round(loss / peer_loss, 2),
        },
    }


def packed(rows: Sequence[Encoded]) -> Figures:
    """The largest change of a loss by packing, over groups of four examples, on the larger twin."""
    student = start("12M", TOKENIZER[0])
    pad = student.tokenizer.pad_token_id
    found = max(
        packing_difference(student.model.eval(), rows[at : at + 4], pad=pad)
        for at in range(0, 40, 4)
    )
    return {
        "packed_loss_difference": {
            "value": f"{found:.1e}",
            "unit": "largest of ten groups of four examples",
            "peer": "at most 1e-04",
            "ratio": round(found / 1e-4, 3),
        }
    }


TOKENIZER: list[PreTrainedTokenizerBase] = []


def main() -> int:
    import torch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    options = parser.parse_args()
    quiet_libraries(TRAINING_MODULES)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        examples = rendered(folder, 100 if options.quick else 600)
        TOKENIZER.append(tokenizer_of(examples))
        end = TOKENIZER[0].eos_token_id
        rows, _ = encode(examples, TOKENIZER[0], stops=[end], max_length_tokens=WINDOW)
        rows = [replace(one, tool="all") for one in rows]
        held, kept = rows[:HELD], rows[HELD:]
        figures = packed(rows)
        for size, steps in (
            (("tiny", 20), ("12M", 4)) if options.quick else (("tiny", 300), ("12M", 60))
        ):
            figures |= beside_trl(size, kept, held, steps, folder)
        shape = SEVEN_BILLION if torch.cuda.is_available() else REHEARSAL
        steps = 2 if shape is REHEARSAL else 10 if options.quick else 40
        figures |= beside_peers(shape, TOKENIZER[0], kept, steps, options.peer, folder)
    show(figures, as_json=options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
