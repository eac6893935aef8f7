"""Who may come in: accounts and the city's token, the Origin of browsers, body size, security headers."""

from __future__ import annotations

import logging
import re
from itertools import count
from urllib.parse import quote, urlsplit

from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.actor import Actor
from api import console
from api.gate import Gate, bearer_of
from api.limits import TooOften
from api.shapes import fault_body
from core.clock import stopwatch_s

log = logging.getLogger(__name__)

MAX_BODY = 16 * 1024 * 1024
OPEN = {"/healthz", "/readyz"}
# Gateways bring a key of their own, which the routes ask for.
GATEWAYS = {f"/api/gateway/{what}" for what in ("claim", "rotate", "contact", "events")}
SESSION_PATH = "/api/session"
MEANT = "anbu-account"
"""The header by which the console says whom a request is meant to be by."""
# By a passkey, or by the organisation's own log-in; and which ways there are.
COMING_IN = "/api/session/"
# Calendars can send no headers: theirs is the one word that stands in an address, and these alone take it.
CALENDARS = re.compile(r"/api/(rota|care/calendar/[^/]+)\.ics")
KEY = "key"
# Clouds sign what they send.
CLOUDS = "/api/cloud/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under that, browsers send our own forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"
LIVE = "text/event-stream"
STILL_S = 10.0
"""How old an answer may be to the question whether a listener may still listen."""
_TURN = count()
_GOLDEN = 0.618034


class Door:
    """The outermost layer: it finds who is asking and puts them to `request.state.actor`, before a body is read.

    Without a token and an account only this machine comes in, whatever name a web page gave it.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        guarded = _Guarded(send, request, self.gate)
        try:
            refusal = await self._refusal(request)
        except DBAPIError as error:
            log.error("%s %s", request.method, request.url.path, exc_info=error)
            refusal = _fault(503, "api.unavailable", {"Retry-After": "2"})
        if refusal is None:
            await self.app(scope, _measured(receive), guarded)
        else:
            await refusal(scope, receive, guarded)

    async def _refusal(self, request: Request) -> Response | None:
        request.state.actor = None
        path = request.url.path
        by_bearer = bearer_of(request) is not None
        safe = request.method in ("GET", "HEAD")
        # A page elsewhere cannot make a browser send a bearer's word.
        if not safe and not by_bearer and _from_elsewhere(request, self.gate):
            return _fault(403, "api.origin")
        if (
            path in OPEN | GATEWAYS | console.OPEN
            or path.startswith((CLOUDS, COMING_IN, console.ASSETS))
            or console.is_page(request.method, path, request.headers.get("accept", ""))
            or (path == SESSION_PATH and request.method == "POST")
        ):
            return None
        word = request.query_params.get(KEY) if CALENDARS.fullmatch(path) else None
        if word is not None:
            try:
                actor = await run_in_threadpool(self.gate.calendar, request, word)
            except TooOften as error:
                return too_often(error)
            if actor is None:  # no way to the log-in page, whose address would carry the word on
                return _fault(401, "access.calendar_key")
        else:
            actor = await run_in_threadpool(self.gate.find, request)
        if actor is None:
            return await self._anonymous(request)
        # Another window of the same browser may have logged somebody else in since this one's page was drawn.
        if request.headers.get(MEANT, actor.account) != actor.account:
            return _fault(409, "access.somebody_else")
        # A form of our own page carries its Origin; what carries none was not sent by a browser's page.
        if not safe and not by_bearer and "origin" not in request.headers and self._keyed(actor):
            return _fault(403, "api.origin")
        if not actor.system:
            try:
                self.gate.limits.call(actor.session or actor.account)
            except TooOften as error:
                return too_often(error)
        request.state.actor = actor
        return None

    def _keyed(self, actor: Actor) -> bool:
        """Whether it is by a cookie that they came in, and not by sitting at this machine."""
        return not actor.system or self.gate.token is not None

    async def _anonymous(self, request: Request) -> Response:
        keyless = self.gate.token is None and not await run_in_threadpool(self.gate.needed)
        if keyless and bearer_of(request) is None:
            return _fault(403, "api.host")
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
        return _fault(401, "api.token" if self.gate.token else "access.login_needed", {"WWW-Authenticate": "Bearer"})


class _Guarded:
    """What is sent, with its headers; a live stream ends when whoever listens may listen no longer."""

    def __init__(self, send: Send, request: Request, gate: Gate) -> None:
        self._send, self._request, self._gate = send, request, gate
        self._live = self._over = False
        self._ask_again_in_turn()

    async def __call__(self, message: Message) -> None:
        if self._over:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "no-store")
            if self._gate.secure(self._request):
                headers.setdefault("Strict-Transport-Security", HSTS)
            actor = self._request.state.actor
            self._live = headers.get("content-type", "").startswith(LIVE) and actor is not None and not actor.system
        elif self._live and stopwatch_s() - self._asked_s > STILL_S and not await self._still():
            self._over = True
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    def _ask_again_in_turn(self) -> None:
        # Hundreds of boards hear of one case together: if all asked then, each would hear of it a second later.
        self._asked_s = stopwatch_s() - STILL_S / 2 * (next(_TURN) * _GOLDEN % 1)

    async def _still(self) -> bool:
        self._ask_again_in_turn()
        try:
            actor = await run_in_threadpool(self._gate.find, self._request, used=False)
        except DBAPIError:
            return True  # the stream itself ends where the database is away
        if actor is not None:
            self._request.state.actor = actor
        return actor is not None


def too_often(error: TooOften) -> Response:
    """The answer to whoever knocks too often."""
    return JSONResponse(fault_body("access.too_often", seconds=error.wait_s), 429, {"Retry-After": str(error.wait_s)})


def _fault(status: int, key: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(fault_body(key), status, headers)


def _from_elsewhere(request: Request, gate: Gate) -> bool:
    """Whether a browser says that another site's page sent this."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return True
    origin = request.headers.get("origin")
    if origin is None:
        return False
    given = urlsplit(origin.lower())
    foreign = given.netloc != request.headers.get("host", "").lower()
    return foreign or given.scheme not in ("https", "http") or (gate.secure(request) and given.scheme != "https")


def _measured(receive: Receive) -> Receive:
    """The body as it comes in, cut off where it grows beyond `MAX_BODY`."""
    taken = 0

    async def measured() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise HTTPException(413, fault_body("api.too_large")["detail"])
        return message

    return measured
