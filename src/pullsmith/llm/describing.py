"""What a title, the paths and the shape of a diff say of a pull request, in a few fixed phrases.

Takes a pull request and what is shown of it; gives a short Describe without any name but those of
files, and the effort and the tests of a review. Few phrases on purpose: a small student must be able
to learn them, and none of them says more than the diff does. ``telling`` says more.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from pullsmith.contracts.answers import ChangeType, Describe, DescribedFile
from pullsmith.diff.shown import ShownDiff, ShownFile
from pullsmith.records import ChangeStatus, PullRequest

MOST_FILES = 20  # the contract's
MOST_POINTS = 4
CORRECTS = "Corrects a line"
_TESTS = re.compile(r"(^|[/_.-])(tests?|specs?|conftest)([/_.-]|$)", re.IGNORECASE)
_DOCS = re.compile(
    r"(^|/)(docs?|documentation)/|(^|/)(readme|changelog|changes|news)", re.IGNORECASE
)
_DOC_ENDINGS = {".md", ".rst", ".txt", ".adoc"}
_CONFIG_ENDINGS = {".toml", ".yml", ".yaml", ".ini", ".cfg", ".json", ".lock"}
_FIRST_WORDS = {
    ChangeType.BUG_FIX: r"(bug)?fix(e[sd]|ing)?|bugs?|correct(s|ed)?|repairs?|resolves?|hotfix|prevents?",
    ChangeType.TESTS: r"tests?|testing",
    ChangeType.DOCUMENTATION: r"docs?|document(s|ed|ation)?|readme|typos?|changelog",
    ChangeType.ENHANCEMENT: (
        r"adds?|added|feat(ure)?|implements?|introduces?|supports?|allows?|enables?|extends?|"
        r"changes?|updates?|improves?|makes?|uses?|handles?|speed|perf"
    ),
}
_FIRST_WORD = {kind: re.compile(words, re.IGNORECASE) for kind, words in _FIRST_WORDS.items()}
_FIXES = re.compile(r"\b(bug|fix(e[sd])?|crash(es)?|regression)\b", re.IGNORECASE)
_DEFINITION = re.compile(r"\s*(@|(async )?def |class )")
# Effort 1 to 4: at most so many files and changed lines; above, 5.
_EFFORTS = ((1, 20), (3, 60), (8, 200), (20, 600))


def describe(pull_request: PullRequest, shown: ShownDiff, *, corrects: str = "") -> Describe:
    """The description by rules; ``corrects`` is the path of a file known to be put right."""
    # A type change shows a path twice; a description names it once.
    files = list({file.path: file for file in shown.files}.values())[:MOST_FILES]
    described = [_described(file, corrects=file.path == corrects) for file in files]
    points = [f"- {file.changes_title}" for file in described[:MOST_POINTS]]
    return Describe(
        type=(ChangeType.BUG_FIX if corrects else change_type(pull_request, shown),),
        description="\n".join(points),
        title=f"Update '{files[0].path}'",
        pr_files=tuple(described),
    )


def change_type(pull_request: PullRequest, shown: ShownDiff) -> ChangeType:
    """By the paths where all agree, else by the title and the commit messages' first word."""
    labels = {label(file.path) for file in shown.files}
    if labels == {"tests"}:
        return ChangeType.TESTS
    if labels == {"documentation"}:
        return ChangeType.DOCUMENTATION
    for text in (pull_request.title, *pull_request.commit_messages):
        found = _type_of_words(text)
        if found is not None:
            return found
    return ChangeType.OTHER


def _type_of_words(text: str) -> ChangeType | None:
    word = re.search(r"[A-Za-z]+", text.partition("\n")[0])
    for kind, words in _FIRST_WORD.items():
        if word and words.fullmatch(word[0]):
            return kind
    return ChangeType.BUG_FIX if _FIXES.search(text.partition("\n")[0]) else None


def label(path: str) -> str:
    """The label of a file, by its path."""
    if _TESTS.search(path):
        return "tests"
    ending = PurePosixPath(path).suffix.lower()
    if ending in _DOC_ENDINGS or _DOCS.search(path):
        return "documentation"
    return "configuration changes" if ending in _CONFIG_ENDINGS else "enhancement"


def _described(file: ShownFile, *, corrects: bool) -> DescribedFile:
    return DescribedFile(
        filename=file.path,
        changes_title=CORRECTS if corrects else phrase(file),
        label="bug fix" if corrects else label(file.path),
    )


def phrase(file: ShownFile) -> str:
    """What happened to a file, by its status and the signs of its lines."""
    lines = [line for hunk in file.hunks for line in hunk.lines]
    added = [line.text for line in lines if line.sign == "+"]
    removed = sum(line.sign == "-" for line in lines)
    whole = {
        ChangeStatus.ADDED: "Adds a file",
        ChangeStatus.DELETED: "Removes a file",
        ChangeStatus.RENAMED: "" if added or removed else "Renames a file",
    }.get(file.status, "")
    if whole:
        return whole
    if added and removed:
        return "Changes a line" if len(added) == removed == 1 else "Changes some lines"
    if added:
        return _addition(file, added)
    return "Removes some lines" if removed else "Changes a file without text"


def _addition(file: ShownFile, added: list[str]) -> str:
    first = next((text for text in added if text.strip()), "")
    if file.language != "python":
        return "Adds some lines"
    if _DEFINITION.match(first):
        return "Adds a function"
    return "Extends a function" if first[:1].isspace() else "Adds some lines"


def effort(shown: ShownDiff) -> int:
    """1 to 5, by how many files and changed lines are shown."""
    changed = sum(line.sign != " " for line in shown.lines)
    for level, (files, lines) in enumerate(_EFFORTS, start=1):
        if len(shown.files) <= files and changed <= lines:
            return level
    return len(_EFFORTS) + 1


def relevant_tests(shown: ShownDiff) -> str:
    """Yes where a shown file is a test, by its path."""
    return "Yes" if any(label(file.path) == "tests" for file in shown.files) else "No"
