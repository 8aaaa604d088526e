"""Which commits are pull requests, from their messages alone.

Takes a message and how many parents its commit has; gives a ``Mark``: what the message says, why
that is believed, and flags. Refuses to know about repositories, so one rule is left to the caller:
a mark that ``needs_witness`` counts only where the repository shows that tracker in another way,
because other trackers write issue numbers in the same way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pullsmith.collect.confidence import Reason
from pullsmith.collect.styles import STYLES, Style, Tracker

FORGE_COMMITTER = b"noreply@github."  # of github.com, and of a server by the usual name
_BRANCH_MERGE = re.compile(r"^Merge (?:remote-tracking |remote )?(?:branch|tag|commit) '([^']*)'")
_MAINS = r"(?:master|main|trunk|devel|develop|development|next|stable)"
_VERSION = (
    r"(?:v|release[/-]|stable[/-]|maint[/-])?\d+(?:\.(?:\d+|x))+(?:[._-](?:x|stable|maint\w*))?"
)
# Main, or the line of an older version, pulled in: the work of others, counted where it was merged.
_UP_MERGE = re.compile(
    rf"^Merge (?:remote-tracking )?(?:branch|tag) '(?:(?:origin|upstream)/)?(?:{_MAINS}|{_VERSION})'"
    r"(?: of .*| into .*)?$"
    rf"|^Merg(?:e|ed|ing) (?:branch )?(?:{_MAINS}|{_VERSION})(?: (?:in|into|to) .*)?$"
)
_REVERT = re.compile(r'^(?:Revert "|revert[:(]|This reverts commit)', re.MULTILINE | re.IGNORECASE)
_CHERRY_PICK = re.compile(r"\(cherry[ -]picked from commit [0-9a-f]{7,40}", re.IGNORECASE)
_BACKPORT = re.compile(r"\bbackport(?:ed|s)?\b", re.IGNORECASE)
_BORS_TITLE = re.compile(r"^[0-9]+: (.*?)(?: r=\S*)?(?: a=\S*)?$")
_NUMBER = re.compile(r"[ \t]*\((?:#|GH-|!)([0-9]{1,9})\)$")
_OF_MERGES = tuple(style for style in STYLES if style.merge)
_OF_SINGLES = tuple(style for style in STYLES if style.single)
# What a forge or git adds below the last paragraph: people, not prose.
_PEOPLE = re.compile(r"^(?:(?:Co-authored|Signed-off|Reviewed|Acked|Tested)-by: .*|-{5,})$", re.I)
# What git writes into a merge that was resolved by hand.
_CONFLICTS = re.compile(r"^(?:# )?Conflicts:\n(?:#?\t.*(?:\n|\Z))+\n*", re.MULTILINE)
_BOT_NAME = re.compile(
    r"\[bot\]$|^(?:dependabot(?:-preview)?|renovate(?:-bot| bot)?|greenkeeper|greenkeeperio-bot|"
    r"pyup-bot|pyup\.io bot|pre-commit-ci|github-actions|github actions|imgbot|snyk-bot|"
    r"allcontributors|codecov-io|mergify|k8s-ci-robot|bors|weblate|hosted weblate|transifex)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sign:
    """What a message is a sign of. ``evidence`` names the style; "none" where nothing marks a change.

    ``number`` is None where nothing names a pull request.
    """

    evidence: str = "none"
    number: int | None = None
    tracker: Tracker = Tracker.PULL
    needs_witness: bool = False
    up_merge: bool = False

    @property
    def marked(self) -> bool:
        """Whether the message marks a pull request, or a change reviewed as one, at all."""
        return self.evidence != "none"


@dataclass(frozen=True, slots=True)
class Mark(Sign):
    """A sign with its text.

    ``commit_messages`` are those of the squashed commits, where the body lists them; ``body`` is
    then without them.
    """

    subject: str = ""
    title: str = ""
    body: str = ""
    branch: str = ""
    reason: Reason = Reason.NO_MARK
    commit_messages: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


_Found = tuple[Style, re.Match[str]]


def read_sign(message: str, parents: int) -> Sign:
    """What ``message`` says of a commit with that many parents, without its text; never fails."""
    subject = message.partition("\n")[0].strip()
    return Sign(*_sign(_find(message, subject, parents >= 2), subject, parents >= 2))


def read_mark(message: str, parents: int) -> Mark:
    """The same with its text."""
    subject, _, rest = message.partition("\n")
    subject, rest, merge = subject.strip(), rest.strip(), parents >= 2
    found = _find(message, subject, merge)
    sign = _sign(found, subject, merge)
    flags = message_flags(message)
    if found is None:
        branch = _branch(subject, merge)
        title = "" if branch else subject  # git's own words
        return Mark(*sign, subject, title, without_people(rest), branch, flags=flags)
    style, match = found
    title, body = _title_and_body(found, merge, subject, rest)
    body, listed = (body, ()) if merge else split_squash(body)
    flags = message_flags(f"{subject}\n\n{body}") if listed else flags  # not what a step of it says
    body = without_people(body)
    body = "" if body.removeprefix("* ") == title else body  # it only says the title again
    branch = match.groupdict().get("branch") or _branch(subject, merge)
    reason = _reason(style, merge, flags, title)
    return Mark(*sign, subject, title, body, branch, reason, listed, flags)


def _sign(
    found: _Found | None, subject: str, merge: bool
) -> tuple[str, int | None, Tracker, bool, bool]:
    if found is None:
        return "none", None, Tracker.PULL, False, merge and _UP_MERGE.match(subject) is not None
    style, match = found
    number = match.groupdict().get("number")
    evidence = style.merge if merge else style.single
    return evidence, int(number) if number else None, style.tracker, style.needs_witness, False


def plain(message: str, mark: Mark) -> Mark:
    """The message read as an ordinary commit's: a number it may hold is somebody else's."""
    body = without_people(message.partition("\n")[2].strip())
    return Mark(
        up_merge=mark.up_merge, subject=mark.subject, title="" if mark.branch else mark.subject,
        body=body, branch=mark.branch, flags=mark.flags,
    )  # fmt: skip


def _find(message: str, subject: str, merge: bool) -> _Found | None:
    """The first style that is there; one with a witness of its own in place of one that needs it."""
    weak: _Found | None = None
    for style in _OF_MERGES if merge else _OF_SINGLES:
        if style.hint:
            match = _last(style.pattern, message) if style.hint in message else None
        else:
            match = style.pattern.match(subject)
        if match is None:
            continue
        if style.needs_witness:
            weak = weak or (style, match)
        elif weak is None:
            return style, match
        elif style.tracker is weak[0].tracker and match["number"] == weak[1]["number"]:
            return replace(style, single=weak[0].single, merge=weak[0].merge), weak[1]
    return weak


def _last(pattern: re.Pattern[str], message: str) -> re.Match[str] | None:
    *_, last = None, *pattern.finditer(message)
    return last


def _title_and_body(found: _Found, merge: bool, subject: str, rest: str) -> tuple[str, str]:
    style, match = found
    title, body = subject, rest
    if match.groupdict().get("title"):
        title = match["title"].strip()
    elif merge or not style.hint:  # the subject is the forge's
        title, _, body = rest.partition("\n")
    if style.hint:
        number = _NUMBER.search(title)
        if number and number[1] == match.groupdict().get("number"):
            title = title[: number.start()]
        title = style.pattern.sub("", title)
        body = style.pattern.sub("", body)
    if style.merge.startswith("bors_"):
        title = _BORS_TITLE.sub(r"\1", title.strip())
    return _whole_title(title.strip(), body.strip())


def _whole_title(title: str, body: str) -> tuple[str, str]:
    """A title that a forge cut with an ellipsis goes on in the body's first line."""
    for dots in ("\u2026", "..."):
        if title.endswith(dots) and body.startswith(dots):
            more, _, body = body.partition("\n")
            return title.removesuffix(dots) + more.removeprefix(dots), body.strip()
    return title, body


def _reason(style: Style, merge: bool, flags: tuple[str, ...], title: str) -> Reason:
    if merge:
        return style.reason
    copied = "cherry_pick" in flags or ("backport" in flags and not _NUMBER.search(title))
    if copied and style.tracker is not Tracker.REVIEW and "Backport" not in style.hint:
        return Reason.MAY_NAME_ORIGINAL
    return style.single_reason or style.reason


def split_squash(body: str) -> tuple[str, tuple[str, ...]]:
    """The prose of a squash's body, and the messages of the commits that it lists.

    A forge lists them as paragraphs that begin with "* "; a list without blank lines between its
    points, or of one point, is somebody's prose.
    """
    lines = body.split("\n")
    if not lines[0].startswith("* ") or (lines[1:2] and lines[1].startswith("* ")):
        return body, ()
    starts = [
        number
        for number, line in enumerate(lines)
        if line.startswith("* ") and not (number and lines[number - 1].strip())
    ]
    if len(starts) < 2:
        return body, ()
    ends = [*starts[1:], len(lines)]
    parts = ("\n".join(lines[start:end])[2:] for start, end in zip(starts, ends, strict=True))
    return "", tuple(without_people(part.strip()) for part in parts)


def without_people(text: str) -> str:
    """The text without git's list of conflicts, nor a last paragraph of Co-authored-by lines."""
    lines = _CONFLICTS.sub("", text).split("\n")
    while lines and (not lines[-1].strip() or _PEOPLE.match(lines[-1].strip())):
        lines.pop()
    return "\n".join(lines).strip()


def _branch(subject: str, merge: bool) -> str:
    """The branch a plain git merge names; empty where it names none."""
    match = _BRANCH_MERGE.match(subject) if merge else None
    return match[1] if match else ""


def message_flags(message: str) -> tuple[str, ...]:
    """What the text says of itself: revert, cherry_pick, backport. Flags, not reasons to drop.

    A backport says so in its title, which in a merge stands below the subject; elsewhere the word
    is a wish.
    """
    words = message.lower()
    flags = []
    if "revert" in words and _REVERT.search(message):
        flags.append("revert")
    if "cherry" in words and _CHERRY_PICK.search(message):
        flags.append("cherry_pick")
    if "backport" in words:
        subject, _, rest = message.partition("\n")
        title = rest.strip().partition("\n")[0] if subject.startswith("Merge ") else ""
        if _BACKPORT.search(subject) or _BACKPORT.search(title):
            flags.append("backport")
    return tuple(flags)


def is_bot(name: str, email: str) -> bool:
    """Whether an author is a program, by the ``[bot]`` suffix or a short list of names."""
    return bool(_BOT_NAME.search(name.strip()) or "[bot]@" in email)
