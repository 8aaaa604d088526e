"""What is known of every example without its texts: a row of some hundred bytes each.

Takes the stages' files, gives rows; reads the columns it needs, batch by batch, so that 75,000
examples fit into little memory. What is suspicious is told here: what the validator found, teachers
that disagree, an odd length, a low score.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sys import intern
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pullsmith.contracts.grounding import fault_code
from pullsmith.records import Outcome
from pullsmith.rows import BATCH_ROWS
from pullsmith.stored import read_columns

TEACHERS_DISAGREE = "teachers_disagree"
ODD_LENGTH = "odd_length"
LOW_SCORE = "low_score"
LOW = 5.0  # of 10, by the model's own second look or a grader
ODD = 3.5  # robust standard deviations of the logarithm: one in two thousand of normal ones
_ALIKE = 1.4826  # of a normal distribution, the deviation over the median absolute one
_FILES = re.compile(r'"relevant_file":("(?:[^"\\]|\\.)*")')
# As Parquet names the leaves of a pull request's files: nothing else of them is read.
_LEAVES = [f"files.list.element.{name}" for name in ("language", "added_lines", "deleted_lines")]
_TYPES = re.compile(r'"type":\[([^\]]*)\]')


@dataclass(frozen=True, slots=True)
class Row:
    """One example. ``flags`` are codes, the gravest first; ``doubts`` is what it is sorted by."""

    name: str
    pull_request: str
    title: str
    tool: str
    language: str
    flags: tuple[str, ...]

    @property
    def doubts(self) -> int:
        """How much speaks against it: what the validator found counts twice."""
        return sum(
            1 if flag in (TEACHERS_DISAGREE, ODD_LENGTH, LOW_SCORE) else 2 for flag in self.flags
        )


@dataclass(frozen=True)
class Sources:
    """Where the examples, and what they were made of, are."""

    examples: tuple[Path, ...]
    answers: tuple[Path, ...]
    pull_requests: tuple[Path, ...]


def read_rows_of(sources: Sources) -> list[Row]:
    """Every example, suspicious ones first, then by id."""
    answers = _answer_flags(sources.answers)
    requests = dict(titles_and_languages(sources.pull_requests))
    examples = _Examples(sources.examples)
    odd = examples.odd()
    rows = [
        Row(
            name=name,
            pull_request=request,
            title=requests.get(request, ("", ""))[0],
            tool=tool,
            language=requests.get(request, ("", "other"))[1],
            flags=(*answers.get(answer, ()), *((ODD_LENGTH,) if at in odd else ())),
        )
        for at, (name, answer, request, tool) in enumerate(examples.known)
    ]
    return sorted(rows, key=lambda row: (-row.doubts, row.name))


class _Examples:
    """The ids and lengths of the examples."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.known: list[tuple[str, str, str, str]] = []
        self._kinds: list[str] = []
        self._lengths: list[int] = []
        wanted = ["id", "answer_id", "pull_request_id", "tool", "contract", "target"]
        for table in _batches(paths, wanted):
            lengths = pc.utf8_length(table.column("target")).to_pylist()
            columns = (table.column(name).to_pylist() for name in wanted[:5])
            for length, name, answer, request, tool, contract in zip(
                lengths, *columns, strict=True
            ):
                self.known.append((name, answer, intern(request), intern(tool)))
                self._kinds.append(intern(f"{tool}/{contract}"))
                self._lengths.append(length)

    def odd(self) -> set[int]:
        """The places of those whose target is far longer or shorter than others of tool and contract."""
        places: dict[str, list[int]] = defaultdict(list)
        for place, kind in enumerate(self._kinds):
            places[kind].append(place)
        found: set[int] = set()
        for mine in places.values():
            found.update(mine[n] for n in _far_out([self._lengths[place] for place in mine]))
        return found


def _far_out(lengths: Sequence[int]) -> list[int]:
    logs = np.log(np.maximum(np.array(lengths, dtype=float), 1.0))
    away = np.abs(logs - np.median(logs))
    spread = _ALIKE * float(np.median(away))
    # Where most are as long as each other, a tenth more is not odd yet.
    return [int(n) for n in np.flatnonzero(away > ODD * max(spread, math.log(1.1)))]


def titles_and_languages(paths: Iterable[Path]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Title and language of every pull request; the language of most changed lines, as traits say."""
    for table in _batches(paths, ["id", "title", *_LEAVES]):
        files = table.column("files").to_pylist()
        ids, titles = table.column("id").to_pylist(), table.column("title").to_pylist()
        for name, title, changed in zip(ids, titles, files, strict=True):
            yield intern(name), (title, intern(_language(changed)))


def _language(files: Iterable[Mapping[str, Any]]) -> str:
    lines: dict[str, int] = defaultdict(int)
    for file in files:
        lines[file["language"] or "other"] += file["added_lines"] + file["deleted_lines"]
    return min(lines, key=lambda name: (-lines[name], name), default="other")


def _answer_flags(paths: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """The codes that speak against each answer; only those that have some."""
    columns = ["id", "prompt_id", "model", "tool", "outcome", "value_json", "grounding_faults"]
    said: dict[str, list[Said]] = defaultdict(list)
    found: dict[str, tuple[str, ...]] = {}
    models: set[str] = set()
    for row in read_columns(paths, [*columns, "reflect_score", "judge_score"]):
        if row["outcome"] != Outcome.OK:
            continue
        codes = dict.fromkeys(intern(fault_code(fault)) for fault in row["grounding_faults"])
        scores = [s for s in (row["reflect_score"], row["judge_score"]) if s is not None]
        low = (LOW_SCORE,) if any(score < LOW for score in scores) else ()
        if codes or low:
            found[row["id"]] = (*codes, *low)
        models.add(row["model"])
        said[_task(row["prompt_id"])].append(said_in(row))
    if len(models) > 1:
        for answers in said.values():
            for each in answers if disagree(answers) else ():
                found[each.answer] = (*found.get(each.answer, ()), TEACHERS_DISAGREE)
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """An answer by its id, and the files (of a description: the types) it names, None where nobody can tell."""

    answer: str
    words: frozenset[str] | None


def said_in(row: Mapping[str, Any]) -> Said:
    """What an answer says, as far as it can be told without reading it whole."""
    text, tool = row["value_json"] or "", row["tool"]
    if tool in ("review", "improve"):
        return Said(row["id"], frozenset(map(intern, _FILES.findall(text))))
    if tool == "describe":
        types = _TYPES.search(text)
        return Said(row["id"], frozenset(map(intern, types[1].split(","))) if types else None)
    return Said(row["id"], None)


def disagree(answers: Sequence[Said]) -> bool:
    """Whether one says nothing where another does, or two say things that have nothing in common."""
    known = [each.words for each in answers if each.words is not None]
    return any(
        (one or other) and not one & other for at, one in enumerate(known) for other in known[:at]
    )


def _task(prompt: str) -> str:
    """A prompt's id without its contract: teachers may be asked in different words."""
    head, _, part = prompt.rpartition("/")
    return f"{head.rpartition('/')[0]}/{part}"


def _batches(paths: Iterable[Path], columns: Sequence[str]) -> Iterator[pa.Table]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS * 8, columns=list(columns)):
                yield pa.Table.from_batches([batch])
