"""What a stranger found in the care chain, and must not find again."""

from __future__ import annotations

from care import hooks, persons
from care.addresses import may_call
from core.care import who
from store.database import Database
from tests.linked import Linked, post, record_of, taken


def test_who_has_left_the_staff_has_been_there_all_the_same(db: Database) -> None:
    place = Linked(db)
    with place.serve() as door:
        order = taken(door, place.item)
        given = post(door, f"orders/{order}/tasks", key="the-task-01", worker="worker-1", units=1, by="kim",
                     planned_at=place.clock.now().isoformat())  # fmt: skip
        answer = door.put("/api/care/providers/meals-1/staff", json={"members": ["worker-2"], "by": "kim"})
        assert answer.status_code == 200, answer.text
        cries = place.desk.list
        with db.read() as tx:
            before = len(cries(tx))
        place.clock.advance(3600)
        late = record_of(None, task=given["id"], outcome="closed_door", units=0, worry="안에서 신음 소리가 납니다")
        assert door.put("/api/care/records/late-phone-1", json=late).status_code == 200
        stranger = record_of(order, worker="kim", outcome="closed_door", units=0, worry="누군가 쓰러져 있습니다")
        assert door.put("/api/care/records/late-phone-2", json=stranger).status_code == 404
        assert len(door.get(f"/api/care/orders/{order}/kept").json()) == 1, "kept, and told"
        with db.read() as tx:
            assert len(cries(tx)) > before


UNSEEN = (0x034F, 0xFE0F, 0x3164, 0x2800, 0x115F, 0x180B, 0x17B4, 0xE0100)


def test_what_nobody_sees_makes_no_other_person() -> None:
    for unseen in map(chr, UNSEEN):
        assert who(f"{unseen}kim{unseen}") == who("kim")
    assert who("kim\u2010lee") == who("kim\u2212lee") == who("kim-lee")


def test_a_webhook_leads_out_and_never_back_here() -> None:
    for inside in ("http://10.0.0.1/", "http://192.168.0.1/", "http://172.16.0.1/", "http://[fd00::1]/"):
        assert not may_call(inside)
    assert hooks._is_ours("127.0.0.1")
    assert not hooks._is_ours("203.0.113.9")


def test_what_was_said_by_mistake_can_be_taken_back(db: Database) -> None:
    place = Linked(db)
    with place.serve() as door:
        person = door.get(f"/api/care/episodes/{place.episode}").json()["person"]
        said = {"why": "died", "at": place.clock.now().isoformat(), "by": "kim"}
        assert door.post(f"/api/care/persons/{person}/gone", json=said).json()["gone_why"] == "died"
        assert door.post(f"/api/care/persons/{person}/back", json={"by": "kim"}).json()["gone_at"] is None
        history = door.get(f"/api/care/persons/{person}").json()["history"]
        assert [line["key"] for line in history][-1] == "care.log.back"
    with db.read() as tx:
        found = persons.person(tx, person)
    assert found is not None
    assert found.gone_at is None


def test_arrangements_are_made_by_somebody_who_is_known(db: Database) -> None:
    place = Linked(db)
    with place.serve() as door:
        for path, said in (
            ("rules", {"area": "gwangju/nam-gu", "key": "deadlines.order", "value": 1}),
            ("providers/meals-1/staff", {"members": []}),
            ("providers/meals-1/hook", {"url": "https://example.org/", "secret": "s" * 20}),
        ):
            answer = door.put(f"/api/care/{path}", json={**said, "by": "nobody at all"})
            assert (answer.status_code, answer.json()["detail"]["code"]) == (404, "unknown_member"), path
