"""Discover: hour files to a ranked list, beside plain gzip and json that look only at likely lines.

    python bench/discover.py [--quick] [--json] [FILE …]

Without FILE, hour files are made: one with whole payloads, one with cut ones. Each contender runs
in a process of its own, one thread, the two taking turns; seconds are its CPU seconds after the
imports, the fastest round of each; memory is its peak.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from figures import Figures, peak_bytes, show

KINDS = {
    "PushEvent": 50, "CreateEvent": 15, "WatchEvent": 10, "IssueCommentEvent": 8,
    "PullRequestEvent": 7, "PullRequestReviewEvent": 4, "PullRequestReviewCommentEvent": 3,
}  # fmt: skip


def made_events(count: int, *, whole: bool) -> Iterator[dict[str, object]]:
    """Events of about the sizes the archive has; seeded."""
    chance = random.Random(7)
    for number in range(count):
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        user, repo = chance.randrange(20_000), chance.randrange(8_000)
        yield {
            "id": str(40_000_000_000 + number),
            "type": kind,
            "actor": {
                "id": user,
                "login": f"user{user}",
                "url": f"https://api.test/users/user{user}",
            },
            "repo": {"id": repo, "name": f"own{repo}/repo{repo}"},
            "payload": _payload(chance, kind, number, user, whole=whole),
            "public": True,
            "created_at": "2025-01-01T00:00:00Z",
        }


def _payload(chance: random.Random, kind: str, number: int, user: int, *, whole: bool) -> object:
    if not kind.startswith("PullRequest"):
        return {"ref": "main", "message": f"{chance.getrandbits(200):x} " * 4}
    pull: dict[str, object] = {
        "number": number % 500,
        "head": {"ref": f"b{number}", "sha": f"{number:040x}"},
    }
    if whole:
        links = {f"link{n}_url": f"https://api.test/{chance.getrandbits(64):x}" for n in range(150)}
        author = {"login": f"user{user}", "type": "User"}
        pull |= {
            "merged": chance.random() < 0.6,
            "user": author,
            "body": f"{chance.getrandbits(400):x}",
            **links,
        }
    act = chance.choice(("opened", "closed" if whole else "merged"))
    action = act if kind == "PullRequestEvent" else "created"
    return {"action": action, "number": number % 500, "pull_request": pull}


def make_hours(folder: Path, count: int) -> list[Path]:
    paths = []
    for name, whole in (("2025-01-01-0", True), ("2025-11-01-0", False)):
        paths.append(folder / f"{name}.json.gz")
        with gzip.open(paths[-1], "wt", compresslevel=6) as handle:
            for event in made_events(count, whole=whole):
                handle.write(json.dumps(event, separators=(",", ":")) + "\n")
    return paths


def with_duckdb(paths: Sequence[str]) -> int:
    from pullsmith.discover import Machine, discover

    return discover(paths, machine=Machine(threads=1)).counts.repositories


def with_json(paths: Sequence[str]) -> int:
    """Merged pull requests by repository, each event once; no bots, no gaps, no bounds, no authors."""
    seen: set[str] = set()
    merged: dict[str, set[int]] = defaultdict(set)
    comments: dict[str, int] = defaultdict(int)
    for path in paths:
        with gzip.open(path, "rb") as handle:
            for line in handle:
                if b'"PullRequest' in line:
                    _count(json.loads(line), seen, merged, comments)
    return len(merged)


def _count(
    event: dict[str, object], seen: set[str], merged: dict[str, set[int]], comments: dict[str, int]
) -> None:
    payload, repo = event["payload"], event["repo"]
    if str(event["id"]) in seen or not isinstance(payload, dict) or not isinstance(repo, dict):
        return
    seen.add(str(event["id"]))
    if event["type"] == "PullRequestReviewCommentEvent":
        comments[repo["name"]] += 1
    if event["type"] != "PullRequestEvent":
        return
    if payload["action"] == "merged" or (
        payload["action"] == "closed" and payload["pull_request"].get("merged")
    ):
        merged[repo["name"]].add(payload["number"])


def one_round(contender: str, paths: Sequence[str]) -> int:
    """What a child process does: work, then say how much it took."""
    import pullsmith.discover  # noqa: F401  # both contenders carry the same imports

    act = {"duckdb": with_duckdb, "json": with_json}[contender]
    started = time.process_time()
    found = act(paths)
    used = time.process_time() - started
    memory = peak_bytes() / 2**20
    print(json.dumps({"found": found, "seconds": used, "memory": memory}))
    return 0


def measured(contender: str, paths: Sequence[Path]) -> dict[str, float]:
    command = [sys.executable, __file__, "--contender", contender, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    said: dict[str, float] = json.loads(done.stdout)
    return said


def figures(paths: Sequence[Path], rounds: int) -> Figures:
    taken: dict[str, list[dict[str, float]]] = {"duckdb": [], "json": []}
    for _ in range(rounds):
        for contender, so_far in taken.items():
            so_far.append(measured(contender, paths))
    seconds = {name: min(one["seconds"] for one in so_far) for name, so_far in taken.items()}
    memory = {name: max(one["memory"] for one in so_far) for name, so_far in taken.items()}
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    return {
        "discover_vs_json": {
            "value": round(megabytes / seconds["duckdb"], 1),
            "unit": f"MB of zipped events a CPU-second ({megabytes:.0f} MB)",
            "peer": f"gzip + json on likely lines {megabytes / seconds['json']:.1f}",
            "ratio": round(seconds["json"] / seconds["duckdb"], 2),
        },
        "discover_memory": {
            "value": round(memory["duckdb"]),
            "unit": "MB peak, one file at a time",
            "peer": f"gzip + json {memory['json']:.0f}",
            "ratio": round(memory["duckdb"] / memory["json"], 2),
        },
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--contender", choices=("duckdb", "json"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.contender:
        return one_round(asked.contender, [str(path) for path in asked.files])
    with tempfile.TemporaryDirectory() as folder:
        paths = asked.files or make_hours(Path(folder), 40_000 if asked.quick else 240_000)
        found = figures(paths, 2 if asked.quick else 3)
    show(found, as_json=asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
