"""Finds who is asking, for the door: the cookie and its names, and the one look into the database."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from access import accounts, find
from access.actor import SYSTEM, Actor
from access.sessions import Life
from api.limits import Limits
from core.clock import Clock, wall_now
from store.database import Database

COOKIE = "__Host-anbu"
COOKIE_HERE = "anbu"
"""Of this machine alone, without TLS: there a browser takes no `__Host-` cookie."""


@dataclass
class Gate:
    """`public`: the address, https://host, at which people find this city; it may stand behind a proxy."""

    db: Database
    clock: Clock
    token: str | None
    public: str = ""
    life: Life = field(default_factory=Life)
    limits: Limits = field(default_factory=Limits)
    _accounts: bool = False

    def needed(self) -> bool:
        """Whether nobody comes in without an account: one exists. None is ever deleted, so that this stays true."""
        if not self._accounts:
            with self.db.read() as tx:
                self._accounts = accounts.any_at_all(tx)
        return self._accounts

    def find(self, request: Request, used: bool = True) -> Actor | None:
        """Who is asking; None: nobody who is known. `used`: a session lives on by it."""
        bearer = bearer_of(request)
        if bearer is not None:
            if self.token is not None and same(bearer, self.token):
                return SYSTEM
            return self._found(bearer, "", used)
        if cookie := request.cookies.get(self.cookie(request)):
            return self._found("", cookie, used)
        if self.token is None and not self.needed() and is_loopback(request.headers.get("host", "")):
            return SYSTEM
        return None

    def calendar(self, request: Request, word: str) -> Actor | None:
        """Who asks by the word in a calendar's address. Raises TooOften where too many wrong ones came from there."""
        address = request.client.host if request.client else None
        self.limits.may_guess(address)
        actor = self._found(word, "", True, calendar=True)
        if actor is None:
            self.limits.guessed(address)
        return actor

    def _found(self, word: str, cookie: str, used: bool, *, calendar: bool = False) -> Actor | None:
        now, city_now = wall_now(), self.clock.now()
        with self.db.read() as tx:
            if word:
                found = find.by_token(tx, word, now, city_now, calendar=calendar)
            else:
                found = find.by_cookie(tx, cookie, now, city_now, self.life)
        if found is None:
            return None
        if used and found.due:
            with self.db.write(synced=False) as tx:
                found.write(tx, now)
        return found.actor

    def secure(self, request: Request) -> bool:
        """Whether the browser speaks TLS, with us or with the proxy in front of us."""
        if request.url.scheme == "https":
            return True
        public = urlsplit(self.public)
        return public.scheme == "https" and public.netloc.lower() == request.headers.get("host", "").lower()

    def origin(self, request: Request) -> str:
        """Our own origin, as the browser that asks knows it."""
        return f"{'https' if self.secure(request) else 'http'}://{request.headers.get('host', '').lower()}"

    def private(self, request: Request) -> bool:
        """Whether nobody on the way can read what is sent: TLS, or this machine alone."""
        return self.secure(request) or is_loopback(request.headers.get("host", ""))

    def cookie(self, request: Request) -> str:
        """The session cookie's name."""
        return COOKIE if self.secure(request) else COOKIE_HERE

    def give(self, request: Request, response: Response, value: str) -> None:
        """Put the session's cookie into the browser."""
        response.set_cookie(
            self.cookie(request), value, max_age=int(self.life.whole.total_seconds()), path="/",
            secure=self.secure(request), httponly=True, samesite="strict",
        )  # fmt: skip

    def take(self, request: Request, response: Response) -> None:
        """Take the session's cookie, and all that the browser keeps of us."""
        response.delete_cookie(
            self.cookie(request), path="/", secure=self.secure(request), httponly=True, samesite="strict"
        )


def bearer_of(request: Request) -> str | None:
    """What follows `Bearer`; None: nothing of this kind was sent."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else None


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, told in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def is_loopback(host: str) -> bool:
    """Whether a Host names this machine."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
