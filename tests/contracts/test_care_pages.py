"""The whole chain played through its plain pages alone, each form filled in and sent as a browser does."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from app.chain import hands
from care import catalogue, keeper
from care.arrangements import put_staff
from care.pack import load_pack
from core.people import Member, Reach, Role
from store import people
from store.database import Database
from tests.conftest import on_sqlite_first
from tests.serving import HOME, City

STAFF = (
    Member("lee", "이책임", Role.SUPERVISOR, "gwangju", reach=(Reach("console"),)),
    Member("park", "박당직", Role.DUTY, "gwangju", reach=(Reach("console"),)),
    Member("worker-1", "모의 일꾼", Role.WORKER, "gwangju", reach=(Reach("console"),)),
)

WORKER = "worker-1"


class Forms(HTMLParser):
    """The forms of a page: each its action and the fields as they stand."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, list[list[Any]]]] = []
        self._must = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.found.append((said.get("action") or "", []))
        if not self.found:
            return
        fields, name, value = self.found[-1][1], said.get("name") or "", said.get("value") or ""
        if tag == "input" and (said.get("type") != "checkbox" or "checked" in said):
            fields.append([name, value])
        elif tag == "textarea":
            fields.append([name, ""])
        elif tag == "select":
            self._must = "required" in said  # a browser sends no form before something is chosen
            fields.append([name, None])
        elif tag == "option" and (fields[-1][1] is None or "selected" in said or (self._must and not fields[-1][1])):
            fields[-1][1] = value


class Browser:
    """Somebody who reads pages and fills in their forms."""

    def __init__(self, client: httpx.Client, lang: str = "ko") -> None:
        self.client, self.lang, self.page = client, lang, ""

    def open(self, path: str) -> str:
        return self.follow(f"{path}{'&' if '?' in path else '?'}lang={self.lang}")

    def follow(self, path: str) -> str:
        answer = self.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:300])
        self.page = answer.text
        assert not re.search(r"\b(chain|care|stage|order|visit|origin)\.[a-z_]+[.<]", self.page), path
        return self.page

    def send(self, do: str, status: int = 303, *, nth: int = 0, **filled: str | list[str]) -> str:
        """Fill in the `nth` form of this page that does `do`."""
        mine = [(action, fields) for action, fields in Forms(self.page).found if ["do", do] in fields]
        action, fields = mine[nth]
        said = [(name, value or "") for name, value in fields if name not in filled]
        for name, value in filled.items():
            said += [(name, one) for one in (value if isinstance(value, list) else [value])]
        answer = self.client.post(action, content=str(httpx.QueryParams(said)), follow_redirects=False,
                                  headers={"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
        assert answer.status_code == status, (do, answer.status_code, refused(answer.text))
        if status == 303:
            self.follow(answer.headers["location"])
        return answer.text


def refused(page: str) -> str:
    found = re.search(r'class="refused"[^>]*>([^<]*)', page)
    return found.group(1) if found else page[:200]


@pytest.fixture
def city(db: Database) -> City:
    place = City(db)
    with db.write() as tx:
        catalogue.load(tx, load_pack("gwangju"), place.clock.now())
        for member in STAFF:
            people.put_member(tx, db.backend, member)
        for one in catalogue.providers(tx, "gwangju", "meals", HOME.area):
            put_staff(tx, "worker-1", one.id, "operator", place.clock.now())
    place.clock.advance(44 * 3600)  # Monday, 10:00
    return place


def test_from_the_telephone_to_the_books_by_hand(city: City) -> None:
    with city.serve() as client:
        browser = Browser(client)
        browser.open("/care/apply")
        browser.send(
            "apply", name="박순임", area=HOME.area, home="", person="", services=["meals"], by="돌봄콜", note="식사"
        )
        browser.open("/care/episodes")
        assert "박순임" in browser.page
        browser.open("/care/episodes/1")
        browser.send("take", by="kim")
        browser.open("/care/visits?person=p-nobody&episode=1")
        person = client.get("/api/care/episodes/1").json()["person"]
        browser.send("plan", person=person, owner="kim", by="kim")
        visit = client.get("/api/care/visits").json()[0]["id"]
        browser.open(f"/care/visits/{visit}")
        browser.send("step", by="kim")
        browser.send("form", outcome="met", note="잘 지내심", by="kim")
        browser.open("/care/episodes/1")
        browser.send("assess", by="kim")
        browser.send("plan", by="kim", **{"service-0": "meals", "units-0": "3"})
        browser.send("agree", by="kim")
        browser.send("offer", by="lee")
        order = client.get("/api/care/orders").json()[0]
        browser.open(f"/care/providers/{order['provider']}")
        browser.send("accept", by="worker-1")
        soon = (city.clock.now() + timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M")  # 19:00 in Gwangju
        browser.send("assign", worker="worker-1", by="worker-1", units="3", planned_at=soon)
        city.clock.advance(4 * 3600)
        browser.open(f"/care/work/{WORKER}")
        browser.send("record", outcome="done", worry="", note="")
        browser.open(f"/care/providers/{order['provider']}")
        browser.send("submit", by="worker-1")
        browser.open("/care/claims/1")
        assert "worker-1" in browser.page
        for verb, by in (("verify", "lee"), ("approve", "park"), ("pay", "lee")):
            assert verb in browser.page
            browser.send("sign", by=by)
        browser.open("/care/budget?of=gwangju")
        assert "27,000" in browser.page
        browser.open("/care/episodes/1")
        for _ in range(3):
            browser.send("evaluate", by="kim")
        browser.send("finish", by="kim")
        assert client.get("/api/care/episodes/1").json()["ended"] == "completed"


def test_what_cannot_be_done_is_said_on_the_page_in_both_languages(city: City) -> None:
    with city.serve() as client:
        for lang, said in (("ko", "없는 지역"), ("en", "there is no such area")):
            browser = Browser(client, lang)
            browser.open("/care/apply")
            page = browser.send(
                "apply", 404, name="박순임", area="gwangju/nowhere/at-all", home="", person="", by="operator"
            )
            assert "refused" in page
            assert said in refused(page)
            page = browser.send("apply", 422, name="박순임", area=HOME.area, by="​")
            assert "by" in refused(page)


@on_sqlite_first
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_page_opens(city: City, lang: str) -> None:
    with city.db.write() as tx:
        keeper.CHORES["rounds"](tx, hands(city.desk), city.clock.now())
    with city.serve() as client:
        browser = Browser(client, lang)
        for path in ("/care/apply", "/care/episodes", "/care/visits", "/care/providers", "/care/providers/gwangju-01",
                     "/care/claims", "/care/budget?of=gwangju", "/care/reports", f"/care/work/{WORKER}",
                     "/care/persons/h-home-0001"):  # fmt: skip
            browser.open(path)
        for name in ("times", "services", "workload", "responses", "budget"):
            browser.open(f"/care/reports/{name}?area=gwangju")
        for wrong in ("/care/episodes/999", "/care/visits/none", "/care/persons/p-none", "/care/claims/9",
                      "/care/reports/nothing", "/care/budget?of=nowhere", "/care/providers/none"):  # fmt: skip
            answer = client.get(f"{wrong}{'&' if '?' in wrong else '?'}lang={lang}", headers={"Accept": "text/html"})
            assert answer.status_code in (404, 409, 422), wrong
            assert refused(answer.text), wrong
            assert answer.headers["content-type"].startswith("text/html"), wrong
