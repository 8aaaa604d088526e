"""A verdict store: Parquet files of Verdicts, in a folder or by themselves.

Takes paths, gives verdicts by id. What a run's judge jobs wrote is one as it is; controls are left
out, for they are no entrants.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from pullsmith.controls import PREFIX
from pullsmith.errors import RunFolderError, StudyError
from pullsmith.eval_set import eval_set_of
from pullsmith.records import Answer, Verdict
from pullsmith.rows import read_rows, write_rows
from pullsmith.store import RunFolder, make_folder

_LEFT_OUT = {"dropped.parquet"}
_APART = "these are stores of two studies, rate them apart"


def read_verdicts(paths: Sequence[Path]) -> list[Verdict]:
    """Every verdict below ``paths``, once, by id.

    Raises RunFolderError where there is none, and where they are of several studies: one id has two
    verdicts, one model two answers to a prompt, or what was put to the models has another digest.
    """
    found: dict[str, Verdict] = {}
    answers: dict[tuple[str, str], tuple[str, Path]] = {}
    files = [file for path in paths for file in _files(path)]
    _check_digests(files)
    for file in files:
        for verdict in read_rows(file, Verdict):
            if verdict.candidate.startswith(PREFIX):
                continue
            if found.setdefault(verdict.id, verdict) != verdict:
                raise RunFolderError(f"{file}: {_unlike(verdict, found[verdict.id])}; {_APART}")
            _check_answers(verdict, file, answers)
    if not found:
        raise RunFolderError(f"{', '.join(map(str, paths))}: no verdict there")
    return [found[name] for name in sorted(found)]


def _unlike(verdict: Verdict, other: Verdict) -> str:
    """Which field differs first; the result where that does."""
    names = ["result", *type(verdict).model_fields]
    name = next(each for each in names if getattr(verdict, each) != getattr(other, each))
    mine, theirs = getattr(verdict, name), getattr(other, name)
    return f"verdict {verdict.id}: {name} is {mine} here and {theirs} elsewhere"


def _check_answers(
    verdict: Verdict, file: Path, answers: dict[tuple[str, str], tuple[str, Path]]
) -> None:
    """Raise RunFolderError where a model's answer to a prompt is another one than elsewhere."""
    for model, answer in (
        (verdict.candidate, verdict.candidate_answer_id),
        (verdict.reference, verdict.reference_answer_id),
    ):
        # The candidate's prompt names the task for both; the reference's own may be in other words.
        before, place = answers.setdefault((verdict.prompt_id, model), (answer, file))
        if before != answer:
            raise RunFolderError(
                f"{file}: of {model} the answer {answer} was judged here, and {before} in {place}; {_APART}"
            )


def _check_digests(files: Iterable[Path]) -> None:
    """Raise RunFolderError where two files are of runs that put other tasks to their models."""
    runs = dict.fromkeys(run for file in files if (run := _run_of(file)))
    first: tuple[Path, str] | None = None
    for run in runs:
        digest = _eval_digest(run)
        if first and first[1] != digest:
            raise RunFolderError(
                f"{first[0]} has an eval set with the digest {first[1]}, {run} one with {digest}; {_APART}"
            )
        first = first or (run, digest)


def _run_of(file: Path) -> Path | None:
    """The run that a file of verdicts lies in; None for a file by itself."""
    jobs = ("split", "render")
    return next(
        (
            folder
            for folder in file.resolve().parents
            if all((folder / job / "manifest.json").is_file() for job in jobs)
        ),
        None,
    )


def _eval_digest(run: Path) -> str:
    """Of all that was held out; a published board says it, for it may show only a part."""
    listed = run.parent / "pack.json"
    try:
        return str(json.loads(listed.read_bytes())["eval_set"])
    except (OSError, ValueError, KeyError, TypeError):
        return eval_set_of(RunFolder(run)).digest


def write_verdicts(path: Path, verdicts: Iterable[Verdict]) -> int:
    """Write a store of one file, by id, its folder if need be; gives how many.

    Raises StudyError for two of one id: nobody could read that store again.
    """
    rows = sorted(verdicts, key=lambda verdict: verdict.id)
    twice = next((one.id for one, other in pairwise(rows) if one.id == other.id), None)
    if twice is not None:
        raise StudyError(
            f"two verdicts on one question to one judge: {twice}; where a file does not say in which "
            "order a judge saw the answers, keep one of the two"
        )
    make_folder(path.parent)
    write_rows(path, Verdict, rows)
    return len(rows)


def answer_texts(path: Path) -> dict[str, str]:
    """What was answered, by the answer's id, where ``path`` is a run's folder; else nothing."""
    files = sorted((path / "respond").glob("*/rows-*.parquet")) if path.is_dir() else []
    return {answer.id: answer.text for file in files for answer in read_rows(file, Answer)}


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    files = sorted(each for each in path.rglob("*.parquet") if each.name not in _LEFT_OUT)
    # A whole run: only what judges wrote.
    judged = [each for each in files if "judge" in each.relative_to(path).parts]
    return judged or files
