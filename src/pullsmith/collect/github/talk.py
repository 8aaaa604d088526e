"""What people said of a pull request: reviews, threads on lines with suggestions, issues it closes.

Takes a pull request, gives records. Reviews and comments come by REST; which threads are resolved
and which issues are closed only GraphQL knows, which wants a token: without it, or where it does
not answer, threads have no state and no issue is closed. Knows nothing of commits or files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pullsmith.collect.github.client import Broken, NoGraphQL, Unanswered
from pullsmith.collect.github.door import Ask, Door
from pullsmith.collect.github.wire import (
    Comment,
    Damaged,
    GraphData,
    Issue,
    Pull,
    PullStates,
    SubmittedReview,
    ThreadState,
    User,
    graph_reader,
    reader,
)
from pullsmith.records import LinkedIssue, Review, ReviewComment, ReviewThread

GHOST = "ghost"  # GitHub's own name for whoever deleted the account
_WITHOUT = "without_graphql"
_read_reviews = reader(list[SubmittedReview])
_read_comments = reader(list[Comment])
_read_graph = graph_reader(GraphData)
_NUMBER_IN_ADDRESS = re.compile(r"discussion_r([0-9]+)$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n`]*$")
_QUERY = """\
query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { isResolved isOutdated comments(first: 1) { nodes { url } } }
      }
      closingIssuesReferences(first: 50) {
        nodes { number title body repository { nameWithOwner } }
      }
    }
  }
}"""


@dataclass(frozen=True)
class Talk:
    """What was said. ``whole`` is False where GitHub counts more comments than it shows."""

    reviews: tuple[Review, ...]
    threads: tuple[ReviewThread, ...]
    closes: tuple[LinkedIssue, ...]
    whole: bool


@dataclass(frozen=True)
class _States:
    """Of GraphQL: threads by their first comment's number, and closed issues."""

    threads: dict[int, ThreadState]
    issues: tuple[Issue, ...]


async def talk_of(door: Door, full_name: str, host: str, pull: Pull) -> Talk:
    """All that was said of the pull request; raises Damaged, Broken or Refused."""
    states = await _states(door, full_name, pull.number)
    path = f"/repos/{full_name}/pulls/{pull.number}"
    reviews = await door.all_pages(
        Ask(f"{path}/reviews", lasting=True), _read_reviews, lambda one: one.id
    )
    comments = await _comments(door, Ask(f"{path}/comments", lasting=True), pull)
    return Talk(
        reviews=tuple(_review(one) for one in reviews if _says_something(one)),
        threads=tuple(_threads(comments, states)),
        closes=tuple(_issue(one, host) for one in states.issues),
        whole=len(comments) >= pull.review_comments,
    )


async def _comments(door: Door, ask: Ask, pull: Pull) -> list[Comment]:
    """The comments on lines; where they are fewer than counted, they are asked for once more."""
    if not pull.review_comments:
        return []
    rows = await door.all_pages(ask, _read_comments, lambda one: one.id)
    if len(rows) < pull.review_comments:
        rows = await door.all_pages(ask, _read_comments, lambda one: one.id, fresh=True)
    return rows


async def _states(door: Door, full_name: str, number: int) -> _States:
    """What GraphQL knows; nothing where it does not answer."""
    nothing = _States({}, ())
    if door.anonymous or door.kept.fact(_WITHOUT):
        return nothing
    try:
        return await _ask_states(door, full_name, number)
    except NoGraphQL as refused:
        door.kept.learn(_WITHOUT, str(refused))
    except (Unanswered, Damaged, Broken):
        pass  # counted by the door; where the server is down, REST says so next
    return nothing


async def _ask_states(door: Door, full_name: str, number: int) -> _States:
    owner, _, name = full_name.partition("/")
    variables: dict[str, object] = {"owner": owner, "name": name, "number": number, "after": None}
    threads: dict[int, ThreadState] = {}
    while True:
        pull = await door.graphql(_QUERY, variables, _read_states)
        threads.update(_by_number(pull.threads.nodes))
        if not pull.threads.page.has_next or pull.threads.page.end == variables["after"]:
            break
        variables = {**variables, "after": pull.threads.page.end}
    return _States(threads, tuple(one for one in pull.closes.nodes if one is not None))


def _read_states(data: object) -> PullStates:
    return _read_graph(data).repository.pull


def _by_number(threads: Sequence[ThreadState | None]) -> dict[int, ThreadState]:
    """The two APIs' ids differ in form; the address people see has the comment's number."""
    found = {}
    for thread in threads:
        for place in thread.comments.nodes if thread else ():
            match = _NUMBER_IN_ADDRESS.search(place.url) if place else None
            if thread and match:
                found[int(match[1])] = thread
    return found


def _says_something(review: SubmittedReview) -> bool:
    """What was not submitted is a draft; a comment without words only holds the threads' comments."""
    if review.submitted_at is None:
        return False
    return review.state != "COMMENTED" or bool(words(review.body))


def _review(review: SubmittedReview) -> Review:
    return Review(
        author=login(review.user),
        state=review.state.lower(),
        body=words(review.body),
        written_at=review.submitted_at or "",
    )


def _threads(comments: Sequence[Comment], states: _States) -> list[ReviewThread]:
    """Comments by thread, the first comment of each first; one whose first is gone begins anew."""
    known = {one.id: one for one in comments}
    threads: dict[int, list[Comment]] = {}
    for one in sorted(comments, key=lambda one: (one.created_at, one.id)):
        threads.setdefault(_root(one, known), []).append(one)
    return [_thread(root, some, states.threads.get(root)) for root, some in threads.items()]


def _root(comment: Comment, known: dict[int, Comment]) -> int:
    """The number of the thread's first comment, which answers name."""
    seen = {comment.id}
    root = comment.in_reply_to_id or comment.id
    while root in known and root not in seen and known[root].in_reply_to_id:
        seen.add(root)
        root = known[root].in_reply_to_id or root
    return root


def _thread(root: int, comments: Sequence[Comment], state: ThreadState | None) -> ReviewThread:
    first = next((one for one in comments if one.id == root), comments[0])
    rest = [one for one in comments if one is not first]
    of_file = first.subject_type == "file"
    now = first.line is not None
    start, end = (
        (first.start_line, first.line) if now else (first.original_start_line, first.original_line)
    )
    return ReviewThread(
        path=first.path,
        start_line=None if of_file else start or end,
        end_line=None if of_file else end,
        side="old" if first.side == "LEFT" else "new",
        commit_sha=first.commit_id if now or of_file else first.original_commit_id,
        diff_hunk=first.diff_hunk,
        resolved=state.resolved if state else None,
        outdated=state.outdated if state else not now and not of_file,
        comments=tuple(_comment(one) for one in [first, *rest]),
    )


def _comment(comment: Comment) -> ReviewComment:
    body = words(comment.body)
    return ReviewComment(
        author=login(comment.user),
        body=body,
        written_at=comment.created_at,
        suggestions=suggestions_in(body),
    )


def suggestions_in(body: str) -> tuple[str, ...]:
    """What stands in the suggestion blocks of a comment, without a last line's end.

    An empty one suggests to take the lines out. A block that is never closed ends with the comment.
    """
    found: list[str] = []
    fence = ""
    lines: list[str] | None = None
    for line in body.split("\n"):
        match = _FENCE.match(line)
        if not fence:
            if match:
                fence, lines = match[1], [] if match[2].lower() == "suggestion" else None
        elif match and match[1].startswith(fence) and not match[2]:
            found += ["\n".join(lines)] if lines is not None else []
            fence, lines = "", None
        elif lines is not None:
            lines.append(line)
    return tuple(found + (["\n".join(lines)] if lines is not None else []))


def _issue(issue: Issue, host: str) -> LinkedIssue:
    return LinkedIssue(
        repository=f"{host}/{issue.repository.name}",
        number=issue.number,
        title=words(issue.title),
        body=words(issue.body),
    )


def login(user: User | None) -> str:
    """An account's name."""
    return user.login if user else GHOST


def words(text: str | None) -> str:
    """A text as people wrote it: line ends as git has them, no blanks around it, no null for none."""
    return (text or "").replace("\r\n", "\n").strip()
