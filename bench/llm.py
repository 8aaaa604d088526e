"""Models: CPU and concurrency of calls, faults, kill -9, cached answers, memory, secrets.

    python bench/llm.py [--quick] [--json]

A loopback endpoint in a process of its own answers 8 kB prompts after 200 ms. ``cpu_ms_per_call_*``
is CPU of this process, journal included; the peer is bare aiohttp, without a journal. ``in_flight_*``
is the share of the set concurrency that was sent and not answered, as the *server* saw it, from when
the most were in flight to the last call's coming; whoever has less than a core for it sees what a
core can do, so look at the ratio to bare aiohttp, and at ``in_flight_512_slow``: answers after two
seconds, as quick teachers have them. Faults are 5 % each of 429 with Retry-After, 500, stall, cut body, malformed
YAML and dropped connection. The kills are of a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import string
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import aiohttp
import yaml

from figures import Figures, cpu_seconds, peak_bytes, show
from pullsmith.llm.door import Door
from pullsmith.llm.journal import Entry, Journal
from pullsmith.llm.open_model import open_model
from pullsmith.llm.protocol import Completion, Request
from pullsmith.records import Message, Outcome, SecretScan
from pullsmith.redact import scan_text
from pullsmith.study.roles import Role

HERE = Path(__file__).parent
PROMPT = ("def add(one, two):\n    return one + two  # as before\n\n" * 200)[:8000]
ANSWER = "word " * 400
SCAN = SecretScan(rules_version="bench")
LEVELS = (64, 256, 512)
STALL_TIMEOUT_SECONDS = 3.0
TOKENS = 500


class Endpoint:
    """The loopback endpoint of a ``with``."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.model = f"{self.url}/v1#m"

    def counts(self) -> dict[str, float]:
        with urllib.request.urlopen(f"{self.url}/counts") as reply:  # loopback
            found: dict[str, float] = json.load(reply)
        return found


@contextmanager
def endpoint(faults: float = 0.0, latency: float = 0.2, say: str = "") -> Iterator[Endpoint]:
    command = [sys.executable, str(HERE / "loopback.py"), "--faults", str(faults), "--say", say]
    process = subprocess.Popen(
        [*command, "--latency", str(latency)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield Endpoint(int(process.stdout.readline()))
    finally:
        process.communicate("")


def request(number: int, model: str) -> Request:
    message = Message(role="user", content=f"{number:07d} {PROMPT}")
    return Request(model=model, messages=(message,), scan=SCAN)


def ask(folder: Path, server: Endpoint, calls: int, **settings: object) -> list[Completion]:
    requests = [request(number, server.model) for number in range(calls)]
    role = Role.model_validate({"model": server.model, **settings})
    return Door(folder / "j").ask(open_model(server.model, environ={}), requests, role)


async def bare(server: Endpoint, calls: int, concurrency: int) -> None:
    """The floor: the same bodies through aiohttp and nothing else."""
    numbers = iter(range(calls))

    async def work(session: aiohttp.ClientSession) -> None:
        for number in numbers:
            messages = [{"role": "user", "content": f"{number:07d} {PROMPT}"}]
            body = {"model": "m", "messages": messages, "max_tokens": 2048}
            async with session.post(f"{server.url}/v1/chat/completions", json=body) as reply:
                json.loads(await reply.read())["choices"][0]["message"]["content"]

    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(work(session) for _ in range(concurrency)))


def in_flight(concurrency: int, calls: int, latency: float) -> Figures:
    """The share in flight alone, for an endpoint that takes its time."""
    with tempfile.TemporaryDirectory() as name, endpoint(latency=latency) as server:
        ask(Path(name), server, calls, concurrency=concurrency)
        share = server.counts()["steady_in_flight"] / concurrency
    with endpoint(latency=latency) as server:
        asyncio.run(bare(server, calls, concurrency))
        theirs = server.counts()["steady_in_flight"] / concurrency
    return {
        f"in_flight_{concurrency}_slow": {
            "value": round(share, 3),
            "unit": f"of the concurrency in flight at an endpoint that takes {latency:g} s",
            "peer": f"bare aiohttp {theirs:.3f}; target 0.95",
            "ratio": round(share / theirs, 2),
        }
    }


def calls_at(concurrency: int, calls: int) -> Figures:
    with tempfile.TemporaryDirectory() as name, endpoint() as server:
        seconds = cpu_seconds(lambda: ask(Path(name), server, calls, concurrency=concurrency))
        counts = server.counts()
    with endpoint() as server:
        floor = cpu_seconds(lambda: asyncio.run(bare(server, calls, concurrency)))
        bare_share = server.counts()["steady_in_flight"] / concurrency
    ours, theirs = 1000 * seconds / calls, 1000 * floor / calls
    share = counts["steady_in_flight"] / concurrency
    return {
        f"cpu_ms_per_call_{concurrency}": {
            "value": round(ours, 2),
            "unit": f"ms of CPU a call, {calls} calls, journal included",
            "peer": f"bare aiohttp {theirs:.2f}",
            "ratio": round(ours / theirs, 1),
        },
        f"in_flight_{concurrency}": {
            "value": round(share, 3),
            "unit": "of the concurrency in flight at the server on average",
            "peer": f"bare aiohttp {bare_share:.3f}; most at once {counts['most_in_flight']:.0f}; "
            f"a whole core would make {1000 / ours:.0f} calls a second",
            "ratio": round(share / bare_share, 2),
        },
    }


def faults(calls: int) -> Figures:
    """Answers that did not come, or cannot be read, with faults mixed in."""
    with tempfile.TemporaryDirectory() as name, endpoint(faults=0.05) as server:
        limits = {"concurrency": 64, "timeout_seconds": STALL_TIMEOUT_SECONDS, "tries": 10}
        completions = ask(Path(name), server, calls, **limits)
        lost = sum(one.outcome is not Outcome.OK for one in completions)
        bad = sum(not readable(one.text) for one in completions if one.outcome is Outcome.OK)
        with Journal(Path(name, "j")) as journal:
            seen = journal.faults()
        counts = server.counts()
    return {
        "answers_lost": {
            "value": lost,
            "unit": f"of {calls} calls with 5 % each of six faults",
            "peer": f"{counts['calls']} attempts, {sum(seen.values())} of them journalled as faults: "
            f"{seen}; {bad} answers came and are no YAML, which is their contract's to say",
            "ratio": round(lost / calls, 4),
        }
    }


def readable(text: str) -> bool:
    try:
        yaml.safe_load(text)
    except yaml.YAMLError:
        return False
    return True


def kills(calls: int) -> Figures:
    """Calls that were answered more than once after three kills -9."""
    moments, in_flight = random.Random(11), 64
    with tempfile.TemporaryDirectory() as name, endpoint() as server:
        command = [sys.executable, __file__, "--client", server.model, name, str(calls)]
        for third in (0.25, 0.5, 0.75):
            goal = calls * (third + moments.uniform(-0.15, 0.15))
            process = subprocess.Popen(command)
            while server.counts()["answers"] < goal and process.poll() is None:
                time.sleep(0.01)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        completions = ask(Path(name), server, calls, concurrency=in_flight)
        counts = server.counts()
    twice = int(counts["answers"] - counts["prompts"])
    assert all(one.outcome is Outcome.OK for one in completions)
    assert counts["prompts"] == calls
    return {
        "asked_twice": {
            "value": twice,
            "unit": f"of {calls} calls answered again after three kills -9",
            "peer": f"in flight at the kills {3 * in_flight}",
            "ratio": round(twice / (3 * in_flight), 2),
        }
    }


def cached(calls: int) -> Figures:
    """A second run over answers that are all there, and the memory it needs."""
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, __file__, "--cached", name, str(calls)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    rate, peak = map(float, done.stdout.split())
    return {
        "cached_per_second": {
            "value": round(rate),
            "unit": f"answers a CPU-second from the journal, {calls} of them, requests made included",
            "peer": "target 5000",
            "ratio": round(rate / 5000, 1),
        },
        "cached_memory_mb": {
            "value": round(peak / 2**20),
            "unit": f"MB at most for {calls} answers, Python and all imports",
            "peer": "target 300 for 75000",
            "ratio": round(peak / 2**20 / 300, 2),
        },
    }


def print_cached(folder: Path, calls: int) -> None:
    model = "http://127.0.0.1:9/v1#m"
    answer = Completion(outcome=Outcome.OK, text=ANSWER, input_tokens=2000, output_tokens=500)
    with Journal(folder / "j") as journal:
        for start in range(0, calls, 500):
            some = [request(number, model) for number in range(start, min(start + 500, calls))]
            journal.write([Entry(one.key, one) for one in some])
            journal.write([Entry(one.key, answer) for one in some])
    requests = (request(number, model) for number in range(calls))
    began = time.process_time()
    door = Door(folder / "j")
    count = sum(1 for _ in door.each(open_model(model, environ={}), requests, Role(model=model)))
    assert count == calls
    print(calls / (time.process_time() - began), peak_bytes())


def secrets(megabytes: float) -> Figures:
    """Scanning code with some secrets in it."""
    draw = random.Random(5)
    letters = string.ascii_letters + string.digits
    source = "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(Path(os.__file__).parent.glob("*.py"))
    )
    pieces = []
    for start in range(0, min(len(source), int(megabytes * 1e6)), 20_000):
        drawn = "".join(draw.choices(letters, k=36))
        pieces.append(source[start : start + 20_000] + f'\ntoken = "{drawn}"\n')
    size = sum(len(piece) for piece in pieces) / 1e6
    seconds = min(cpu_seconds(lambda: [scan_text(piece) for piece in pieces]) for _ in range(3))
    return {
        "secrets_mb_per_second": {
            "value": round(size / seconds, 1),
            "unit": f"MB of Python source a CPU-second, {size:.1f} MB",
            "peer": "target 10",
            "ratio": round(size / seconds / 10, 2),
        }
    }


def recall() -> Figures:
    """Drawn tokens of 25 kinds that are masked; drawn and planted as the tests do."""
    sys.path.insert(0, str(HERE.parent))
    missed = import_module("tests.redact.test_recall").missed_of(TOKENS)
    found = 1 - sum(missed.values()) / TOKENS
    return {
        "secrets_recall": {
            "value": round(found, 3),
            "unit": f"of {TOKENS} planted tokens of {len(missed)} kinds masked",
            "peer": "target 0.95",
            "ratio": round(found / 0.95, 2),
        }
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", dest="as_json")
    parser.add_argument("--client", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--cached", nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.client:
        model, folder, calls = chosen.client
        server = Endpoint(int(model.split(":")[2].split("/")[0]))
        ask(Path(folder), server, int(calls), concurrency=64)
        return
    if chosen.cached:
        print_cached(Path(chosen.cached[0]), int(chosen.cached[1]))
        return
    quick = chosen.quick
    figures: Figures = {}
    with endpoint() as server, tempfile.TemporaryDirectory() as name:
        ask(Path(name), server, 64, concurrency=64)  # imports are not a call's
    for level in LEVELS:
        figures |= calls_at(level, calls=level * (6 if quick else 20))
    figures |= in_flight(512, calls=512 * (4 if quick else 10), latency=2.0)
    figures |= faults(300 if quick else 1500)
    figures |= kills(400 if quick else 1500)
    figures |= cached(5_000 if quick else 75_000)
    figures |= secrets(2 if quick else 8)
    figures |= recall()
    show(figures, as_json=chosen.as_json)


if __name__ == "__main__":
    main()
