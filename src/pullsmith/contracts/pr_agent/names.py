"""The lists of file names that PR-Agent puts behind a diff it had to prune.

Takes what is not shown and the room that is left, gives the text with every list cut to it. The
oldest version also names deleted files; the later ones mean to, and never do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pullsmith.contracts.pr_agent.counting import clipped, kept_characters
from pullsmith.contracts.pr_agent.installation import Installation
from pullsmith.contracts.pr_agent.versions import Extension
from pullsmith.records import ChangeStatus, FileChange
from pullsmith.tokens import Counter

_ROOM = 10  # with no more left, nothing is listed
_MODIFIED = (ChangeStatus.MODIFIED, ChangeStatus.RENAMED)


@dataclass(frozen=True)
class Unshown:
    """Files that are not shown, in the order they were tried; ``deleted`` are named apart."""

    files: Sequence[FileChange]
    deleted: Sequence[str]


def lists_of_names(
    unshown: Unshown, used: int, most: int, installation: Installation, count: Counter
) -> str:
    """The lists of added, modified and deleted files; empty where there is no room or no name.

    ``most`` is what the whole prompt may have, ``used`` what it has already.
    """
    oldest = installation.version.extension is Extension.BARE
    text = ""
    enough = most - used > _ROOM
    for heading, names in _lists(unshown, installation, oldest=oldest):
        enough = most - used > _ROOM if oldest else enough
        if not names or not enough:
            continue
        listed = heading + "\n".join(names if oldest else ["", *names])
        listed = clipped(listed, kept_characters(listed, most - used, count))
        if listed:
            text += f"\n\n{listed}"
            used += count(listed) + 2
    return text


def _lists(
    unshown: Unshown, installation: Installation, *, oldest: bool
) -> tuple[tuple[str, list[str]], ...]:
    marks = installation.marks
    added = [file.path for file in unshown.files if file.status is ChangeStatus.ADDED]
    modified = [
        file.path
        for file in unshown.files
        if (file.status is not ChangeStatus.ADDED if oldest else file.status in _MODIFIED)
    ]
    deleted = list(unshown.deleted) if oldest else []
    return (marks.added, added), (marks.modified, modified), (marks.deleted, deleted)
