"""A loopback provider of batches: OpenAI's and Anthropic's documented formats, and misbehaviour on command.

It counts how often every prompt was answered, which is what a provider bills.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

from aiohttp import web

Body = dict[str, Any]


@dataclass
class Batch:
    """One batch, in nobody's format."""

    id: str
    calls: dict[str, Body]  # by custom id
    metadata: dict[str, str]
    made_at: float
    polls_left: int
    status: str = "in_progress"
    problem: tuple[str, str] | None = None
    ends: dict[str, str] = field(default_factory=dict)  # custom id to "ok", "expired", "500", …

    def prompt(self, custom_id: str) -> str:
        return str(self.calls[custom_id]["messages"][-1]["content"])


class Provider:
    """``end`` says of a prompt and how often it came how its call ends; ``trouble`` holds mishaps.

    Mishaps, each once, in the order of the requests they strike: "drop_after_create" makes the
    batch and answers nothing, "500_create" makes none, "500_poll", "cut_results", "bad_line",
    "not_json_create".
    """

    def __init__(
        self,
        *,
        polls: int = 1,
        end: Callable[[str, int], str] = lambda _prompt, _number: "ok",
        trouble: tuple[str, ...] = (),
        problem: tuple[str, str] | None = None,
    ) -> None:
        self.polls, self.end, self.trouble = polls, end, list(trouble)
        self.problem = problem
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Batch] = {}
        self.answered: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.requests: Counter[str] = Counter()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openai_model(self) -> str:
        return f"{self.url}/v1#small"

    def mishap(self, *names: str) -> str:
        """The next mishap if it is one of ``names``."""
        if self.trouble and self.trouble[0] in names:
            return self.trouble.pop(0)
        return ""

    def app(self) -> web.Application:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_post("/v1/files", self.upload)
        app.router.add_get("/v1/files/{id}/content", self.content)
        app.router.add_post("/v1/batches", self.create)
        app.router.add_get("/v1/batches", self.list)
        app.router.add_get("/v1/batches/{id}", self.retrieve)
        app.router.add_post("/v1/messages/batches", self.create_messages)
        app.router.add_get("/v1/messages/batches", self.list_messages)
        app.router.add_get("/v1/messages/batches/{id}", self.retrieve_messages)
        app.router.add_get("/v1/messages/batches/{id}/results", self.results_messages)
        return app

    # ── what both share ──

    def make(self, calls: dict[str, Body], metadata: dict[str, str]) -> Batch:
        name = f"batch_{len(self.batches) + 1:03d}"
        batch = Batch(name, calls, metadata, time.time(), self.polls)
        self.batches[name] = batch
        if self.problem:
            batch.status, batch.problem, self.problem = "failed", self.problem, None
            return batch
        for custom_id in calls:
            prompt = batch.prompt(custom_id)
            batch.ends[custom_id] = self.end(prompt, self.sent[prompt])
            self.sent[prompt] += 1
            # What is broken on its way was answered and is billed all the same.
            self.answered[prompt] += batch.ends[custom_id] in ("ok", "empty", "bad_body")
        return batch

    def poll(self, batch: Batch) -> None:
        self.requests["poll"] += 1
        if batch.status == "in_progress":
            batch.polls_left -= 1
            if batch.polls_left < 0:
                batch.status = "expired" if "expired" in batch.ends.values() else "completed"

    def created(self, request: web.Request, made: Batch, reply: Body) -> web.StreamResponse:
        mishap = self.mishap("drop_after_create", "not_json_create")
        if mishap == "drop_after_create":
            assert request.transport is not None
            request.transport.abort()
        if mishap == "not_json_create":
            return web.Response(body=b'{"id": "batch_', content_type="application/json")
        return web.json_response(reply)

    async def cut(self, request: web.Request, body: bytes) -> web.StreamResponse:
        """Half of a body whose length was promised."""
        response = web.StreamResponse(headers={"Content-Length": str(len(body))})
        await response.prepare(request)
        await response.write(body[: len(body) // 2])
        assert request.transport is not None
        request.transport.abort()
        return response

    async def file(self, request: web.Request, body: bytes) -> web.StreamResponse:
        mishap = self.mishap("cut_results", "bad_line")
        if mishap == "cut_results":
            return await self.cut(request, body)
        if mishap == "bad_line":
            body = body.replace(b"}\n", b"\n", 1)
        return web.Response(body=body)

    # ── OpenAI ──

    async def upload(self, request: web.Request) -> web.Response:
        form = await request.post()
        assert form["purpose"] == "batch"
        upload = form["file"]
        assert isinstance(upload, web.FileField)
        name = f"file-{len(self.files) + 1:03d}"
        self.files[name] = upload.file.read()
        return web.json_response(
            {
                "id": name, "object": "file", "bytes": len(self.files[name]), "created_at": 1,
                "filename": upload.filename, "purpose": "batch", "status": "processed",
            }
        )  # fmt: skip

    async def create(self, request: web.Request) -> web.StreamResponse:
        self.requests["create"] += 1
        if self.mishap("500_create"):
            return web.json_response({"error": {"message": "oops", "code": "oops"}}, status=500)
        body = await request.json()
        assert body["endpoint"] == "/v1/chat/completions"
        assert body["completion_window"] == "24h"
        lines = [json.loads(line) for line in self.files[body["input_file_id"]].splitlines()]
        assert {(line["method"], line["url"]) for line in lines} == {("POST", body["endpoint"])}
        calls = {line["custom_id"]: line["body"] for line in lines}
        assert len(calls) == len(lines)
        made = self.make(calls, body.get("metadata") or {})
        return self.created(request, made, self.openai(made))

    def openai(self, batch: Batch) -> Body:
        ended = batch.status in ("completed", "expired")
        good = sum(end in ("ok", "empty", "bad_body") for end in batch.ends.values())
        errors = None
        if batch.problem:
            code, message = batch.problem
            data = [{"code": code, "message": message, "line": None, "param": None}]
            errors = {"object": "list", "data": data}
        return {
            "id": batch.id, "object": "batch", "endpoint": "/v1/chat/completions",
            "errors": errors, "input_file_id": "file-x", "completion_window": "24h",
            "status": batch.status, "created_at": int(batch.made_at), "metadata": batch.metadata,
            "output_file_id": f"{batch.id}-output" if ended and good else None,
            "error_file_id": f"{batch.id}-error" if ended and good < len(batch.calls) else None,
            "request_counts": {
                "total": len(batch.calls), "completed": good if ended else 0,
                "failed": len(batch.calls) - good if ended else 0,
            },
        }  # fmt: skip

    async def list(self, request: web.Request) -> web.Response:
        self.requests["list"] += 1
        newest = [self.openai(batch) for batch in reversed(self.batches.values())]
        after = request.query.get("after")
        start = next((n + 1 for n, one in enumerate(newest) if one["id"] == after), 0)
        page = newest[start : start + 2]  # a page of two, so that there are pages
        more = start + 2 < len(newest)
        return web.json_response({"object": "list", "data": page, "has_more": more})

    async def retrieve(self, request: web.Request) -> web.Response:
        if self.mishap("500_poll"):
            return web.json_response({"error": {"message": "oops"}}, status=500)
        batch = self.batches[request.match_info["id"]]
        self.poll(batch)
        return web.json_response(self.openai(batch))

    async def content(self, request: web.Request) -> web.StreamResponse:
        batch_id, _, kind = request.match_info["id"].rpartition("-")
        batch = self.batches[batch_id]
        wanted = [
            name for name, end in batch.ends.items()
            if (end in ("ok", "empty", "bad_body")) == (kind == "output")
        ]  # fmt: skip
        # In another order than they were sent: results are matched by id.
        lines = [self.openai_line(batch, name) for name in reversed(wanted)]
        return await self.file(request, b"".join(json.dumps(one).encode() + b"\n" for one in lines))

    def openai_line(self, batch: Batch, name: str) -> Body:
        end = batch.ends[name]
        line: Body = {"id": "batch_req", "custom_id": name, "response": None, "error": None}
        if end == "expired":
            line["error"] = {"code": "batch_expired", "message": "not within the window"}
        elif end in ("ok", "empty", "bad_body"):
            text = "" if end == "empty" else f"answer to {batch.prompt(name)}"
            message = {"role": "assistant", "content": text}
            choices = [{"index": 0, "finish_reason": "stop", "message": message}]
            body: Body = {
                "id": "x", "object": "chat.completion", "created": 1, "model": "m",
                "choices": [] if end == "bad_body" else choices,
                "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
            }  # fmt: skip
            line["response"] = {"status_code": 200, "request_id": "r", "body": body}
        else:
            error = {"error": {"message": f"said {end}", "code": "bad", "type": "t"}}
            line["response"] = {"status_code": int(end), "request_id": "r", "body": error}
        return line

    # ── Anthropic ──

    async def create_messages(self, request: web.Request) -> web.StreamResponse:
        self.requests["create"] += 1
        assert "x-api-key" in request.headers or "authorization" in request.headers
        if self.mishap("500_create"):
            return web.json_response(
                {"type": "error", "error": {"type": "api_error", "message": "oops"}}, status=500
            )
        lines = (await request.json())["requests"]
        calls = {line["custom_id"]: line["params"] for line in lines}
        assert len(calls) == len(lines)
        assert all(0 < len(name) <= 64 and name.replace("-", "").isalnum() for name in calls)
        made = self.make(calls, {})
        return self.created(request, made, self.anthropic(made))

    def anthropic(self, batch: Batch) -> Body:
        ended = batch.status != "in_progress"
        ends = Counter(self.result(batch, name)["type"] for name in batch.ends)
        counts = {
            kind: ends[kind] if ended else 0
            for kind in ("succeeded", "errored", "canceled", "expired")
        }
        made = datetime.fromtimestamp(batch.made_at, UTC)
        return {
            "id": batch.id, "type": "message_batch", "archived_at": None,
            "cancel_initiated_at": None, "created_at": made.isoformat(),
            "ended_at": made.isoformat() if ended else None,
            "expires_at": (made + timedelta(days=1)).isoformat(),
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {"processing": 0 if ended else len(batch.calls), **counts},
            "results_url": f"{self.url}/v1/messages/batches/{batch.id}/results" if ended else None,
        }  # fmt: skip

    async def list_messages(self, request: web.Request) -> web.Response:
        self.requests["list"] += 1
        newest = [self.anthropic(batch) for batch in reversed(self.batches.values())]
        after = request.query.get("after_id")
        start = next((n + 1 for n, one in enumerate(newest) if one["id"] == after), 0)
        page = newest[start : start + 2]
        return web.json_response(
            {
                "data": page, "has_more": start + 2 < len(newest),
                "first_id": page[0]["id"] if page else None,
                "last_id": page[-1]["id"] if page else None,
            }
        )  # fmt: skip

    async def retrieve_messages(self, request: web.Request) -> web.Response:
        if self.mishap("500_poll"):
            return web.json_response(
                {"type": "error", "error": {"type": "api_error", "message": "oops"}}, status=500
            )
        batch = self.batches[request.match_info["id"]]
        self.poll(batch)
        return web.json_response(self.anthropic(batch))

    async def results_messages(self, request: web.Request) -> web.StreamResponse:
        batch = self.batches[request.match_info["id"]]
        lines = [
            {"custom_id": name, "result": self.result(batch, name)} for name in reversed(batch.ends)
        ]
        return await self.file(request, b"".join(json.dumps(one).encode() + b"\n" for one in lines))

    def result(self, batch: Batch, name: str) -> Body:
        end = batch.ends[name]
        if end == "expired":
            return {"type": "expired"}
        if end in ("ok", "empty", "bad_body"):
            text = "" if end == "empty" else f"answer to {batch.prompt(name)}"
            message: Body = {
                "id": "msg", "type": "message", "role": "assistant", "model": "m",
                "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                "stop_sequence": None, "usage": {"input_tokens": 7, "output_tokens": 3},
            }  # fmt: skip
            if end == "bad_body":
                del message["content"]
            return {"type": "succeeded", "message": message}
        kind = "invalid_request_error" if end == "400" else "api_error"
        error = {"type": "error", "error": {"type": kind, "message": f"said {end}"}}
        return {"type": "errored", "error": error}


@contextmanager
def providing(provider: Provider) -> Iterator[Provider]:
    """The provider in a thread of its own."""
    loop, ready, stop = asyncio.new_event_loop(), Event(), asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(provider.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        provider.port = runner.addresses[0][1]
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        yield provider
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
