"""A slow phone's first look at the board: what comes over the line has a bound; how long it takes is a figure."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Browser

from bench.phone import MOST_SCRIPT, look
from tests.browser.conftest import Enter, Place


def test_a_slow_phone_gets_the_board_in_few_bytes_and_few_turns(
    town: Place, enter: Enter, chromium: Browser, record_property: Callable[[str, object], None]
) -> None:
    town.press()
    cookies = enter("kim", path="/me").context.cookies()
    seen = look(chromium, town.url, cookies)
    for name in ("first_paint_s", "cards_s", "usable_s"):
        record_property(name, round(getattr(seen, name), 2))
    print(f"\nthe board on a slow phone: {seen.usable_s:.2f} s, {seen.script_bytes} bytes of JavaScript")
    assert 50_000 < seen.script_bytes <= MOST_SCRIPT
    # A turn of the line costs as much as thirty kilobytes: nothing that the board needs waits for its program.
    asked = [path for path in seen.requests if path.startswith("/api/")]
    shown = [path for path in asked if path != "/api/me/seal"]  # for what is written offline; the board needs it not
    assert shown[:2] == ["/api/session", "/api/board?state=open"]
    assert len(set(asked)) == len(asked), "nothing is asked for twice"
    assert 0 < seen.first_paint_s <= seen.cards_s <= seen.usable_s
