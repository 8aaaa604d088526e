"""The fields of GitHub's API that are read, as models; every other field is passed over.

Takes bytes, gives models. What is not JSON, is cut, or lacks a field raises Damaged, because
servers and what stands before them do answer 200 with something else.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

Sha = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
When = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]
FullName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+/[A-Za-z0-9._-]+$")]
T = TypeVar("T")


class Damaged(Exception):  # noqa: N818 -- a state of an answer, never shown as an error
    """An answer that is not what was asked for; ``reason`` is a short code, for counting."""

    def __init__(self, reason: str, detail: str) -> None:
        """Keep ``reason`` apart, so that drops can be counted by it."""
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Wire(BaseModel):
    """Base: frozen, further fields ignored, no field optional unless the API says so."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class User(Wire):
    """An account; ``type`` is "User", "Bot", "Organization" or, of Enterprise, "Mannequin"."""

    login: str
    type: str = "User"


class Repository(Wire):
    """A repository by the name it has now."""

    full_name: FullName


class Listed(Wire):
    """A pull request as the list of closed ones has it."""

    number: int
    updated_at: When
    merged_at: When | None


class Label(Wire):
    """A label's name."""

    name: str


class Branch(Wire):
    """One end of a pull request; ``repo`` is None where a fork was deleted."""

    ref: str
    sha: Sha


class Base(Branch):
    """The end that was merged into."""

    repo: Repository


class Pull(Wire):
    """One pull request. The API says null for a deleted author, an empty body, an unknown merge."""

    number: int
    title: str
    body: str | None
    user: User | None
    labels: tuple[Label, ...]
    merged_at: When | None
    merge_commit_sha: Sha | None
    head: Branch
    base: Base
    commits: int
    additions: int
    deletions: int
    changed_files: int
    review_comments: int


class Person(Wire):
    """Who wrote a commit, by git's own word."""

    name: str = ""
    email: str = ""


class Tree(Wire):
    """A tree's id."""

    sha: Sha


class CommitData(Wire):
    """What git knows of a commit."""

    message: str
    author: Person | None
    tree: Tree


class GitCommit(CommitData):
    """The same with its id and its parents."""

    sha: Sha
    parents: tuple[Tree, ...]


class Commit(Wire):
    """A commit as lists have it."""

    sha: Sha
    commit: CommitData
    parents: tuple[Tree, ...]


class ChangedFile(Wire):
    """A changed file as lists have it."""

    filename: str
    previous_filename: str | None = None
    status: str
    additions: int
    deletions: int


class Compare(Wire):
    """Two commits compared from their merge base; ``files`` ends at 300."""

    merge_base_commit: Commit
    files: tuple[ChangedFile, ...]


class SubmittedReview(Wire):
    """A review; ``submitted_at`` is absent while it is pending."""

    id: int
    user: User | None
    body: str | None
    state: str
    submitted_at: When | None = None


class Comment(Wire):
    """A comment on a line, several lines or a file; lines are null where they are gone."""

    id: int
    in_reply_to_id: int | None = None
    user: User | None
    body: str
    path: str
    diff_hunk: str
    commit_id: Sha
    original_commit_id: Sha
    created_at: When
    side: str | None = None
    line: int | None = None
    start_line: int | None = None
    original_line: int | None = None
    original_start_line: int | None = None
    subject_type: str | None = None


class PageInfo(Wire):
    """Whether GraphQL has more rows, and after which one they begin."""

    has_next: bool = Field(alias="hasNextPage")
    end: str | None = Field(alias="endCursor")


class Place(Wire):
    """Where something is shown to people."""

    url: str


class Places(Wire):
    """The first comment of a thread."""

    nodes: tuple[Place | None, ...]


class ThreadState(Wire):
    """What only GraphQL knows of a thread."""

    resolved: bool = Field(alias="isResolved")
    outdated: bool = Field(alias="isOutdated")
    comments: Places


class ThreadStates(Wire):
    """A page of threads."""

    page: PageInfo = Field(alias="pageInfo")
    nodes: tuple[ThreadState | None, ...]


class HomeOfIssue(Wire):
    """A repository as GraphQL calls it."""

    name: FullName = Field(alias="nameWithOwner")


class Issue(Wire):
    """An issue that a pull request closes."""

    number: int
    title: str
    body: str
    repository: HomeOfIssue


class Issues(Wire):
    """The issues; one that may not be seen is None."""

    nodes: tuple[Issue | None, ...]


class PullStates(Wire):
    """What GraphQL adds to a pull request."""

    threads: ThreadStates = Field(alias="reviewThreads")
    closes: Issues = Field(alias="closingIssuesReferences")


class HomeOfPull(Wire):
    """The repository that was asked about."""

    pull: PullStates = Field(alias="pullRequest")


class GraphData(Wire):
    """An answer's data."""

    repository: HomeOfPull


class Entry(Wire):
    """An entry of a tree."""

    path: str
    mode: str
    type: str
    sha: Sha


class Listing(Wire):
    """The entries of a tree; ``truncated`` where there are too many."""

    entries: tuple[Entry, ...] = Field(alias="tree")
    truncated: bool


class Blob(Wire):
    """A file's bytes in base 64."""

    content: str
    encoding: str
    sha: Sha

    def bytes(self) -> bytes:
        """The bytes; raises Damaged where they are not base 64."""
        try:
            if self.encoding == "base64":
                return base64.b64decode(self.content.replace("\n", ""), validate=True)
        except binascii.Error as error:
            raise Damaged("not_base64", f"blob {self.sha}: {error}") from error
        raise Damaged("not_base64", f"blob {self.sha}: encoding {self.encoding!r}")


def reader(kind: type[T]) -> Callable[[bytes], T]:
    """A function from an answer's bytes to ``kind``; it raises Damaged with the first field amiss."""
    adapter = TypeAdapter(kind)

    def read(body: bytes) -> T:
        try:
            return adapter.validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise Damaged(*_what(first["type"], where, str(first["msg"]), body)) from None

    return read


def graph_reader(kind: type[T]) -> Callable[[object], T]:
    """The same for the data of GraphQL, which came as JSON."""
    adapter = TypeAdapter(kind)

    def read(data: object) -> T:
        try:
            return adapter.validate_python(data)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise Damaged(*_what(first["type"], where, str(first["msg"]), b"")) from None

    return read


def _what(kind: str, where: str, message: str, body: bytes) -> tuple[str, str]:
    if kind == "json_invalid":
        html = body.lstrip()[:1] == b"<"
        return ("html", "a page instead of JSON") if html else ("not_json", message)
    if kind == "missing":
        return "missing_field", f"{where} is not there"
    return "wrong_field", f"{where}: {message}"
