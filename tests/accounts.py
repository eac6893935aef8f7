"""Accounts for tests, and browsers that come in by them: a client with a cookie jar and the headers of a page."""

from __future__ import annotations

from typing import Any

import httpx

from access import accounts, passwords
from access.accounts import Account, Wanted
from access.roles import Role
from core.clock import wall_now
from store.database import Database

PASSWORD = "느린 달팽이가 기차를 탄다"
_KEPT: list[str] = []


def account(db: Database, login: str, role: Role = Role.MANAGER, area: str = "", **more: Any) -> Account:
    """An account with `PASSWORD`."""
    if not _KEPT:
        _KEPT.append(passwords.hashed(PASSWORD))
    wanted = Wanted(login, more.pop("name", f"{login} 씨"), role, area, **more)
    with db.write() as tx:
        made = accounts.add(tx, wanted, _KEPT[0], wall_now())
    assert isinstance(made, Account), made
    return made


def page(door: httpx.Client) -> dict[str, str]:
    """What a browser says of a request that our own page makes."""
    return {"Origin": str(door.base_url).rstrip("/"), "Sec-Fetch-Site": "same-origin"}


def browser(door: httpx.Client, login: str = "", password: str = PASSWORD) -> httpx.Client:
    """Another browser at the same door; logged in, if `login` says as whom."""
    fresh = httpx.Client(base_url=door.base_url, timeout=30, headers=page(door), verify=False)
    if login:
        answer = fresh.post("/api/session", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
    return fresh
