"""A repository whose pull requests were merged in every way, and what a forge knows of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.collect.github.forge import Json, Pull
from tests.collect.repositories import FORGE, Content, Teller, numbered

BOT = ("renovate[bot]", "bot@users.noreply.example")
MERGE, SQUASH, REBASED, UNMERGED, ODD, BY_BOT = 1, 2, 3, 4, 5, 6
SUGGESTION = "Shorter:\r\n\r\n```suggestion\r\nfour\r\n```\r\nsee https://x.example"
LICENSE = b"Do as the owner says.\n"


Files = dict[str | bytes, Content]


@dataclass(frozen=True)
class Told:
    """The repository, and its commits by name."""

    folder: Path
    at: dict[str, str]

    def pulls(self) -> dict[int, Pull]:
        """What a forge has beside the commits."""
        at = self.at
        day = "2026-01-0{}T00:00:00Z".format
        pulls = [
            Pull(MERGE, at["one"], at["root"], at["m1"], title="Change a", merged_at=day(1),
                 ref="ada/a", body="Because.\r\n\r\nIt is right.\r\n", labels=("bug", "easy"),
                 reviews=reviews(), comments=comments(at["one"]), threads=threads(),
                 closes=[issue(9), None]),
            Pull(SQUASH, at["two"], at["m1"], at["s2"], title="Two at once", merged_at=day(2),
                 body=None, user=None),
            Pull(REBASED, at["three"], at["s2"], at["r3"], title="Three, rebased", merged_at=day(3)),
            Pull(UNMERGED, at["four"], at["r3"], at["four"], title="Never", merged_at=None,
                 updated_at=day(4)),
            Pull(ODD, at["odd"], at["r3"], at["m5"], title="Odd files", merged_at=day(5)),
            Pull(BY_BOT, at["s6"], at["m5"], at["s6"], title="Revert one", merged_at=day(6),
                 user={"login": "renovate[bot]", "type": "Bot"}),
        ]  # fmt: skip
        return {one.number: one for one in pulls}


def issue(number: int) -> Json:
    home = {"nameWithOwner": "ada/tool"}
    return {"number": number, "title": "One is wrong", "body": "Very.\r\n", "repository": home}


def reviews() -> list[Json]:
    cleo = {"login": "cleo", "type": "User"}
    when = "2026-01-01T10:00:00Z"
    return [
        {"id": 1, "user": cleo, "body": "Fine.", "state": "APPROVED", "submitted_at": when},
        {"id": 2, "user": cleo, "body": "", "state": "COMMENTED", "submitted_at": when},
        {"id": 3, "user": cleo, "body": "draft", "state": "PENDING"},
        {"id": 4, "user": None, "body": None, "state": "DISMISSED", "submitted_at": when},
    ]


def comment(number: int, head: str, **changes: Json) -> Json:
    row = {
        "id": number, "node_id": f"N{number}", "user": {"login": "cleo", "type": "User"},
        "body": "Why?", "path": "a.py", "diff_hunk": "@@ -1,3 +1,3 @@\n-line 5\n+five",
        "commit_id": head, "original_commit_id": head, "side": "RIGHT", "line": 5,
        "start_line": None, "original_line": 5, "original_start_line": None,
        "created_at": f"2026-01-01T11:00:{number:02}Z", "subject_type": "line",
    }  # fmt: skip
    return {**row, **changes}


def comments(head: str) -> list[Json]:
    gone = {
        "line": None,
        "start_line": None,
        "original_start_line": 3,
        "original_commit_id": "1" * 40,
    }
    return [
        comment(11, head, body=SUGGESTION),
        comment(12, head, **gone, side="LEFT"),
        comment(13, head, in_reply_to_id=11, body="Done.", user=None),
        comment(14, head, subject_type="file", line=1, original_line=1),
    ]


def threads() -> list[Json]:
    def thread(number: int, *, resolved: bool, outdated: bool) -> Json:
        places = {"nodes": [{"url": f"https://x.example/ada/tool/pull/1#discussion_r{number}"}]}
        return {"isResolved": resolved, "isOutdated": outdated, "comments": places}

    return [
        thread(11, resolved=True, outdated=False),
        thread(12, resolved=False, outdated=True),
        thread(14, resolved=False, outdated=False),
    ]


def tell(folder: Path) -> Told:
    """Make the repository: a merge, a squash, a rebase, one never merged, odd files, a bot's."""
    teller, marks = Teller(), dict[str, int]()

    def commit(name: str, message: str, files: Files, *on: str, **more: object) -> None:
        parents = [marks[one] for one in on]
        marks[name] = teller.commit(message, files, *parents, **more)  # type: ignore[arg-type]

    ref = "refs/pull/{}/head".format
    forged = {"committer": FORGE}
    old: Files = {"a.py": numbered(30), "b c.py": numbered(9), "gone.py": b"x\n", "bin": b"\0\1", "run": b"#!\n",
           "type": b"text\n", "old name.py": numbered(20), "LICENSE": LICENSE}  # fmt: skip
    commit("root", "Start", old)
    commit("one_a", "First", {"a.py": numbered(30, l5="FIVE")}, "root", ref=ref(1))
    commit("one", "Second\n\nwith words", {"a.py": numbered(30, l5="five")}, "one_a", ref=ref(1))
    commit("other", "Direct", {"d.py": b"d\n"}, "root")
    commit("m1", "Merge pull request #1 from ada/a\n\nChange a",
           {"a.py": numbered(30, l5="five")}, "other", "one", **forged)  # fmt: skip
    commit("two_a", "Add", {"e.py": b"e\n"}, "m1", ref=ref(2))
    commit("two", "More", {"e.py": b"e\nf\n"}, "two_a", ref=ref(2))
    commit("s2", "Two at once (#2)", {"e.py": b"e\nf\n"}, "m1", **forged)
    commit("three_a", "Three a", {"g.py": b"g\n"}, "m1", ref=ref(3))
    commit("three", "Three b", {"h.py": b"h\n"}, "three_a", ref=ref(3))
    commit("r3_a", "Three a", {"g.py": b"g\n"}, "s2", **forged)
    commit("r3", "Three b", {"h.py": b"h\n"}, "r3_a", **forged)
    commit("four", "Never", {"i.py": b"i\n"}, "r3", ref=ref(4))
    odd: Files = {
        "gone.py": None, "bin": b"\0\2", "run": (b"100755", b"#!\n"), "type": (b"120000", b"a.py"),
        "old name.py": None, "new näme.py": numbered(20, l3="drei"), "latin.py": "naïve\n".encode("latin-1"),
        "empty.py": b"", "crlf.py": b"a\r\nb\r\n", "end.py": b"no end", "b c.py": numbered(9, l9="nine"),
        b'tab\t"q".py': b"t\n", "sub": (b"160000", b"2" * 40),
    }  # fmt: skip
    commit("odd", "Odd", odd, "r3", ref=ref(5))
    commit("m5", "Merge pull request #5 from ada/odd\n\nOdd files", odd, "r3", "odd", **forged)
    commit("s6", "Revert one (#6)", {"d.py": b"D\n"}, "m5", author=BOT, **forged)
    made = teller.make(folder)
    return Told(folder, {name: made[mark] for name, mark in marks.items()})
