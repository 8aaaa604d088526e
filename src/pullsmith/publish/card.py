"""The card of a data set: README.md, with the head that ``datasets.load_dataset`` reads.

Takes counts, facts and the funnel; gives Markdown. Says what is known to be missing. Whatever comes
from people or models is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import yaml

from pullsmith.publish.counts import Counts, ages
from pullsmith.publish.facts import Facts
from pullsmith.publish.told import (
    age_table,
    funnel_parts,
    judged,
    licence_table,
    merged_when,
    terms_table,
)
from pullsmith.publish.trainers import data_path
from pullsmith.report.board import Board, FunnelRow
from pullsmith.report.markdown import escape, listed, table_text
from pullsmith.report.table import Table
from pullsmith.spdx import PERMISSIVE, allows
from pullsmith.study import Study

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
NO_STUDENT_JUDGED = "No model that learnt from it was judged, or the comparison is not finished."
_HUB_LICENCES = frozenset({"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Unlicense"})


def card(
    study: Study,
    counts: Counts,
    facts: Mapping[str, Facts],
    funnel: Sequence[FunnelRow],
    board: Board | None = None,
) -> str:
    """The whole card; with a board it says how the models that learnt from it were judged."""
    rated = judged(board, lambda row: row.role == "student") if board else []
    used = {name: facts[name] for name in sorted(counts.pull_requests)}
    parts = [
        _head(study, counts, used),
        f"# {escape(study.name)}",
        _what(counts, used),
        *_tables(study, counts, facts, used),
        *rated,
        "## Known gaps",
        listed((*_gaps(study, counts, used), *(() if rated else (NO_STUDENT_JUDGED,)))),
        "## Removal",
        f"{counts.left_out['removed']} rows were left out because a file of exclusions names their "
        "repository, pull request or author; it is asked again whenever the data set is made. "
        f"{counts.left_out['secret_found']} were left out because the last scan found a secret.",
        *funnel_parts(funnel),
    ]
    return "\n\n".join(parts) + "\n"


def _head(study: Study, counts: Counts, used: Mapping[str, Facts]) -> str:
    rows = counts.rows.total()
    contracts = sorted({contract for contract, _ in counts.rows})
    spdx = {each.spdx for each in used.values()}
    only = next(iter(spdx)) if len(spdx) == 1 else ""
    head = {
        "pretty_name": study.name,
        "license": only.lower() if only in _HUB_LICENCES else "other",
        "language": list(study.clean.languages) or ["en"],
        "task_categories": ["text-generation"],
        "size_categories": [next((name for most, name in _SIZES if rows < most), "n>1M")],
        "tags": ["code", "code-review", "pull-requests", "pullsmith"],
        "configs": [
            {
                "config_name": contract,
                "data_files": [{"split": "train", "path": data_path(contract, "parquet")}],
                **({"default": True} if number == 0 else {}),
            }
            for number, contract in enumerate(contracts)
        ],
    }
    return f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---"


def _what(counts: Counts, used: Mapping[str, Facts]) -> str:
    planted = sum(each.planted for each in used.values())
    return (
        f"{counts.rows.total()} conversations about {len(used)} pull requests "
        f"({len(used) - planted} real, {planted} with planted truth) of "
        f"{len({each.repository for each in used.values()})} sources, made by pullsmith for training "
        "code models. `messages` ends with the answer to learn. One configuration a contract; each has "
        f"the same answers in other words.{merged_when(used.values())}"
    )


def _tables(
    study: Study, counts: Counts, facts: Mapping[str, Facts], used: Mapping[str, Facts]
) -> Iterator[str]:
    rows = [(c, tool, str(count)) for (c, tool), count in sorted(counts.rows.items())]
    yield table_text(Table("Rows", "", ("Contract", "Tool", "Rows"), tuple(rows)))
    yield table_text(licence_table(used.values()))
    yield table_text(terms_table(counts, study))
    for title, key in (("Languages", "language"), ("Sizes", "size")):
        counted = Counter(str(getattr(each, key)) for each in used.values())
        cells = tuple((name, str(count)) for name, count in counted.most_common())
        yield table_text(
            Table(title, "Of the changed lines.", (title[:-1], "Pull requests"), cells)
        )
    if old := ages(facts, counts.pull_requests, study):
        yield table_text(age_table(old))


def _gaps(study: Study, counts: Counts, used: Mapping[str, Facts]) -> Iterator[str]:
    tools = {tool for _, tool in counts.rows}
    missing = [tool for tool in study.render.tools if tool not in tools]
    if missing:
        yield f"No row is about {', '.join(missing)}."
    unknown = sum(not each.spdx for each in used.values())
    if unknown:
        yield f"{unknown} pull requests have no licence that was recognised."
    stricter = sorted({f.spdx for f in used.values() if f.spdx and not allows(f.spdx, PERMISSIVE)})
    if stricter:
        few = sum(each.spdx in stricter for each in used.values())
        yield f"{few} pull requests are under licences that ask for more than notices: {', '.join(stricter)}."
    if counts.terms.get(""):
        yield f"{counts.terms['']} rows state no terms for the teacher's answers."
    if all(each.model.startswith("rules") for each in study.training_teachers):
        yield "The answers are made by rules and planted truth, not by a language model: they are narrow."
    if all(each.planted for each in used.values()):
        yield "Every pull request is planted: nothing here is a change that people made and reviewed."
    unstated = [student.label for student in study.student if not student.known_cutoff]
    if unstated:
        yield f"The cut-off of {', '.join(unstated)} is not stated, so no row says whether it is newer."
    yield "Secrets, addresses and names were looked for by rules; rules miss some."
    yield "Nobody has run the code of a change or of a suggestion."
