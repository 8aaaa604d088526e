"""Examples as rows that trainers read: a conversation in ``messages``, and what is known of it.

Takes Examples and Facts, gives rows, or the reason why one is not handed on: somebody asked for its
removal, or a secret is in it after all.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from pullsmith.publish.facts import Facts
from pullsmith.publish.scanned import holds_secret
from pullsmith.records import Example, Message, Record

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
    return "secret_found" if holds_secret(each.content for each in row.messages) else None


def as_line(row: Row) -> str:
    """The row as a line of JSON, for trainers that read no Parquet."""
    return json.dumps(row.model_dump(mode="json"), ensure_ascii=False) + "\n"
