"""What operators see of devices, workers and quarantine, and that each sees their own area's homes and rota alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import inf

import httpx
import pytest

from access.roles import Role
from core.clock import wall_now
from core.people import Home
from store import log, people
from store.canary import Trial
from store.database import Database
from store.people import Device
from tests.accounts import account, browser
from tests.applying import LEE, OTHER, Applying
from tests.serving import HOME, T0

DAY = timedelta(days=1)


@pytest.fixture
def city(db: Database) -> Applying:
    return Applying(
        db, canaries=lambda tx: [Trial("gwangju/nam-gu", failing_since=T0), Trial("gwangju/seo-gu", T0, 2.0)]
    )


@pytest.fixture
def door(city: Applying) -> Iterator[httpx.Client]:
    with city.db.write() as tx:
        people.put_devices(
            tx,
            city.db.backend,
            [
                Device(HOME.gateway, "lamp", ("motion",), T0 - DAY, T0, 80.0, ("motion",), (), T0),
                Device(HOME.gateway, "pendant", ("sos",), T0 - DAY, T0 - 2 * DAY, 9.0, ("sos",), ("sos",), T0),
                Device(OTHER.gateway, "door", ("contact",), T0 - DAY, T0 - timedelta(hours=1), 19.9),
            ],
        )
    with city.serve() as client:
        account(city.db, "oper", Role.OPERATOR, "gwangju")
        account(city.db, "kim", Role.MANAGER, HOME.area, member="kim")
        account(city.db, "sup", Role.SUPERVISOR, "gwangju/seo-gu")
        yield client


def names(door: httpx.Client, **asked: str | int) -> list[str]:
    answer = door.get("/api/devices", params=asked)
    assert answer.status_code == 200, answer.text
    return [one["device"] for one in answer.json()["devices"]]


def test_devices_are_listed_by_what_is_wrong_with_them(door: httpx.Client) -> None:
    op = browser(door, "oper")
    assert names(op) == ["pendant", "door", "lamp"], "who was silent longest first"
    assert names(op, state="weak") == ["pendant", "door"]
    assert names(op, state="silent") == names(op, state="unproved") == ["pendant"]
    assert names(op, area="gwangju/seo-gu") == ["door"]
    page = op.get("/api/devices", params={"limit": 1, "offset": 2}).json()
    assert (page["total"], [one["states"] for one in page["devices"]]) == (3, [[]])
    assert "김순자" not in op.get("/api/devices").text
    assert names(browser(door, "kim")) == ["pendant", "lamp"]


def test_lanes_say_who_is_late_and_whose_broker_is_away(city: Applying, door: httpx.Client) -> None:
    city.lanes |= {"sos": inf, "watch": 99.0}
    with city.db.write() as tx:
        log.beat(tx, "sos", wall_now(), {"connected": False, "waiting": 3})
    seen = browser(door, "oper").get("/api/lanes").json()
    by = {lane["name"]: lane for lane in seen["lanes"]}
    assert by["sos"] == {"name": "sos", "age_s": None, "late": True, "connected": False, "waiting": 3}
    assert (by["watch"]["late"], by["bulk"]["late"], by["bulk"]["connected"]) == (True, False, None)
    assert seen["unreachable"] == ["gwangju/nam-gu"]
    assert browser(door, "kim").get("/api/lanes").status_code == 403


def test_an_operator_reads_no_words_of_people_in_quarantine(city: Applying, door: httpx.Client) -> None:
    words, noise = '{"text": "살려 주세요"}'.encode(), b"\x00\xff\x10"
    with city.db.write() as tx:
        log.put_quarantine(tx, [(T0, "care/v1/gw/up/event", "unreadable", "d", body) for body in (words, noise)])
    answer = browser(door, "oper").get("/api/quarantine")
    assert "살려" not in answer.text
    second, first = answer.json()
    assert (first["payload"], first["size"], first["begins"]) == ("", len(words), None)
    assert (second["payload"], second["size"], second["begins"]) == ("", 3, "00 ff 10")


def test_homes_and_rota_are_each_ones_own(city: Applying, door: httpx.Client) -> None:
    kim, sup, op = (browser(door, name) for name in ("kim", "sup", "oper"))
    assert [home["id"] for home in kim.get("/api/homes").json()["homes"]] == [HOME.id]
    assert [home["id"] for home in sup.get("/api/homes").json()["homes"]] == [OTHER.id]
    assert op.get("/api/homes").status_code == 403
    for method, path in (
        ("GET", "day"), ("GET", "card"), ("PUT", "thresholds"), ("POST", "what-if"), ("DELETE", "absence"),
    ):  # fmt: skip
        answer = kim.request(method, f"/api/homes/{OTHER.id}/{path}", json=None if method == "GET" else {})
        assert answer.status_code == 404, (method, path)
    assert kim.get(f"/api/homes/{HOME.id}/day").status_code == 200
    assert [one["id"] for one in sup.get("/api/rota").json()["members"]] == [LEE.id]
    said = {"start": T0.isoformat(), "end": (T0 + DAY).isoformat()}
    assert sup.post("/api/rota/covers", json=said | {"member": "kim"}).json()["detail"]["code"] == "unknown_member"
    cover = sup.post("/api/rota/covers", json=said | {"member": LEE.id}).json()
    assert {gap["area"] for gap in sup.get("/api/rota").json()["gaps"]} == {OTHER.area}
    assert kim.get("/api/rota").json()["covers"] == []
    assert kim.delete(f"/api/rota/covers/{cover['id']}").status_code == 403
    assert browser(door, "sup").delete(f"/api/rota/covers/{cover['id']}").status_code == 204


def test_a_home_of_another_gu_is_not_even_counted(city: Applying, door: httpx.Client) -> None:
    with city.db.write() as tx:
        people.put_home(tx, city.db.backend, Home("home-0009", "gw-0009", "gwangju/buk-gu/munheung-dong", "비밀"), T0)
    kim = browser(door, "kim")
    assert kim.get("/api/homes", params={"text": "비밀"}).json() == {"total": 0, "homes": []}
    assert kim.get("/api/homes").json()["total"] == 1
