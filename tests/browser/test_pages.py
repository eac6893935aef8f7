"""The log-in, large text, and the console without reception."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from store.account_tables import accounts
from tests.accounts import PASSWORD
from tests.browser.conftest import PHONE, WOLSAN, Enter, Place, serious
from tests.serving import HOME


def test_large_text_still_fits_a_phone(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", size=PHONE, path="/me")
    page.get_by_role("radio", name="아주 크게").check()
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "24px"
    for path in ("/me", "/", f"/cases/{case}"):
        page.goto(town.url + path)
        page.get_by_role("heading", level=1).wait_for()
        expect(page.locator(".busy")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_the_log_in_says_what_is_wrong_and_lets_who_is_right_in(town: Place, enter: Enter) -> None:
    page = enter("kim", "en")
    page.context.clear_cookies()
    page.goto(f"{town.url}/login?lang=en")
    assert not serious(page)
    page.get_by_label("Log-in name").fill("kim")
    page.get_by_label("Password").fill("not the password")
    page.get_by_test_id("enter").click()
    expect(page.get_by_role("alert").filter(has_text="password")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_test_id("enter").click()
    expect(page.get_by_role("heading", name="Care Calls")).to_be_visible()


def test_the_console_opens_without_reception(town: Place, enter: Enter) -> None:
    page = enter("kim")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.match('/').then(Boolean)")
    page.context.set_offline(True)
    page.goto(f"{town.url}/me")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_test_id("fault").first).to_contain_text("서버에 연결할 수 없습니다")


def test_what_could_not_be_read_is_read_when_the_city_is_back(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.match('/').then(Boolean)")
    page.context.set_offline(True)
    page.goto(f"{town.url}/cases/{case}")
    fault = page.get_by_test_id("fault").first
    expect(fault).to_contain_text("연결되면 저절로 다시 불러옵니다", timeout=15_000)
    expect(fault).not_to_contain_text("저장")
    page.context.set_offline(False)
    expect(page.get_by_test_id("case")).to_be_visible()


def test_what_one_may_see_no_more_leaves_the_screen(town: Place, enter: Enter) -> None:
    page = enter("kim").context.new_page()
    page.clock.install()
    page.goto(f"{town.url}/homes/{HOME.id}")
    expect(page.get_by_role("heading", name="김순자")).to_be_visible()
    with town.db.write() as tx:
        tx.execute(sa.update(accounts).where(accounts.c.login == "kim").values(area=WOLSAN))
    page.clock.fast_forward("01:01")
    expect(page.get_by_role("heading", name="찾으시는 화면이 없습니다.")).to_be_visible()
    assert "김순자" not in page.content()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_where_one_is_and_the_way_out_are_on_a_phones_screen(town: Place, enter: Enter, language: str) -> None:
    page = enter("park", language, size=PHONE)
    page.locator("nav a").last.click()
    here = page.locator("nav a[aria-current=page]")
    expect(here).to_have_count(1)
    mine = page.get_by_role("banner").get_by_role("link", name="내 설정" if language == "ko" else "My settings")
    for shown in (here, mine):
        expect(shown).to_be_in_viewport(ratio=0.9)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    mine.click()
    expect(page.get_by_test_id("leave")).to_be_visible()
