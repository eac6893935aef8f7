"""Two people at one browser, one after the other: nothing that the first has begun or seen is the second's."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.accounts import PASSWORD
from tests.browser.conftest import TABLET, Enter, Place
from tests.browser.outside import NOTE, forms, taken_along, visit


def comes_in(page: Page, login: str) -> None:
    page.locator("input[name=username]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("header nav").wait_for()


def goes(page: Page, town: Place) -> None:
    if not page.url.endswith("/me"):
        page.goto(f"{town.url}/me")
    page.get_by_test_id("leave").click()


def keys(town: Place, case: int) -> list[str]:
    with town.db.read() as tx:
        return [entry.key for entry in town.desk.timeline(tx, case)]


def test_what_one_has_pressed_is_never_done_in_the_next_ones_name(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.context.route("**/api/cases/*/ack", lambda route: route.abort())
    page.get_by_test_id("act-ack").click()
    expect(page.get_by_test_id("undelivered")).to_be_visible()
    page.locator("header").get_by_role("link", name="내 설정").click()
    goes(page, town)
    page.locator("input[name=username]").wait_for()
    assert "아직 전달되지 않았습니다" in asked[0]
    page.context.unroute("**/api/cases/*/ack")
    comes_in(page, "lee")
    page.wait_for_timeout(3_000)  # it was tried again within two
    assert "case.log.acknowledged" not in keys(town, case)


def test_a_log_out_in_one_window_empties_the_others(town: Place, enter: Enter) -> None:
    case = town.press()
    mine = enter("kim", path=f"/cases/{case}")
    expect(mine.locator("main")).to_contain_text("김순자")
    other = mine.context.new_page()
    goes(other, town)
    mine.locator("input[name=username]").wait_for()
    expect(mine.locator("body")).not_to_contain_text("김순자")
    comes_in(other, "choi")
    # The window at the log-in comes in as well, as who is there now.
    expect(mine.locator("header nav")).to_be_visible()
    expect(mine.locator("body")).not_to_contain_text("김순자")


def test_a_form_in_another_window_is_not_the_next_persons(town: Place, enter: Enter) -> None:
    id = visit(town)
    mine = enter("kim", size=TABLET, path=f"/visits/{id}")
    taken_along(mine)
    mine.get_by_test_id("arrive").click()
    mine.get_by_label("메모").fill(NOTE)
    other = mine.context.new_page()
    goes(other, town)
    other.get_by_test_id("leave-sealed").click()
    other.locator("input[name=username]").wait_for()
    mine.locator("input[name=username]").wait_for()
    comes_in(other, "lee")
    other.goto(f"{town.url}/visits/{id}")
    other.get_by_role("heading", level=1).wait_for()
    expect(other.locator("body")).not_to_contain_text(NOTE)
    assert NOTE not in other.evaluate("[...document.querySelectorAll('textarea')].map((it) => it.value).join()")
    assert forms(town, id) == []


def test_a_request_that_is_meant_to_be_anothers_is_refused(town: Place, enter: Enter) -> None:
    """Should a window not have heard of a log-in, the city has."""
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-ack").wait_for()

    def as_another(route: Route) -> None:
        route.continue_(headers={**route.request.headers, "anbu-account": "u-somebody-else"})

    page.route("**/api/cases/*/ack", as_another)
    page.get_by_test_id("act-ack").click()
    page.wait_for_load_state("load")
    page.get_by_test_id("act-ack").wait_for()
    assert "case.log.acknowledged" not in keys(town, case)


def test_a_log_in_that_has_ended_leads_to_the_log_in(town: Place, enter: Enter) -> None:
    """The line alone tells it, while nobody presses anything."""
    town.press()
    page = enter("kim")
    page.locator("[data-testid=card]").wait_for()
    there = page.context.request
    own = {"Origin": town.url, "Sec-Fetch-Site": "same-origin"}
    assert there.delete(f"{town.url}/api/session", headers=own).ok
    page.locator("input[name=username]").wait_for(timeout=90_000)
    expect(page.locator("body")).not_to_contain_text("김순자")
