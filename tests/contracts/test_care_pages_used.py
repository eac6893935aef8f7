"""The care chain's plain pages as somebody uses them who sees nothing else: names, choices, ways out, nothing lost."""

from __future__ import annotations

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from core.people import Member, Reach, Role
from store import people
from store.database import Database
from tests.contracts.test_care_pages import WORKER, Browser, Forms, refused
from tests.contracts.test_care_pages import city as city
from tests.serving import HOME, City

SEOUL = ZoneInfo("Asia/Seoul")
CLOCK = "%Y-%m-%dT%H:%M"


def fields(page: str, do: str, nth: int = 0) -> dict[str, str]:
    """What stands in the `nth` form that does `do`, as a browser would send it."""
    mine = [said for _, said in Forms(page).found if ["do", do] in said]
    return {name: value or "" for name, value in mine[nth]}


def choices(page: str, do: str, name: str) -> list[str]:
    """The values that a select of a form offers."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if f'name="do" value="{do}"' in one)
    select = re.search(rf'<select name="{name}".*?</select>', form, re.S)
    return re.findall(r'<option value="([^"]*)"', select.group(0)) if select else []


def apply(browser: Browser, name: str = "박순임") -> None:
    browser.open("/care/apply")
    browser.send("apply", name=name, area=HOME.area, home="", person="", services=["meals"], by="돌봄콜", note="")


def to_assessment(browser: Browser) -> None:
    apply(browser)
    browser.open("/care/episodes/1")
    browser.send("move", by="kim")


def to_order(browser: Browser, client: httpx.Client) -> str:
    """An offered order; its provider."""
    to_assessment(browser)
    browser.send("assess", by="kim")
    browser.send("plan", by="kim", **{"service-0": "meals", "units-0": "3"})
    browser.send("agree", by="kim")
    browser.send("offer", by="lee")
    return str(client.get("/api/care/orders").json()[0]["provider"])


def to_task(browser: Browser, client: httpx.Client, city: City) -> str:
    """An accepted order, one unit of which is a worker's task of nine hours from now."""
    provider = to_order(browser, client)
    browser.open(f"/care/providers/{provider}")
    browser.send("accept", by=WORKER)
    soon = (city.clock.now() + timedelta(hours=9)).astimezone(SEOUL).strftime(CLOCK)
    browser.send("assign", worker=WORKER, by=WORKER, units="3", planned_at=soon)
    return provider


def to_claim(browser: Browser, client: httpx.Client, city: City) -> str:
    provider = to_task(browser, client, city)
    city.clock.advance(2 * 3600)
    browser.open(f"/care/work/{WORKER}")
    browser.send("record", outcome="done", worry="", note="")
    browser.open(f"/care/providers/{provider}")
    browser.send("submit", by=WORKER)
    return provider


def test_a_visit_is_planned_by_choosing(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        apply(browser)
        person = client.get("/api/care/episodes/1").json()["person"]
        page = browser.open("/care/visits")
        assert choices(page, "plan", "by") == choices(page, "plan", "owner") == ["kim", "park", "lee"]
        page = browser.open(f"/care/visits?person={person}&episode=1&kind=follow_up")
        look = next(dict(said) for action, said in Forms(page).found if action == "/care/visits")
        page = browser.open("/care/visits?" + str(httpx.QueryParams({**look, "area": "gwangju/nam-gu"})))
        said = fields(page, "plan")
        assert (said["person"], said["episode"], said["kind"]) == (person, "1", "follow_up")
        browser.send("plan", kind="intake")
        assert "박순임" in browser.page
        assert person not in re.sub(r"<form.*?</form>", "", re.sub(r'"[^"]*"', "", browser.page), flags=re.S)


def test_only_those_of_the_persons_area_are_offered(city: City) -> None:
    far = Member("far", "먼책임", Role.SUPERVISOR, "gwangju/buk-gu", reach=(Reach("console"),))
    with city.db.write() as tx:
        people.put_member(tx, city.db.backend, far)
    with city.serve() as client:
        browser = Browser(client)
        apply(browser)
        person = client.get("/api/care/episodes/1").json()["person"]
        assert "far" in choices(browser.open("/care/visits"), "plan", "owner")
        assert "far" not in choices(browser.open(f"/care/visits?person={person}"), "plan", "owner")


@pytest.mark.parametrize(("lang", "meal"), [("ko", "식사"), ("en", "eal")])
def test_a_worker_reads_where_to_go_and_the_record_fits_at_once(city: City, lang: str, meal: str) -> None:
    with city.serve() as client:
        browser = Browser(client, lang)
        to_task(browser, client, city)
        page = browser.open(f"/care/work/{WORKER}")
        title = next(one for one in re.findall(r"<h2>([^<]*)</h2>", page) if "박순임" in one)
        assert meal in title
        assert HOME.area not in title
        said = fields(page, "record")
        now = city.clock.now().astimezone(SEOUL)
        assert said["start"] < said["end"] <= now.strftime(CLOCK)
        browser.send("record", outcome="done", worry="", note="")


def test_nothing_is_answered_before_somebody_answers(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        to_assessment(browser)
        items = re.findall(r'<select name="item-[^"]*" required>\s*<option value="([^"]*)"', browser.page)
        assert items
        assert set(items) == {""}


def test_an_order_has_two_ways_out(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        provider = to_order(browser, client)
        browser.send("cancel", reason="이사 준비", by="kim")
        assert client.get("/api/care/orders/1").json()["state"] == "cancelled"
        browser.send("offer", provider=provider, by="lee")
        browser.open(f"/care/providers/{provider}")
        browser.send("accept", by=WORKER)
        browser.open("/care/episodes/1")
        assert refused(browser.send("finish_order", 409, reason="더 필요 없음", by="kim"))
        city.clock.advance(100 * 86400)
        browser.open("/care/episodes/1")
        browser.send("finish_order", reason="더 필요 없음", by="kim")
        assert client.get("/api/care/orders/2").json()["state"] == "done"


@pytest.mark.parametrize("do", ["resubmit", "sign"])
def test_a_returned_claim_is_its_providers(city: City, do: str) -> None:
    with city.serve() as client:
        browser = Browser(client)
        to_claim(browser, client, city)
        browser.open("/care/claims/1")
        browser.send("return", reason="날짜 확인", by="lee")
        assert choices(browser.page, do, "by") == [WORKER]
        browser.send(do)
        now = client.get("/api/care/claims/1").json()["state"]
        assert now == {"resubmit": "submitted", "sign": "withdrawn"}[do]


def test_a_claim_shows_the_work_that_it_is_for(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        to_claim(browser, client, city)
        page = browser.open("/care/claims/1")
        cells = re.findall(r"<td[^>]*>\s*(.*?)\s*</td>", page, re.S)
        assert cells[0].startswith(city.clock.now().astimezone(SEOUL).strftime("%Y-%m-%d"))
        assert "meals" not in cells
        assert cells[2:4] == [WORKER, "3"]
        assert HOME.area not in page
        assert cells[5] == "27,000원"


def test_the_budget_is_decided_by_those_who_may(city: City, db: Database) -> None:
    with city.serve() as client:
        browser = Browser(client)
        assert choices(browser.open("/care/budget?of=gwangju"), "decide", "by") == ["park", "lee"]
        with db.write() as tx:
            for id, role in (("lee", Role.SUPERVISOR), ("park", Role.DUTY)):
                people.put_member(tx, db.backend, Member(id, id, role, "gwangju", active=False))
        page = browser.open("/care/budget?of=gwangju")
        assert 'value="decide"' not in page
        assert "--role supervisor --area gwangju" in page


def test_codes_are_read_as_names(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        to_order(browser, client)
        for path in ("/care/episodes", "/care/episodes/1", "/care/providers"):
            words = re.sub(r"<[^>]*>|office:\S*", " ", browser.open(path))
            assert not re.search(r"\bmeals\b|gwangju/nam-gu/", words), path


def test_nobody_is_gone_at_one_touch(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        apply(browser)
        browser.open("/care/episodes/1")
        page = browser.send("close", 422, nth=1, ended="died", by="kim")
        assert "확실합니다" in refused(page)
        assert client.get("/api/care/episodes/1").json()["stage"] == "intake"
        browser.send("close", nth=1, ended="died", sure="true", by="kim")
        assert client.get("/api/care/episodes/1").json()["ended"] == "died"


def test_long_lists_go_on(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for where in ("care_frame", "care_pages", "care_money"):
        monkeypatch.setattr(f"api.{where}.PAGE", 1)
    with city.serve() as client:
        browser = Browser(client)
        to_assessment(browser)
        browser.send("assess", by="kim")
        browser.send("plan", by="kim", **{"service-0": "meals", "units-0": "3", "service-1": "meals", "units-1": "2"})
        browser.send("agree", by="kim")
        page = browser.open("/care/episodes")
        assert "waiting=1" in page
        assert "waiting=0" in browser.open("/care/episodes?waiting=1")
        browser.open("/care/episodes/1")
        browser.send("offer", by="lee")
        provider = client.get("/api/care/orders").json()[0]["provider"]
        browser.send("offer", provider=provider, by="lee")
        first = fields(browser.open(f"/care/providers/{provider}"), "accept")["order"]
        assert "offset=1" in browser.page
        assert fields(browser.open(f"/care/providers/{provider}?offset=1"), "accept")["order"] != first


def test_what_was_taken_down_is_found_at_once(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        apply(browser)
        assert "/care/episodes/1?" in browser.page
        assert "/care/episodes/1?" not in browser.open("/care/apply")


def test_a_refused_form_keeps_what_was_typed(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        browser.open("/care/apply")
        page = browser.send("apply", 404, name="박순임", area="gwangju/nowhere/at-all", services=["meals"],
                            priority="urgent", note="무릎이 아프심", by="돌봄콜")  # fmt: skip
        again = fields(page, "apply")
        assert (again["name"], again["by"], again["priority"]) == ("박순임", "돌봄콜", "urgent")
        assert again["services"] == "meals"
        assert "무릎이 아프심</textarea>" in page
