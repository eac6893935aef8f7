"""The log-in, large text, and the console without reception."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.accounts import PASSWORD
from tests.browser.conftest import PHONE, Enter, Place, serious


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
