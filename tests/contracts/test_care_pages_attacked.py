"""What somebody sends to the plain pages who means them no good: each is refused, and on a page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import on_sqlite_first
from tests.contracts.test_care_pages import WORKER, Browser, Forms, city, refused
from tests.serving import HOME, KIM, City

__all__ = ["city"]
HUGE = "1" + "0" * 30
PROVIDER = "gwangju-01"


def send(client: httpx.Client, path: str, **said: str) -> httpx.Response:
    return client.post(path, content=str(httpx.QueryParams(said)), follow_redirects=False,
                       headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip


def on_a_page(answer: httpx.Response, *status: int) -> str:
    assert answer.status_code in (status or (422,)), (str(answer.url), answer.status_code, answer.text[:300])
    assert answer.headers["content-type"].startswith("text/html"), str(answer.url)
    said = refused(answer.text)
    assert 'class="refused"' in answer.text
    return said


def apply(browser: Browser, name: str) -> None:
    browser.open("/care/apply")
    browser.send("apply", name=name, area=HOME.area, home="", person="", services=["meals"], by="돌봄콜", note="")


def offered(browser: Browser, number: int) -> dict[str, Any]:
    """Bring the episode `number` up to an offered order."""
    client = browser.client
    browser.open(f"/care/episodes/{number}")
    browser.send("take", by="kim")
    browser.send("move", by="kim")
    browser.send("assess", by="kim")
    browser.send("plan", by="kim", **{"service-0": "meals", "units-0": "3"})
    browser.send("agree", by="kim")
    browser.send("offer", by="lee")
    found: dict[str, Any] = next(one for one in client.get("/api/care/orders").json() if one["episode"] == number)
    return found


@on_sqlite_first
def test_a_form_says_each_thing_that_its_route_needs(city: City) -> None:
    with city.serve() as client:
        apply(Browser(client), "박순임")
        for path, deeds in (
            ("/care/episodes/1", ("take", "move", "close", "assess", "plan", "agree", "cancel", "evaluation", "finish",
                                  "consent", "evaluate", "offer")),
            (f"/care/providers/{PROVIDER}", ("accept", "decline", "assign", "submit")),
            (f"/care/work/{WORKER}", ("record",)),
            ("/care/budget?of=gwangju", ("decide",)),
        ):  # fmt: skip
            for do in deeds:
                on_a_page(send(client, path, do=do, key="k-1", by="kim"))


@on_sqlite_first
@pytest.mark.parametrize("wrong", [HUGE, "0", "-1", "x", "1\0"])
def test_a_number_in_a_form_is_bounded(city: City, wrong: str) -> None:
    with city.serve() as client:
        apply(Browser(client), "박순임")
        for path, said in (
            ("/care/episodes/1", {"do": "take", "id": wrong}),
            ("/care/episodes/1", {"do": "agree", "episode": "1", "plan": wrong}),
            ("/care/episodes/1", {"do": "cancel", "order": wrong, "reason": "x"}),
            ("/care/episodes/1", {"do": "offer", "item": wrong, "provider": PROVIDER}),
            (f"/care/providers/{PROVIDER}", {"do": "accept", "order": wrong}),
            ("/care/budget?of=gwangju", {"do": "decide", "id": "page-0001", "city": "gwangju", "year": wrong,
                                         "won": "1", "reason": "x"}),
        ):  # fmt: skip
            on_a_page(send(client, path, key="k-1", by="kim", **said), 404, 422)


@on_sqlite_first
@pytest.mark.parametrize("id", ["x", "n" * 101, "record\0one", "with a blank", "../../etc/passwd"])
def test_an_id_in_a_form_is_what_the_route_takes(city: City, id: str) -> None:
    with city.serve() as client:
        said = {"do": "record", "key": "k-1", "task": "1", "worker": WORKER, "outcome": "done", "units": "1",
                "start": "2026-11-23T10:00", "end": "2026-11-23T11:00"}  # fmt: skip
        assert "id" in on_a_page(send(client, f"/care/work/{WORKER}", **said, id=id))


def test_a_form_acts_on_its_page_alone(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        for name in ("박순임", "김말자"):
            apply(browser, name)
        assert "id" in on_a_page(send(client, "/care/episodes/1", do="take", id="2", by="kim", key="k-1"))
        assert client.get("/api/care/episodes/2").json()["owner"].startswith("office:")
        other = client.get("/api/care/episodes/2").json()["person"]
        consent = {"do": "consent", "person": other, "purpose": "care", "decision": "given", "by": "kim", "key": "k-2"}
        assert "person" in on_a_page(send(client, "/care/episodes/1", **consent))
        order = offered(browser, 2)
        item = {"do": "offer", "item": str(order["item"]), "provider": order["provider"], "by": "lee", "key": "k-3"}
        assert "item" in on_a_page(send(client, "/care/episodes/1", **item))
        cancel = {"do": "cancel", "order": str(order["id"]), "reason": "x", "by": "lee", "key": "k-4"}
        assert "order" in on_a_page(send(client, "/care/episodes/1", **cancel))
        elsewhere = next(f"gwangju-{n:02}" for n in (1, 2) if f"gwangju-{n:02}" != order["provider"])
        for do in ("accept", "decline", "assign"):
            said = {"do": do, "order": str(order["id"]), "id": "page-0001", "worker": WORKER, "units": "1",
                    "planned_at": "2026-11-23T19:00", "by": "worker-1", "key": "k-5", "reason": "x"}  # fmt: skip
            needed = {"accept": ("order", "by"), "decline": ("order", "by", "reason"),
                      "assign": ("order", "id", "worker", "units", "planned_at", "by")}[do]  # fmt: skip
            mine = {name: said[name] for name in ("do", "key", *needed)}
            assert "order" in on_a_page(send(client, f"/care/providers/{elsewhere}", **mine))
        claim = {"do": "submit", "id": "page-0001", "provider": order["provider"], "records": "record-01", "by": "lee"}
        assert "provider" in on_a_page(send(client, f"/care/providers/{elsewhere}", **claim))
        record = {"do": "record", "id": "record-0001", "task": "1", "worker": WORKER, "outcome": "done", "units": "1",
                  "start": "2026-11-23T10:00", "end": "2026-11-23T11:00"}  # fmt: skip
        assert "worker" in on_a_page(send(client, f"/care/work/{KIM.id}", **record))
        money = {"do": "decide", "id": "page-0001", "city": "gwangju", "year": "2031", "won": "1", "reason": "x"}
        assert "year" in on_a_page(send(client, "/care/budget?of=gwangju&year=2026", **money, by="kim"))
        assert client.get(f"/api/care/orders/{order['id']}").json()["state"] == "offered"


@on_sqlite_first
def test_a_key_is_bounded_as_the_header_is(city: City) -> None:
    with city.serve() as client:
        apply(Browser(client), "박순임")
        for key in ("k" * 201, "k\0"):
            assert "key" in on_a_page(send(client, "/care/episodes/1", do="take", id="1", by="kim", key=key))


def test_a_refused_form_may_be_corrected_and_a_form_sent_twice_is_one(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        browser.open("/care/apply")
        said = {name: value or "" for name, value in Forms(browser.page).found[0][1]}
        said |= {"name": "박순임", "services": "meals", "by": "돌봄콜"}
        on_a_page(send(client, "/care/apply", **said | {"area": "gwangju/nowhere/at-all"}), 404)
        for _ in range(2):
            assert send(client, "/care/apply", **said | {"area": HOME.area}).status_code == 303
        assert len(client.get("/api/care/episodes").json()) == 1
        take = {"do": "take", "id": "1", "key": "k-1"}
        on_a_page(send(client, "/care/episodes/1", **take, by="nobody"), 404, 409)
        for _ in range(2):
            assert send(client, "/care/episodes/1", **take, by=KIM.id).status_code == 303
        history = client.get("/api/care/episodes/1").json()["history"]
        assert len([line for line in history if line["who"] == KIM.id]) == 1


@on_sqlite_first
def test_a_report_is_of_days_that_there_are_and_its_files_are_of_the_same(city: City) -> None:
    with city.serve() as client:
        for name in ("since", "until"):
            for day in (
                "0001-01-01",
                "1999-12-31",
                "2026-02-30",
                "2200-01-01",
                "9999-12-31",
                "２０２６-01-01",
                "today",
            ):
                assert name in on_a_page(client.get(f"/care/reports/services?area=gwangju&{name}={day}"))
        for since, until in (("2026-01-01", "2026-11-20"), ("2000-01-01", "2199-12-31")):
            page = Browser(client).open(f"/care/reports/services?area=gwangju&since={since}&until={until}")
            links = [part.split('"')[0] for part in page.split('href="/api')[1:]]
            assert len(links) == 2
            for link in links:
                assert until in link
                assert client.get(f"/api{link.replace('&amp;', '&')}").status_code == 200


@on_sqlite_first
def test_an_area_is_no_pattern(city: City) -> None:
    with city.serve() as client:
        for path in ("reports/services?area", "reports?area", "episodes?area", "visits?area", "claims?gu",
                     "providers?of", "apply?of", "budget?of"):  # fmt: skip
            for area in ("%25", "gwangju/_am-gu", "남구", "gwangju%00", "*"):
                assert path.split("?")[1] in on_a_page(client.get(f"/care/{path}={area}"))


@on_sqlite_first
@pytest.mark.parametrize(
    "path",
    ["episodes?lang=ko&area=&stage=&overdue=false&exercise=false", "visits?episode=", "budget?of=gwangju&year=",
     "visits?person=h-HOME.1&episode=&area=&offset=", "episodes?lang=", "reports/services?area=&since=&until=",
     "claims?gu=&offset=", "work/worker-1?offset="],
)  # fmt: skip
def test_what_is_left_empty_is_not_said(city: City, path: str) -> None:
    with city.serve() as client:
        answer = client.get(f"/care/{path}")
        assert answer.status_code == 200, answer.text[:300]
        assert 'class="refused"' not in answer.text


@on_sqlite_first
@pytest.mark.parametrize(
    "path",
    ["episodes/9999", f"episodes/{HUGE}", "reports/outcomes?area=gwangju", "episodes?lang=fr", "budget", "budget?of=",
     "episodes?stage=none", "episodes?overdue=perhaps", f"episodes?offset={HUGE}", f"visits?episode={HUGE}",
     "budget?of=gwangju&year=10000000", "nowhere", "visits/%00", "persons/%00", "providers/%00", "work/%00",
     f"claims/{HUGE}", "reports/none?area=gwangju"],
)  # fmt: skip
def test_what_cannot_be_shown_is_a_page_that_says_so(city: City, path: str) -> None:
    with city.serve() as client:
        on_a_page(client.get(f"/care/{path}"), 404, 409, 422)
