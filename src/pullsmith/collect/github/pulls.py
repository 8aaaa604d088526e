"""One pull request of the API as a record: which two commits, which files, which licence, what was said.

Takes a number, gives a PullRequest as git would give it: a merge is merge base .. second parent, a
squash is parent .. commit. GitHub does not say how it merged, so the two commits are those whose
files and lines are the ones it counts; where none are, there is no record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pullsmith.collect.confidence import Reason
from pullsmith.collect.github.client import Refused
from pullsmith.collect.github.door import PER_PAGE, Ask
from pullsmith.collect.github.patch import Unusable, adds_up, changed_files, check_size
from pullsmith.collect.github.rights import licence_at
from pullsmith.collect.github.session import Api
from pullsmith.collect.github.talk import Talk, login, talk_of, words
from pullsmith.collect.github.wire import (
    Commit,
    Compare,
    Damaged,
    GitCommit,
    Person,
    Pull,
    reader,
)
from pullsmith.collect.messages import is_bot, message_flags
from pullsmith.collect.source_git import MAX_MESSAGES
from pullsmith.records import PullRequest

TALK_CUT = "talk_cut"  # the flag of a record with fewer comments than GitHub counts
_read_pull = reader(Pull)
_read_commit = reader(GitCommit)
_read_compare = reader(Compare)
_read_commits = reader(list[Commit])


@dataclass(frozen=True)
class _Ends:
    """Between which two commits the change lies, and how that is known."""

    compare: Compare
    head: str
    evidence: str

    @property
    def reason(self) -> Reason:
        if self.evidence == "github_merge":
            return Reason.MERGE_HEAD_EQUALS_PULL_HEAD
        return Reason.NUMBER_IS_A_PULL


async def pull_at(api: Api, number: int) -> Pull:
    """What the API says of one pull request; raises Refused, Broken or Damaged."""

    def read(body: bytes) -> Pull:
        pull = _read_pull(body)
        if pull.number != number:
            raise Damaged("wrong_field", f"number: {pull.number}, asked for {number}")
        return pull

    return await api.door.get(Ask(f"{api.path}/pulls/{number}", lasting=True), read)


async def read_pull(api: Api, number: int, *, most_files: int | None) -> PullRequest:
    """The record of a merged pull request; raises Unusable, Refused, Broken or Damaged."""
    pull = await pull_at(api, number)
    check_size(pull, most_files)
    if pull.merge_commit_sha is None or pull.merged_at is None:
        raise Unusable("no_merge_commit", "GitHub does not say which commit brought it in")
    merge = await _commit(api, pull.merge_commit_sha)
    ends = await _ends(api, pull, merge)
    commits = await _commits(api, pull)
    base = ends.compare.merge_base_commit
    head = await _author(api, ends.head, merge, commits)
    files = await changed_files(api.door, api.path, ends.compare, ends.head)
    licence = await licence_at(api.door, api.path, base.commit.tree.sha, base.sha)
    talk = await talk_of(api.door, api.full_name, api.host, pull)
    return PullRequest(
        id=f"{api.repository}@{merge.sha}",
        source="github",
        repository=api.repository,
        group=api.repository,
        number=number,
        evidence=ends.evidence,
        confidence=ends.reason.confidence,
        confidence_reason=ends.reason.value,
        title=words(pull.title),
        body=words(pull.body),
        branch=pull.head.ref,
        commit_messages=_messages(commits),
        author=head.name or login(pull.user),
        merged_at=pull.merged_at,
        base_sha=base.sha,
        head_sha=ends.head,
        merge_sha=merge.sha,
        flags=_flags(pull, merge, head, talk),
        files=files,
        licence=licence,
        labels=tuple(label.name for label in pull.labels),
        reviews=talk.reviews,
        threads=talk.threads,
        closes=talk.closes,
    )


async def _commit(api: Api, sha: str) -> GitCommit:
    def read(body: bytes) -> GitCommit:
        commit = _read_commit(body)
        if commit.sha != sha:
            raise Damaged("wrong_field", f"sha: {commit.sha}, asked for {sha}")
        return commit

    return await api.door.get(Ask(f"{api.path}/git/commits/{sha}", lasting=True), read)


async def _ends(api: Api, pull: Pull, merge: GitCommit) -> _Ends:
    """The first guess whose files and lines are those that GitHub counts; raises Unusable."""
    seen: list[str] = []
    for base, head, evidence in _guesses(pull, merge):
        ask = Ask(f"{api.path}/compare/{base}...{head}", (("per_page", "1"),), lasting=True)
        try:
            compare = await api.door.get(ask, _read_compare)
        except Refused as refused:
            if refused.status != 404:
                raise
            continue
        if adds_up(pull, compare.files):
            return _Ends(compare, head, evidence)
        seen.append(f"{evidence} has {len(compare.files)} files")
    if not seen:
        raise Unusable("commits_gone", "GitHub no longer has its commits")
    raise Unusable(
        "counts_differ",
        f"GitHub counts {pull.changed_files} files, +{pull.additions} -{pull.deletions}; "
        f"{', '.join(seen)} or other lines",
    )


def _guesses(pull: Pull, merge: GitCommit) -> Iterator[tuple[str, str, str]]:
    """(base or a commit above it, head, evidence): a merge, a squash, else the branch itself."""
    parents = [parent.sha for parent in merge.parents]
    if len(parents) == 2 and parents[1] == pull.head.sha:
        yield parents[0], parents[1], "github_merge"
    if len(parents) == 1:
        yield parents[0], merge.sha, "github_squash"
    yield pull.base.sha, pull.head.sha, "github_branch"


async def _commits(api: Api, pull: Pull) -> list[Commit]:
    """The first commits of the branch, oldest first; raises Damaged where some are missing."""

    def read(body: bytes) -> list[Commit]:
        rows = _read_commits(body)
        if len(rows) < min(pull.commits, PER_PAGE):
            raise Damaged("commits_cut", f"{len(rows)} of {pull.commits} commits")
        return rows

    ask = Ask(f"{api.path}/pulls/{pull.number}/commits", lasting=True)
    return await api.door.get(ask.page(1), read)


def _messages(commits: Sequence[Commit]) -> tuple[str, ...]:
    own = [one for one in commits if len(one.parents) < 2]
    messages = [one.commit.message.strip() for one in own or commits]
    return tuple(messages[:MAX_MESSAGES])


async def _author(api: Api, sha: str, merge: GitCommit, commits: Sequence[Commit]) -> Person:
    """Who wrote the head commit, by git's own word."""
    known = {merge.sha: merge.author} | {one.sha: one.commit.author for one in commits}
    found = known[sha] if sha in known else (await _commit(api, sha)).author
    return found or Person()


def _flags(pull: Pull, merge: GitCommit, head: Person, talk: Talk) -> tuple[str, ...]:
    flags = set(message_flags(f"{pull.title}\n\n{words(pull.body)}")) | set(
        message_flags(merge.message)
    )
    if is_bot(head.name, head.email) or (pull.user and pull.user.type == "Bot"):
        flags.add("bot")
    if not talk.whole:
        flags.add(TALK_CUT)
    return tuple(sorted(flags))
