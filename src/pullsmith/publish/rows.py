"""Examples as rows that trainers read: a conversation in ``messages``, and what is known of it.

Takes Examples and Facts, gives rows, or the reason why one is not handed on: somebody asked for its
removal, or a secret is in it after all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection

from pullsmith.errors import SecretError
from pullsmith.publish.facts import Facts
from pullsmith.records import Example, Message, Record
from pullsmith.redact import scan_text

_NUMBERED = re.compile(r"^L?\d+ ?[+-]", re.MULTILINE)
ANSWERS = "assistant"  # the role whose words are learnt


class Row(Record):
    """One row of the data set."""

    id: str
    messages: tuple[Message, ...]
    tool: str
    contract: str
    pull_request_id: str
    repository: str
    language: str
    planted: bool
    licence: str  # an SPDX expression; empty where no licence was recognised
    terms: str  # what the teacher's answers come under
    merged_at: str
    newer_than: tuple[str, ...]  # models that cannot have seen the change
    older_than: tuple[str, ...]  # models that may have


def row_of(example: Example, facts: Facts) -> Row:
    """The row of an example: its messages and, as the last one, the answer to learn."""
    return Row(
        id=example.id,
        messages=(*example.messages, Message(role=ANSWERS, content=example.target)),
        tool=example.tool,
        contract=example.contract,
        pull_request_id=example.pull_request_id,
        repository=facts.repository,
        language=facts.language,
        planted=facts.planted,
        licence=facts.spdx,
        terms=example.terms,
        merged_at=facts.merged_at,
        newer_than=facts.newer_than,
        older_than=facts.older_than,
    )


def why_not(row: Row, facts: Facts, removed: Collection[str]) -> str | None:
    """Why a row is not handed on, None where it is; secrets that we planted ourselves may stay."""
    if row.pull_request_id in removed:
        return "removed"
    if facts.planted_secrets:
        return None
    try:
        clean = not any(scan_text(_unnumbered(each.content)) for each in row.messages)
    except SecretError:
        clean = False
    return None if clean else "secret_found"


def _unnumbered(text: str) -> str:
    """Without line numbers and signs: "L90+@pytest.fixture" must not look like an address."""
    return _NUMBERED.sub(" ", text)


def as_line(row: Row) -> str:
    """The row as a line of JSON, for trainers that read no Parquet."""
    return json.dumps(row.model_dump(mode="json"), ensure_ascii=False) + "\n"
