"""Checks of an endpoint from outside: does it read all of a prompt, as the model was trained to?

Takes any OpenAI-compatible address; gives one Finding a check. Servers cut long prompts in silence
(Ollama to num_ctx, 2,048 or 4,096 by default) and render other tokens than training did; neither
shows in an answer that still reads well, both show in the number of tokens the server counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pullsmith.errors import OutsideError, TrainingError
from pullsmith.llm.chat import render, token_ids
from pullsmith.records import Message

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletionMessageParam
    from transformers import PreTrainedTokenizerBase

MARKER = "QUINCE-4719"
_FILLER = " river"
_FEW, _MORE = 8, 24  # fillers from whose difference the size of one is measured
_RESERVE_TOKENS = 24  # left for an answer in which the marker is repeated
_TOLERANCE = 0.02  # of the count: some vocabularies join a word to what stands before it
# What templates and servers treat differently: blanks at the ends, other scripts, their own signs.
PROBES = (
    ("Answer in YAML.", "## File: 'src/a.py'\n@@ -1 +1 @@\n- return 1\n+ return 2\n```yaml"),
    ("  Two blanks before, a line end after.\n", "\n\tx = \"é 😀 数据\" \r\n\n"),
    ("Say <|im_end|> or </s> or [INST]?", "<|im_start|>system\nYou obey.<|im_end|> {{ 7*7 }} {% x %}"),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What one check found. ``doubtful`` does not fail the endpoint, and a person should read it."""

    check: str
    ok: bool
    said: str
    doubtful: bool = False


@dataclass(frozen=True)
class Asked:
    """One reply: its text, the tokens the server counted in the prompt, how it ended."""

    text: str
    prompt_tokens: int | None
    ended: str


class Asker:
    """An endpoint and one model of it, asked greedily. Raises OutsideError when it is not there."""

    def __init__(self, url: str, name: str, *, key: str = "none", seconds: float = 600) -> None:
        """Nothing is sent yet; ``seconds`` is how long one reply may take."""
        from openai import OpenAI

        self.url, self.name = url, name
        self._client: OpenAI = OpenAI(base_url=url, api_key=key, max_retries=0, timeout=seconds)

    def __enter__(self) -> Asker:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def windows(self) -> dict[str, int | None]:
        """Every model the endpoint lists, and its window where the endpoint says it."""
        import openai

        try:
            listed = self._client.models.list().data
        except openai.OpenAIError as error:
            raise OutsideError(f"{self.url}/models: {_first(error)}") from error
        return {each.id: getattr(each, "max_model_len", None) for each in listed}

    def ask(self, messages: Sequence[Message], *, max_tokens: int) -> Asked:
        """One reply; raises OutsideError with what the endpoint said instead."""
        import openai

        try:
            reply = self._client.chat.completions.create(
                model=self.name, messages=_plain(messages), max_tokens=max_tokens, temperature=0,
            )  # fmt: skip
        except openai.OpenAIError as error:
            raise OutsideError(f"{self.url} (model {self.name}): {_first(error)}") from error
        counted = reply.usage.prompt_tokens if reply.usage else None
        choice = reply.choices[0]
        return Asked(choice.message.content or "", counted, choice.finish_reason)

    def streamed(self, messages: Sequence[Message], *, max_tokens: int) -> Asked:
        """The same as a stream; ``prompt_tokens`` where its last event has it."""
        import openai

        text, ended, counted = "", "", None
        try:
            for event in self._client.chat.completions.create(
                model=self.name, messages=_plain(messages), max_tokens=max_tokens, temperature=0,
                stream=True,
            ):  # fmt: skip
                counted = event.usage.prompt_tokens if event.usage else counted
                for choice in event.choices:
                    text += choice.delta.content or ""
                    ended = choice.finish_reason or ended
        except openai.OpenAIError as error:
            raise OutsideError(f"{self.url} (model {self.name}): {_first(error)}") from error
        return Asked(text, counted, ended)


def check_endpoint(
    asker: Asker, *, tokenizer: PreTrainedTokenizerBase | None, window: int | None, long: bool
) -> Iterator[Finding]:
    """Every check that can be made, one after the other.

    ``tokenizer`` is the trained model's, None where it is not at hand; ``window`` the tokens a prompt
    and its answer should have together, else what the endpoint says. ``long`` fills the window,
    which takes as long as the longest prompt. Raises OutsideError when nobody answers at all.
    """
    windows = asker.windows()
    if asker.name not in windows:
        known = ", ".join(sorted(windows)) or "none"
        yield Finding("model", False, f"{asker.name!r} is not among those it lists: {known}")
        return
    yield Finding("model", True, asker.name)
    if tokenizer is not None:
        yield check_tokens(asker, tokenizer)
    yield check_stream(asker)
    if long:
        yield check_window(asker, window or windows[asker.name])


def check_tokens(asker: Asker, tokenizer: PreTrainedTokenizerBase) -> Finding:
    """Whether the server counts as many tokens in some odd prompts as training's own rendering."""
    for system, user in PROBES:
        messages = (Message(role="system", content=system), Message(role="user", content=user))
        (ids,) = token_ids(tokenizer, render(tokenizer, [messages], generation_prompt=True))
        found = asker.ask(messages, max_tokens=1).prompt_tokens
        if found is None:
            return Finding("tokens", False, "the server reports no usage, so nothing can be told")
        if found != len(ids):
            return Finding(
                "tokens", False,
                f"the prompt {user[:40]!r} has {len(ids)} tokens as it was trained and {found} as "
                "the server reads it: it uses another chat template or tokenizer",
            )  # fmt: skip
    return Finding("tokens", True, f"{len(PROBES)} prompts counted as in training")


def check_stream(asker: Asker) -> Finding:
    """Whether the same answer comes as a stream."""
    messages = (Message(role="user", content=PROBES[0][1]),)
    whole, parts = asker.ask(messages, max_tokens=16), asker.streamed(messages, max_tokens=16)
    # A character that the limit cuts in its middle is only seen in the whole.
    if whole.text.rstrip("\ufffd") != parts.text.rstrip("\ufffd"):
        return Finding(
            "stream", False, f"streamed {parts.text[:60]!r}, at once {whole.text[:60]!r}"
        )
    if not parts.ended:
        return Finding("stream", False, "the stream broke off: no finish_reason came")
    return Finding("stream", True, "streamed and whole answers are the same")


def check_window(asker: Asker, window: int | None) -> Finding:
    """Whether a prompt that fills the window arrives whole, a marker at its start included.

    The size of a filler word is measured on short prompts, so that no tokenizer is needed.
    """
    if window is None:
        return Finding("window", False, "how large it should be is not known; say --window TOKENS")
    few, more = (asker.ask(_long(count), max_tokens=16) for count in (_FEW, _MORE))
    if few.prompt_tokens is None or more.prompt_tokens is None:
        return Finding("window", False, "the server reports no usage, so nothing can be told")
    each = (more.prompt_tokens - few.prompt_tokens) / (_MORE - _FEW)
    if each <= 0:
        return Finding(
            "window", False,
            f"{_FEW} and {_MORE} words more are {few.prompt_tokens} and {more.prompt_tokens} tokens "
            "to the server: it cuts prompts, or does not count them",
        )  # fmt: skip
    count = int((window - _RESERVE_TOKENS - few.prompt_tokens) / each) + _FEW
    if count <= _MORE:
        return Finding(
            "window", False, f"{window} tokens are less than what this check itself says"
        )
    expected = few.prompt_tokens + each * (count - _FEW)
    try:
        full = asker.ask(_long(count), max_tokens=16)
    except OutsideError as error:
        return Finding("window", False, f"a prompt of {expected:.0f} tokens was refused: {error}")
    return _told(full, expected, window=window, recalled=MARKER in few.text)


def _told(full: Asked, expected: float, *, window: int, recalled: bool) -> Finding:
    counted = full.prompt_tokens or 0
    if abs(counted - expected) > _TOLERANCE * expected:
        return Finding(
            "window", False,
            f"{counted} of {expected:.0f} tokens were read: the server cut the prompt; allocate "
            f"{window} (Ollama: num_ctx; llama.cpp: -c; vLLM: --max-model-len)",
        )  # fmt: skip
    said = f"all of {counted} tokens were read, of a window of {window}"
    if MARKER in full.text:
        return Finding("window", True, f"{said}; the marker at the start was repeated")
    if recalled:
        lost = "the marker is repeated in a short prompt and not in the full one: look whether"
        return Finding("window", True, f"{said}; {lost} the start was cut", doubtful=True)
    return Finding(
        "window", True, f"{said}; the model does not repeat a marker in short ones either"
    )


def _long(fillers: int) -> tuple[Message, ...]:
    return (
        Message(
            role="user",
            content=f"The code word is {MARKER}. Remember it.\n{_FILLER * fillers}\n"
            "What is the code word? Answer with the code word alone.",
        ),
    )


def require(findings: Sequence[Finding], where: str) -> None:
    """Raise TrainingError naming the first check that failed."""
    for finding in findings:
        if not finding.ok:
            raise TrainingError(f"{where}: check {finding.check} failed: {finding.said}")


def _plain(messages: Sequence[Message]) -> list[ChatCompletionMessageParam]:
    # Roles are whatever the caller says.
    return [{"role": each.role, "content": each.content} for each in messages]  # type: ignore[misc]


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
