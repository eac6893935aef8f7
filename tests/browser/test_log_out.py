"""A log-out in a real browser, on a line that breaks, swallows or comes back: whoever has left is out."""

from __future__ import annotations

import socket

from playwright.sync_api import Page, Route, expect

from tests.accounts import PASSWORD
from tests.browser.conftest import TABLET, Enter, Place
from tests.browser.outside import taken_along, visit
from tests.waiting import wait_until


def leave(page: Page, place: Place) -> None:
    page.goto(f"{place.url}/me")
    page.get_by_test_id("leave").click()


def at_the_door(page: Page) -> None:
    expect(page.get_by_test_id("enter")).to_be_visible(timeout=20_000)


def test_a_log_out_that_nobody_answers_is_a_log_out_and_is_said_until_it_is_heard(town: Place, enter: Enter) -> None:
    page = enter("kim", size=TABLET)
    swallowed: list[str] = []

    def swallow(route: Route) -> None:
        if route.request.method == "DELETE":
            swallowed.append(route.request.url)
        else:
            route.continue_()

    page.context.route("**/api/session*", swallow)
    leave(page, town)
    at_the_door(page)
    page.goto(town.url)
    at_the_door(page)
    assert swallowed
    assert page.context.request.get(f"{town.url}/api/session").ok, "the city has not heard"
    page.context.unroute("**/api/session*")
    # Nothing is touched.
    wait_until(
        lambda: page.wait_for_timeout(200) or page.context.request.get(f"{town.url}/api/session").status == 401, 20
    )


def test_a_log_out_does_not_wait_for_a_key_that_never_comes(town: Place, enter: Enter) -> None:
    page = enter("oper", size=TABLET)
    page.context.route("**/api/me/seal", lambda route: None)
    leave(page, town)
    at_the_door(page)
    page.locator("input[name=username]").fill("kim")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_test_id("enter").click()
    # The board, and not the page at which the one before began.
    expect(page.get_by_role("heading", level=1)).to_have_text("돌봄콜")
    assert page.evaluate("location.pathname") == "/"
    leave(page, town)
    at_the_door(page)


def test_a_line_that_swallows_everything_is_no_reception(place: Place, enter: Enter) -> None:
    visit(place)
    with place.open():
        page = enter("kim", size=TABLET, path="/visits")
        taken_along(page)
    port = int(place.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):  # whoever calls is put through to nobody
        page.goto(f"{place.url}/visits")
        expect(page.get_by_test_id("visit")).to_contain_text("김순자", timeout=30_000)


def test_a_log_in_without_reception_says_so(town: Place, enter: Enter) -> None:
    page = enter("kim", size=TABLET)
    leave(page, town)
    at_the_door(page)
    page.context.set_offline(True)
    page.locator("input[name=username]").fill("kim")
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_test_id("enter").click()
    expect(page.get_by_test_id("fault")).to_contain_text("로그인하지 못했습니다")
    page.context.set_offline(False)
    page.get_by_test_id("enter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("돌봄콜")
    page.goto(f"{town.url}/cases/abc")
    expect(page.get_by_role("heading", level=1)).to_have_text("찾으시는 화면이 없습니다.")
