"""A real city behind a real browser: a server on loopback, accounts of its own, and Chromium without a head."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from access.roles import Role
from alerts.bell import Bell
from api.console import DIST
from api.server import Server
from core.clock import ScaledClock, sleep_s, wall_now
from core.people import Home, Member, Reach
from core.people import Role as MemberRole
from store import people
from store.database import Database
from tests.accounts import PASSWORD, account
from tests.serving import City
from tests.waiting import wait_until

# The shell is the same engine without the windows, which cost more than half of the processor.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"
BONGSEON, WOLSAN = "gwangju/nam-gu/bongseon-1-dong", "gwangju/nam-gu/wolsan-dong"
ELSEWHERE = Home("home-0002", "gw-0002", WOLSAN, "박영수")
AFTERNOON = datetime(2026, 11, 24, 5, 12, tzinfo=UTC)
"""Tuesday, 14:12 in Seoul: whenever the tests run, what is due in some hours is due on this day."""
PHONE, TABLET, DESK = {"width": 360, "height": 740}, {"width": 820, "height": 1180}, {"width": 1440, "height": 900}
ARGUMENTS = [
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--autoplay-policy=user-gesture-required",
]  # fmt: skip


class Place(City):
    """A city whose clock runs and whose bell rings, with people who log in; its server can be stopped and started."""

    def __init__(self, db: Database, speed: float = 1.0) -> None:
        super().__init__(db)
        self.clock = ScaledClock(AFTERNOON, wall_now(), speed)  # type: ignore[assignment] - a clock that runs, where tests set one
        self.url = ""
        self._port = 0
        lee = Member("lee", "이수현", MemberRole.MANAGER, BONGSEON, reach=(Reach("console"),))
        park = Member("park", "박서준", MemberRole.SUPERVISOR, "gwangju/nam-gu", reach=(Reach("console"),))
        with db.write() as tx:
            people.put_home(tx, db.backend, ELSEWHERE, AFTERNOON)
            for member in (lee, park):
                people.put_member(tx, db.backend, member)
        account(db, "kim", area=BONGSEON, member="kim", name="김지민")
        account(db, "lee", area=BONGSEON, member="lee", name="이수현")
        account(db, "park", Role.SUPERVISOR, "gwangju/nam-gu", member="park", name="박서준")
        account(db, "choi", area=WOLSAN, name="최월산")
        account(db, "oper", Role.OPERATOR, "gwangju", name="운영자")

    @contextmanager
    def open(self) -> Iterator[str]:
        """The address of the running city; the second time, the one that it had before."""
        server = Server(self.app(), "127.0.0.1", self._port)
        over = threading.Event()
        threads = [threading.Thread(target=server.run), threading.Thread(target=self._ring, args=(over,))]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: server.started)
            self._port = server.servers[0].sockets[0].getsockname()[1]
            self.url = f"http://127.0.0.1:{self._port}"
            yield self.url
        finally:
            server.should_exit = True
            over.set()
            for thread in threads:
                thread.join(10)
        assert not any(thread.is_alive() for thread in threads), "the city did not stop"

    def _ring(self, over: threading.Event) -> None:
        bell = Bell(self.db, self.desk, self.clock)
        while not over.is_set():
            bell.step()
            sleep_s(0.2)


@pytest.fixture
def place(tmp_path: Path, migrated: Path, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A city with two dongs, not yet open; its clock may run faster (indirect). What a browser shows does not depend on
    the database."""
    db = Database(f"sqlite:///{shutil.copy(migrated, tmp_path)}")
    yield Place(db, getattr(request, "param", 1.0))
    db.close()


@pytest.fixture
def town(place: Place) -> Iterator[Place]:
    """The same, open."""
    with place.open():
        yield place


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    if not (DIST / "index.html").is_file():
        pytest.skip("the console has not been built (make web)")
    expect.set_options(timeout=8_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


Enter = Callable[..., Page]
"""(login, language="ko", size=DESK, path="/", **context): a page of a browser of its own, logged in."""


@pytest.fixture
def enter(chromium: Browser, place: Place) -> Iterator[Enter]:
    with browsers(chromium, place) as entered:
        yield entered


@contextmanager
def browsers(chromium: Browser, place: Place) -> Iterator[Enter]:
    """Lets people in, each with a browser of their own; at the end, nothing was wrong in any of them."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def entered(login: str, language: str = "ko", size: Any = None, path: str = "/", **more: Any) -> Page:
        spoken = {"origin": place.url, "localStorage": [{"name": "anbu.language", "value": language}]}
        context = chromium.new_context(
            viewport=size or DESK,
            locale="ko-KR" if language == "ko" else "en-GB",
            timezone_id="Europe/Berlin",
            storage_state={"cookies": [], "origins": [spoken]},
            **more,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        # What the page of the log-in does is a test of its own.
        said = {"login": login, "password": PASSWORD}
        answer = context.request.post(f"{place.url}/api/session", data=said, headers=own_page(place.url))
        assert answer.ok, answer.text()
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        # Whatever is asked of anybody else is a fault: the console needs nobody.
        page.on("request", lambda sent: None if sent.url.startswith((place.url, "data:")) else faults.append(sent.url))
        page.goto(f"{place.url}{path}")
        page.locator("header").wait_for()
        return page

    yield entered
    for context in contexts:
        context.close()
    assert not faults


def own_page(url: str) -> dict[str, str]:
    """What a browser says of a request that our own page makes."""
    return {"Origin": url, "Sec-Fetch-Site": "same-origin"}


def serious(page: Page) -> list[str]:
    """What axe finds on a page that keeps somebody from using it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa',"
        " 'best-practice']})).violations"
    )
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:200] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
