"""The console's files, as `make web` builds them: one page for every address of its own, and what that page loads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Match, Route

from core.words import LANGUAGES, say

DIST = Path(__file__).parents[1] / "web" / "dist"
ASSETS = "/assets/"
ROOT_FILES = {
    "/sw.js": "text/javascript",
    "/manifest.webmanifest": "application/manifest+json",
    "/icon.svg": "image/svg+xml",
}
OPEN = frozenset(ROOT_FILES)
"""What anybody may load, like everything below `ASSETS`: it says nothing of anybody."""
NOT_OURS = ("/api/", "/assets/", "/healthz", "/readyz", "/metrics")
# The build names each file by what is in it.
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# What the build has packed each file with, the smaller first.
PACKED = {"br": ".br", "gzip": ".gz"}
_NAME = re.compile(r"[\w-][\w.-]*\Z", re.ASCII)


def is_page(method: str, path: str, accept: str) -> bool:
    """Whether a browser asks for a page of the console, which is the same for everybody and holds no data."""
    return method in ("GET", "HEAD") and "text/html" in accept and not f"{path}/".startswith(NOT_OURS)


class _Page(Route):
    """Answers browsers alone: a program that asks for an address that is none is told so."""

    def matches(self, scope: Any) -> tuple[Match, Any]:
        if scope["type"] != "http":
            return Match.NONE, {}
        accept = Request(scope).headers.get("accept", "")
        return super().matches(scope) if is_page(scope["method"], scope["path"], accept) else (Match.NONE, {})


async def _page(request: Request) -> Response:
    shell = DIST / "index.html"
    if not shell.is_file():
        said = "".join(f'<p lang="{language}">{say("console.not_built", language)}</p>' for language in LANGUAGES)
        return HTMLResponse(f"<!doctype html><title>Anbu</title>{said}", 503)
    return HTMLResponse(shell.read_bytes())


async def _asset(request: Request) -> Response:
    return _file(request, DIST / "assets" / str(request.path_params["name"]), FOR_EVER)


async def _root_file(request: Request) -> Response:
    return _file(request, DIST / request.url.path[1:], {"Cache-Control": "no-cache"})


def _file(request: Request, path: Path, headers: dict[str, str]) -> Response:
    if not _NAME.match(path.name) or not path.is_file():
        return Response(status_code=404)
    kind = ROOT_FILES.get(request.url.path) or TYPES.get(path.suffix, "application/octet-stream")
    headers = headers | {"Vary": "Accept-Encoding"}
    for coding, suffix in PACKED.items():
        packed = path.with_name(path.name + suffix)
        if packed.is_file() and _takes(request, coding):
            return FileResponse(packed, media_type=kind, headers=headers | {"Content-Encoding": coding})
    return FileResponse(path, media_type=kind, headers=headers)


def _takes(request: Request, coding: str) -> bool:
    """Whether `Accept-Encoding` names it, and not only to refuse it (RFC 9110, 12.5.3)."""
    for said in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = said.partition(";")
        if name.strip() == coding:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def first() -> list[BaseRoute]:
    """The routes that go before all others."""
    pages = [_Page(path, _page) for path in ("/", "/login", "/cases/{id:int}")]
    files = [Route(path, _root_file) for path in ROOT_FILES]
    return [*pages, *files, Route(ASSETS + "{name}", _asset)]


def last() -> list[BaseRoute]:
    """The route behind all others: every other address that a browser asks for is the console's to answer."""
    return [_Page("/{path:path}", _page)]
