"""A model in this process: batched generation with transformers.

Takes requests, gives completions; knows no contract and no journal. Greedy at temperature 0, else
sampled with noise that is a pure function of the request's key and the position, so that no
neighbour in the batch changes what is drawn. Padding does change the last digits of a score, which
is why the door asks in fixed batches.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pullsmith.errors import TrainingError
from pullsmith.llm.chat import render, token_ids
from pullsmith.llm.decoding import Asked, decode
from pullsmith.llm.protocol import Completion, Request
from pullsmith.llm.weights import (
    SERVING_MODULES,
    is_adapter,
    load_adapter,
    load_model,
    load_tokenizer,
    model_folder,
    need_extra,
    quiet_libraries,
    safe_folder,
    stop_ids,
)
from pullsmith.records import Outcome

if TYPE_CHECKING:
    import torch
    from transformers import LogitsProcessor

BATCH_SIZE = 64


class LocalModel:
    """A folder's model, or an adapter on ``base``, or ``base`` alone where the folder is no model.

    ``base`` is a name (hf:ORG/NAME, ./FOLDER). Loaded when it is first asked; safetensors only, no
    code of a model is run. ``threads`` are torch's, for the whole process: bytes repeat only with
    the same number. Asking raises MissingExtraError without the extra [train], StudyError for a
    folder that holds no model.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        base: str = "",
        threads: int = 1,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        """Remember what to load; nothing is imported or read yet."""
        self._folder = folder
        self._base = base
        self._threads = threads
        self._batch_size = batch_size
        self._loaded: Loaded | None = None

    @property
    def batch_size(self) -> int:
        """How many requests are answered at once."""
        return self._batch_size

    def complete_many(self, requests: Sequence[Request]) -> list[Completion]:
        """One completion a request, in their order; an empty list for none."""
        if self._loaded is None:
            self._loaded = load_local(self._folder, self._base)
        loaded = self._loaded
        prompts = loaded.prompts(requests)
        # Alike lengths together: less padding. The prompt breaks ties, so the order is no accident.
        order = sorted(range(len(requests)), key=lambda i: (len(prompts[i]), requests[i].key))
        done: dict[int, Completion] = {}
        for start in range(0, len(order), self._batch_size):
            chosen = order[start : start + self._batch_size]
            answers = loaded.answer(
                [requests[i] for i in chosen], [prompts[i] for i in chosen], threads=self._threads
            )
            done.update(zip(chosen, answers, strict=True))
        return [done[i] for i in range(len(requests))]


def load_local(folder: Path | None, base: str) -> Loaded:
    """A folder's model, an adapter on ``base``, or ``base`` alone; raises as ``LocalModel`` does."""
    need_extra(SERVING_MODULES)
    quiet_libraries()
    if folder is not None and is_adapter(folder):
        need_extra(("peft",))
        return Loaded(model_folder(base), adapter=folder)
    if base:
        return Loaded(model_folder(base))
    if folder is None:
        raise TrainingError("a local model needs a folder or the name of a base model")
    return Loaded(safe_folder(folder, str(folder)))


class Loaded:
    """Model and tokenizer in memory."""

    def __init__(self, folder: Path, adapter: Path | None = None) -> None:
        import torch
        from transformers import GenerationConfig

        gpu = torch.cuda.is_available()
        model = load_model(folder, dtype="auto")
        # The adapter's folder has the tokenizer as it was trained: template and padding included.
        self.tokenizer = load_tokenizer(adapter or folder)
        self.stops = stop_ids(model, self.tokenizer)
        self.window: int | None = getattr(model.config, "max_position_embeddings", None)
        # The folder's own sampling settings would otherwise be mixed into ours.
        model.generation_config = GenerationConfig()
        if adapter is not None:
            model = load_adapter(model, adapter)
        self.model = model.eval().to("cuda" if gpu else "cpu")

    def prompts(self, requests: Sequence[Request]) -> list[list[int]]:
        """The ids each request's messages become, the cue to answer included."""
        talks = [request.messages for request in requests]
        return token_ids(self.tokenizer, render(self.tokenizer, talks, generation_prompt=True))

    def answer(
        self, requests: Sequence[Request], prompts: Sequence[Sequence[int]], *, threads: int
    ) -> list[Completion]:
        """Answer one batch; a prompt that fills the window is OVER_BUDGET and not asked."""
        started = time.perf_counter()
        rooms = [self._room(*pair) for pair in zip(requests, prompts, strict=True)]
        asked = [at for at, room in enumerate(rooms) if room > 0]
        rows: dict[int, list[int]] = {}
        if asked:
            generated = self._generate(
                [requests[at] for at in asked],
                [Asked(prompts[at], rooms[at], requests[at].temperature == 0) for at in asked],
                threads=threads,
            )
            rows = dict(zip(asked, generated, strict=True))
        seconds = time.perf_counter() - started  # each answer is there when its batch is
        return [
            self._completion(prompts[at], rows.get(at), room=room, seconds=seconds)
            for at, room in enumerate(rooms)
        ]

    def _room(self, request: Request, prompt: Sequence[int]) -> int:
        """How many tokens the answer may have."""
        left = request.max_tokens if self.window is None else self.window - len(prompt)
        return min(request.max_tokens, left)

    def _generate(
        self, requests: Sequence[Request], asked: Sequence[Asked], *, threads: int
    ) -> list[list[int]]:
        import torch

        streams = _streams(requests)
        torch.set_num_threads(threads)
        return decode(
            self.model, asked, stops=self.stops, pad=self.tokenizer.pad_token_id,
            noise=lambda rows: _noise([requests[at] for at in rows], [streams[at] for at in rows]),
        )  # fmt: skip

    def _completion(
        self, prompt: Sequence[int], row: list[int] | None, *, room: int, seconds: float
    ) -> Completion:
        if row is None:
            detail = f"the prompt has {len(prompt)} tokens; the model's window is {self.window}"
            return Completion(
                outcome=Outcome.OVER_BUDGET, text="", input_tokens=len(prompt), detail=detail
            )
        row = row[:room]
        end = next((at for at, token in enumerate(row) if token in self.stops), None)
        # Special tokens inside an answer stay visible: a strict parser must see them.
        text = self.tokenizer.decode(row if end is None else row[:end], skip_special_tokens=False)
        outcome, detail = Outcome.OK, ""
        if end is None:
            outcome, detail = Outcome.CUT, f"no end after {len(row)} tokens"
            if len(row) < room:
                detail += ", the last of which repeat themselves"
        elif not text.strip():
            outcome, detail = Outcome.EMPTY, "the answer ended before it began"
        return Completion(
            outcome=outcome,
            text=text,
            input_tokens=len(prompt),
            output_tokens=len(row) if end is None else end + 1,
            latency_seconds=seconds,
            detail=detail,
        )


def _streams(requests: Sequence[Request]) -> list[torch.Generator]:
    """A stream of noise for each request, seeded by its key."""
    import torch

    return [torch.Generator().manual_seed(int(request.key, 16) >> 1) for request in requests]


def _noise(
    requests: Sequence[Request], streams: Sequence[torch.Generator]
) -> list[LogitsProcessor]:
    """Gumbel noise on the scores: the largest of ``score / temperature + noise`` is a fair draw.

    Each request has its own stream. Rows at temperature 0 stay greedy; nothing where all are.
    """
    import torch
    from transformers import LogitsProcessor

    class Gumbel(LogitsProcessor):  # type: ignore[misc]  # transformers is not followed
        def __call__(self, _ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
            drawn = scores.float().clone()
            for row, (request, stream) in enumerate(zip(requests, streams, strict=True)):
                if request.temperature > 0:
                    flat = torch.rand(scores.shape[1], generator=stream).clamp(1e-10, 1 - 1e-7)
                    gumbel = -torch.log(-torch.log(flat)).to(scores.device)
                    drawn[row] = drawn[row] / request.temperature + gumbel
            return drawn

    return [Gumbel()] if any(request.temperature > 0 for request in requests) else []
