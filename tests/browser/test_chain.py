"""The care chain in a browser: a telephone call with five services becomes a plan and orders; money takes four eyes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from store import care_tables as rows
from tests.browser.caring import Caring
from tests.browser.conftest import PHONE, Enter, Place

FIVE = {"식사 지원": 3, "가사 지원": 2, "병원 동행": 2, "해충 방제": 1, "목욕과 이미용": 1}
"""Each is offered in the gu; how many units are planned."""


@pytest.fixture
def caring(place: Place) -> Iterator[Caring]:
    """The same, open."""
    it = Caring(place)
    with it.open():
        yield it


def answer_all(page: Page, form: str) -> None:
    """The first answer of every question."""
    questions = page.get_by_test_id(form).locator(".question")
    questions.first.wait_for()
    for place in range(questions.count()):
        questions.nth(place).get_by_role("radio").first.check()


def test_one_manager_brings_a_call_with_five_services_to_offered_orders(caring: Caring, enter: Enter) -> None:
    page = enter("kim", path="/intake")
    page.get_by_label("이름").fill("박순임")
    for service in FIVE:
        page.get_by_role("checkbox", name=service).check()
    page.get_by_role("checkbox", name="집수리").click()  # a sixth is not taken
    expect(page.get_by_role("checkbox", name="집수리")).not_to_be_checked()
    page.get_by_role("radio", name="이웃 신청").check()
    page.get_by_label("메모").fill("옆집에서 전화함")
    page.get_by_test_id("take-down").click()
    page.get_by_role("link", name="이 돌봄 열기").click()

    page.get_by_test_id("take").click()
    page.get_by_test_id("by-phone").click()
    save = page.get_by_role("button", name="욕구 조사 저장")
    save.click()
    expect(page.get_by_text("이 문항에 답해 주세요.").first).to_be_visible()  # nothing was chosen beforehand
    answer_all(page, "questions-care-level")
    save.click()

    items = page.get_by_test_id("item")
    expect(items).to_have_count(5)
    page.get_by_label("목표").fill("혼자 걸어서 경로당에 가고 싶다")
    for place, units in enumerate(FIVE.values()):
        items.nth(place).get_by_label("제공량").fill(str(units))
    page.get_by_test_id("save-plan").click()
    page.get_by_test_id("agree").click()
    # A neighbour's word is not the person's: theirs comes first.
    expect(page.get_by_test_id("next").get_by_role("alert")).to_contain_text("동의")
    consent = page.get_by_test_id("consent-care")
    consent.get_by_role("button", name="동의하셨습니다").click()
    expect(consent.get_by_role("button", name="철회")).to_be_visible()
    page.get_by_test_id("agree").click()

    offers = page.get_by_test_id("offer")
    for left in range(5, 0, -1):
        expect(offers).to_have_count(left)
        offers.first.get_by_role("combobox").select_option(index=1)
        offers.first.get_by_role("button", name="의뢰하기").click()
    orders = page.get_by_test_id("orders").get_by_test_id("order")
    expect(orders).to_have_count(5)
    assert [one.get_attribute("data-state") for one in orders.all()] == ["offered"] * 5
    with caring.db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(rows.orders)) == 5


def test_a_claim_takes_four_eyes(caring: Caring, enter: Enter) -> None:
    caring.delivered("최복례")
    page = enter("worker", path="/claims")
    page.get_by_test_id("submit-claim").click()
    expect(page.get_by_text("청구할 기록을 골라 주세요.")).to_be_visible()
    page.get_by_test_id("claimable").get_by_role("checkbox").first.check()
    page.get_by_test_id("submit-claim").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("청구됨")
    expect(page.get_by_test_id("verify")).to_have_count(0)  # whoever submits verifies nothing
    where = page.url.removeprefix(caring.url)

    first = enter("park", path=where)
    first.get_by_test_id("verify").click()
    first.get_by_test_id("approve").click()
    expect(first.get_by_test_id("fault")).to_contain_text("확인한 사람이 승인할 수 없습니다")
    second = enter("shin", path=where)
    second.get_by_test_id("approve").click()
    second.get_by_test_id("pay").click()
    expect(second.get_by_role("heading", level=1)).to_contain_text("지급됨")
    expect(second.get_by_test_id("steps").get_by_role("listitem")).to_have_count(4)
    books = enter("audit", path="/budget")
    expect(books.get_by_test_id("ledger")).to_contain_text("모든 기입의 합은 0원입니다.")
    expect(books.get_by_test_id("budget")).to_contain_text("9,000원 지급")


def test_what_is_half_written_is_not_left_by_accident(caring: Caring, enter: Enter) -> None:
    page = enter("kim", size=PHONE, path="/intake")
    page.get_by_label("이름").fill("박순임")
    page.once("dialog", lambda asked: asked.dismiss())
    page.get_by_role("link", name="돌봄", exact=True).click()
    expect(page.get_by_label("이름")).to_have_value("박순임")
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("link", name="돌봄", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("돌봄 목록")
