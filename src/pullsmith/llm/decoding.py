"""Batched decoding with transformers: a row leaves the batch once it has ended.

Takes a model, its end tokens and prompts; gives each prompt's new tokens. A batch is as slow as its
longest answer, and in most batches some row never ends: right answers of the embedded student have
25 to 45 tokens in the mean, by tool, and those that never end its limit of 112. So every STAGE_TOKENS the rows that have ended
are taken out of the batch and out of its cache, and with them those that go round in circles:
greedy decoding seldom leaves a stretch it has repeated many times. Knows no request and no text.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from transformers import DynamicCache, LogitsProcessor, PreTrainedModel

STAGE_TOKENS = 24
_LONGEST_PERIOD = 12
_CIRCLE_TOKENS = 48  # four times the longest period; lists of alike numbers are real answers too
_CIRCLE_SHARE = 8  # or this part of what the answer may have, where that is more


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt's ids and how many tokens its answer may have; ``greedy`` ones may be stopped."""

    prompt: Sequence[int]
    room: int
    greedy: bool = True


def circles(row: Sequence[int], room: int) -> bool:
    """Whether the end of ``row`` only repeats a stretch of at most 12 tokens.

    It must do so for 48 tokens, and for an eighth of the ``room`` that the answer has.
    """
    length = max(_CIRCLE_TOKENS, room // _CIRCLE_SHARE)
    end = list(row[-length:])
    return len(end) == length and any(
        end[period:] == end[:-period] for period in range(1, _LONGEST_PERIOD + 1)
    )


def decode(
    model: PreTrainedModel,
    asked: Sequence[Asked],
    *,
    stops: Collection[int],
    pad: int,
    noise: Callable[[Sequence[int]], Sequence[LogitsProcessor]],
) -> list[list[int]]:
    """The new tokens of each prompt; what follows its first end token, or its room, means nothing.

    ``noise`` gives what is applied to the scores of the rows of these numbers. An architecture
    whose cache cannot be divided is decoded in one stage.
    """
    batch = _Batch.of(model, [one.prompt for one in asked], pad)
    rows: list[list[int]] = [[] for _ in asked]
    left, done = list(range(len(asked))), 0
    while left:
        most = max(asked[number].room for number in left) - done
        stage = most if done == 0 and not batch.divides else min(STAGE_TOKENS, most)
        new = batch.go_on(stage, stops=stops, pad=pad, noise=noise(left))
        for number, tokens in zip(left, new, strict=True):
            rows[number] += tokens
        done += len(new[0])
        staying = [
            at for at, number in enumerate(left) if _goes_on(rows[number], asked[number], stops)
        ]
        left = [left[at] for at in staying] if len(new[0]) == stage < most else []
        batch.keep(staying)
    return rows


def _goes_on(row: Sequence[int], asked: Asked, stops: Collection[int]) -> bool:
    if len(row) >= asked.room or any(token in stops for token in row[-STAGE_TOKENS:]):
        return False
    return not (asked.greedy and circles(row, asked.room))


class _Batch:
    """The rows that are still being decoded: their ids so far, padded on the left, and the cache."""

    def __init__(self, model: PreTrainedModel, ids: torch.Tensor, seen: torch.Tensor) -> None:
        self._model, self._ids, self._seen = model, ids, seen
        self._cache = _cache_of(model)

    @classmethod
    def of(cls, model: PreTrainedModel, prompts: Sequence[Sequence[int]], pad: int) -> _Batch:
        """A batch in which nothing is decoded yet."""
        import torch

        width = max(map(len, prompts))
        ids = [[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts]
        seen = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        device = model.device
        return cls(model, torch.tensor(ids, device=device), torch.tensor(seen, device=device))

    @property
    def divides(self) -> bool:
        """Whether rows can be taken out: layers that keep a running state instead of keys cannot."""
        return self._cache is not None

    def go_on(
        self,
        tokens: int,
        *,
        stops: Collection[int],
        pad: int,
        noise: Sequence[LogitsProcessor],
    ) -> list[list[int]]:
        """At most ``tokens`` more of each row; fewer where all rows end."""
        import torch
        from transformers import GenerationConfig, LogitsProcessorList

        width = self._ids.shape[1]
        config = GenerationConfig(
            max_new_tokens=tokens, do_sample=False, eos_token_id=sorted(stops), pad_token_id=pad
        )
        cached = {} if self._cache is None else {"past_key_values": self._cache}
        with torch.inference_mode():
            self._ids = self._model.generate(
                input_ids=self._ids,
                attention_mask=self._seen,
                generation_config=config,
                logits_processor=LogitsProcessorList(noise),
                **cached,
            )
        new = self._ids[:, width:]
        self._seen = torch.cat([self._seen, torch.ones_like(new)], dim=1)
        found: list[list[int]] = new.tolist()
        return found

    def keep(self, rows: Sequence[int]) -> None:
        """Take all other rows out."""
        import torch

        if self._cache is None or len(rows) in (0, len(self._ids)):
            return
        chosen = torch.tensor(list(rows), device=self._ids.device)
        self._ids, self._seen = self._ids[chosen], self._seen[chosen]
        with torch.inference_mode():
            self._cache.batch_select_indices(chosen)


def _cache_of(model: PreTrainedModel) -> DynamicCache | None:
    """A cache of keys and values whose rows can be chosen; None where the model needs another."""
    from transformers import DynamicCache

    cache = DynamicCache(config=model.config)
    return cache if all(hasattr(layer, "batch_select_indices") for layer in cache.layers) else None
