"""A relative sees a home by its resident's word alone, from then on and no longer, and nothing of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from access.accounts import Account
from access.roles import Role
from alerts.happenings import Log
from api import door as doors
from api import stream as streams
from api.kin import AS_IT_IS, IN_OTHER_WORDS
from care import persons
from core.clock import stopwatch_s
from core.people import Cover, Home, Member, Reach
from core.people import Role as Ladder
from core.signals import Concern, Evidence, Urgency
from core.words import WORDS
from store import people
from store.account_tables import viewer_consents
from store.care_tables import persons as person_rows
from store.database import Database
from tests.accounts import account, browser
from tests.serving import HOME, T0, City

PERSON, PATH = f"h-{HOME.id}", f"/api/homes/{HOME.id}"
OTHER = Home("home-0002", "gw-0002", "gwangju/buk-gu/unam-1-dong", "박영자")
AFAR = "gwangju/seo-gu/yuchon-dong"
NUMBER = "010-9876-5432"


@pytest.fixture
def city(db: Database) -> City:
    city = City(db)
    with db.write() as tx:
        people.put_home(tx, db.backend, OTHER, T0)
        people.put_home(tx, db.backend, Home("home-0003", "gw-0003", AFAR), T0)
        for home in (HOME, OTHER):
            persons.of_home(tx, home, T0)
        for id, area in (("duri", OTHER.area), ("sam", AFAR)):
            reach = (Reach("phone", NUMBER),)
            people.put_member(tx, db.backend, Member(id, f"{id} 담당", Ladder.MANAGER, area, reach=reach))
    account(db, "manager", area=HOME.area)
    return city


@pytest.fixture
def son(city: City, db: Database) -> Account:
    return account(db, "son", Role.FAMILY, homes=(HOME.id,))


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def say(who: httpx.Client, viewer: str, state: str, person: str = PERSON) -> httpx.Response:
    body = {"purpose": "watch", "state": state}
    return who.put(f"/api/care/persons/{person}/viewers/{viewer}", json=body)


def test_a_home_is_seen_while_the_word_stands(city: City, door: httpx.Client, son: Account, db: Database) -> None:
    kim, kin, call = browser(door, "manager"), browser(door, "son"), city.press()
    looks = (PATH, f"/api/cases/{call}")
    assert [kin.get(path).status_code for path in looks] == [404, 404], "nobody was asked yet"
    assert kim.get(f"/api/care/persons/{PERSON}/viewers").json()[0]["state"] is None
    given = say(kim, son.id, "given")
    assert (given.status_code, given.json()["state"]) == (200, "given")
    assert [kin.get(path).status_code for path in looks] == [200, 200]
    assert say(kim, son.id, "given").json() == given.json(), "said twice it stands once"
    with db.read() as tx:
        assert tx.scalar(sa.select(sa.func.count()).select_from(viewer_consents)) == 1
    assert say(kim, son.id, "withdrawn").json()["state"] == "withdrawn"
    assert [kin.get(path).status_code for path in looks] == [404, 404]
    assert kin.get("/api/cases").json() == []


def test_only_accounts_of_the_persons_home_are_viewers(door: httpx.Client, son: Account, db: Database) -> None:
    kim, foreign = browser(door, "manager"), account(db, "niece", Role.FAMILY, homes=(OTHER.id,))
    for other in (foreign.id, "u-nobody", account(db, "choi", area=HOME.area).id):
        answer = say(kim, other, "given")
        assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "unknown_viewer")
    assert say(kim, foreign.id, "given", f"h-{OTHER.id}").status_code == 404, "another dong's person"
    assert say(browser(door, "son"), son.id, "given").status_code == 403, "nobody says it for themselves"


def test_a_withdrawn_word_ends_what_is_being_shown(
    city: City, door: httpx.Client, son: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Real: together they are the half minute; the test has not so long.
    assert doors.STILL_S + streams.RENEW_S + streams.KEEP_ALIVE_S <= 60
    monkeypatch.setattr(doors, "STILL_S", 0.2)
    monkeypatch.setattr(streams, "RENEW_S", 0.4)
    monkeypatch.setattr(streams, "KEEP_ALIVE_S", 0.3)
    kim, kin, call = browser(door, "manager"), browser(door, "son"), city.press()
    say(kim, son.id, "given")
    with kin.stream("GET", "/api/stream", params={"after": 0}) as answer:
        lines = answer.iter_lines()
        assert any(line == "event: case" for line in lines)
        assert say(kim, son.id, "withdrawn").status_code == 200
        began = stopwatch_s()
        rest = list(lines)
    assert stopwatch_s() - began < 10
    assert "event: reach" in rest, "the stream has ended by itself, and says why"
    city.note(call, "뒤늦은 줄")
    with kin.stream("GET", "/api/stream", params={"after": 0}) as answer:
        lines = answer.iter_lines()
        beats = [line for line in (next(lines) for _ in range(8)) if line.startswith("event")]
    assert set(beats) == {"event: beat"}


def test_kin_are_told_no_colleagues_words_and_no_numbers(city: City, door: httpx.Client, son: Account) -> None:
    kim, kin, call = browser(door, "manager"), browser(door, "son"), city.press()
    words = f"옆집 박영자 님 {NUMBER}에 열쇠를 부탁함"
    city.note(call, words)
    say(kim, son.id, "given")
    assert words in kim.get(f"/api/cases/{call}").text
    seen = [kin.get(path).text for path in (PATH, f"/api/cases/{call}", f"/api/cases/{call}/console", "/api/board")]
    seen += [kin.get("/api/cases").text, kin.get(f"{PATH}/card").text]
    with kin.stream("GET", "/api/stream", params={"after": 0}) as answer:
        for line in answer.iter_lines():
            seen.append(line)
            if "access.kin.noted" in line:
                break
    for text in seen:
        assert NUMBER not in text
        assert "열쇠를" not in text
        assert OTHER.id not in text
    console = kin.get(f"/api/cases/{call}/console").json()
    assert (console["members"], console["deliveries"], console["acts"]) == ([], [], [])
    assert "메모를 남겼습니다" in seen[1]


def test_kin_are_told_who_answered_and_not_who_was_called(
    city: City, door: httpx.Client, son: Account, db: Database
) -> None:
    kim, kin, call = browser(door, "manager"), browser(door, "son"), city.press()
    say(kim, son.id, "given")
    provider = "모의 남구 동행돌봄"
    line = {"rung": "supervisor"}
    with db.write() as tx:
        sent = Log("case.log.sent", {"channel": "webhook"}, provider, "webhook")
        called = Log("case.log.called", line, "박선희")
        unheard_of = Log("case.log.of_a_later_version", {}, provider)
        ordered = Log("evidence.service.ended", {"who": provider})
        city.desk.log(tx, call, [sent, called, unheard_of, ordered], T0)
        city.desk.act(tx, call, "ack", "김미정", T0)
        city.desk.act(tx, call, "arrive", "김미정", T0)
    whole = kim.get(f"/api/cases/{call}").text
    assert all(name in whole for name in (provider, "박선희", "case.log.sent"))
    looks = (PATH, f"/api/cases/{call}", f"/api/cases/{call}/console", "/api/board", "/api/cases")
    seen = [kin.get(path).text for path in looks]
    with kin.stream("GET", "/api/stream", params={"after": 0}) as answer:
        for line_ in answer.iter_lines():
            seen.append(line_)
            if '"case.log.arrived"' in line_:
                break
    for text in seen:
        for name in (provider, "박선희", "webhook", "worker-", "case.log.sent", "later_version", "evidence.service"):
            assert name not in text
    told = kin.get(f"/api/cases/{call}/console").json()
    keys = [step["key"] for step in told["timeline"]]
    assert {"evidence.sos", "access.kin.called"} <= set(keys)
    assert any("김미정 님이 도착" in step["what"]["ko"] for step in told["timeline"])
    assert {step["who"] for step in told["timeline"]} == {None}
    card = told["card"]
    assert (card["episode"], card["called"], card["next_action"], card["owner"]) == (None, [], None, None)
    assert (card["owner_name"], card["rung_name"]["ko"]) == ("김미정", "담당자")


def test_nobody_switches_the_watch_off_for_more_than_three_days_at_a_time(
    city: City, door: httpx.Client, son: Account
) -> None:
    kim, kin = browser(door, "manager"), browser(door, "son")
    say(kim, son.id, "given")

    def away(who: httpx.Client, hours: float) -> httpx.Response:
        return who.post(f"{PATH}/absence", json={"until": (T0 + timedelta(hours=hours)).isoformat()})

    refused = away(kin, 72.1)
    assert (refused.status_code, refused.json()["detail"]["code"]) == (422, "bad_until")
    assert all("72" in refused.json()["detail"][language] for language in ("ko", "en"))
    assert (city.absences, kim.get("/api/board").json()["away"]) == ([], [])
    assert away(kin, 72).status_code == 200
    board = kim.get("/api/board").json()
    (gone,) = board["away"]
    assert (gone["home"], gone["name"], gone["until"]) == (HOME.id, HOME.resident, "2026-11-24T05:00:00Z")
    assert board["away_total"] == 1
    assert away(kim, 72.1).status_code == 422, "the engine would ask after 72 hours, whatever was said"
    assert away(kim, 71).status_code == 200
    (gone,) = kim.get("/api/board").json()["away"]
    assert gone["until"] == "2026-11-24T04:00:00Z", "the one noted last"
    assert kim.delete(f"{PATH}/absence").status_code == 204
    assert kim.get("/api/board").json()["away_total"] == 0


def test_kin_are_told_nothing_of_what_was_ordered(city: City, door: httpx.Client, son: Account) -> None:
    kim, kin = browser(door, "manager"), browser(door, "son")
    say(kim, son.id, "given")
    why = Evidence("evidence.service.unplaced", {"item": "모의 동행"})
    call = city.signal(Concern.CARE_OVERDUE, Urgency.SOON, why)
    assert "모의 동행" in kim.get(f"/api/cases/{call}").text
    looks = [f"/api/cases/{call}", f"/api/cases/{call}/console", "/api/board", "/api/cases", PATH]
    for path in looks:
        assert "evidence.service" not in kin.get(path).text
        assert "모의 동행" not in kin.get(path).text
    assert kin.get(looks[0]).json()["why"]["ko"] == kin.get(looks[1]).json()["signals"][0]["name"]["ko"]


def test_every_line_of_a_history_is_kins_in_words_or_kept_back() -> None:
    """A line is theirs by somebody's decision alone: none is in both lists, and each exists."""
    assert not AS_IT_IS & IN_OTHER_WORDS.keys()
    assert AS_IT_IS <= WORDS.keys() >= IN_OTHER_WORDS.keys()
    assert set(IN_OTHER_WORDS.values()) <= WORDS.keys()


def test_what_was_before_somebody_moved_in_is_not_theirs_kins(city: City, door: httpx.Client, db: Database) -> None:
    before = city.press()
    moved = T0 + timedelta(hours=1)
    city.clock.advance(3600)
    with db.write() as tx:
        city.desk.act(tx, before, "close", "kim", moved, outcome="safe", contact="visit")
        tx.execute(sa.update(person_rows).where(person_rows.c.id == PERSON).values(gone_at=moved, gone_why="moved"))
        people.put_home(tx, db.backend, Home(HOME.id, HOME.gateway, HOME.area, "새사람"), moved)
        home = people.home(tx, HOME.id)
        assert home is not None
        newcomer = persons.of_home(tx, home, moved).id
    daughter = account(db, "daughter", Role.FAMILY, homes=(HOME.id,))
    assert say(browser(door, "manager"), daughter.id, "given", newcomer).status_code == 200
    city.clock.advance(3600)
    later, kin = city.press(), browser(door, "daughter")
    assert kin.get(f"/api/cases/{later}").status_code == 200
    assert kin.get(f"/api/cases/{before}").status_code == 404
    assert [case["id"] for case in kin.get("/api/board", params={"state": "closed"}).json()["cards"]] == []
    told: set[int] = set()
    with kin.stream("GET", "/api/stream", params={"after": 0}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: ") and '"case"' in line:
                told.add(int(line.partition('"id":')[2].partition(",")[0]))
            if "beat" in line and told:
                break
            if len(told) > 1 or later in told:
                break
    assert told == {later}


def test_a_substitutes_reach_begins_and_ends_with_the_cover(
    city: City, door: httpx.Client, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((doors, "STILL_S"), (streams, "RENEW_S"), (streams, "KEEP_ALIVE_S")):
        monkeypatch.setattr(module, name, 0.3)
    account(db, "sam", area=AFAR, member="sam")
    hour = timedelta(hours=1)
    with db.write() as tx:
        # kim is away and duri stands in; duri is away for the second half, and sam stands in for whom duri stood in.
        people.put_cover(tx, Cover("kim", T0 + hour, T0 + 3 * hour, "duri"))
        people.put_cover(tx, Cover("duri", T0 + 2 * hour, T0 + 4 * hour, "sam"))
    call, sam = city.press(OTHER), browser(door, "sam")

    def seen() -> tuple[list[int], int]:
        return [case["id"] for case in sam.get("/api/cases").json()], sam.get(f"/api/cases/{call}").status_code

    assert seen() == ([], 404)
    city.clock.advance(2 * 3600)
    assert seen() == ([call], 200)
    here = city.press()
    assert sam.get(f"/api/cases/{here}").status_code == 200, "by two covers"
    with sam.stream("GET", "/api/stream", params={"after": 0}) as answer:
        lines = answer.iter_lines()
        assert any(line == "event: case" for line in lines)
        city.clock.advance(2 * 3600)
        assert "event: reach" in list(lines)
    assert seen() == ([], 404)
