"""What a pull request is like, in few words and numbers: what quotas and diversity count by.

Takes a record, gives its language, kind and size as words, and features for telling which are far
from each other. Guesses from flags and titles; decides nothing.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from math import log1p

import numpy as np
import numpy.typing as npt

from pullsmith.records import FileChange, PullRequest

SMALL, MEDIUM = 10, 100  # changed lines, at most
_WORD = re.compile(r"[a-z]{3,}")
_TITLE_PLACES = 16
FEATURES = 8 + _TITLE_PLACES


def _words(*stems: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(stems)})(?:e|e?s|e?d|ing)?\b")


# Looked for at the beginning of the title first, then anywhere in it: "Add a fix for" is a feature.
_KINDS = (
    ("fix", _words("fix", "bug", "repair", "correct", "resolv", "prevent", "avoid", "handl", "hotfix", "regression")),
    ("feature", _words("feat", "add", "support", "implement", "allow", "introduc", "enabl", "expos", "new")),
    ("docs", _words("doc", "documentation", "document", "readme", "typo", "changelog")),
    ("test", _words("test", "coverage")),
    ("refactor", _words("refactor", "renam", "simplif[iy]", "mov", "remov", "delet", "drop", "clean", "cleanup", "rewrit", "replac", "extract", "style")),
    ("performance", _words("perf", "performance", "speed", "optimi[sz]", "faster")),
    ("chore", _words("chore", "ci", "build", "bump", "updat", "upgrad", "releas", "version", "dep", "prepar")),
)  # fmt: skip


def language_of(pull_request: PullRequest) -> str:
    """The language most changed lines are in, by name where several are; "none" where unknown."""
    lines: Counter[str] = Counter()
    for file in pull_request.files:
        lines[file.language or "none"] += file.added_lines + file.deleted_lines
    return min(lines, key=lambda name: (name == "none", -lines[name], name), default="none")


def size_of(pull_request: PullRequest) -> str:
    """By changed lines: "small" up to SMALL, "medium" up to MEDIUM, else "large"."""
    changed = sum(file.added_lines + file.deleted_lines for file in pull_request.files)
    return "small" if changed <= SMALL else "medium" if changed <= MEDIUM else "large"


def kind_of(pull_request: PullRequest) -> str:
    """By what is touched, then by the title's words: fix, feature, docs, test, …, else "other"."""
    if pull_request.planted:
        return "planted"
    for flag in ("docs", "test"):
        if pull_request.files and all(flag in file.flags for file in pull_request.files):
            return flag
    title = pull_request.title.lower().lstrip("[( ")
    first = (kind for kind, words in _KINDS if words.match(title))
    anywhere = (kind for kind, words in _KINDS if words.search(title))
    return next(first, None) or next(anywhere, "other")


def features_of(pull_request: PullRequest) -> npt.NDArray[np.float32]:
    """FEATURES numbers: how much is changed and where, how much is said, the title's words."""
    files = pull_request.files
    numbers = [
        log1p(sum(file.added_lines for file in files)),
        log1p(sum(file.deleted_lines for file in files)),
        log1p(len(files)),
        log1p(sum(file.patch.count("\n@@") + file.patch.startswith("@@") for file in files)),
        log1p(len(pull_request.body)),
        _share(files, "test"),
        _share(files, "docs"),
        sum(file.path.count("/") for file in files) / max(1, len(files)),
    ]
    words = np.zeros(_TITLE_PLACES)
    for word in _WORD.findall(pull_request.title.lower()):
        words[zlib.crc32(word.encode()) % _TITLE_PLACES] += 1
    return np.array([*numbers, *words / max(1.0, float(np.linalg.norm(words)))], dtype=np.float32)


def _share(files: tuple[FileChange, ...], flag: str) -> float:
    return sum(flag in file.flags for file in files) / max(1, len(files))
