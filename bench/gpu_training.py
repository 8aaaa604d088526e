"""Training at real size: tokens a second, share of the machine's ceiling and peak memory.

The shape of Qwen2-7B with random weights, LoRA of rank 16, rows of 8,192 tokens packed from planted
pull requests, beside TRL's defaults with the same adapter, and beside any other trainer for which a
command is given. Model operations are 4 a weight and token (frozen weights need no gradient) and
those of causal attention; what is recomputed does not count. The ceiling is a product of two
matrices of 8,192 columns in bfloat16, measured in the same run. The first steps warm up and count.

A peer's COMMAND is run with one more argument, a folder: ``model/`` (configuration, weights,
tokenizer), ``rows.jsonl`` (``input_ids`` and ``labels``, -100 on what is not trained) and
``job.json`` (``steps``, ``rank``, ``alpha``, ``max_length_tokens``, ``row_tokens``). Its last line of
output must be ``{"tokens": …, "seconds": …, "peak_gb": …}``: tokens trained on without padding, and
wall seconds of the training alone. So LLaMA-Factory and Unsloth run in environments of their own.
"""

from __future__ import annotations

import gc
import json
import shlex
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from figures import Figures
from pullsmith.llm.weights import stop_ids
from pullsmith.study.train import TrainSettings
from pullsmith.train.encode import Encoded
from pullsmith.train.student import Student
from pullsmith.train.trainer import train_student
from pullsmith.train.training import Training

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

RANK, ALPHA = 16, 32
TRL_BATCH = 8  # its default


@dataclass(frozen=True)
class Shape:
    """A Qwen2 model by its sizes, the tokens of a packed row, and the suffix of its figures."""

    suffix: str
    vocabulary: int
    width: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    row_tokens: int
    ceiling_width: int

    @property
    def matrix_weights(self) -> int:
        """Weights of the matrices a token passes: all layers and the head, no embedding."""
        keys = self.width // self.heads * self.key_heads
        layer = 2 * self.width * (self.width + keys) + 3 * self.width * self.inner
        return self.layers * layer + self.width * self.vocabulary

    def operations(self, lengths: Sequence[int]) -> float:
        """Of LoRA over examples of these lengths: forward, and backward to the activations.

        Causal attention: two products of n * n / 2 places and the width a layer, 2 operations each,
        forward, and twice that backward.
        """
        attention = sum(3 * 2 * self.layers * self.width * n * n for n in lengths)
        return 4.0 * self.matrix_weights * sum(lengths) + float(attention)


SEVEN_BILLION = Shape("", 152064, 3584, 18944, 28, 28, 4, 8192, 8192)
REHEARSAL = Shape(" (rehearsal: a tiny shape on a CPU)", 4096, 64, 128, 2, 4, 2, 1024, 512)
assert SEVEN_BILLION.matrix_weights == 7_070_285_824  # the model's 7.6 billion without embeddings


@dataclass(frozen=True)
class Ran:
    """What a trainer did: real tokens, wall seconds, peak gigabytes of the GPU (0 without one)."""

    tokens: float
    seconds: float
    peak_gb: float

    @property
    def rate(self) -> float:
        return self.tokens / self.seconds


def beside_peers(
    shape: Shape,
    tokenizer: PreTrainedTokenizerBase,
    rows: Sequence[Encoded],
    steps: int,
    peers: Sequence[str],
    folder: Path,
) -> Figures:
    """The figures of our trainer beside TRL's defaults and each ``NAME=COMMAND`` of ``peers``."""
    batches, top = packed_rows(rows, steps, shape.row_tokens), ceiling(shape.ceiling_width)
    lengths = [len(rows[i].input_ids) for batch in batches for i in batch]
    mine = ours(student(shape, tokenizer), rows, batches, shape, folder)
    found = {"TRL's defaults": trl_default(student(shape, tokenizer), rows, steps, shape, folder)}
    for peer in peers:
        name, _, command = peer.partition("=")
        found[name] = other(command, student(shape, tokenizer), rows, steps, shape, folder / name)
    mfu = shape.operations(lengths) / mine.seconds / top
    figures: Figures = {}
    for name, ran in found.items():
        suffix = shape.suffix if name == "TRL's defaults" else f"{shape.suffix} beside {name}"
        figures |= _beside(mine, ran, name=name, suffix=suffix, row_tokens=shape.row_tokens)
    figures[f"mfu{shape.suffix}"] = {
        "value": round(mfu, 3),
        "unit": f"of {top / 1e12:.1f} TFLOP/s, measured",
        "peer": "reach 0.45",
        "ratio": round(mfu / 0.45, 2),
    }
    return figures


def _beside(mine: Ran, peer: Ran, *, name: str, suffix: str, row_tokens: int) -> Figures:
    figures: Figures = {
        f"tokens_per_second{suffix}": {
            "value": round(mine.rate),
            "unit": f"tokens, no padding counted, LoRA r{RANK}, rows of {row_tokens}",
            "peer": f"{name} {peer.rate:.0f}",
            "ratio": round(mine.rate / peer.rate, 2),
        }
    }
    if mine.peak_gb and peer.peak_gb:
        figures[f"peak_gb{suffix}"] = {
            "value": round(mine.peak_gb, 1),
            "unit": "GB of the GPU's memory",
            "peer": f"{name} {peer.peak_gb:.1f}",
            "ratio": round(mine.peak_gb / peer.peak_gb, 2),
        }
    return figures


def student(shape: Shape, tokenizer: PreTrainedTokenizerBase) -> Student:
    """Random weights of ``shape`` in bfloat16 on the GPU, or in float32 on a CPU."""
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    gpu = torch.cuda.is_available()
    config = Qwen2Config(
        vocab_size=shape.vocabulary, hidden_size=shape.width, intermediate_size=shape.inner,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads, max_position_embeddings=4 * shape.row_tokens,
        tie_word_embeddings=False, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    with torch.device("cuda" if gpu else "cpu"):
        model: PreTrainedModel = Qwen2ForCausalLM(config)
    model = model.to(torch.bfloat16) if gpu else model
    return Student(model, tokenizer, stop_ids(model, tokenizer), None, compact_loss=True)


def packed_rows(rows: Sequence[Encoded], steps: int, row_tokens: int) -> list[tuple[int, ...]]:
    """Batches of as many examples as fit a row, in order, over and over."""
    batches: list[tuple[int, ...]] = []
    at = 0
    while len(batches) < steps:
        batch: list[int] = []
        room = row_tokens
        while room >= len(rows[at % len(rows)].input_ids):
            room -= len(rows[at % len(rows)].input_ids)
            batch.append(at % len(rows))
            at += 1
        batches.append(tuple(batch))
    return batches


def ceiling(width: int) -> float:
    """Operations a second of a square bfloat16 product."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    one = torch.randn(width, width, device=device, dtype=torch.bfloat16)
    for _ in range(5):
        one @ one
    _wait()
    before = time.perf_counter()
    for _ in range(50):
        one @ one
    _wait()
    return 50 * 2.0 * width**3 / (time.perf_counter() - before)


def _wait() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def timed(act: Callable[[], object], tokens: float) -> Ran:
    """Wall seconds of ``act``, which trains ``tokens``, and the peak of the GPU's memory."""
    import torch

    gpu = torch.cuda.is_available()
    gc.collect()
    if gpu:
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    before = time.perf_counter()
    act()
    _wait()
    seconds = time.perf_counter() - before
    return Ran(tokens, seconds, torch.cuda.max_memory_allocated() / 1e9 if gpu else 0.0)


def ours(
    start: Student,
    rows: Sequence[Encoded],
    batches: list[tuple[int, ...]],
    shape: Shape,
    folder: Path,
) -> Ran:
    """LoRA with recomputed activations, a row of packed examples a step."""
    settings = TrainSettings(
        steps=len(batches), learning_rate=1e-4, warmup_steps=2, packing=True,
        checkpoint_steps=10 * len(batches), activation_checkpointing=True,
        max_length_tokens=shape.row_tokens, probe_steps=0,
    )  # fmt: skip
    training = Training(start, rows, batches, settings, adapter=True, seed=0)
    return timed(
        lambda: train_student(training, work=folder / "gpu", report=lambda _: None),
        sum(len(rows[i].input_ids) for batch in batches for i in batch),
    )


def trl_default(
    start: Student, rows: Sequence[Encoded], steps: int, shape: Shape, folder: Path
) -> Ran:
    """TRL as it comes, with the same adapter; it must be told of the row's length, and of a CPU."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback
    from trl import SFTConfig, SFTTrainer

    trainer = SFTTrainer(
        model=start.model,
        train_dataset=Dataset.from_list(_as_dicts(rows)),
        processing_class=start.tokenizer,
        args=SFTConfig(
            output_dir=str(folder / "trl-gpu"), max_steps=steps, report_to="none",
            max_length=shape.row_tokens, save_strategy="no", disable_tqdm=True,
            use_cpu=not torch.cuda.is_available(),
        ),
        peft_config=LoraConfig(
            r=RANK, lora_alpha=ALPHA, target_modules="all-linear", task_type="CAUSAL_LM"
        ),
    )  # fmt: skip
    trainer.remove_callback(PrinterCallback)
    mean = sum(len(one.input_ids) for one in rows) / len(rows)
    return timed(trainer.train, steps * TRL_BATCH * mean)


def other(
    command: str, start: Student, rows: Sequence[Encoded], steps: int, shape: Shape, folder: Path
) -> Ran:
    """What another trainer says of itself; stops the benchmark where it fails or says nothing."""
    start.model.save_pretrained(folder / "model")
    start.tokenizer.save_pretrained(folder / "model")
    lines = (json.dumps(row) for row in _as_dicts(rows))
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    job = {
        "steps": steps, "rank": RANK, "alpha": ALPHA,
        "max_length_tokens": shape.row_tokens, "row_tokens": shape.row_tokens,
    }  # fmt: skip
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    start.model.to("cpu")  # its memory is the other's now
    done = subprocess.run(
        [*shlex.split(command), str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"peer {command!r} failed:\n{done.stderr[-2000:]}")
    said = json.loads(done.stdout.strip().split("\n")[-1])
    return Ran(said["tokens"], said["seconds"], said["peak_gb"])


def _as_dicts(rows: Sequence[Encoded]) -> list[dict[str, list[int]]]:
    return [{"input_ids": list(one.input_ids), "labels": one.labels} for one in rows]
