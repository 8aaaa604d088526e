"""A loopback endpoint for benchmarks: speaks the chat format as fast as one process can, or misbehaves.

    python bench/loopback.py [--latency SECONDS] [--faults SHARE] [--say TEXT]     prints its port; ends with its stdin

``POST …/chat/completions`` answers after the latency. With ``--faults`` each of six faults strikes
that share of the calls: 429 with Retry-After, 500, a stall, a cut body, an answer that is no YAML
and a dropped connection; whether one strikes hangs on the prompt and on how often it came.
``GET /counts`` gives answers per prompt and the average number of calls in flight; ``steady`` is that
average without the rise and the fall: from when the most were in flight to the last call's coming.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import hashlib
import json
import sys
import time
from collections import Counter
from functools import partial

FAULTS = ("rate_limited", "server_error", "stall", "cut", "bad_yaml", "dropped")
STALL_SECONDS = 30.0
WORDS = "kind: Off by one\nline: L2\nissue: The loop ends one early. " + "word " * 380
LIMITED = b'{"error": {"message": "slow down", "code": "rate_limit"}}'
OOPS = b'{"error": {"message": "oops", "code": "oops"}}'


class Book:
    """What the server did, over all connections."""

    def __init__(self, latency: float, faults: float, say: str = "") -> None:
        self.latency, self.faults = latency, faults
        self.good = completion(say) if say else GOOD
        self.came: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.in_flight, self.area = 0, 0.0
        self.most = 0
        self.first = self.last = self.changed = 0.0
        self.risen = self.came_last = (0.0, 0.0)  # when, and the area until then

    def move(self, step: int) -> None:
        now = time.perf_counter()
        if not self.first:
            self.first = self.changed = now
        self.area += self.in_flight * (now - self.changed)
        self.in_flight += step
        if step > 0:
            self.came_last = now, self.area
        if self.in_flight > self.most:
            self.most, self.risen = self.in_flight, (now, self.area)
        self.changed = self.last = now

    def fault(self, prompt: str) -> str:
        """Which fault strikes this attempt; empty for none."""
        number = self.came[prompt]
        self.came[prompt] += 1
        if not self.faults:
            return ""
        drawn = int(hashlib.sha256(f"{number}/{prompt}".encode()).hexdigest()[:8], 16) / 2**32
        at = int(drawn / self.faults)
        name = FAULTS[at] if at < len(FAULTS) else ""
        self.struck[name] += bool(name)
        return name

    def counts(self) -> bytes:
        seconds = max(self.last - self.first, 1e-9)
        steady = max(self.came_last[0] - self.risen[0], 1e-9)
        facts = {
            "answers": sum(self.answered.values()),
            "prompts": len(self.answered),
            "calls": sum(self.came.values()),
            "struck": self.struck,
            "mean_in_flight": self.area / seconds,
            "steady_in_flight": (self.came_last[1] - self.risen[1]) / steady,
            "steady_seconds": steady,
            "most_in_flight": self.most,
            "seconds": seconds,
        }
        return json.dumps(facts).encode()


def reply(status: int, body: bytes, headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def completion(text: str) -> bytes:
    body = {
        "id": "x", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 2000, "completion_tokens": 500, "total_tokens": 2500},
    }  # fmt: skip
    return reply(200, json.dumps(body).encode())


GOOD, BAD = completion(WORDS), completion("kind: [never closed\n" + "word " * 380)


class Connection(asyncio.Protocol):
    """One client; requests are answered one after the other."""

    def __init__(self, book: Book) -> None:
        self.book, self.buffer = book, bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self.buffer[:end]).lower()
        size = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if len(self.buffer) < end + 4 + size:
            return
        body = bytes(self.buffer[end + 4 : end + 4 + size])
        del self.buffer[: end + 4 + size]
        if head.startswith(b"get /counts"):
            self.transport.write(reply(200, self.book.counts()))
        else:
            self.chat(body)

    def chat(self, body: bytes) -> None:
        # Not json.loads: the endpoint must cost less than what it measures.
        at = body.rindex(b'"content":') + len(b'"content":')
        prompt = body[at : at + 42].strip(b' "')[:40].decode()
        book, later = self.book, asyncio.get_running_loop().call_later
        fault = book.fault(prompt)
        book.move(1)
        delay = STALL_SECONDS if fault == "stall" else book.latency
        later(delay, partial(self.end, prompt, fault))

    def end(self, prompt: str, fault: str) -> None:
        self.book.move(-1)
        if self.transport.is_closing():
            return
        if fault == "dropped":
            self.transport.abort()
        elif fault == "cut":
            self.transport.write(GOOD[:-900])
            self.transport.close()
        elif fault == "rate_limited":
            self.transport.write(reply(429, LIMITED, "Retry-After: 1\r\n"))
        elif fault == "server_error":
            self.transport.write(reply(500, OOPS))
        else:
            self.book.answered[prompt] += fault != "stall"
            self.transport.write(BAD if fault == "bad_yaml" else self.book.good)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--faults", type=float, default=0.0)
    parser.add_argument("--say", default="", help="what every good answer says")
    chosen = parser.parse_args()
    book, loop = Book(chosen.latency, chosen.faults, chosen.say), asyncio.get_running_loop()
    server = await loop.create_server(partial(Connection, book), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    gc.freeze()
    with contextlib.suppress(asyncio.CancelledError):
        await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
