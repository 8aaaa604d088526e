"""Which commits are pull requests, from their messages alone.

Takes a message and how many parents its commit has; gives a ``Mark``: what the message says, how
sure that is, and flags. Refuses to know about repositories, so one rule is left to the caller: a
mark that ``needs_forge`` counts only where the repository shows a commit made by the forge itself,
because other trackers write issue numbers in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

FORGE_COMMITTER = b"noreply@github.com"
_PLAIN_MERGE = re.compile(r"^Merge (?:remote-tracking )?(?:branch|branches|tag|commit)s? '")
# Main pulled into main or into a branch: the work of others, already counted where it was merged.
_UP_MERGE = re.compile(
    r"^Merge (?:remote-tracking )?(?:branch|tag) "
    r"'(?:(?:origin|upstream)/)?(?:master|main|trunk|develop|stable)'(?: of .*| into .*)?$"
)
_GITLAB = re.compile(r"^\s*See merge request (?:https?://)?\S*?!(\d+)\s*$", re.MULTILINE)
_RESOLVED = re.compile(
    r"^(?:PR-URL|Pull Request resolved|Reviewed-on|Pull-Request): *\S*/"
    r"(?:pull|pulls|merge_requests)/(\d+)",
    re.MULTILINE,
)
_REVERT = re.compile(r'^(?:Revert "|revert[:(]|This reverts commit)', re.MULTILINE | re.IGNORECASE)
_CHERRY_PICK = re.compile(r"\(cherry[ -]picked from commit [0-9a-f]{7,40}", re.IGNORECASE)
_BACKPORT = re.compile(r"^\[?backport|\bbackport(?:ed|s)?\b", re.IGNORECASE)
_BOT_NAME = re.compile(
    r"\[bot\]$|^(?:dependabot(?:-preview)?|renovate(?:-bot| bot)?|greenkeeper|greenkeeperio-bot|"
    r"pyup-bot|pyup\.io bot|pre-commit-ci|github-actions|github actions|imgbot|snyk-bot|"
    r"allcontributors|codecov-io|mergify|k8s-ci-robot|bors|weblate|hosted weblate|transifex)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Mark:
    """What a message says. ``evidence`` names the pattern; "none" where nothing marks a change.

    ``number`` is None where nothing names one. ``confidence`` is how often such a mark was a pull
    request's own where that could be checked (docs/log.md), not a probability for this one.
    """

    evidence: str
    number: int | None
    title: str
    body: str
    branch: str = ""
    confidence: float = 1.0
    needs_forge: bool = False
    up_merge: bool = False

    @property
    def marked(self) -> bool:
        """Whether the message names a pull request at all."""
        return self.number is not None


@dataclass(frozen=True)
class _Rule:
    """A pattern of the subject, or of the whole message, and what its groups mean."""

    merge: str | None  # evidence when the commit is a merge; None: never a merge
    single: str | None  # evidence when it has one parent
    pattern: re.Pattern[str]
    title: Callable[[re.Match[str], str], str]  # from the match and the first line of the body
    confidence: float
    whole_message: bool = False
    needs_forge: bool = False
    single_confidence: float | None = None


def _first_line(_: re.Match[str], below: str) -> str:
    return below


def _named(match: re.Match[str], _: str) -> str:
    return match["title"]


_RULES = (
    # A one-parent "Merge pull request" is a rebased merge or a backport that names the original.
    _Rule("gh_merge", "gh_merge_rebased",
          re.compile(r"^Merge pull request #(?P<number>\d+) from (?P<branch>\S+)"),
          _first_line, 0.99, single_confidence=0.6),
    _Rule("gitea_merge", None,
          re.compile(r"^Merge pull request '(?P<title>.*)' \(#(?P<number>\d+)\) from (?P<branch>\S+)"),
          _named, 0.97),
    _Rule("bitbucket_merge", "bitbucket_squash",
          re.compile(r"^Merged in (?P<branch>\S+) \((?:pull request|PR) #(?P<number>\d+)\)"),
          _first_line, 0.97),
    _Rule("gitlab_merge", "gitlab_squash", _GITLAB, _first_line, 0.97, whole_message=True),
    _Rule("azure_merge", "azure_squash",
          re.compile(r"^Merged PR (?P<number>\d+): (?P<title>.*)"), _named, 0.95),
    _Rule("bors_merge", None,
          re.compile(r"^(?:Auto merge of|Rollup merge of|Merge) #(?P<number>\d+)\b"),
          _first_line, 0.95),
    _Rule("merge_pr_branch", None,
          re.compile(r"^Merge branch '(?:pr|pull)[/-](?P<number>\d+)'"), _first_line, 0.9),
    # Several numbers in a subject: the last is this pull request, the others what it mentions.
    _Rule("merge_titled", "squash",
          re.compile(r"^(?P<title>.*\S)\s*\(#(?P<number>\d+)\)\s*$"), _named, 0.98,
          needs_forge=True),
    _Rule(None, "trailer", _RESOLVED, _first_line, 0.9, whole_message=True),
)  # fmt: skip


def read_mark(message: str, parents: int) -> Mark:
    """What ``message`` says about a commit with that many parents; never fails."""
    subject, _, rest = message.partition("\n")
    subject, rest = subject.strip(), rest.strip()
    first, _, below = rest.partition("\n")
    merge = parents >= 2
    for rule in _RULES:
        evidence = rule.merge if merge else rule.single
        match = rule.pattern.search(message if rule.whole_message else subject)
        if evidence is None or match is None:
            continue
        confidence = rule.confidence if merge else (rule.single_confidence or rule.confidence)
        number = int(match[1] if rule.whole_message else match["number"])
        title, body = _title_and_body(rule, match, merge, (subject, rest, first.strip(), below))
        branch = match.groupdict().get("branch") or ""
        return Mark(evidence, number, title, body, branch, confidence, rule.needs_forge)
    branch = _branch(subject) if merge else ""
    up_merge = merge and _UP_MERGE.match(subject) is not None
    return Mark("none", None, subject, rest, branch, 0.5, up_merge=up_merge)


def _title_and_body(
    rule: _Rule, match: re.Match[str], merge: bool, parts: tuple[str, str, str, str]
) -> tuple[str, str]:
    subject, rest, first, below = parts
    if rule.title is _named:
        return _named(match, "").strip(), rest
    if rule.whole_message and not merge:
        return subject, rest
    if rule.pattern is _GITLAB:
        first = "" if _GITLAB.match(first) else first
        return first, _GITLAB.sub("", below).strip()
    return first, below.strip()


def _branch(subject: str) -> str:
    """The branch a plain git merge names; empty where it names none."""
    if _PLAIN_MERGE.match(subject) is None:
        return ""
    return subject.split("'", 2)[1]


def message_flags(message: str) -> tuple[str, ...]:
    """What the text says of itself: revert, cherry_pick, backport. Flags, not reasons to drop."""
    found = (
        ("revert", _REVERT.search(message)),
        ("cherry_pick", _CHERRY_PICK.search(message)),
        ("backport", _BACKPORT.search(message.partition("\n")[0])),
    )
    return tuple(flag for flag, match in found if match)


def is_bot(name: str, email: str) -> bool:
    """Whether an author is a program, by the ``[bot]`` suffix or a short list of names."""
    return bool(_BOT_NAME.search(name.strip()) or "[bot]@" in email)
