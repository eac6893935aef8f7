"""The gateways' door: codes that are good once, keys that change without locking anybody out, events by HTTPS."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.app import CLAIMS_AT_ONCE, routes
from core.events import Event, Lane, Motion, SosPressed
from store import gateways
from store.database import Database
from store.gateways import CODE_LIFE, MOST_TRIES, hash_secret, secret_is
from store.log import counts, head
from tests.serving import HOME, T0, City
from wire.codec import encode, encode_batch
from wire.receipt import decode_receipt

TOKEN = "operators"
SECRET, NEXT, THIEF = "S" * 43, "N" * 43, "T" * 43
ID = HOME.gateway


@pytest.fixture
def city(db: Database) -> City:
    return City(db, token=TOKEN)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def operator(door: httpx.Client, verb: str, path: str = "", **body: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return door.request(verb, f"/api/gateways{path}", headers=headers, json=body or None)


def enrol(door: httpx.Client, id: str = ID, **more: str) -> str:
    answer = operator(door, "POST", id=id, **more)
    assert answer.status_code == 200, answer.text
    code: str = answer.json()["code"]
    return code


def claim(door: httpx.Client, code: str, secret: str = SECRET, serial: str = ID) -> httpx.Response:
    return door.post("/api/gateway/claim", json={"serial": serial, "code": code, "secret": secret})


def knock(door: httpx.Client, what: str, secret: str = SECRET, id: str = ID) -> httpx.Response:
    return door.post(f"/api/gateway/{what}", auth=httpx.BasicAuth(id, secret))


def send(door: httpx.Client, body: bytes, secret: str = SECRET, id: str = ID, lane: str = "sos") -> httpx.Response:
    auth = httpx.BasicAuth(id, secret)
    return door.post("/api/gateway/events", params={"lane": lane}, auth=auth, content=body)


def event(seq: int, kind: str = "motion", gateway: str = ID, boot: str = "b1") -> Event:
    data = SosPressed() if kind == "sos" else Motion()
    return Event(f"{boot}-{seq}", gateway, "device", kind, T0, data, boot, seq)


def told(city: City, id: str = ID) -> list[str]:
    with city.db.read() as tx:
        return [change.what for change in gateways.history(tx, id)]


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]["code"]


# --- enrolling


def test_a_code_is_good_once_and_its_answer_can_be_lost(city: City, door: httpx.Client) -> None:
    code = enrol(door, serial="SN-1")
    granted = claim(door, code, serial="SN-1")
    assert granted.status_code == 200
    assert granted.json() == {"gateway": ID, "broker": "mqtts://broker.example:8883", "authority": "", "managed": True}
    assert claim(door, code.lower().replace("-", " "), serial="SN-1").json() == granted.json()
    assert code_of(claim(door, code, THIEF, "SN-1")) == (409, "claim_used")
    assert code_of(claim(door, code, THIEF, "SN-1")) == (403, "claim_wrong")
    assert told(city) == ["registered", "claimed", "claimed_twice"]
    assert knock(door, "contact").status_code == 200
    assert code_of(knock(door, "contact", THIEF)) == (401, "gateway_key")


def test_nothing_in_the_database_lets_anybody_in(city: City, door: httpx.Client) -> None:
    code = enrol(door)
    claim(door, code)
    assert rotate(door).status_code == 204
    with city.db.read() as tx:
        kept = str(gateways.all_gateways(tx))
    for word in (code, code.replace("-", ""), SECRET, NEXT):
        assert word not in kept


def test_a_code_runs_out_and_another_takes_its_place(city: City, door: httpx.Client) -> None:
    code = enrol(door)
    city.clock.advance((CODE_LIFE - timedelta(seconds=1)).total_seconds())
    assert code_of(claim(door, "0" * 16)) == (403, "claim_wrong")
    city.clock.advance(1)
    assert code_of(claim(door, code)) == (403, "claim_expired")
    fresh = operator(door, "POST", f"/{ID}/code").json()["code"]
    assert code_of(claim(door, code)) == (403, "claim_wrong")
    assert claim(door, fresh).status_code == 200


def test_wrong_codes_cost_the_code(city: City, door: httpx.Client) -> None:
    code = enrol(door)
    for _ in range(MOST_TRIES):
        assert code_of(claim(door, "1" * 16)) == (403, "claim_wrong")
    assert code_of(claim(door, code)) == (403, "claim_wrong")
    assert told(city) == ["registered", "code_locked"]


def test_a_stranger_learns_nothing_and_is_slowed_down(city: City, door: httpx.Client) -> None:
    enrol(door)
    wrong, unknown = claim(door, "1" * 16), claim(door, "1" * 16, serial="nobody")
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    for _ in range(int(CLAIMS_AT_ONCE) - 2):
        claim(door, "1" * 16, serial="nobody")
    assert code_of(claim(door, "1" * 16)) == (429, "too_often")
    city.clock.advance(10)
    assert claim(door, "1" * 16).status_code == 403
    with city.db.read() as tx:
        assert counts(tx)["rejected", "claim_wrong"] == CLAIMS_AT_ONCE + 1


@pytest.mark.parametrize("id", ["city", "admin", "Gw-1", "gw", "gw/0001", "gw-0001#"])
def test_a_name_that_is_none_is_refused(door: httpx.Client, id: str) -> None:
    assert code_of(operator(door, "POST", id=id)) == (422, "bad_id")


def test_operators_alone_enrol(door: httpx.Client) -> None:
    code = enrol(door)
    claim(door, code)
    for verb, path in (("GET", ""), ("POST", ""), ("POST", f"/{ID}/code"), ("DELETE", f"/{ID}")):
        assert door.request(verb, f"/api/gateways{path}").status_code == 401
        assert door.request(verb, f"/api/gateways{path}", auth=httpx.BasicAuth(ID, SECRET)).status_code == 401
    assert code_of(operator(door, "POST", id=ID)) == (422, "known")
    assert (
        operator(door, "DELETE", "/gw-none").status_code == operator(door, "POST", "/gw-none/code").status_code == 404
    )


# --- keys


def test_a_key_changes_without_a_moment_in_which_none_is_good(city: City, door: httpx.Client) -> None:
    claim(door, enrol(door))
    for _ in range(2):  # the first answer was lost
        assert rotate(door).status_code == 204
    assert knock(door, "contact").status_code == 200, "the answer may be lost: the former key is good"
    assert knock(door, "contact", NEXT).status_code == 200
    assert code_of(knock(door, "contact")) == (401, "gateway_key")
    assert knock(door, "contact", NEXT).status_code == 200
    assert told(city) == ["registered", "claimed", "rotating", "rotating", "rotated"]


def rotate(door: httpx.Client, secret: str = SECRET, fresh: str = NEXT) -> httpx.Response:
    return door.post("/api/gateway/rotate", auth=httpx.BasicAuth(ID, secret), json={"secret": fresh})


def test_whoever_is_revoked_is_out_until_an_operator_gives_a_new_code(city: City, door: httpx.Client) -> None:
    claim(door, enrol(door))
    rotate(door)
    assert operator(door, "DELETE", f"/{ID}").status_code == 204
    for secret in (SECRET, NEXT):
        assert knock(door, "contact", secret).status_code == 401
        assert send(door, encode(event(1)), secret).status_code == 401
        assert rotate(door, secret).status_code == 401
    (listed,) = operator(door, "GET").json()
    assert (listed["state"], [line["key"] for line in listed["history"]][-1]) == ("revoked", "enrol.log.revoked")
    assert claim(door, operator(door, "POST", f"/{ID}/code").json()["code"], THIEF).status_code == 200
    assert knock(door, "contact", SECRET).status_code == 401
    assert knock(door, "contact", THIEF).status_code == 200


def test_a_changed_box_leaves_the_former_one_outside(door: httpx.Client) -> None:
    claim(door, enrol(door))
    code = operator(door, "POST", f"/{ID}/code").json()["code"]
    assert knock(door, "contact").status_code == 200, "the old box works until the new one is there"
    assert claim(door, code, NEXT).status_code == 200
    assert knock(door, "contact").status_code == 401


def test_a_broker_that_is_away_costs_no_code(city: City) -> None:
    there: list[bool] = []
    city.homeward = dataclasses.replace(city.homeward, admit=lambda id, secret: bool(there))
    with city.serve() as door:
        code = enrol(door)
        assert code_of(claim(door, code)) == (503, "no_broker")
        assert send(door, encode(event(1))).status_code == 200, "the other way is open"
        there.append(True)
        assert claim(door, code).status_code == 200


def test_a_hash_is_of_one_secret() -> None:
    kept = hash_secret(SECRET)
    assert secret_is(SECRET, kept)
    assert not secret_is(SECRET[:-1], kept)
    assert not secret_is(SECRET, None)
    assert kept != hash_secret(SECRET), "salted"


# --- events by HTTPS


@pytest.fixture
def admitted(door: httpx.Client) -> httpx.Client:
    claim(door, enrol(door))
    return door


def test_an_sos_by_https_is_one_case_and_its_receipt_follows_the_commit(city: City, admitted: httpx.Client) -> None:
    for _ in range(3):
        answer = send(admitted, encode(event(7, "sos")))
        assert answer.status_code == 200
        receipt = decode_receipt(answer.content)
        assert receipt is not None
        assert receipt.covers("b1", 7)
        assert not receipt.covers("b1", 6)
    (case,) = admitted.get("/api/cases", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    assert (case["home"], case["concern"]) == (HOME.id, "sos")


def test_a_batch_is_receipted_together_and_what_has_no_counters_by_its_id(city: City, admitted: httpx.Client) -> None:
    receipt = decode_receipt(send(admitted, encode_batch([event(n) for n in range(1, 6)]), lane="bulk").content)
    assert receipt is not None
    assert (receipt.from_, receipt.seq) == (1, 5)
    plain = json.loads(encode(event(9)))
    del plain["boot"], plain["seq"]
    assert send(admitted, json.dumps(plain).encode()).json() == {"ids": ["b1-9"], "epoch": receipt.epoch}
    assert receipt.epoch
    with city.db.read() as tx:
        assert head(tx) == 6


def test_what_cannot_be_read_on_the_urgent_lane_is_a_cry(admitted: httpx.Client) -> None:
    assert send(admitted, b"{help", lane="event").status_code == 200
    assert admitted.get("/api/cases", headers={"Authorization": f"Bearer {TOKEN}"}).json() == []
    assert send(admitted, b"{help").status_code == 200
    (case,) = admitted.get("/api/cases", headers={"Authorization": f"Bearer {TOKEN}"}).json()
    assert case["concern"] == "unreadable_sos"


def test_nobody_speaks_for_another_gateway(city: City, admitted: httpx.Client) -> None:
    assert send(admitted, encode(event(1, "motion", "gw-0002")), lane="event").status_code == 200
    with city.db.read() as tx:
        assert head(tx) == 0
        assert counts(tx)["rejected", "foreign_source"] == 1


def test_what_no_database_can_hold_is_refused_like_any_other_word(admitted: httpx.Client) -> None:
    assert knock(admitted, "contact", SECRET, "gw\x00").status_code == 401
    assert claim(admitted, "1" * 16, serial="SN\x00").status_code == 403


def test_a_replay_by_another_gateway_changes_nothing(city: City, admitted: httpx.Client) -> None:
    claim(admitted, enrol(admitted, "gw-other"), THIEF, "gw-other")
    send(admitted, encode(event(1)), lane="event")
    send(admitted, encode(event(1)), THIEF, "gw-other", "event")
    with city.db.read() as tx:
        assert head(tx) == 1


def test_who_has_no_key_or_brings_too_much_is_refused(city: City, admitted: httpx.Client) -> None:
    body = encode(event(1))
    assert admitted.post("/api/gateway/events", content=body).status_code == 401
    assert send(admitted, body, "wrong").status_code == send(admitted, body, SECRET, "gw-none").status_code == 401
    assert send(admitted, b" " * 65537).status_code == 413
    assert send(admitted, body + b" " * (65536 - len(body))).status_code == 200
    with city.db.read() as tx:
        assert head(tx) == 1


def test_a_database_that_is_away_is_503_and_nothing_is_receipted(
    city: City, admitted: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = sa.exc.OperationalError("commit", {}, OSError("away"))

    def broken(*_: object) -> bytes:
        raise away

    monkeypatch.setattr("ingest.post.settle", broken)
    assert send(admitted, encode(event(1, "sos"))).status_code == 503
    monkeypatch.undo()
    with city.db.read() as tx:
        assert head(tx) == 0
    assert send(admitted, encode(event(1, "sos"))).status_code == 200


def test_the_lane_is_one_of_the_contract() -> None:
    (query,) = routes().openapi()["paths"]["/api/gateway/events"]["post"]["parameters"]
    assert sorted(query["schema"]["enum"]) == sorted(Lane)
