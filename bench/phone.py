"""How soon a care manager's phone shows the board on a slow line: `python -m bench.phone`, after `make web`."""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

# Lighthouse's phone: slow 4G, and a processor a quarter as fast as this machine's.
DOWN, UP, DELAY_MS, SLOWER = 1_600_000 / 8, 750_000 / 8, 150, 4
MOST_SCRIPT = 150_000
"""Bytes of JavaScript on the line, packed, until the board can be used."""
USABLE_S = 2.0
"""The aim."""
SIZE = {"width": 360, "height": 740}
CASES, ROUNDS = 12, 7

# Presses the second tab as soon as the first card is painted, and says when that was painted, too.
_WATCH = """(() => {
  const seen = (globalThis.anbuSeen = {});
  const painted = (then) => requestAnimationFrame(() => setTimeout(then));
  const watch = new MutationObserver(() => {
    if (!document.querySelector("[data-testid=card]")) return;
    watch.disconnect();
    painted(() => {
      seen.cards = performance.now();
      const tab = document.querySelectorAll("[role=tab]")[1];
      tab.click();
      painted(function look() {
        if (tab.getAttribute("aria-selected") !== "true") return painted(look);
        seen.usable = performance.now();
        document.documentElement.dataset.usable = "";
      });
    });
  });
  watch.observe(document, { childList: true, subtree: true });
})()"""


@dataclass(frozen=True, slots=True)
class Look:
    """One first visit to the board, in seconds from the address being asked for."""

    first_paint_s: float
    cards_s: float
    usable_s: float
    script_bytes: int
    """What came over the line until the page was still, headers included."""
    requests: list[str]


def look(browser: Browser, url: str, cookies: Any) -> Look:
    """The board opened by somebody who is logged in, on a phone that has nothing of it yet."""
    context = browser.new_context(viewport=SIZE, is_mobile=True, has_touch=True, locale="ko-KR")
    try:
        context.add_cookies(cookies)
        page = context.new_page()
        line = context.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.setCacheDisabled", {"cacheDisabled": False})
        limits = {"offline": False, "latency": DELAY_MS, "downloadThroughput": DOWN, "uploadThroughput": UP}
        line.send("Network.emulateNetworkConditions", limits)
        line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        scripts: set[str] = set()
        came: dict[str, int] = {}
        asked: list[str] = []
        line.on("Network.requestWillBeSent", lambda sent: asked.append(sent["request"]["url"].removeprefix(url)))
        line.on(
            "Network.responseReceived", lambda got: scripts.add(got["requestId"]) if got["type"] == "Script" else None
        )
        line.on("Network.loadingFinished", lambda done: came.update({done["requestId"]: done["encodedDataLength"]}))
        page.add_init_script(_WATCH)
        page.goto(url, wait_until="commit")
        page.locator("html[data-usable]").wait_for(state="attached", timeout=60_000)
        page.wait_for_load_state("load")
        page.wait_for_timeout(500)
        seen = page.evaluate("globalThis.anbuSeen")
        first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        sent = sum(size for id, size in came.items() if id in scripts)
        return Look(first / 1e3, seen["cards"] / 1e3, seen["usable"] / 1e3, int(sent), asked)
    finally:
        context.close()


def main() -> None:
    """A city with a dozen Care Calls, looked at a few times."""
    from core.people import Home
    from store import people
    from store.database import Database
    from store.migrate import migrate
    from tests.accounts import PASSWORD
    from tests.browser.conftest import ARGUMENTS, BONGSEON, CHROMIUM, Place

    with tempfile.TemporaryDirectory(prefix="anbu-bench-") as folder, sync_playwright() as playwright:
        db = Database(f"sqlite:///{Path(folder) / 'anbu.db'}")
        migrate(db)
        place = Place(db)
        for number in range(CASES):
            home = Home(f"home-1{number:03}", f"gw-1{number:03}", BONGSEON, f"김순자 {number}")
            with db.write() as tx:
                people.put_home(tx, db.backend, home, place.clock.now())
            place.press(home)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with place.open() as url:
            context = browser.new_context()
            said = {"login": "kim", "password": PASSWORD}
            headers = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
            assert context.request.post(f"{url}/api/session", data=said, headers=headers).ok
            cookies = context.cookies()
            looks = [look(browser, url, cookies) for _ in range(ROUNDS)]
        browser.close()
        db.close()
    if "--requests" in sys.argv:
        print("\n".join(looks[-1].requests))
    for name in ("first_paint_s", "cards_s", "usable_s"):
        took = sorted(getattr(one, name) for one in looks)
        print(f"{name}: {median(took):.2f} (of {ROUNDS}: {took[0]:.2f} to {took[-1]:.2f})")
    print(f"script_bytes: {max(one.script_bytes for one in looks)} of {MOST_SCRIPT}")


if __name__ == "__main__":
    main()
