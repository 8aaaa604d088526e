"""A server on this machine that plays GitHub, out of a real git repository; it misbehaves on demand."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.collect.repositories import git

Json = Any
NOW = 1_800_000_000.0  # the server's clock stands still
DIFF = "application/vnd.github.diff"


@dataclass(frozen=True)
class Asked:
    """A request, and the status it was answered with (0 while it is not)."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    form: str
    body: bytes
    token: str
    status: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        return (self.method, self.path, self.query, self.form, self.body)


@dataclass
class Reply:
    """What is sent; ``cut`` sends so many bytes of it and hangs up."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


@dataclass
class Pull:
    """A pull request, as much of it as commits do not say."""

    number: int
    head: str
    base: str
    merge: str | None
    title: str = "A title"
    body: str | None = "A body"
    ref: str = "topic"
    merged_at: str | None = "2026-01-02T00:00:00Z"
    updated_at: str = ""
    labels: tuple[str, ...] = ()
    reviews: list[Json] = field(default_factory=list)
    comments: list[Json] = field(default_factory=list)
    threads: list[Json] = field(default_factory=list)
    closes: list[Json] = field(default_factory=list)
    user: Json = field(default_factory=lambda: {"login": "ada", "type": "User"})
    changes: dict[str, Json] = field(default_factory=dict)  # of its JSON


Trick = Callable[[Asked, Reply], Reply | None]


class Forge:
    """What the server knows. ``tricks`` see each request with its honest reply, and may change it."""

    def __init__(self, repository: Path, name: str = "ada/tool") -> None:
        self.repository, self.name = repository, name
        self.pulls: dict[int, Pull] = {}
        self.log: list[Asked] = []
        self.tricks: list[Trick] = []
        self.etags = self.links = True
        self.graphql = True
        self.url = ""
        self._lock = threading.Lock()

    def git(self, *arguments: str) -> bytes:
        return _git(self.repository, arguments)

    # ── what went on ──
    def count(self, pattern: str, status: int | None = None) -> int:
        """How many requests were made for such a path."""
        return sum(
            bool(re.search(pattern, one.path)) and status in (None, one.status) for one in self.log
        )

    def twice(self) -> list[tuple[object, ...]]:
        """What was answered in full more than once."""
        full = [one.key for one in self.log if one.status == 200]
        return [key for key in set(full) if full.count(key) > 1]

    # ── answers ──
    def answer(self, asked: Asked) -> Reply:
        try:
            reply = self.honest(asked)
        except subprocess.CalledProcessError:  # no such object
            reply = _json({"message": "Not Found"}, 404)
        for trick in self.tricks:
            changed = trick(asked, reply)
            if changed is not None:
                reply = changed
                break
        with self._lock:
            self.log.append(replace(asked, status=0 if reply.cut is not None else reply.status))
        return reply

    def honest(self, asked: Asked) -> Reply:
        if asked.path == "/graphql":
            return self._graphql(json.loads(asked.body)["variables"])
        prefix = f"/repos/{self.name}"
        if asked.path == "/rate_limit":
            return _json({"resources": {}})
        if not asked.path.startswith(prefix):
            return _json({"message": "Not Found"}, 404)
        query = dict(asked.query)
        for pattern, answer in self._routes():
            match = re.fullmatch(pattern, asked.path.removeprefix(prefix))
            if match:
                return answer(asked, query, *match.groups())
        return _json({"message": "Not Found"}, 404)

    def _routes(self) -> list[tuple[str, Callable[..., Reply]]]:
        return [
            (r"", lambda *_: _json({"full_name": self.name})),
            (r"/pulls", self._list),
            (r"/pulls/(\d+)", lambda _, __, n: self._pull(int(n))),
            (r"/pulls/(\d+)/(commits|reviews|comments)", self._of_pull),
            (r"/git/commits/(\w+)", lambda _, __, sha: _json(self.commit(sha))),
            (r"/git/trees/(\w+)", lambda _, __, sha: _json(self._tree(sha))),
            (r"/git/blobs/(\w+)", lambda _, __, sha: _json(self._blob(sha))),
            (r"/compare/(\w+)\.\.\.(\w+)", self._compare),
        ]

    def _list(self, _: Asked, query: dict[str, str]) -> Reply:
        rows = [
            {"number": one.number, "updated_at": _updated(one), "merged_at": one.merged_at}
            for one in self.pulls.values()
        ]
        rows.sort(key=lambda row: (str(row["updated_at"]), row["number"]), reverse=True)
        return self._page(rows, query)

    def _page(self, rows: list[Json], query: dict[str, str]) -> Reply:
        size, number = int(query.get("per_page", 30)), int(query.get("page", 1))
        reply = _json(rows[size * (number - 1) : size * number])
        if self.links:
            more = size * number < len(rows)
            reply.headers["Link"] = '<x>; rel="next"' if more else '<x>; rel="prev"'
        return reply

    def _pull(self, number: int) -> Reply:
        one = self.pulls.get(number)
        if one is None:
            return _json({"message": "Not Found"}, 404)
        files = self.files(one.base, one.head)
        return _json(
            {
                "number": number, "title": one.title, "body": one.body, "user": one.user,
                "labels": [{"name": name} for name in one.labels],
                "merged_at": one.merged_at, "merge_commit_sha": one.merge,
                "head": {"ref": one.ref, "sha": one.head, "repo": None},
                "base": {"ref": "main", "sha": one.base, "repo": {"full_name": self.name}},
                "commits": len(self._branch(one)),
                "additions": sum(file["additions"] for file in files),
                "deletions": sum(file["deletions"] for file in files),
                "changed_files": len(files), "review_comments": len(one.comments),
                **one.changes,
            }
        )  # fmt: skip

    def _branch(self, one: Pull) -> list[str]:
        span = f"{self.merge_base(one.base, one.head)}..{one.head}"
        return self.git("rev-list", "--reverse", span).decode().split()

    def _of_pull(self, _: Asked, query: dict[str, str], number: str, what: str) -> Reply:
        one = self.pulls[int(number)]
        rows = {"reviews": one.reviews, "comments": one.comments}.get(what)
        if rows is None:
            rows = [self.listed(sha) for sha in self._branch(one)]
        return self._page(rows, query)

    def commit(self, sha: str) -> Json:
        form = "%T%x00%P%x00%an%x00%ae%x00%B"
        tree, parents, name, email, message = (
            self.git("show", "-s", f"--format={form}", sha).decode().split("\0", 4)
        )
        return {
            "sha": sha, "tree": {"sha": tree}, "message": message.removesuffix("\n"),
            "author": {"name": name, "email": email, "date": "2026-01-01T00:00:00Z"},
            "parents": [{"sha": parent} for parent in parents.split()],
        }  # fmt: skip

    def listed(self, sha: str) -> Json:
        found = self.commit(sha)
        return {"sha": sha, "commit": found, "parents": found["parents"]}

    def _tree(self, sha: str) -> Json:
        rows = self.git("ls-tree", "-z", sha).decode().split("\0")[:-1]
        entries = [(*meta.split(" "), path) for meta, _, path in (r.partition("\t") for r in rows)]
        tree = [{"mode": m, "type": t, "sha": s, "path": p} for m, t, s, p in entries]
        return {"sha": sha, "tree": tree, "truncated": False}

    def _blob(self, sha: str) -> Json:
        content = base64.encodebytes(self.git("cat-file", "blob", sha)).decode()
        return {"sha": sha, "encoding": "base64", "content": content}

    def merge_base(self, one: str, other: str) -> str:
        return self.git("merge-base", one, other).decode().strip()

    def _compare(self, asked: Asked, _: dict[str, str], one: str, other: str) -> Reply:
        base = self.merge_base(one, other)
        if asked.form == DIFF:
            return Reply(200, self.git("diff", "-M", base, other), {"Content-Type": DIFF})
        files = self.files(base, other)[:300]
        return _json({"merge_base_commit": self.listed(base), "files": files, "commits": []})

    def files(self, one: str, other: str) -> list[Json]:
        base = self.merge_base(one, other)
        parts = self.git("diff", "-M", "-z", "--numstat", base, other)
        waiting = iter(parts.decode("utf-8", "replace").split("\0")[:-1])
        rows = []
        for row in waiting:
            added, deleted, path = row.split("\t", 2)
            if not path:
                next(waiting)
                path = next(waiting)
            counts = [0 if count == "-" else int(count) for count in (added, deleted)]
            rows.append({"filename": path, "status": "modified", "additions": counts[0],
                         "deletions": counts[1]})  # fmt: skip
        return rows

    def _graphql(self, variables: Json) -> Reply:
        if not self.graphql:
            return _json({"message": "Not Found"}, 404)
        one = self.pulls[variables["number"]]
        start = int(variables["after"] or 0)
        threads = one.threads[start : start + 100]
        end = start + len(threads)
        page = {"hasNextPage": end < len(one.threads), "endCursor": str(end)}
        pull = {
            "reviewThreads": {"pageInfo": page, "nodes": threads},
            "closingIssuesReferences": {"nodes": one.closes},
        }
        return _json({"data": {"repository": {"pullRequest": pull}}})


@lru_cache(maxsize=1 << 14)
def _git(repository: Path, arguments: tuple[str, ...]) -> bytes:
    """The repositories of a forge do not change."""
    return git(repository, *arguments)


def _updated(one: Pull) -> str:
    return one.updated_at or one.merged_at or "2026-01-01T00:00:00Z"


def _json(value: Json, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


def say(status: int, message: str = "", **headers: str) -> Reply:
    """A refusal with words and headers (``retry_after="3"``)."""
    reply = _json({"message": message}, status)
    reply.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    return reply


def once(pattern: str, reply: Reply, *, form: str = "", times: int = 1) -> Trick:
    """That reply to the first ``times`` requests for such a path; 0 means always."""
    left = [times]

    def trick(asked: Asked, _: Reply) -> Reply | None:
        if not re.search(pattern, asked.path) or (form and asked.form != form):
            return None
        left[0] -= 1
        return reply if left[0] >= 0 or times == 0 else None

    return trick


def changing(
    pattern: str, change: Callable[[Json], Json], *, form: str = "", times: int = 0
) -> Trick:
    """The honest reply's JSON (or a diff's bytes) changed, for the first ``times`` or always."""
    seen = [0]

    def trick(asked: Asked, reply: Reply) -> Reply | None:
        if not re.search(pattern, asked.path) or (asked.form == DIFF) != (form == DIFF):
            return None
        seen[0] += 1
        if times and seen[0] > times:
            return None
        if form == DIFF:
            return replace(reply, body=change(reply.body))
        return replace(reply, body=json.dumps(change(json.loads(reply.body))).encode())

    return trick


def without(*names: str) -> Callable[[Json], Json]:
    """A change that takes fields out."""
    return lambda found: {name: found[name] for name in found if name not in names}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    forge: Forge

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers["Content-Length"])))

    def _serve(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        token = self.headers.get("Authorization", "")
        form = self.headers.get("Accept", "")
        query = tuple(parse_qsl(parts.query))
        asked = Asked(self.command, unquote(parts.path), query, form, body, token)
        reply = self.forge.answer(asked)
        etag = '"' + hashlib.sha256(reply.body).hexdigest()[:16] + '"'
        if reply.status == 200 and self.forge.etags:
            reply.headers["ETag"] = etag
            if self.headers.get("If-None-Match") == etag:
                reply = Reply(304, b"", {"ETag": etag})
                self.forge.log[-1] = replace(self.forge.log[-1], status=304)
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
        except OSError:  # whoever asked is gone
            self.close_connection = True
        if reply.cut is not None:
            self.close_connection = True

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The clock that tests read from."""
        return formatdate(NOW, usegmt=True)

    def log_message(self, *_: object) -> None:
        """The forge's own log is enough."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that was killed leaves broken connections."""


@contextmanager
def serving(forge: Forge) -> Iterator[Forge]:
    """The forge at ``forge.url``, on a free port of this machine."""
    handler = type("Handler", (_Handler,), {"forge": forge})
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
