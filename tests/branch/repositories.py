"""A repository with a branch, made by git on the spot."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

OLD = "def mean(values):\n    return sum(values) / len(values)\n"
NEW = "def mean(values):\n    if not values:\n        return 0\n    return sum(values) / (len(values) - 1)\n"


def git(folder: Path, *arguments: str) -> str:
    """Run git as somebody; what it prints."""
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.org",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True,
        env=environment,
    )  # fmt: skip
    return done.stdout.strip()


def commit(folder: Path, message: str, **files: str | None) -> str:
    """Write files (None deletes; a double underscore is a slash, a single one a dot) and commit."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink() if text is None else path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path) -> Path:
    """``main`` with one commit more than where ``fix/empty-mean`` left it; the branch is checked out."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "Begin", mean_py=OLD, README_md="# numbers\n")
    git(folder, "checkout", "-q", "-b", "fix/empty-mean")
    commit(folder, "mean: nothing for nothing\n\nBecause of #7.", mean_py=NEW)
    git(folder, "checkout", "-q", "main")
    commit(folder, "Elsewhere", other_py="x = 1\n")
    git(folder, "checkout", "-q", "fix/empty-mean")
    return folder
