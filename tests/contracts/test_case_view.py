"""What the console is given of one Care Call: history, proof of its messages, who may act, the resident's card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest

from alerts.case import State
from alerts.channels import Failed, Sent
from alerts.outbox import Outbox
from api.case_view import ACTS, KINDS
from api.shapes import Verb
from care import facts, persons
from core.people import Home, Member, Reach, Role
from core.signals import Concern, Evidence, Signal, Urgency
from core.words import WORDS
from store import people
from store.database import Database
from tests.applying import Applying, application
from tests.contracts.city import Line
from tests.serving import HOME, T0

FACTS: dict[str, Any] = {
    "address": "봉선로 1, 101동 1204호",
    "key_safe": "현관 옆 상자 0427",
    "contacts": ["딸 010-0000-0001"],
    "health": "당뇨",
    "challenges": ["hearing", "walking"],
    "birth_year": 1944,
    "pets": True,
}


@pytest.fixture
def city(db: Database) -> Applying:
    return Applying(db)


@pytest.fixture
def door(city: Applying) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def console(door: httpx.Client, case: int) -> dict[str, Any]:
    answer = door.get(f"/api/cases/{case}/console")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def write_down(city: Applying, home: Home = HOME) -> None:
    with city.db.write() as tx:
        person = persons.of_home(tx, home, city.now).id
        for field, value in FACTS.items():
            assert not isinstance(facts.put_fact(tx, person, field, value, "kim", city.now), facts.Refused)


def test_every_line_of_a_case_has_its_kind_and_every_kind_its_lines() -> None:
    known = {f"case.log.{line}" for lines in KINDS.values() for line in lines.split()}
    assert known == {key for key in WORDS if key.startswith("case.log.")}


def test_what_can_be_done_is_what_the_case_allows(city: Applying, door: httpx.Client) -> None:
    """Each verb in each state over HTTP: those that are offered change something, the others nothing."""
    assert set(ACTS) == set(State)
    for state in State:
        for verb in get_args(Verb):
            with city.db.write() as tx:
                home = Home(f"home-{state}-{verb}", f"gw-{state}-{verb}", HOME.area)
                people.put_home(tx, city.db.backend, home, T0)
            case = city.press(home)
            for step in {"acknowledged": ["ack"], "arrived": ["arrive"], "closed": ["close"]}.get(state, []):
                door.post(f"/api/cases/{case}/{step}", json={"by": "kim", "outcome": "exercise"})
            before = console(door, case)
            if before["card"]["state"] != state:  # an emergency asks nobody: it is never verifying
                assert state is State.VERIFYING
                continue
            # Who takes what they have already changes nothing; another may.
            by = "lee" if verb == "ack" else "kim"
            said = {"by": by, "outcome": "exercise", "note": "a note"} if verb in ("close", "note") else {"by": by}
            done = door.post(f"/api/cases/{case}/{verb}", json=said)
            after = console(door, case)
            changed = done.status_code == 200 and (
                after["card"] != before["card"] or (verb == "note" and after["timeline"] != before["timeline"])
            )
            assert changed == (verb in before["acts"]), (state, verb)


def test_the_whole_history_stands_in_one_list(city: Applying, door: httpx.Client) -> None:
    case = city.fall_silent()
    door.post(f"/api/cases/{case}/ack", json={"by": "kim", "note": "가는 중"})
    seen = console(door, case)
    kinds = [step["kind"] for step in seen["timeline"]]
    assert kinds[:2] == ["signal", "signal"]
    assert {"ask", "person", "note"} <= set(kinds)
    assert [step["at"] for step in seen["timeline"]] == sorted(step["at"] for step in seen["timeline"])
    assert all(step["what"]["ko"] and step["what"]["en"] for step in seen["timeline"])
    (signal,) = seen["signals"]
    assert (signal["concern"], signal["name"]["ko"], signal["sense"]) == ("inactivity", "움직임 없음", "raise")
    assert signal["evidence"][0]["en"]
    assert seen["needs_contact"] is True
    assert seen["line"] == seen["timeline"][-1]["id"]
    assert seen["hold_s"] == 10
    assert {"id": "kim", "name": "김지민", "role": "manager"} in seen["members"]
    assert "lee" not in {member["id"] for member in seen["members"]}, "she answers for another gu"
    assert "worker-1" not in {member["id"] for member in seen["members"]}


def test_each_message_stands_there_with_its_proof(city: Applying, door: httpx.Client) -> None:
    with city.db.write() as tx:
        reach = (Reach("phone", "tel"), Reach("mail", "kim"))
        people.put_member(tx, city.db.backend, Member("kim", "김지민", Role.MANAGER, "gwangju", reach=reach))
    lines = {name: Line() for name in ("phone", "mail", "speaker")}
    lines["phone"].answers["tel"] = Failed("busy for ever")
    lines["mail"].answers["kim"] = Sent()
    outbox = Outbox(city.db, city.desk, lines, city.clock)
    case = city.press()
    while outbox.step(0.2) or not outbox.idle:
        pass
    (key,) = [message.key for message in lines["mail"].messages]
    city.clock.advance(7)
    assert door.post(f"/api/deliveries/{key}", json={"state": "seen"}).json() == {"taken": True}
    by = {one["channel"]: one for one in console(door, case)["deliveries"]}
    outbox.close()
    assert (by["phone"]["state"], by["phone"]["error"], by["phone"]["accepted_at"]) == ("failed", "busy for ever", None)
    mail = by["mail"]
    assert (mail["member"], mail["name"]["ko"], mail["purpose"], mail["state"]) == ("kim", "김지민", "call", "seen")
    assert mail["accepted_at"] == "2026-11-21T05:00:00Z"
    assert (mail["delivered_at"], mail["seen_at"]) == (None, "2026-11-21T05:00:07Z")
    assert (by["speaker"]["member"], by["speaker"]["name"]) == (None, None)
    assert "tel" not in {one.get("address") for one in by.values()}


def test_the_residents_card_says_what_who_goes_there_must_know(city: Applying, door: httpx.Client) -> None:
    write_down(city)
    card = console(door, city.press())["resident"]
    assert (card["name"], card["address"], card["key_safe"]) == ("김순자", FACTS["address"], FACTS["key_safe"])
    assert (card["contacts"], card["health"], card["pets"]) == (FACTS["contacts"], "당뇨", True)
    assert [one["code"] for one in card["challenges"]] == ["hearing", "walking"]
    assert (card["language"]["code"], card["language"]["ko"]) == ("ko", "한국어")
    assert card["hidden"] == []
    aloud = card["hand_over"]
    for said in ("119" not in aloud["ko"], FACTS["address"] in aloud["ko"], "김순자" in aloud["ko"]):
        assert said
    assert "1944년생, 만 82세" in aloud["ko"]
    assert "혼자 사십니다" in aloud["ko"]
    assert "How to get in: 현관 옆 상자 0427." in aloud["en"]
    assert "Please mind: hard of hearing, difficulty walking." in aloud["en"]
    at_home = door.get(f"/api/homes/{HOME.id}/card").json()
    assert {**at_home, "hand_over": None} == {**card, "hand_over": None}
    assert "14시에 SOS 버튼을 누르셨습니다." in aloud["ko"]
    assert "The SOS button was pressed at 14:00." in aloud["en"]
    assert "SOS" not in at_home["hand_over"]["ko"]
    assert door.get("/api/homes/home-9999/card").status_code == 404


def test_what_is_read_aloud_is_what_happened_and_never_how_a_detector_came_to_it(
    city: Applying, door: httpx.Client
) -> None:
    why = (
        Evidence("evidence.silence", {"place": "bathroom", "when": "10:00", "silent": 4 * 3600.0}),
        Evidence("evidence.silence.uncounted", {"unseen": 1870.0}),
        Evidence("evidence.ceiling.own", {"limit": 1800.0}),
    )
    signal = Signal("ceiling/1", Concern.INACTIVITY, Urgency.URGENT, city.now, why, "ceiling", HOME.id, HOME.area)
    with city.db.write() as tx:
        case = city.desk.signal(tx, signal, HOME, city.now)
    seen = console(door, case)["resident"]["hand_over"]
    assert "10시부터 움직임이 없습니다." in seen["ko"]
    assert "Nobody has moved there since 10:00." in seen["en"]
    assert f"돌봄콜 {case}번입니다. 지금 이 번호로 다시 연락해 주세요." in seen["ko"]
    for said in ("근거", "세지 않았습니다", "%", "31분", "30분", "욕실", "bathroom", "gateway"):
        assert said not in seen["ko"] + seen["en"]


def test_what_is_not_known_is_said_to_be_unknown(city: Applying, door: httpx.Client) -> None:
    card = console(door, city.press())["resident"]
    assert (card["address"], card["contacts"], card["pets"], card["gender"]) == (None, [], None, None)
    assert "자세한 주소는 확인되지 않았습니다" in card["hand_over"]["ko"]


def test_an_exercise_is_never_read_aloud_as_an_emergency(city: Applying, door: httpx.Client) -> None:
    asked = door.post("/api/care/applications", json=application(exercise=True)).json()
    (card,) = door.get("/api/board").json()["cards"]
    seen = console(door, card["id"])
    assert seen["resident"]["person"] == asked["person"]
    assert seen["resident"]["home"] is None
    assert seen["resident"]["hand_over"]["ko"].startswith("훈련입니다. 출동하지 마세요.")


def test_a_case_about_nobody_has_no_card_and_an_unknown_one_is_404(city: Applying, door: httpx.Client) -> None:
    dark = Signal(
        "dark/1", Concern.AREA_OUTAGE, Urgency.URGENT, city.now, (Evidence("evidence.sos", {"device": "-"}),), "test",
        area="gwangju/nam-gu",
    )  # fmt: skip
    with city.db.write() as tx:
        case = city.desk.signal(tx, dark, None, city.now)
    assert case is not None
    seen = console(door, case)
    assert (seen["resident"], seen["card"]["name"], seen["needs_contact"]) == (None, None, False)
    assert door.get("/api/cases/99/console").status_code == 404
