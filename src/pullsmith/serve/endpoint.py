"""The endpoint of one model: transformers' own chat handler, with what it does otherwise put right.

Takes weights, gives an ASGI application with /v1/models, /v1/chat/completions (streamed or not) and
/health. Requests, streaming, cancelling and the thread that computes are transformers' own. Ours is
what decides which tokens are read and written, so that what is served is what was trained:

* the model is the one that was named; a request cannot make the server load or fetch another;
* the tokenizer is loaded as training loads it (transformers puts a family's splitting rules in
  place of those in the folder), with the template of a base model, and an adapter sits on its base;
* a prompt that leaves no room in the window is refused, not run past it, and an answer may fill the
  window: transformers' own limit of 1,024 tokens would cut it in silence;
* sampling is what the request says, greedy where it says nothing; the folder's own settings
  (top_k, repetition penalty) are not mixed in;
* the text is what was generated up to the end token: no white space or tag is taken out of it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pullsmith.errors import MissingExtraError, TrainingError
from pullsmith.llm.chat import render, token_ids
from pullsmith.llm.local import load_local
from pullsmith.llm.open_model import Weights
from pullsmith.llm.weights import SERVING_MODULES, need_extra, quiet_libraries
from pullsmith.records import Message

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response
    from transformers import PreTrainedTokenizerBase

    from pullsmith.llm.local import Loaded

MODULES = ("fastapi", "uvicorn", *SERVING_MODULES)
# What a request may say that the model cannot do; taken in silence it would be a wrong answer.
_REFUSED = (
    "tools", "functions", "logprobs", "top_logprobs", "logit_bias", "stop", "generation_config",
    "chat_template_kwargs", "presence_penalty", "frequency_penalty",
)  # fmt: skip
_room: ContextVar[int] = ContextVar("room")  # tokens that are left for the answer of this request


class _RefusedError(Exception):
    """A request that is answered with status 400 and the reason, in OpenAI's form."""

    def __init__(self, message: str, *, code: str = "invalid_request", status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def need_server() -> None:
    """Raise MissingExtraError, with the pip command, where the server cannot run here."""
    try:
        need_extra(MODULES)
        from transformers.cli.serving.chat_completion import ChatCompletionHandler
    except ImportError as error:
        raise MissingExtraError(
            f"serving with transformers is not possible here ({error}): "
            "pip install 'pullsmith[serve]'"
        ) from error
    assert ChatCompletionHandler


@dataclass(frozen=True)
class Endpoint:
    """An application that answers as ``name``, and what it reads with."""

    name: str
    app: FastAPI
    tokenizer: PreTrainedTokenizerBase
    window: int | None


def make_endpoint(name: str, weights: Weights, *, hosts: Sequence[str] = ("*",)) -> Endpoint:
    """The endpoint of ``weights``, loaded; ``hosts`` are the names it may be asked under.

    Raises MissingExtraError without the extra [serve], StudyError for weights that cannot be loaded.
    """
    need_server()
    quiet_libraries()
    loaded = load_local(weights.folder, weights.base)
    _keep_text(loaded)
    app = _application(name, loaded, _handler(name, loaded))
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    # A web page whose name was made to mean this machine is another host, and gets no answer.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    return Endpoint(name, app, loaded.tokenizer, loaded.window)


def _keep_text(loaded: Loaded) -> None:
    """An answer is all that was generated before the end token: no thoughts or calls taken out."""
    ends = loaded.tokenizer.convert_ids_to_tokens(list(loaded.stops))
    content = {"close": ends, "content": "text", "content_args": {"strip": False}}
    loaded.tokenizer.response_template = {
        "start_anchor_pattern": r"\Z", "fields": {"content": content},
    }  # fmt: skip


def _handler(name: str, loaded: Loaded) -> Any:  # noqa: ANN401  # a class made at run time
    from transformers import GenerationConfig
    from transformers.cli.serving.chat_completion import ChatCompletionHandler
    from transformers.cli.serving.model_manager import ModelManager
    from transformers.cli.serving.utils import GenerationState

    class Handler(ChatCompletionHandler):  # type: ignore[misc]  # transformers is not followed
        async def handle_request(self, body: dict[str, Any], request_id: str) -> Response:
            messages = _checked(body, name)
            _room.set(_room_for(loaded, messages, body))
            # Named in the reply as it was asked for; loaded it is already.
            plain = [{"role": each.role, "content": each.content} for each in messages]
            reply = await super().handle_request({**body, "messages": plain}, request_id)
            if body.get("stream"):
                reply.body_iterator = _with_end(reply.body_iterator)
            return reply

        def _resolve_model(self, _body: dict[str, Any]) -> tuple[str, object, object]:
            return name, loaded.model, loaded.tokenizer

        def _build_generation_config(
            self, body: dict[str, Any], _settings: object, **_more: object
        ) -> GenerationConfig:
            temperature = float(body.get("temperature") or 0.0)
            sampled = {"temperature": temperature, "top_p": float(body.get("top_p") or 1.0)}
            return GenerationConfig(
                max_new_tokens=_room.get(),
                do_sample=temperature > 0,
                **({"top_k": 0, **sampled} if temperature > 0 else {}),
                eos_token_id=list(loaded.stops),
                pad_token_id=loaded.tokenizer.pad_token_id,
            )

    return Handler(model_manager=ModelManager(), generation_state=GenerationState())


async def _with_end(events: AsyncIterator[str]) -> AsyncIterator[str]:
    """The events, and the one that OpenAI ends a stream with; many clients wait for it."""
    async for event in events:
        yield event
    yield "data: [DONE]\n\n"


def _checked(body: dict[str, Any], name: str) -> tuple[Message, ...]:
    """The request's messages; raises _RefusedError for what this endpoint does not do."""
    if body.get("model") not in (None, name):
        raise _RefusedError(
            f"the model {body['model']!r} is not here; this endpoint serves {name!r}",
            code="model_not_found", status=404,
        )  # fmt: skip
    for key in _REFUSED:
        if body.get(key):
            raise _RefusedError(f"{key}: not taken by this endpoint")
    if body.get("n") not in (None, 1):
        raise _RefusedError("n: one answer a request")
    if (body.get("response_format") or {}).get("type", "text") != "text":
        raise _RefusedError("response_format: this endpoint has no grammar; serve with vLLM")
    listed = body.get("messages")
    if not isinstance(listed, list) or not listed:
        raise _RefusedError("messages: expected a list of at least one message")
    return tuple(map(_message, listed))


def _message(said: object) -> Message:
    if not isinstance(said, dict) or not isinstance(said.get("role"), str):
        raise _RefusedError("messages: expected objects with a role and a content")
    content = said.get("content")
    if isinstance(content, list):  # parts, of which only text is understood here
        if not all(isinstance(part, dict) and part.get("type") == "text" for part in content):
            raise _RefusedError("messages: content parts other than text are not taken")
        content = "".join(str(part.get("text", "")) for part in content)
    if not isinstance(content, str):
        raise _RefusedError("messages: content must be text")
    return Message(role=said["role"], content=content)


def _room_for(loaded: Loaded, messages: Sequence[Message], body: dict[str, Any]) -> int:
    """How many tokens the answer may have; raises _RefusedError where the window has no room."""
    try:
        (ids,) = token_ids(
            loaded.tokenizer, render(loaded.tokenizer, [messages], generation_prompt=True)
        )
    except TrainingError as error:
        raise _RefusedError(str(error)) from error
    wanted = body.get("max_completion_tokens") or body.get("max_tokens")
    if wanted is not None and (not isinstance(wanted, int) or wanted < 1):
        raise _RefusedError("max_tokens: expected a whole number of at least 1")
    left = loaded.window - len(ids) if loaded.window else wanted or 1 << 20
    if left < 1:
        raise _RefusedError(
            f"the prompt has {len(ids)} tokens; this model's window is {loaded.window}, of which "
            "at least one is for the answer",
            code="context_length_exceeded",
        )
    return min(wanted or left, left)


def _application(name: str, loaded: Loaded, handler: Any) -> FastAPI:  # noqa: ANN401
    from fastapi import FastAPI, HTTPException, Request
    from fastapi.responses import JSONResponse

    app = FastAPI(title="pullsmith", docs_url=None, redoc_url=None, openapi_url=None)
    card = {
        "id": name, "object": "model", "created": int(time.time()), "owned_by": "pullsmith",
        "max_model_len": loaded.window,
    }  # fmt: skip

    async def complete(request: Request) -> Response:
        try:
            body = await request.json()
        except ValueError as error:
            raise _RefusedError(f"the body is no JSON: {error}") from error
        if not isinstance(body, dict):
            raise _RefusedError("the body is no JSON object")
        answered: Response = await handler.handle_request(body, f"chatcmpl-{uuid.uuid4().hex}")
        return answered

    async def models() -> dict[str, object]:
        return {"object": "list", "data": [card]}

    async def health() -> dict[str, str]:
        return {"status": "ok"}

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, _RefusedError)
        return JSONResponse(_error(str(error), error.code), error.status)

    async def unexpected(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return JSONResponse(_error(str(error.detail), "invalid_request"), 400)

    # Types of arguments are looked up by FastAPI at run time, in this function's names.
    complete.__annotations__ = {"request": Request}
    app.add_api_route("/v1/chat/completions", complete, methods=["POST"], response_model=None)
    app.add_api_route("/v1/models", models, methods=["GET"])
    app.add_api_route("/health", health, methods=["GET"])
    app.add_exception_handler(_RefusedError, refused)
    app.add_exception_handler(HTTPException, unexpected)
    return app


def _error(message: str, code: str) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code}}
