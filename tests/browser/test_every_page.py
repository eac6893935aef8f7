"""Every page in both languages, on a phone, a tablet and a desk, light and dark: in nobody's way, and none too wide."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from store.database import Database
from tests.browser import story
from tests.browser.caring import Caring
from tests.browser.conftest import DESK, PHONE, TABLET, Place, browsers, serious
from tests.browser.story import Story
from tests.serving import HOME

PAGES = Path(__file__).parents[2] / "web" / "src" / "pages.ts"
LOOKED_AT: dict[str, dict[str, Callable[[Story], str]]] = {
    "kim": {
        "/cases/:id": lambda it: f"/cases/{it.silent}",
        "/homes": lambda it: "/homes",
        "/homes/:id": lambda it: f"/homes/{HOME.id}",
        "/unheard": lambda it: "/unheard",
        "/grants": lambda it: "/grants",
        "/visits": lambda it: "/visits",
        "/visits/:id": lambda it: f"/visits/{it.visits[0]}",
        "/intake": lambda it: "/intake",
    },
    "park": {
        "/": lambda it: "/",
        "/rota": lambda it: "/rota",
        "/episodes": lambda it: "/episodes",
        "/episodes/:id": lambda it: f"/episodes/{it.episode}",
        "/persons/:id": lambda it: f"/persons/{it.person}",
        "/orders": lambda it: "/orders",
        "/evaluations": lambda it: "/evaluations",
    },
    "shin": {
        "/claims": lambda it: "/claims",
        "/claims/:id": lambda it: f"/claims/{it.claim}",
        "/budget": lambda it: "/budget",
        "/reports": lambda it: "/reports?report=services",
        "/catalogue": lambda it: "/catalogue",
    },
    "auditor": {"/audit": lambda it: "/audit"},
    "admin": {
        "/accounts": lambda it: "/accounts",
        "/accounts/:id": lambda it: f"/accounts/{it.account}",
        "/me": lambda it: "/me",
    },
    "oper": {
        "/devices": lambda it: "/devices",
        "/gateways": lambda it: "/gateways",
        "/lanes": lambda it: "/lanes",
        "/simulations": lambda it: "/simulations",
    },
    "worker": {"/tasks": lambda it: "/tasks"},
}
"""Who looks at which page of `web/src/pages.ts`, and where."""
SCHEMES, LANGUAGES = ("light", "dark"), ("ko", "en")


def test_no_page_is_left_out() -> None:
    paths = re.findall(r'^  \{ path: "([^"]+)"', PAGES.read_text(encoding="utf-8"), re.M)
    assert len(paths) > 20, "the pattern finds the pages"
    assert sorted(path for pages in LOOKED_AT.values() for path in pages) == sorted(paths)


@pytest.fixture(scope="module")
def afternoon(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caring, Story]]:
    """A city that everybody only looks at."""
    db = Database(f"sqlite:///{shutil.copy(migrated, tmp_path_factory.mktemp('afternoon'))}")
    town = Caring(Place(db))
    told = story.play(town)
    with town.open():
        yield town, told
    db.close()


def speak(page: Page, language: str) -> None:
    """Turns the screen to a language, as its reader would."""
    if page.evaluate("document.documentElement.lang") != language:
        page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("login", LOOKED_AT)
def test_no_page_stands_in_anybodys_way(afternoon: tuple[Caring, Story], chromium: Browser, login: str) -> None:
    town, told = afternoon
    faults: dict[str, Any] = {}
    with browsers(chromium, town) as enter:
        page = enter(login, size=PHONE, path="/me", reduced_motion="reduce")
        for turn, (name, where) in enumerate(LOOKED_AT[login].items()):
            # Turned from page to page, so that every size is seen in both languages, light and dark.
            first, other = (LANGUAGES[turn % 2], LANGUAGES[(turn + 1) % 2])
            page.set_viewport_size(PHONE)
            page.goto(town.url + where(told))
            page.get_by_role("heading", level=1).wait_for()
            expect(page.locator(".busy")).to_have_count(0)
            for step, (size, language) in enumerate([(PHONE, first), (TABLET, other), (DESK, other)]):
                scheme = SCHEMES[(turn // 2 + step) % 2]
                page.set_viewport_size(size)
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] - one of the two
                speak(page, language)
                found = serious(page)
                if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
                    found.append("wider than the screen")
                if found:
                    faults[f"{name}, {size['width']} px, {language}, {scheme}"] = found
    assert faults == {}
