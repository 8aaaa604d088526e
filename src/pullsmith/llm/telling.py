"""A description that names things: which definitions each file's patch adds, changes and removes.

Takes a pull request and what is shown of it; gives a Describe with a summary of every file. The
title is the author's where it says something, else a commit's, else what happens to the first file.
Everything else is read from the diff.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from pullsmith.contracts.answers import ChangeType, Describe, DescribedFile
from pullsmith.diff.shown import ShownDiff, ShownFile, printable
from pullsmith.llm.describing import (
    CORRECTS,
    MOST_FILES,
    MOST_POINTS,
    change_type,
    label,
    phrase,
)
from pullsmith.llm.symbols import Symbol, changed_symbols
from pullsmith.records import ChangeStatus, PullRequest

MOST_WORDS = 8  # of a point, as the contracts ask for
MOST_TITLE = 120  # characters
MOST_BOXES = 8  # of a diagram
_VAGUE = re.compile(
    r"(merge\b.*|wip\b.*|(minor |small )?(updates?|fix(es)?|changes?|tweaks?|cleanups?|typos?|stuff|misc|"
    r"refactor(ing)?|improvements?|patch|lint)\W*|(update|create|delete|edit|rename) \S+|\S*)",
    re.IGNORECASE,
)
_TRAILERS = re.compile(r"\s*\((?:#\d+(?:,\s*)?)+\)\s*$")
_LAST = ("tests", "documentation", "configuration changes")


def tell(pull_request: PullRequest, shown: ShownDiff, *, corrects: str = "") -> Describe:
    """The description by names; ``corrects`` is the path of a file known to be put right."""
    # A type change shows a path twice; a description names it once.
    files = list({file.path: file for file in shown.files}.values())[:MOST_FILES]
    headings = pull_request.source != "github"  # a forge's own choice of heading encloses nothing
    told = [_told(file, corrects=file.path == corrects, headings=headings) for file in files]
    return Describe(
        type=(ChangeType.BUG_FIX if corrects else change_type(pull_request, shown),),
        description="\n".join(_points(told)),
        title=_title(pull_request, told),
        pr_files=tuple(told),
    )


def diagram(value: Describe) -> str:
    """The files and what happens in them as Mermaid, from left to right."""
    boxes = []
    for number, file in enumerate(value.pr_files[:MOST_BOXES]):
        name, change = (_quoted(text) for text in (file.filename, file.changes_title))
        boxes.append(f'  f{number}["{name}"] --> c{number}["{change}"]')
    return "\n".join(["flowchart LR", *boxes])


def _told(file: ShownFile, *, corrects: bool, headings: bool) -> DescribedFile:
    symbols = changed_symbols(file, headings=headings)
    sentences = [_sentence(symbol) for symbol in symbols] or [_lines(file)]
    if corrects:
        sentences = [CORRECTS, *sentences]
    return DescribedFile(
        filename=file.path,
        changes_summary="\n".join(f"- {each}" for each in _most(sentences)),
        changes_title=_file_title(file, symbols, corrects=corrects),
        label="bug fix" if corrects else label(file.path),
    )


def _sentence(symbol: Symbol) -> str:
    return f"{symbol.change} {symbol.kind} {symbol.name}"


def _most(sentences: Sequence[str]) -> list[str]:
    """Four at most; the last one counts what is left out."""
    if len(sentences) <= MOST_POINTS:
        return list(sentences)
    kept = sentences[: MOST_POINTS - 1]
    return [*kept, f"Touches {len(sentences) - len(kept)} more definitions"]


def _lines(file: ShownFile) -> str:
    """What happens to a file in which nothing has a name."""
    if file.status in (ChangeStatus.ADDED, ChangeStatus.DELETED) or not file.hunks:
        return phrase(file)
    signs = [line.sign for hunk in file.hunks for line in hunk.lines]
    parts = [
        f"{verb} {count} line{'s' * (count > 1)}"
        for verb, count in (("Adds", signs.count("+")), ("Removes", signs.count("-")))
        if count
    ]
    return " and ".join([*parts[:1], *(part.lower() for part in parts[1:])]) or phrase(file)


def _file_title(file: ShownFile, symbols: Sequence[Symbol], *, corrects: bool) -> str:
    name = PurePosixPath(file.path).name
    if corrects:
        return f"{CORRECTS} in {name}"
    if file.status is ChangeStatus.ADDED and len(symbols) != 1:
        return f"Adds the file {name}"
    if file.status is ChangeStatus.DELETED:
        return f"Removes the file {name}"
    if not symbols:
        return f"{phrase(file)} in {name}" if file.hunks else phrase(file)
    first = _sentence(symbols[0])
    if len(symbols) == 1:
        return f"{first} in {name}"
    others = len(symbols) - 1
    return f"{first} and {others} more definition{'s' * (others > 1)}"


def _points(told: Sequence[DescribedFile]) -> list[str]:
    """At most four, what people run before what tests, explains and configures it."""
    ordered = sorted(told, key=lambda file: _LAST.index(file.label) if file.label in _LAST else -1)
    points: dict[str, None] = {}
    for depth in range(MOST_POINTS):
        for file in ordered:
            lines = (file.changes_summary or "").split("\n")
            if depth < len(lines) and not lines[depth].startswith("- Touches"):
                said = " ".join(lines[depth].split()[: MOST_WORDS + 1])
                points[_placed(said, file)] = None
        if len(points) >= MOST_POINTS:
            break
    return list(points)[:MOST_POINTS]


def _placed(point: str, file: DescribedFile) -> str:
    """A point with the file's name where it names nothing else and that fits."""
    name = PurePosixPath(file.filename).name
    named = re.search(r"\bline|\bfile", point)
    return f"{point} in {name}" if named and len(point.split()) + 1 < MOST_WORDS else point


def _title(pull_request: PullRequest, told: Sequence[DescribedFile]) -> str:
    commits = (message.partition("\n")[0] for message in pull_request.commit_messages)
    for text in (pull_request.title, *commits):
        title = _TRAILERS.sub("", printable(text)).strip()
        if len(title) <= MOST_TITLE and not _VAGUE.fullmatch(title):
            return title
    return told[0].changes_title


def _quoted(text: str) -> str:
    return re.sub(r"[\"\[\]<>{}|`#;]", " ", printable(text)).strip()
