"""The card of a published board: README.md. What it is, how to make it again, what is known to be missing.

Takes the study, the board and the held-out pull requests that were handed on; gives Markdown. Whatever
comes from people or models is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pullsmith.publish.facts import facts_of
from pullsmith.publish.told import funnel_parts, judged, licence_table, merged_when
from pullsmith.records import PullRequest
from pullsmith.report.board import Board
from pullsmith.report.markdown import escape, listed, table_text
from pullsmith.report.table import Table
from pullsmith.study import Study

_LEFT_OUT = {
    "removed": "somebody asked to leave them out",
    "licence_not_permissive": "no licence was recognised that lets anybody show them",
    "secret_found": "the last look for secrets found one in them, or in what was said of them",
}


def board_card(
    study: Study,
    board: Board,
    records: Sequence[PullRequest],
    left_out: Mapping[str, int],
    references: Mapping[str, str],
) -> str:
    """The whole card; ``references`` are digests by label, ``left_out`` counts by reason."""
    facts = facts_of(records, study)
    languages = Counter(each.language for each in facts.values())
    parts = [
        f"# {escape(study.name)}: a board that can be made again",
        _what(board, records) + merged_when(facts.values()),
        "```\npullsmith rank .\n```",
        *judged(board, lambda _: True),
        "All of it is in report/board.md and report/index.html; models/ has a card of each student.",
        table_text(_judges(study)),
        table_text(_references(study, references)),
        table_text(licence_table(facts.values())),
        table_text(
            Table("Languages", "Of the changed lines.", ("Language", "Pull requests"),
                  tuple((name, str(count)) for name, count in languages.most_common()))
        ),
        "## Known gaps",
        listed(tuple(_gaps(study, records, left_out))),
        *funnel_parts(board.funnel),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _what(board: Board, records: Sequence[PullRequest]) -> str:
    planted = sum(record.planted for record in records)
    return (
        f"{len(records)} held-out pull requests ({len(records) - planted} real, {planted} with planted "
        f"truth), the answers of {len(board.models)} entrants to them and every verdict, made by "
        "pullsmith. The board is a function of these files alone: this makes it again, without a "
        "network or a key, compares it byte for byte and names the first difference."
    )


def _judges(study: Study) -> Table:
    return Table(
        "Judges",
        "Their verdicts are stored, so the board stays when they are gone.",
        ("Judge", "Prompt", "Family", "Retires"),
        tuple(
            (
                role.label,
                role.prompt_version,
                role.known_family or "not stated",
                str(role.retires or "not stated"),
            )
            for role in study.judges
        ),
    )


def _references(study: Study, digests: Mapping[str, str]) -> Table:
    return Table(
        "References",
        "Another study compares with the same answers by pack and digest under [[reference]].",
        ("Reference", "Contract", "Terms of its answers", "Pack", "Digest"),
        tuple(
            (
                role.label,
                role.contract,
                role.terms or "none stated",
                f"references/{role.cell}.parquet",
                digests[role.label],
            )
            for role in study.reference
        ),
    )


def _gaps(
    study: Study, records: Sequence[PullRequest], left_out: Mapping[str, int]
) -> Iterator[str]:
    for reason, count in left_out.items():
        yield (
            f"{count} held-out pull requests are not here: {_LEFT_OUT[reason]}. The board here is "
            "that of the others, so it is not quite the one of the whole study."
        )
    if all(record.planted for record in records):
        yield "Every pull request is planted: nothing here says anything about real ones."
    unstated = [student.label for student in study.student if not student.known_cutoff]
    if unstated:
        yield (
            f"The cut-off of {', '.join(unstated)} is not stated, so nobody knows whether it has "
            "seen these changes."
        )
    yield "The weights are not here, and neither is what was trained on."
    yield "Secrets, addresses and names were looked for by rules; rules miss some."
