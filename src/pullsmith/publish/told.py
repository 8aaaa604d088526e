"""What every card says in the same words: licences, terms, age, the board's rows, the funnel.

Takes facts, counts and boards; gives Tables and Markdown. A card of a data set, of a model or of a
board says these things from here, so that they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pullsmith.publish.counts import Counts, licences
from pullsmith.publish.facts import Facts
from pullsmith.report.board import Board, FunnelRow, Row, read_board
from pullsmith.report.markdown import escape, table_text
from pullsmith.report.table import Table
from pullsmith.report.tables import funnel_table, glance, reasons_table
from pullsmith.store import RunFolder
from pullsmith.study import Study

NOT_JUDGED = (
    "It was compared with no reference, or the comparison is not finished: it is not judged."
)


def licence_table(used: Iterable[Facts]) -> Table:
    """The licences of the code, with a file that says so."""
    return Table(
        "Licences of the code",
        "By the licence files at the change itself. Of the files that say so, one each.",
        ("Licence", "Pull requests", "Sources", "Evidence"),
        tuple(
            (x.name, str(x.pull_requests), str(x.repositories), x.evidence) for x in licences(used)
        ),
    )


def merged_when(used: Iterable[Facts]) -> str:
    """When the changes were merged, in a sentence with a blank before it; nothing where nobody knows."""
    days = sorted(each.merged_at[:10] for each in used if each.merged_at)
    return f" Merged from {days[0]} to {days[-1]}." if days else ""


def terms_table(counts: Counts, study: Study) -> Table:
    """What the teachers' answers come under."""
    teachers = ", ".join(f"{each.label} ({each.contract})" for each in study.training_teachers)
    return Table(
        "Terms of the answers",
        f"The answers come from {teachers}. What the study says of their terms:",
        ("Terms", "Rows"),
        tuple((name or "none stated", str(n)) for name, n in counts.terms.most_common()),
    )


def age_table(rows: Sequence[tuple[str, ...]]) -> Table:
    """``rows`` are of counts.ages: one a student whose cut-off is known."""
    return Table(
        "Age of the changes",
        "Against the cut-offs that the study states; planted pull requests have no date.",
        ("Model", "Cut-off", "Trained on", "Evaluated on"),
        tuple(rows),
    )


def board_of(run: RunFolder) -> Board | None:
    """The board of a run, None while there is none; raises RunFolderError for another version's."""
    path: Path = run.path / "report" / "board.json"
    return read_board(path) if path.is_file() else None


def judged(board: Board, wanted: Callable[[Row], bool]) -> list[str]:
    """The rows of the board that are wanted, and who judged them; nothing where there is none."""
    rows = tuple(row for row in board.models if wanted(row))
    if not any(row.rate for row in rows):
        return []
    own = board.model_copy(update={"models": rows, "missing": (), "published": ()})
    return [*map(table_text, glance(own)), who_judged(board)]


def who_judged(board: Board) -> str:
    """Judges, references and what was held out, in a sentence that stands below every rate."""
    judges = ", ".join(
        f"{judge.name} ({judge.prompt_version}, {judge.orders} orders)"
        if judge.language_model
        else f"{judge.name} (fixed rules, no language model)"
        for judge in board.judges
    )
    chosen = "people" if board.chosen_by == "human" else "a seeded draw"
    references = ", ".join(board.references)
    return (
        f"Compared with {escape(references)} by {escape(judges)} on "
        f"{board.pull_requests.get('all', 0)} held-out pull requests, picked by {chosen}. Brackets are "
        f"95 % intervals from {board.resamples} resamples of whole pull requests."
    )


def funnel_parts(funnel: Sequence[FunnelRow]) -> list[str]:
    """What every stage kept and dropped and why, without examples.

    What was dropped may be what somebody asked to remove.
    """
    table = reasons_table(funnel)
    bare = Table(
        table.title,
        "The share is of what came into the job.",
        table.header[:3],
        tuple(row[:3] for row in table.rows),
    )
    return [table_text(each) for each in (funnel_table(funnel), bare) if each.rows]
