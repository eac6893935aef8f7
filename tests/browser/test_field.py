"""Visits and tasks without reception, in a real browser: nothing is lost or sent twice, and nobody else reads it."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from care import linkage
from core.care import Refused
from tests.browser.conftest import PHONE, TABLET, Enter, Place, serious
from tests.browser.outside import NOTE, SECRET, forms, kept, on_the_device, provider, recorded, taken_along, task, visit

OTHER = "약이 떨어졌음"


def field_page(enter: Enter, path: str, login: str = "kim") -> Page:
    page = enter(login, size=TABLET, path=path)
    taken_along(page)
    return page


def written(page: Page, note: str, mood: str = "보통") -> None:
    """A visit's form, filled in."""
    page.get_by_role("radio", name="만남", exact=True).check()
    page.get_by_role("group", name="기분").get_by_role("radio", name=mood).check()
    page.get_by_label("메모").fill(note)


def test_a_whole_visit_without_reception_comes_to_the_city_once(place: Place, enter: Enter) -> None:
    visit(place)
    with place.open():
        page = field_page(enter, "/visits")
        expect(page.get_by_test_id("visit")).to_contain_text("김순자")
    puts: list[str] = []
    page.on("request", lambda sent: puts.append(sent.url) if sent.method == "PUT" else None)
    # The city is away: started anew, the tablet still knows where to go.
    page.reload()
    page.get_by_role("link", name="김순자").click()
    expect(page.get_by_test_id("kept-copy")).to_contain_text("받아 둔 내용")
    expect(page.get_by_text(SECRET)).to_be_visible()
    page.get_by_test_id("start").click()
    page.get_by_test_id("arrive").click()
    written(page, NOTE)
    expect(page.get_by_test_id("stand-draft").first).to_contain_text("이 기기에 저장됨")
    on_the_device(page)
    page.reload()
    expect(page.get_by_label("메모")).to_have_value(NOTE)
    expect(page.get_by_role("group", name="기분").get_by_role("radio", name="보통")).to_be_checked()
    page.get_by_test_id("finish").click()
    expect(page.get_by_test_id("stand-waiting")).to_contain_text("기기에 저장됨 · 아직 전송 전")
    expect(page.get_by_test_id("unsent")).to_contain_text("1건")
    page.reload()
    expect(page.get_by_test_id("stand-waiting")).to_be_visible()
    assert forms(place) == []
    assert not any(word in kept(page) for word in (NOTE, "김순자", SECRET, "kim")), "it is not to be read on the device"
    with place.open():
        expect(page.get_by_test_id("stand-sent")).to_be_visible(timeout=15_000)
        expect(page.get_by_test_id("unsent")).to_have_count(0)
        expect(page.get_by_text(NOTE)).to_be_visible()
    (form,) = forms(place)
    assert form.body["form"]["record"]["note"] == NOTE
    assert form.body["form"]["record"]["mood"] == "fair"
    assert not form.conflict
    assert len(puts) >= 1


def test_a_city_that_hangs_is_a_city_that_is_away(town: Place, enter: Enter) -> None:
    visit(town)
    page = field_page(enter, "/visits")
    page.context.route("**/api/session", lambda route: None)  # heard, and never answered
    page.reload()
    expect(page.get_by_test_id("visit")).to_contain_text("김순자", timeout=20_000)
    page.context.unroute("**/api/session")


def test_a_list_that_does_not_come_is_the_one_that_was_taken_along(town: Place, enter: Enter) -> None:
    visit(town)
    page = field_page(enter, "/visits")
    # On a busy device the page asks for its list before the device is ready.
    page.add_init_script("requestIdleCallback = (then) => setTimeout(then, 3_000)")
    page.context.route("**/api/care/day/visits", lambda route: None)  # heard, and never answered
    page.reload()
    expect(page.get_by_test_id("kept-copy")).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id("visit")).to_contain_text("김순자")


def test_a_form_whose_answer_was_lost_and_its_correction_are_one_visit(town: Place, enter: Enter) -> None:
    visit(town)
    page = field_page(enter, "/visits/visit-0001")
    lost: list[str] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.request.url)
            route.fetch()  # the city has it, and the tablet does not hear so
            route.abort()
            return
        route.continue_()

    page.context.route("**/forms/**", lose)
    page.get_by_test_id("arrive").click()
    written(page, NOTE)
    page.get_by_test_id("finish").click()
    expect(page.get_by_test_id("stand-waiting")).to_be_visible()
    expect(page.get_by_test_id("unsent")).to_contain_text("통신이 되지 않습니다")
    assert len(forms(town)) == 1
    # Corrected before the tablet knows: it goes after the first, over it.
    page.get_by_test_id("correct").click()
    page.get_by_label("메모").fill(f"{NOTE}, 병원 예약함")
    page.get_by_test_id("finish").click()
    expect(page.get_by_test_id("stand-sent")).to_be_visible()
    first, second = sorted(forms(town), key=lambda form: form.base)
    assert (first.base, second.base) == (0, 1)
    assert not first.conflict
    assert not second.conflict
    assert lost[0].endswith(first.id)


def test_what_two_tablets_write_offline_is_kept_and_shown_side_by_side(town: Place, enter: Enter) -> None:
    visit(town, owner="office:gwangju/nam-gu/bongseon-1-dong")
    tablets = [field_page(enter, "/visits/visit-0001", login) for login in ("kim", "lee")]
    for page, note, mood in zip(tablets, (NOTE, OTHER), ("보통", "나쁨"), strict=True):
        expect(page.get_by_test_id("arrive")).to_be_visible()
        page.context.set_offline(True)
        page.get_by_test_id("arrive").click()
        written(page, note, mood)
        page.get_by_test_id("finish").click()
        expect(page.get_by_test_id("stand-waiting")).to_be_visible()
    for page in tablets:
        page.context.set_offline(False)
        expect(page.get_by_test_id("stand-sent")).to_be_visible(timeout=15_000)
    assert [form.conflict for form in sorted(forms(town), key=lambda form: form.at)] == [False, True]
    for page in tablets:
        page.reload()
        clash = page.get_by_test_id("clash")
        expect(clash).to_contain_text(NOTE)
        expect(clash).to_contain_text(OTHER)
    hers = tablets[1]
    assert not serious(hers)
    hers.get_by_role("region", name="함께 보관된 기록").get_by_role("button", name="이 기록으로 정하기").click()
    expect(hers.get_by_test_id("clash")).to_have_count(0)
    expect(hers.get_by_role("region", name="지금 기록")).to_contain_text(OTHER)
    assert len(forms(town)) == 3, "nothing is thrown away"


def test_what_is_not_sent_is_sealed_at_a_log_out_and_opens_for_its_writer_alone(town: Place, enter: Enter) -> None:
    visit(town)
    page = field_page(enter, "/visits/visit-0001")
    page.get_by_test_id("arrive").click()
    written(page, NOTE)
    expect(page.get_by_test_id("stand-draft").first).to_be_visible()
    # On a busy device a log-out may come sooner than its console has looked at what waits.
    page.add_init_script("requestIdleCallback = (then) => setTimeout(then, 1_500)")

    def leave() -> None:
        page.goto(f"{town.url}/me")
        page.get_by_test_id("leave").click()

    def enter_as(login: str) -> None:
        page.locator("input[name=username]").fill(login)
        page.locator("input[name=password]").fill("느린 달팽이가 기차를 탄다")
        page.get_by_test_id("enter").click()
        page.locator("header").wait_for()

    leave()
    asked = page.get_by_test_id("leave-unsent")
    expect(asked).to_contain_text("1건")
    assert not serious(page)
    asked.get_by_role("button", name="로그인 유지").click()
    page.goto(f"{town.url}/visits/visit-0001")
    expect(page.get_by_label("메모")).to_have_value(NOTE)
    leave()
    page.get_by_test_id("leave-sealed").click()
    page.locator("input[name=username]").wait_for()
    left = kept(page)
    assert "work: " in left, "it is kept"
    assert "key, extractable" not in left
    assert "day: " not in left
    assert not any(word in left for word in (NOTE, "김순자", SECRET))
    enter_as("lee")
    page.goto(f"{town.url}/visits")
    expect(page.get_by_text("봉인되어 있습니다")).to_contain_text("1건")
    assert NOTE not in page.content()
    leave()
    page.locator("input[name=username]").wait_for()
    enter_as("kim")
    page.goto(f"{town.url}/visits/visit-0001")
    expect(page.get_by_label("메모")).to_have_value(NOTE)
    page.get_by_test_id("finish").click()
    expect(page.get_by_test_id("stand-sent")).to_be_visible()
    leave()
    page.locator("input[name=username]").wait_for()
    assert "work: " not in kept(page), "nothing is left where nothing is owed"
    assert [form.body["form"]["record"]["note"] for form in forms(town)] == [NOTE]


def test_a_workers_record_without_reception_and_one_that_the_city_refuses(town: Place, enter: Enter) -> None:
    task(town, provider(town))
    page = enter("mina", size=PHONE, path="/tasks")
    taken_along(page)
    expect(page.get_by_test_id("task")).to_contain_text("식사 지원")
    assert SECRET not in page.content(), "they have not agreed to share it"
    page.context.set_offline(True)
    page.reload()
    page.get_by_test_id("begin").click()
    page.get_by_role("radio", name="서비스함").check()
    page.get_by_label("실제로 한 횟수").fill("99")
    page.get_by_label("메모").fill(NOTE)
    on_the_device(page)
    page.reload()
    expect(page.get_by_label("메모")).to_have_value(NOTE)
    page.get_by_test_id("record-save").click()
    expect(page.get_by_test_id("stand-waiting")).to_be_visible()
    page.context.set_offline(False)
    refused = page.get_by_test_id("refused-record")
    expect(refused).to_be_visible(timeout=15_000)
    assert recorded(town) == []
    assert not serious(page)
    refused.get_by_role("button").click()
    expect(page.get_by_label("메모")).to_have_value(NOTE)
    page.get_by_label("실제로 한 횟수").fill("2")
    page.get_by_test_id("record-save").click()
    page.get_by_test_id("tab-done").click()
    expect(page.get_by_test_id("task")).to_contain_text("전송됨")
    (record,) = recorded(town)
    assert (record.worker, record.units, record.note) == ("mina", 2, NOTE)


def test_a_provider_accepts_an_order_and_gives_it_to_a_worker(town: Place, enter: Enter) -> None:
    order = provider(town, accepted=False)
    page = enter("mina", size=PHONE, path="/tasks")
    page.get_by_test_id("tab-offered").click()
    expect(page.get_by_test_id("order")).to_contain_text(re.compile(r"\d+:\d\d:\d\d 안에 답해 주세요"))
    assert not serious(page)
    page.get_by_test_id("accept").click()
    expect(page.get_by_text("답을 기다리는 의뢰가 없습니다.")).to_be_visible()
    page.get_by_test_id("tab-accepted").click()
    page.get_by_test_id("give-open").click()
    page.get_by_label("누가 가나요?").select_option("mina")
    assert not serious(page)
    page.get_by_test_id("give-save").click()
    page.get_by_test_id("tab-later").click()
    expect(page.get_by_test_id("task")).to_contain_text("김순자")
    with town.db.read() as tx:
        stands = linkage.read(tx, order)
    assert not isinstance(stands, Refused)
    assert stands.state == "accepted"


def test_a_form_that_is_being_filled_in_stands_in_nobodys_way(town: Place, enter: Enter) -> None:
    visit(town, due_h=0.0001)
    visit(town, "visit-0002")
    order = provider(town)
    task(town, order)
    for login, paths in (("kim", ("/visits", "/visits/visit-0001")), ("mina", ("/tasks",))):
        page = enter(login, "ko", PHONE, color_scheme="dark")
        for path in paths:
            page.goto(town.url + path)
            page.get_by_role("heading", level=1).wait_for()
            expect(page.locator(".busy")).to_have_count(0)
            if path.endswith("0001"):
                page.get_by_test_id("arrive").click()
                page.get_by_role("radio", name="만남", exact=True).check()
            if path == "/tasks":
                page.get_by_test_id("begin").click()
                page.get_by_test_id("record-form").wait_for()
            assert not serious(page), path
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            small = page.evaluate(
                "[...document.querySelectorAll('main button, main input, main textarea')].filter((one) => {"
                " const box = (one.closest('label.choice') ?? one).getBoundingClientRect();"
                " return box.height > 0 && box.height < 44; }).length"
            )
            assert small == 0, path
