"""The board in a real browser: what happens is seen at once, and what is not known is never shown as calm."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from core.clock import stopwatch_s
from core.people import Home
from store import people
from store.unheard import put_unheard
from tests.browser.conftest import AFTERNOON, BONGSEON, ELSEWHERE, PHONE, Enter, Place


def card(page: Page, case: int):  # type: ignore[no-untyped-def] - a locator
    return page.locator(f"[data-testid=card][data-case='{case}']")


def test_a_new_case_is_on_an_open_board(town: Place, enter: Enter) -> None:
    page = enter("kim")
    expect(page.get_by_text("지금은 진행 중인 돌봄콜이 없습니다.")).to_be_visible()
    case = town.press()
    shown = card(page, case)
    expect(shown).to_contain_text("SOS 호출 · 김순자")
    expect(shown).to_contain_text("즉시")
    expect(shown).to_contain_text("SOS를 눌렀습니다(목걸이 버튼).")
    expect(shown).to_contain_text("김지민, 이수현")
    # By colour, by shape and by a word; and for those who listen.
    assert shown.locator(".severity svg path").get_attribute("d")
    expect(page.get_by_test_id("urgent-news")).to_have_text("새 돌봄콜: SOS 호출, 김순자")
    assert page.title() == "(1건) 돌봄콜 · 안부"


def test_a_board_of_many_cases_has_each_of_them_at_once_and_by_what_is_due(town: Place, enter: Enter) -> None:
    cases = []
    for number in range(9):
        home = Home(f"home-1{number:03}", f"gw-1{number:03}", BONGSEON, f"박순이 {number}")
        with town.db.write() as tx:
            people.put_home(tx, town.db.backend, home, town.clock.now())
        cases.append(str(town.press(home)))
    page = enter("kim", size=PHONE)
    shown = page.get_by_test_id("card")
    expect(shown).to_have_count(9)
    assert [one.get_attribute("data-case") for one in shown.all()] == cases
    left = [int(due.get_attribute("data-left") or "") for due in page.get_by_test_id("due").all()]
    assert left == sorted(left)


@pytest.mark.parametrize("place", [60.0], indirect=True)
def test_the_countdown_runs_on_the_citys_clock_and_ends_in_the_next_rung(town: Place, enter: Enter) -> None:
    page = enter("park", "en")
    case = town.press()
    due = card(page, case).get_by_test_id("due")
    first, began = int(due.get_attribute("data-left") or ""), stopwatch_s()
    page.wait_for_timeout(1_000)
    gone = first - int(due.get_attribute("data-left") or "")
    assert gone == pytest.approx(60 * (stopwatch_s() - began), abs=75)  # it moves once a second
    assert re.search(r"\d{2}:\d{2}", due.inner_text())
    expect(card(page, case)).to_contain_text("김지민, 이수현")
    expect(card(page, case)).to_contain_text("박서준")  # after three minutes of the city's
    with town.db.read() as tx:
        view = town.desk.view(tx, case)
    assert view is not None
    assert view.rung >= 1


def test_two_browsers_see_each_others_acknowledgement(town: Place, enter: Enter) -> None:
    case = town.press()
    mine, hers = enter("kim", path=f"/cases/{case}"), enter("lee")
    card(hers, case).wait_for()
    took: list[float] = []
    # Three times: what the machine does beside it may make one of them late.
    for turn in range(3):
        mine.get_by_test_id("act-ack").click()
        pressed = stopwatch_s()
        expect(card(hers, case)).to_have_attribute("data-state", "acknowledged")
        took.append(stopwatch_s() - pressed)
        expect(card(hers, case)).to_contain_text("김지민")
        expect(mine.get_by_test_id("decision")).to_have_attribute("data-at", "mine")
        if turn < 2:
            mine.get_by_test_id("act-release").click()
            expect(card(hers, case)).not_to_have_attribute("data-state", "acknowledged")
            expect(mine.get_by_test_id("act-ack")).to_be_visible()
    assert min(took) < 2.0


def test_a_restart_of_the_city_is_said_and_nothing_is_missed(place: Place, enter: Enter) -> None:
    with place.open():
        page = enter("park")
        before = place.press()
        card(page, before).wait_for()
    # The city is away.
    expect(page.get_by_test_id("stale")).to_contain_text("부터 새 소식을 받지 못하고 있습니다")
    expect(page.get_by_test_id("cards")).to_have_class("aged")
    with place.db.write() as tx:
        place.desk.act(tx, before, "close", "kim", place.clock.now(), outcome="safe", contact="phone")
    expect(card(page, before)).to_be_visible()  # nobody has told it otherwise, and it says so
    meanwhile = place.press(ELSEWHERE)
    with place.open():
        card(page, meanwhile).wait_for()
        expect(card(page, before)).to_have_count(0)
        expect(page.get_by_test_id("stale")).to_have_count(0)
        after = place.fall_silent()
        card(page, after).wait_for()


def test_an_empty_board_that_hears_nothing_does_not_look_calm(place: Place, enter: Enter) -> None:
    with place.open():
        page = enter("kim")
        expect(page.get_by_text("지금은 진행 중인 돌봄콜이 없습니다.")).to_be_visible()
        expect(page.get_by_test_id("unheard")).to_contain_text("모든 댁의 신호가 들어오고 있습니다")
    expect(page.get_by_test_id("stale")).to_be_visible()
    expect(page.get_by_text("지금은 진행 중인 돌봄콜이 없습니다.")).to_have_count(0)
    unheard = page.get_by_test_id("unheard")
    expect(unheard).to_have_class(re.compile("aged"))
    expect(unheard).not_to_contain_text("모든 댁의 신호가")
    expect(page.get_by_test_id("as-of")).to_have_text(re.compile("^14:1[23]에 알던 것입니다"))


def test_a_console_that_does_not_come_says_so(town: Place, chromium: Browser) -> None:
    context = chromium.new_context(service_workers="block")
    try:
        page = context.new_page()
        page.route("**/assets/main-*.js", lambda route: route.abort())
        page.goto(town.url)
        expect(page.get_by_text("불러오는 중입니다…")).to_be_visible()
        long = page.get_by_text("오래 걸리고 있습니다")
        expect(long).to_be_hidden()
        assert page.evaluate("document.getAnimations().map((one) => (one.finish(), one.effect.getTiming().delay))") == [
            15_000
        ]
        expect(long).to_be_visible()
        page.unroute_all()
        page.reload()
        expect(page.get_by_test_id("enter")).to_be_visible()
        expect(long).to_have_count(0)
    finally:
        context.close()


def test_a_dong_manager_never_sees_another_dong(town: Place, enter: Enter) -> None:
    page = enter("choi")
    hidden, shown = town.press(), town.press(ELSEWHERE)
    card(page, shown).wait_for()
    expect(card(page, hidden)).to_have_count(0)
    page.goto(f"{town.url}/cases/{hidden}")
    expect(page.get_by_role("alert").filter(has_text=f"#{hidden}")).to_be_visible()
    assert "김순자" not in page.content()


def test_a_role_sees_the_pages_that_are_its_own(town: Place, enter: Enter) -> None:
    page = enter("oper", "en")
    menu = page.get_by_role("navigation").get_by_role("link")
    assert "Care Calls" not in menu.all_inner_texts()
    page.goto(f"{town.url}/cases/1")
    expect(page.get_by_role("heading", name="Your role may not do this.")).to_be_visible()


def test_who_is_sent_home_is_back_at_the_log_in(town: Place, enter: Enter) -> None:
    page = enter("kim", size=PHONE)
    page.goto(f"{town.url}/me")
    page.get_by_test_id("leave").click()
    expect(page.get_by_test_id("enter")).to_be_visible()
    page.goto(f"{town.url}/")
    expect(page.get_by_test_id("enter")).to_be_visible()


def test_unwatched_homes_stand_on_the_board(town: Place, enter: Enter) -> None:
    with town.db.write() as tx:
        put_unheard(tx, town.db.backend, {ELSEWHERE.id: None}, ())
    page = enter("park")
    unheard = page.get_by_test_id("unheard")
    expect(unheard).to_contain_text("지금 지켜보지 못하는 댁")
    expect(unheard).to_contain_text("박영수")
    expect(unheard).to_contain_text("아직 한 번도 연결되지 않음")


def test_days_are_those_of_the_calendar(town: Place, enter: Enter) -> None:
    # It is Tuesday, 14:12.
    ages = {23: "23시간 전", 25: "어제", 63: "3일 전"}  # Monday 15:12, Monday 13:12, Saturday 23:12
    homes = {f"home-9{hours}": timedelta(hours=hours) for hours in ages}
    with town.db.write() as tx:
        for home in homes:
            people.put_home(tx, town.db.backend, Home(home, f"gw-{home}", ELSEWHERE.area, home), AFTERNOON)
        put_unheard(tx, town.db.backend, {home: AFTERNOON - age for home, age in homes.items()}, ())
    unheard = enter("park").get_by_test_id("unheard")
    for hours, said in ages.items():
        expect(unheard.get_by_role("listitem").filter(has_text=f"home-9{hours}")).to_contain_text(f"({said})")
