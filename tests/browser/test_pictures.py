"""The pictures of the README, made from a running city: `make pictures` writes them anew."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from store.database import Database
from tests.browser import story
from tests.browser.caring import Caring
from tests.browser.conftest import Enter, Place, browsers
from tests.browser.outside import taken_along
from tests.browser.story import Story

DESK, PHONE, TABLET = {"width": 1280, "height": 940}, {"width": 360, "height": 740}, {"width": 820, "height": 1180}
MOST_BYTES = 150_000
COLOURS = 128


@pytest.fixture(scope="module")
def afternoon(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Caring, Story]]:
    db = Database(f"sqlite:///{shutil.copy(migrated, tmp_path_factory.mktemp('pictures'))}")
    town = Caring(Place(db))
    told = story.play(town)
    with town.open():
        yield town, told
    db.close()


@pytest.fixture
def enter(chromium: Browser, afternoon: tuple[Caring, Story]) -> Iterator[Enter]:
    with browsers(chromium, afternoon[0]) as entered:
        yield entered


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go."""
    wanted = os.environ.get("ANBU_PICTURES")
    return Path(wanted) if wanted else tmp_path


def picture(page: Page, file: Path) -> None:
    """What the screen shows, in few colours: a page of text needs no more."""
    page.evaluate("document.fonts.ready.then(() => true)")
    seen = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    file.parent.mkdir(parents=True, exist_ok=True)
    seen.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    assert 10_000 < file.stat().st_size <= MOST_BYTES


@pytest.mark.parametrize(("language", "scheme"), [("ko", "light"), ("en", "dark")])
def test_the_board(afternoon: tuple[Caring, Story], enter: Enter, folder: Path, language: str, scheme: str) -> None:
    _, told = afternoon
    page = enter("park", language, DESK, color_scheme=scheme)
    first = page.locator(f"[data-testid=card][data-case='{told.sos}']")
    expect(first).to_contain_text("박영수")
    expect(first.get_by_test_id("due")).to_be_visible()
    expect(page.locator(f"[data-testid=card][data-case='{told.silent}']")).to_contain_text("김순자")
    expect(page.get_by_test_id("unheard")).to_contain_text("정말례")
    picture(page, folder / f"board-{language}.png")


def test_a_silence(afternoon: tuple[Caring, Story], enter: Enter, folder: Path) -> None:
    _, told = afternoon
    page = enter("kim", size=PHONE, path=f"/cases/{told.silent}")
    expect(page.get_by_test_id("decision").get_by_role("button")).to_have_count(3)
    picture(page, folder / "case.png")
    day = page.get_by_test_id("day")
    expect(day.locator("svg").first).to_be_visible()
    day.evaluate("plot => scrollTo(0, plot.getBoundingClientRect().top + scrollY - 130)")
    picture(page, folder / "day.png")


def test_a_visit_without_reception(afternoon: tuple[Caring, Story], enter: Enter, folder: Path) -> None:
    page = enter("kim", size=TABLET, path="/visits")
    expect(page.get_by_test_id("visit")).to_have_count(2)
    taken_along(page)
    page.context.set_offline(True)
    page.get_by_role("link", name="김순자").click()
    page.get_by_test_id("arrive").click()
    page.get_by_role("radio", name="만남", exact=True).check()
    page.get_by_test_id("finish").click()
    expect(page.get_by_test_id("stand-waiting")).to_be_visible()
    page.get_by_role("link", name="방문", exact=True).click()
    page.get_by_role("link", name="이복순").click()
    page.get_by_test_id("arrive").click()
    page.get_by_role("radio", name="만남", exact=True).check()
    page.get_by_role("group", name="기분").get_by_role("radio", name="보통").check()
    page.get_by_label("메모").fill("식사는 하셨고, 무릎이 아프다고 하심. 병원 동행 신청 원하심")
    expect(page.get_by_test_id("unsent")).to_contain_text("1건")
    expect(page.get_by_test_id("stand-draft").first).to_be_visible()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    picture(page, folder / "visit.png")


def test_somebodys_care(afternoon: tuple[Caring, Story], enter: Enter, folder: Path) -> None:
    _, told = afternoon
    page = enter("park", size=DESK, path=f"/episodes/{told.episode}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("최복례")
    expect(page.get_by_test_id("orders")).to_contain_text("식사")
    picture(page, folder / "episode.png")
