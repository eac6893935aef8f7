"""Who may come in: the token or its session cookie, the Host and Origin of browsers, body size, security headers."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.actor import SYSTEM
from api.shapes import fault_body
from core.clock import wall_now

COOKIE = "anbu_session"
SESSION = timedelta(hours=12)
MAX_BODY = 16 * 1024 * 1024
OPEN = {"/healthz", "/readyz", "/login"}
# Gateways bring a key of their own, which the routes ask for.
GATEWAYS = {f"/api/gateway/{what}" for what in ("claim", "rotate", "contact", "events")}
STATIC = "/static/"
# Clouds sign what they send.
CLOUDS = "/api/cloud/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: under that, browsers send our own forms with `Origin: null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, told in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def session(token: str, ends: datetime) -> str:
    """The cookie of a session that ends then; it proves that its owner knew the token, and doesn't hold it."""
    until = str(int(ends.timestamp()))
    return f"{until}.{hmac.new(token.encode(), f'board session {until}'.encode(), hashlib.sha256).hexdigest()}"


def session_holds(cookie: str, token: str, now: datetime) -> bool:
    """Whether `cookie` is a session made with `token` that has not ended."""
    until = cookie.partition(".")[0]
    if not (until.isascii() and until.isdigit() and len(until) <= 11):
        return False
    ends = datetime.fromtimestamp(int(until), UTC)
    return now < ends and same(cookie, session(token, ends))


class Door:
    """The outermost layer. `token` None: no key, but only this machine comes in, whatever name a web page gave it."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self._refusal(Request(scope))
        if refusal is None:
            scope.setdefault("state", {})["actor"] = SYSTEM
            await self.app(scope, _measured(receive), guarded)
        else:
            await refusal(scope, receive, guarded)

    def _refusal(self, request: Request) -> Response | None:
        if self.token is None and not _is_loopback(request.headers.get("host", "")):
            return _fault(403, "api.host")
        by_token = self.token is not None and _bearer_is(request, self.token)
        if request.method not in ("GET", "HEAD") and not by_token and _from_elsewhere(request):
            return _fault(403, "api.origin")
        if (
            self.token is None
            or by_token
            or request.url.path in OPEN | GATEWAYS
            or request.url.path.startswith((STATIC, CLOUDS))
        ):
            return None
        if session_holds(request.cookies.get(COOKIE, ""), self.token, wall_now()):
            # A form of our own page carries its Origin; what carries none was not sent by a browser's page.
            safe = request.method in ("GET", "HEAD") or "origin" in request.headers
            return None if safe else _fault(403, "api.origin")
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(f"/login?next={quote(asked, safe='')}", 303)
        return _fault(401, "api.token", {"WWW-Authenticate": "Bearer"})


def _fault(status: int, key: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(fault_body(key), status, headers)


def _bearer_is(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and same(given.strip(), token)


def _from_elsewhere(request: Request) -> bool:
    """Whether a browser says that another site's page sent this."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()


def _is_loopback(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


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
