"""Prompts as a model sees them: every message whole, with nothing cut and nothing put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pullsmith.errors import StudyError
from pullsmith.records import Message, Prompt
from pullsmith.visible import visible


def asked(prompts: Iterable[Prompt], tool: str, contract: str | None) -> list[Prompt]:
    """The prompts of one tool, in one contract where one is named.

    Raises StudyError where there is none, with what there is.
    """
    rendered = list(prompts)
    wanted = [p for p in rendered if p.tool == tool and contract in (None, p.contract)]
    if not wanted:
        named = tool if contract is None else f"{tool} in {contract}"
        found = sorted({f"{prompt.tool} in {prompt.contract}" for prompt in rendered})
        raise StudyError(
            f"render made no prompt for {named}; of this pull request there is: "
            f"{', '.join(found) or 'none (see why with pullsmith show ID)'}"
        )
    return wanted


def texts(prompts: Iterable[Prompt], *, terminal: bool) -> Iterator[str]:
    """Each message under a line with its role and its prompt's id.

    On a terminal the characters that could steer it are written out; elsewhere the text is the
    model's to the byte.
    """
    for prompt in prompts:
        yield from message_texts(prompt.id, prompt.messages, terminal=terminal)


def message_texts(name: str, messages: Iterable[Message], *, terminal: bool) -> Iterator[str]:
    """The messages of one prompt, as ``texts`` gives them."""
    for message in messages:
        yield f"======== {message.role} of {name}\n"
        yield visible(message.content, keep="\n\t") if terminal else message.content
        yield "\n"
