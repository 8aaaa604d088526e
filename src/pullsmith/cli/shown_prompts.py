"""Prompts as a model sees them: every message whole, with nothing cut and nothing put in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pullsmith.errors import StudyError
from pullsmith.records import Prompt
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
        for message in prompt.messages:
            yield f"======== {message.role} of {prompt.id}\n"
            yield visible(message.content, keep="\n\t") if terminal else message.content
            yield "\n"
