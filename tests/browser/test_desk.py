"""The desk's pages in a real browser: homes and who is away, what another limit would have done, the rota, accounts,
machines; and that nobody sees another dong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Response, expect

from access.roles import Role
from core.events import Event, Motion
from core.people import Cover, Home, Member, Reach
from core.people import Role as MemberRole
from core.signals import Concern, Evidence, Urgency
from core.week import weekly
from store import check_ins, covers, people
from store.log import Entry, append
from store.unheard import put_unheard
from tests.accounts import account
from tests.browser.conftest import BONGSEON, ELSEWHERE, PHONE, Enter, Place
from tests.serving import HOME

SILENT = Home("home-0003", "gw-0003", BONGSEON, "이복순")
pytestmark = pytest.mark.usefixtures("furnished")


@pytest.fixture
def furnished(place: Place) -> None:
    """Ten days of somebody's life, devices, a home that is not heard, a supervisor who will be away."""
    db, now = place.db, place.clock.now()
    began = now - timedelta(days=10)
    steps = [began + timedelta(minutes=30 * n) for n in range(10 * 48)]
    still = timedelta(days=7)  # two hours and a half without a movement, three days ago
    entries = [
        Entry(Event(f"e-{n}", HOME.gateway, "pir", "motion", at, Motion("kitchen"), "b1", n), HOME.id, at)
        for n, at in enumerate(steps)
        if not still <= at - began < still + timedelta(hours=2)
    ]
    known = {"door": (("contact",), 9.0, ()), "pendant": (("sos",), 60.0, ("press",)), "pir": (("motion",), 80.0, ())}
    cho = Member("cho", "조당직", MemberRole.DUTY, "gwangju", reach=(Reach("console"),))
    with db.write() as tx:
        append(tx, entries)
        people.put_home(tx, db.backend, SILENT, now)
        put_unheard(tx, db.backend, {SILENT.id: now - timedelta(hours=5)}, [])
        people.put_devices(
            tx,
            db.backend,
            [
                people.Device(HOME.gateway, name, kinds, began, now - timedelta(minutes=7), pct, kinds, missing, now)
                for name, (kinds, pct, missing) in known.items()
            ],
        )
        once = weekly("10:00", ("mon",))
        assert once is not None
        check_ins.put_agenda(tx, HOME.id, HOME.timezone, [once], now)
        covers.add_cover(tx, Cover("park", now + timedelta(days=3), now + timedelta(days=5), None))
        people.put_member(tx, db.backend, cho)
    account(db, "auditor", Role.AUDITOR, "gwangju", name="감사 담당")
    account(db, "admin", Role.ADMIN, "gwangju", name="시청 관리자")


def test_an_absence_is_set_and_ends_early(town: Place, enter: Enter) -> None:
    page = enter("kim", path=f"/homes/{HOME.id}")
    expect(page.get_by_test_id("watching")).to_contain_text("설치 점검이 끝나지 않은 기기가 있습니다")
    expect(page.get_by_test_id("devices")).to_contain_text("9% · 갈아 주세요")
    expect(page.get_by_test_id("devices")).to_contain_text("단추가 아무도 부르지 않음")
    away = page.get_by_test_id("absence")
    away.get_by_text("언제까지 비우시나요?").first.click()
    away.get_by_role("button", name="외출로 기록").click()
    expect(away.locator(".wrong")).to_be_visible()  # nothing chosen
    away.get_by_text("내일 낮 12시까지").click()
    away.get_by_role("button", name="외출로 기록").click()
    expect(page.get_by_test_id("away")).to_contain_text("12:00까지 외출 중으로 알려져 있습니다")
    (home, until) = town.absences[-1]
    assert home == HOME.id
    assert until is not None
    local = until.astimezone(town.desk.policy.rota.calendar.local(until).tzinfo)
    assert (local.hour, local.minute) == (12, 0)
    # Nothing here says that silence would be told, and in the list it does not look watched.
    expect(page.get_by_test_id("day")).to_contain_text("지금은 움직임이 없어도 알리지 않습니다")
    listed = enter("kim", path="/homes").get_by_test_id("homes").locator(f"[data-id='{HOME.id}']")
    expect(listed).to_contain_text("움직임 없음은 알리지 않음")
    expect(listed.locator("[data-state=warn]")).to_have_count(1)
    page.get_by_role("button", name="돌아오셨어요").click()
    expect(page.get_by_test_id("away")).to_have_count(0)
    assert town.absences[-1] == (HOME.id, None)


def test_who_closes_a_silence_may_say_that_nobody_is_in(town: Place, enter: Enter) -> None:
    case = town.signal(Concern.INACTIVITY, Urgency.URGENT, Evidence("evidence.sos", {"device": "pir"}))
    page = enter("kim", path=f"/cases/{case}")
    page.get_by_test_id("act-phoned").click()
    told = page.get_by_test_id("nobody-in")
    expect(told).to_contain_text("기록하지 않으면, 종료한 뒤에도 움직임이 없을 때 다시 알립니다")
    told.get_by_role("link").click()
    away = page.get_by_test_id("absence")
    expect(away).to_be_in_viewport()
    away.get_by_text("72시간 동안").click()
    away.get_by_role("button", name="외출로 기록").click()
    expect(page.get_by_test_id("away")).to_contain_text("외출 중으로 알려져 있습니다")
    (home, until) = town.absences[-1]
    assert home == HOME.id
    assert until is not None
    assert timedelta(hours=71, minutes=50) < until - town.clock.now() <= timedelta(hours=72)
    # Somebody who was well and at home needs no such word.
    page.goto(f"{town.url}/cases/{town.press()}")
    page.get_by_test_id("act-phoned").click()
    expect(page.get_by_test_id("closing")).to_be_visible()
    expect(page.get_by_test_id("nobody-in")).to_have_count(0)


def test_another_limit_is_tried_on_the_past_before_it_is_set(town: Place, enter: Enter) -> None:
    page = enter("kim", "en", path=f"/homes/{HOME.id}")
    form = page.get_by_test_id("thresholds")
    form.get_by_role("button", name="Set it so").click()
    expect(form.get_by_role("alert")).to_contain_text("change at least one")
    form.get_by_label("Hours of silence").fill("1.5")
    form.get_by_test_id("try").click()
    row = page.get_by_test_id("tried").get_by_role("row", name="Alarms")
    expect(row).to_contain_text("01", timeout=30_000)  # none as it is, one as it would be
    expect(page.get_by_test_id("added")).to_contain_text("no activity")
    with town.db.read() as tx:
        assert (kept := people.home(tx, HOME.id)) is not None
        assert kept.silence_ceiling_s is None, "nothing is changed by asking"
    form.get_by_role("button", name="Set it so").click()
    expect(page.get_by_text("Set. It is in force within seconds.")).to_be_visible()
    with town.db.read() as tx:
        assert (kept := people.home(tx, HOME.id)) is not None
        assert kept.silence_ceiling_s == 5400


def test_a_gap_of_the_rota_is_closed_by_a_cover(town: Place, enter: Enter) -> None:
    page = enter("park", path="/rota")
    gaps = page.get_by_test_id("gaps")
    expect(gaps.get_by_role("row", name="책임자")).to_contain_text("박서준 님은 자리에 없고")
    expect(page.locator("[data-testid=month] .hole")).not_to_have_count(0)
    gaps.get_by_role("button", name="대신할 사람 정하기").click()
    cover = page.get_by_test_id("cover")
    expect(cover.get_by_label("자리를 비우는 사람")).to_have_value("park")
    cover.get_by_label("대신하는 사람").select_option("lee")
    cover.get_by_role("button", name="저장").click()
    expect(gaps).to_contain_text("비는 시간이 없습니다")
    expect(page.locator("[data-testid=month] .hole")).to_have_count(0)
    expect(page.get_by_test_id("month")).to_contain_text("박서준 → 이수현")
    with page.expect_download() as coming:
        page.get_by_role("link", name="달력 파일 받기").click()
    assert "박서준" in coming.value.path().read_text(encoding="utf-8")
    # A manager reads the rota and does not write it.
    reader = enter("kim", path="/rota")
    expect(reader.get_by_test_id("month")).to_be_visible()
    expect(reader.get_by_role("button", name="부재와 대신할 사람 적기")).to_have_count(0)


def test_an_account_is_made_comes_in_and_is_thrown_out(town: Place, enter: Enter, chromium: Browser) -> None:
    page = enter("admin", path="/accounts")
    page.get_by_role("button", name="계정 만들기").click()
    form = page.get_by_test_id("make")
    form.get_by_label("아이디").fill("kim")
    form.get_by_label("이름").fill("한새봄")
    form.get_by_label("담당 지역").fill(BONGSEON)
    form.get_by_role("button", name="계정 만들기").click()
    expect(form.get_by_test_id("fault")).to_contain_text("이미 쓰이고 있습니다")
    form.get_by_label("아이디").fill("han")
    form.get_by_role("button", name="계정 만들기").click()
    word = page.get_by_test_id("secret").inner_text()
    page.get_by_role("button", name="적어 두었습니다").click()
    assert word not in page.content(), "it is shown this once"
    context = chromium.new_context(viewport=PHONE)
    hers = context.new_page()
    hers.goto(f"{town.url}/login?lang=ko")
    hers.locator("input[name=username]").fill("han")
    hers.locator("input[name=password]").fill(word)
    hers.get_by_test_id("enter").click()
    expect(hers.get_by_role("heading", name="돌봄콜")).to_be_visible()
    page.get_by_label("아이디나 이름으로 찾기").fill("새봄")
    page.get_by_role("button", name="찾기").click()
    page.get_by_test_id("accounts").get_by_role("link", name="한새봄").click()
    page.get_by_role("button", name="막기").click()
    page.get_by_role("dialog").get_by_role("button", name="막기").click()
    expect(page.get_by_test_id("active")).to_contain_text("막힘")
    hers.goto(f"{town.url}/homes")
    expect(hers.get_by_test_id("enter")).to_be_visible()
    hers.locator("input[name=username]").fill("han")
    hers.locator("input[name=password]").fill(word)
    hers.get_by_test_id("enter").click()
    expect(hers.get_by_role("alert")).to_be_visible()
    context.close()


def test_nobody_sees_another_dong(town: Place, enter: Enter) -> None:
    foreign = town.press(ELSEWHERE)
    mine = town.press()
    told: list[str] = []

    def heard(answer: Response) -> None:
        if "/api/" in answer.url and not answer.url.endswith("/api/stream"):
            told.append(answer.text())

    page = enter("kim")
    page.on("response", heard)
    for path in ("/", "/homes", "/unheard", "/rota", f"/cases/{mine}", f"/homes/{HOME.id}"):
        page.goto(f"{town.url}{path}")
        page.locator("main").wait_for()
        page.wait_for_load_state("domcontentloaded")
        expect(page.locator(".busy")).to_have_count(0)
        told.append(page.content())
    page.goto(f"{town.url}/homes?text=박영수")
    expect(page.get_by_text("찾는 댁이 없습니다")).to_be_visible()
    for path in (f"/homes/{ELSEWHERE.id}", "/homes/home-9999"):
        page.goto(f"{town.url}{path}")
        expect(page.get_by_role("heading", name="찾으시는 화면이 없습니다.")).to_be_visible()
        told.append(page.locator("main").inner_text())
    page.goto(f"{town.url}/cases/{foreign}")
    expect(page.get_by_test_id("fault")).to_be_visible()
    # What was typed by oneself stands in one's own address bar, and nowhere else.
    found = [text for text in told if any(word in text for word in ("박영수", ELSEWHERE.area, f'"{ELSEWHERE.id}"'))]
    assert found == []
    assert any("김순자" in text for text in told)
    # Pages that are not for a role are not there for it.
    page.goto(f"{town.url}/accounts")
    expect(page.get_by_role("heading", name="이 일을 할 권한이 없습니다.")).to_be_visible()
    operator = enter("oper", path="/devices")
    expect(operator.get_by_test_id("devices")).to_contain_text("pendant")
    assert "김순자" not in operator.content()
    operator.goto(f"{town.url}/homes/{HOME.id}")
    expect(operator.get_by_role("heading", name="이 일을 할 권한이 없습니다.")).to_be_visible()


def test_a_gateway_gets_a_code_that_is_shown_once(town: Place, enter: Enter) -> None:
    page = enter("oper", size=PHONE, path="/gateways")
    page.get_by_role("button", name="게이트웨이 등록").click()
    page.get_by_label("게이트웨이 번호").fill("gw-0099")
    page.get_by_role("dialog").get_by_role("button", name="게이트웨이 등록").click()
    code = page.get_by_test_id("secret").inner_text()
    page.get_by_role("button", name="적어 두었습니다").click()
    assert code not in page.content()
    row = page.locator("[data-testid=gateways] [data-id='gw-0099']")
    expect(row).to_contain_text("설치 기다리는 중")
    row.get_by_role("button", name="gw-0099 끊기").click()
    page.get_by_role("dialog").get_by_role("button", name="끊기").click()
    expect(row).to_contain_text("끊음")
    page.goto(f"{town.url}/lanes")
    expect(page.get_by_test_id("lanes-state")).to_contain_text("제때 돌고 있습니다")
    expect(page.get_by_test_id("quarantine")).to_contain_text("읽지 못한 것이 없습니다")


def test_broken_glass_is_seen_by_the_supervisor_and_by_the_auditor(town: Place, enter: Enter) -> None:
    page = enter("kim", path="/grants")
    ask = page.get_by_test_id("ask")
    ask.get_by_label("댁 번호나 사람 번호").fill("home-9999")
    ask.get_by_label("까닭").fill("옆집에서 신음 소리가 들린다는 전화를 받았습니다")
    ask.get_by_role("button", name="까닭을 적고 열기").click()
    expect(ask.get_by_test_id("fault")).to_be_visible()
    ask.get_by_label("댁 번호나 사람 번호").fill(ELSEWHERE.id)
    ask.get_by_role("button", name="까닭을 적고 열기").click()
    page.get_by_test_id("mine").get_by_role("link", name="보러 가기").click()
    expect(page.get_by_role("heading", name="박영수")).to_be_visible()
    boss = enter("park", path="/grants")
    row = boss.get_by_test_id("grants").get_by_role("row", name="김지민")
    expect(row).to_contain_text("신음 소리")
    row.get_by_role("button").click()
    expect(boss.get_by_text("살펴볼 것이 없습니다.")).to_be_visible()
    auditor = enter("auditor", path="/audit")
    auditor.get_by_label("누구에 대해").fill(ELSEWHERE.id)
    auditor.get_by_role("button", name="찾기").click()
    expect(auditor.get_by_test_id("records")).to_contain_text("긴급 열람")
    expect(auditor.get_by_test_id("records")).to_contain_text("김지민")
    auditor.get_by_test_id("tab-report").click()
    expect(auditor.get_by_test_id("report")).to_contain_text("김지민")
    auditor.get_by_test_id("tab-verify").click()
    auditor.get_by_role("button", name="지금 검사하기").click()
    expect(auditor.get_by_test_id("verdict")).to_contain_text("적힌 그대로입니다")
