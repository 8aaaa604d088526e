"""The curation page as an application: which address answers what.

Takes a desk, gives an ASGI application behind its guard. Everything is answered in one thread: a decision
is on disk before the next request is looked at, and nobody waits long, as a person reads between two.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from http import HTTPStatus
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import Route

from pullsmith.curate.desk import Desk
from pullsmith.curate.items import Queue
from pullsmith.curate.web import deeds
from pullsmith.curate.web.guard import App, Door, Guard, cookies
from pullsmith.curate.web.steps import Step, Wish
from pullsmith.curate.web.views import Views, Where, static
from pullsmith.decisions import Action
from pullsmith.errors import BrokenEditError, ChangedSinceError, DecisionError, PullsmithError

Answer: TypeAlias = Callable[["_Page", Request], Awaitable[Response]]
_KINDS = {"curate.js": "text/javascript", "curate.css": "text/css", "icon.svg": "image/svg+xml"}
_QUEUE_OF = {Action.PICK: Queue.CHOOSE, Action.UNPICK: Queue.CHOOSE, Action.VERDICT: Queue.JUDGE}
_STATUS = (
    (BrokenEditError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ChangedSinceError, HTTPStatus.CONFLICT),
    (DecisionError, HTTPStatus.BAD_REQUEST),
    (PullsmithError, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def make_app(desk: Desk, *, host: str, port: int, door: Door) -> App:
    """The guarded application of ``desk``, as it is listened for at ``host`` and ``port``."""
    page = _Page(desk, port)
    routes = [
        Route("/", page.begin),
        Route("/door", page.door),
        Route("/door", page.introduce, methods=["POST"]),
        Route("/static/{name}", page.static),
        Route("/part/{part}", page.part),
        Route("/decide", page.decide, methods=["POST"]),
        Route("/check", page.check, methods=["POST"]),
        Route("/undo", page.undo, methods=["POST"]),
        Route("/{queue}", page.queue),
    ]
    return Guard(Starlette(routes=routes), host, port, door)


def _told(answer: Answer) -> Answer:
    """The same handler; what it refuses is told in words that the page shows."""

    @wraps(answer)
    async def telling(page: _Page, request: Request) -> Response:
        try:
            return await answer(page, request)
        except PullsmithError as error:
            status = next(status for kind, status in _STATUS if isinstance(error, kind))
            told: dict[str, object] = {"said": str(error)}
            if isinstance(error, BrokenEditError):
                told["faults"] = [_fault(fault) for fault in error.faults]
            return JSONResponse(told, status)

    return telling


class _Page:
    """The handlers of every address."""

    def __init__(self, desk: Desk, port: int) -> None:
        self._desk = desk
        self._views = Views(desk)
        self._cookie = f"pullsmith-who-{port}"

    def _who(self, request: Request) -> str:
        """Who asks, by their cookie; empty where nobody said so."""
        kept = cookies(request.headers.get("cookie", "")).get(self._cookie, "")
        try:
            return deeds.named(base64.urlsafe_b64decode(kept.encode()).decode())
        except (binascii.Error, UnicodeError, DecisionError):
            return ""

    def _known(self, request: Request) -> str:
        """Who asks; raises DecisionError where nobody said so."""
        who = self._who(request)
        if not who:
            raise DecisionError("nobody said who decides: reload the page and enter a name")
        return who

    async def begin(self, request: Request) -> Response:
        """The first queue in which something is left to do."""
        progress = self._desk.progress(self._who(request))
        some = [one for one in progress if one.total]
        first = next((one for one in some if one.left), some[0] if some else progress[0])
        return RedirectResponse(f"/{first.queue.value}", HTTPStatus.SEE_OTHER)

    async def door(self, request: Request) -> Response:
        """The question for a name."""
        return HTMLResponse(self._views.door(request.scope["pullsmith.nonce"]))

    @_told
    async def introduce(self, request: Request) -> Response:
        """Keep a name in the browser's session."""
        who = deeds.named(deeds.read(deeds.Introduction, await request.body()).who)
        response = JSONResponse({"said": who})
        kept = base64.urlsafe_b64encode(who.encode()).decode()
        response.set_cookie(self._cookie, kept, httponly=True, samesite="strict")
        return response

    @_told
    async def queue(self, request: Request) -> Response:
        """A queue's whole page, or the question for a name first."""
        if request.path_params["queue"] not in [queue.value for queue in Queue]:
            return PlainTextResponse("There is no such page.", HTTPStatus.NOT_FOUND)
        who, asked = self._who(request), request.query_params
        if not who:
            return await self.door(request)
        wish, apart = (
            Wish.of(Queue(request.path_params["queue"]), who, asked),
            bool(asked.get("apart")),
        )
        try:
            item = self._views.item(wish, Step.HERE, asked.get("at", ""), apart=apart)
        except DecisionError:  # of another time: what is there now is shown
            item = self._views.item(wish, Step.HERE, "", apart=apart)
        nonce = request.scope["pullsmith.nonce"]
        return HTMLResponse(self._views.shell(wish, nonce=nonce, item=item, apart=apart))

    async def static(self, request: Request) -> Response:
        """One of our own three files."""
        name = request.path_params["name"]
        if name not in _KINDS:
            return PlainTextResponse("There is no such file.", HTTPStatus.NOT_FOUND)
        return Response(static(name), media_type=_KINDS[name])

    @_told
    async def part(self, request: Request) -> Response:
        """A piece of the page."""
        who, asked, views = self._known(request), request.query_params, self._views
        part, wish = request.path_params["part"], Wish.of(_queue(asked), who, asked)
        if part == "item":
            step, apart = _step(asked), bool(asked.get("apart"))
            return HTMLResponse(views.item(wish, step, asked.get("from", ""), apart=apart))
        if part in ("diff", "rows"):
            make = views.section if part == "diff" else views.rows
            return HTMLResponse(make(_where(wish.queue, asked), who))
        made = {"side": views.side, "people": views.people, "gauge": views.gauge}.get(part)
        if made is None:
            return PlainTextResponse("There is no such part.", HTTPStatus.NOT_FOUND)
        return HTMLResponse(made(wish))

    @_told
    async def decide(self, request: Request) -> Response:
        """Record a decision."""
        who = self._known(request)
        deed = deeds.read(deeds.Decided, await request.body())
        deeds.decide(self._desk, deed, who)
        return JSONResponse({"said": "recorded"})

    @_told
    async def check(self, request: Request) -> Response:
        """What is wrong with an edit."""
        self._known(request)
        draft = deeds.read(deeds.Draft, await request.body())
        return JSONResponse(deeds.check(self._desk, draft).model_dump())

    @_told
    async def undo(self, request: Request) -> Response:
        """Take back the last decision of who asks, and say what of it may be known."""
        who = self._known(request)
        deeds.read(deeds.Nothing, await request.body())
        made = self._desk.undo(who)
        if made is None:
            return JSONResponse({"said": "There is nothing of yours to take back.", "name": ""})
        queue = _QUEUE_OF.get(made.action, Queue.CLEAN)
        # A verdict's record names both models: the page gets the opaque name.
        known = self._desk.judge.token_of if queue is Queue.JUDGE else str
        name = known(made.record_id) or ""
        said = f"Taken back: {made.action.value}."
        return JSONResponse({"said": said, "queue": queue.value, "name": name})


def _queue(asked: Mapping[str, str]) -> Queue:
    try:
        return Queue(asked.get("queue", Queue.CLEAN))
    except ValueError as error:
        raise DecisionError(f"queue: {asked['queue'][:40]!r} is none; reload the page") from error


def _step(asked: Mapping[str, str]) -> Step:
    try:
        return Step(asked.get("step", Step.HERE))
    except ValueError as error:
        raise DecisionError(f"step: {asked['step'][:40]!r} is none; reload the page") from error


def _where(queue: Queue, asked: Mapping[str, str]) -> Where:
    try:
        section, first = int(asked.get("section", "0")), int(asked.get("first", "0"))
    except ValueError as error:
        raise DecisionError(
            "section, first: whole numbers are expected; reload the page"
        ) from error
    return Where(
        queue, asked.get("name", ""), asked.get("digest", ""), section, first, bool(asked.get("apart"))
    )  # fmt: skip


def _fault(text: str) -> dict[str, object]:
    """``line 3: what is wrong`` as the page shows it."""
    head, _, message = text.partition(": ")
    number = head.removeprefix("line ")
    known = number.isdigit()
    return {"line": int(number) if known else 1, "message": message if known else text, "flag": ""}
