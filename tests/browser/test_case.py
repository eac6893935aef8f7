"""A Care Call in a real browser, from the press to its end; what has not arrived never looks done."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, Route, expect

from alerts.views import CaseView
from tests.browser.conftest import PHONE, Enter, Place
from tests.waiting import wait_until


def view(town: Place, case: int) -> CaseView:
    with town.db.read() as tx:
        found = town.desk.view(tx, case)
    assert found is not None
    return found


def keys(town: Place, case: int) -> list[str]:
    with town.db.read() as tx:
        return [entry.key for entry in town.desk.timeline(tx, case)]


def state(page: Page, now: str) -> None:
    expect(page.get_by_test_id("case")).to_have_attribute("data-state", now, timeout=15_000)


def test_an_sos_is_taken_arrived_at_and_closed(town: Place, enter: Enter) -> None:
    page = enter("lee", size=PHONE)
    case = town.press()
    page.get_by_role("link", name="SOS 호출 · 김순자").click()
    expect(page.get_by_test_id("hand-over")).to_contain_text("구급 출동을 요청합니다")
    buttons = page.get_by_test_id("decision").get_by_role("button")
    assert buttons.count() == 3
    assert all((box := button.bounding_box()) and box["height"] >= 48 for button in buttons.all())

    page.get_by_test_id("act-ack").click()
    state(page, "acknowledged")
    expect(page.get_by_test_id("decision")).to_contain_text("아직 끝난 것이 아니에요")
    assert view(town, case).owner == "lee"

    # Arriving is held for a while, and can be taken back.
    page.get_by_test_id("act-arrive").click()
    expect(page.get_by_test_id("held")).to_contain_text("도착했어요")
    page.get_by_test_id("undo").click()
    assert page.get_by_test_id("decision").get_by_role("button").count() == 3
    page.get_by_test_id("act-arrive").click()
    state(page, "arrived")

    page.get_by_test_id("act-safe").click()
    page.get_by_test_id("closing").get_by_label("메모").fill("넘어지셨지만 다치지 않으셨어요.")
    page.get_by_test_id("close").click()
    state(page, "closed")
    ended = view(town, case)
    assert (ended.outcome, ended.contact, ended.owner) == ("safe", "visit", "lee")
    lines = keys(town, case)
    assert [lines.count(f"case.log.{what}") for what in ("acknowledged", "arrived", "closed")] == [1, 1, 1]
    expect(page.get_by_test_id("timeline")).to_contain_text("다치지 않으셨어요")


def test_what_has_not_arrived_says_so_and_acts_once_when_it_has(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-ack").wait_for()
    page.context.set_offline(True)
    page.get_by_test_id("act-ack").click()
    expect(page.get_by_test_id("undelivered")).to_contain_text("알림은 계속 울립니다")
    state(page, "alerting")
    assert view(town, case).owner is None
    page.context.set_offline(False)
    state(page, "acknowledged")
    expect(page.get_by_test_id("undelivered")).to_have_count(0)
    assert keys(town, case).count("case.log.acknowledged") == 1


def test_the_buttons_of_before_are_not_pressed_again(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-ack").wait_for()
    asked: list[Route] = []
    page.route(f"**/api/cases/{case}/console", lambda route: asked.append(route))
    page.get_by_test_id("act-ack").click()
    # It is done; the page does not know it yet.
    wait_until(lambda: page.wait_for_timeout(100) or asked)
    for button in page.get_by_test_id("decision").get_by_role("button").all():
        expect(button).to_be_disabled()
    page.unroute(f"**/api/cases/{case}/console")
    for route in asked:
        with suppress(Error):  # one that is not waited for any more
            route.continue_()
    state(page, "acknowledged")
    expect(page.get_by_test_id("act-arrive")).to_be_enabled()


def test_an_answer_that_is_lost_is_asked_for_again_and_acts_once(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    lost: list[str] = []

    def lose(route, request) -> None:  # type: ignore[no-untyped-def] - playwright's
        # The city hears it; its answer does not come back.
        route.fetch()
        lost.append(request.headers["idempotency-key"])
        route.abort()

    page.route(f"**/api/cases/{case}/ack", lose, times=2)
    page.get_by_test_id("act-ack").click()
    expect(page.get_by_test_id("undelivered")).to_be_visible()
    wait_until(lambda: page.wait_for_timeout(100) or len(lost) == 2)
    expect(page.get_by_test_id("undelivered")).to_have_count(0)
    assert len(set(lost)) == 1
    assert keys(town, case).count("case.log.acknowledged") == 1


def test_who_closes_the_page_has_said_it(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-ack").click()
    state(page, "acknowledged")
    page.get_by_test_id("act-arrive").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    assert view(town, case).state == "acknowledged"
    page.close(run_before_unload=False)
    wait_until(lambda: view(town, case).state == "arrived")


@pytest.mark.parametrize("turn", range(3))  # what leaves together with its page is lost every other time
def test_who_goes_to_another_page_has_said_it(town: Place, enter: Enter, turn: int) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-ack").click()
    state(page, "acknowledged")
    page.get_by_test_id("act-arrive").click()
    expect(page.get_by_test_id("held")).to_be_visible()
    page.wait_for_timeout(1_000)  # the console's own worker stands between by then
    page.goto(f"{town.url}/homes")
    wait_until(lambda: page.wait_for_timeout(50) or view(town, case).state == "arrived")


def test_who_cannot_go_gives_it_back(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-decline").click()
    expect(page.get_by_test_id("timeline")).to_contain_text("지금은 갈 수 없다고 알렸습니다")
    assert view(town, case).state == "alerting"
    page.get_by_test_id("act-ack").click()
    state(page, "acknowledged")
    page.get_by_test_id("act-release").click()
    state(page, "alerting")
    assert view(town, case).owner is None


def test_what_the_city_refuses_is_said(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-phoned").click()
    page.route(f"**/api/cases/{case}/close", lambda route: route.continue_())
    page.get_by_test_id("close").click()
    with town.db.write() as tx:
        town.desk.act(tx, case, "close", "lee", town.clock.now(), outcome="technical")
    expect(page.get_by_test_id("fault")).to_contain_text("이미 종료된 돌봄콜입니다", timeout=15_000)
    assert view(town, case).outcome == "technical"


def test_by_the_keyboard_alone(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim")
    page.locator("[data-testid=card]").wait_for()

    def tab_to(wanted: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement?.textContent?.trim()") == wanted:
                return
        raise AssertionError(f"the keyboard does not reach {wanted}")

    page.keyboard.press("Tab")
    tab_to("SOS 호출 · 김순자")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tab_to("제가 갈게요")
    # What has the focus shows it.
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Space")
    state(page, "acknowledged")
    assert view(town, case).owner == "kim"


def test_a_call_of_which_nobody_says_anything_is_not_shown_as_the_present(town: Place, enter: Enter) -> None:
    case = town.press()
    page = enter("kim", path=f"/cases/{case}")
    whole = page.get_by_test_id("case")
    expect(whole).to_have_attribute("data-state", "alerting")
    page.context.route("**/api/cases/*/console", lambda route: None)  # heard, and never answered
    town.note(case, "그새 누가 적은 말")
    expect(page.get_by_test_id("old")).to_contain_text("14:1", timeout=15_000)
    expect(whole).to_have_class(re.compile("aged"))
    page.goto(f"{town.url}/cases/{case}")
    expect(page.get_by_test_id("fault")).to_contain_text("연결할 수 없습니다", timeout=15_000)
    page.wait_for_timeout(6_000)
    expect(page.get_by_test_id("fault")).to_be_visible()  # also while it is tried again
    page.context.unroute("**/api/cases/*/console")
    expect(whole).to_be_visible(timeout=20_000)
    expect(page.get_by_test_id("old")).to_have_count(0)
    expect(whole).not_to_have_class(re.compile("aged"))
