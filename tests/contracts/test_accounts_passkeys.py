"""Passkeys, with a soft authenticator that also lies, and once in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access import accounts, challenges, passkeys
from core.care import Refused
from core.clock import wall_now
from store.account_tables import challenges as kept
from store.account_tables import sessions
from store.database import Database
from tests.accounts import account, browser
from tests.authenticator import Authenticator
from tests.serving import City

DONG = "gwangju/nam-gu/bongseon-1-dong"


@pytest.fixture
def door(db: Database) -> Iterator[httpx.Client]:
    """The city by a name: numbers have no passkeys."""
    with (
        City(db).serve() as client,
        httpx.Client(base_url=str(client.base_url).replace("127.0.0.1", "localhost")) as it,
    ):
        yield it


def at(door: httpx.Client) -> Authenticator:
    return Authenticator("localhost", str(door.base_url).rstrip("/"))


def enrolled(db: Database, door: httpx.Client, login: str = "kim") -> tuple[httpx.Client, Authenticator]:
    account(db, login, area=DONG)
    kim, key = browser(door, login), at(door)
    begun = kim.post("/api/me/passkeys/options").json()
    made = kim.post(
        "/api/me/passkeys", json={"id": begun["id"], "credential": key.make(begun["options"]), "name": "폰"}
    )
    assert made.status_code == 201, made.text
    return kim, key


def come_in(one: httpx.Client, key: Authenticator) -> httpx.Response:
    begun = one.post("/api/session/passkey/options").json()
    return one.post("/api/session/passkey", json={"id": begun["id"], "credential": key.use(begun["options"])})


def test_a_passkey_logs_in_without_a_name(db: Database, door: httpx.Client) -> None:
    kim, key = enrolled(db, door)
    one = browser(door)
    entered = come_in(one, key)
    assert entered.status_code == 200, entered.text
    assert "samesite=strict" in entered.headers["set-cookie"].lower()
    assert one.get("/api/session").json()["account"] == kim.get("/api/session").json()["account"]
    assert [s["how"] for s in kim.get("/api/me/sessions").json()] == ["passkey", "password"]
    (mine,) = kim.get("/api/me/passkeys").json()
    assert mine["name"] == "폰"
    assert mine["used_at"] is not None
    assert kim.delete(f"/api/me/passkeys/{mine['id']}").status_code == 204
    assert come_in(browser(door), key).status_code == 401


def test_numbers_have_no_passkeys(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    with httpx.Client(base_url=str(door.base_url).replace("localhost", "127.0.0.1")) as numbers:
        answer = browser(numbers).post("/api/session/passkey/options")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (400, "passkey_place")


def test_a_passkey_that_lies_opens_nothing(db: Database, door: httpx.Client) -> None:
    _, key = enrolled(db, door)
    one = browser(door)

    def refused(code: str) -> None:
        answer = come_in(one, key)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (401, code)

    origin = key.origin
    for wrong in ("https://evil.example", origin + "0", origin.replace("http", "https")):
        key.origin = wrong
        refused("passkey")
    key.origin = origin
    key.host = "evil.example"
    refused("passkey")
    key.host = "localhost"
    key.verifies = False
    refused("passkey")
    key.verifies = True
    handle, key.handle = key.handle, b"u-somebody-else"
    refused("passkey")
    key.handle = handle
    key.key, real = at(door).key, key.key
    refused("passkey")
    key.key = real
    assert come_in(one, key).status_code == 200
    key.count = 0  # a copy of it that has been used less
    refused("passkey")


def test_a_challenge_holds_once_and_for_minutes(db: Database, door: httpx.Client) -> None:
    kim, key = enrolled(db, door)
    one = browser(door)
    begun = one.post("/api/session/passkey/options").json()
    said = {"id": begun["id"], "credential": key.use(begun["options"])}
    assert one.post("/api/session/passkey", json=said).status_code == 200
    replay = browser(door).post("/api/session/passkey", json=said)
    assert (replay.status_code, replay.json()["detail"]["code"]) == (401, "challenge")
    # With a challenge of another's, the seal does not fit.
    other = one.post("/api/session/passkey/options").json()
    assert browser(door).post("/api/session/passkey", json=said | {"id": other["id"]}).status_code == 401
    late = one.post("/api/session/passkey/options").json()
    with db.write() as tx:
        tx.execute(sa.update(kept).values(ends_at=wall_now() - timedelta(seconds=1)))
    answer = one.post("/api/session/passkey", json={"id": late["id"], "credential": key.use(late["options"])})
    assert answer.json()["detail"]["code"] == "challenge"
    # One for logging in makes no passkey.
    login = kim.post("/api/session/passkey/options").json()
    making = kim.post("/api/me/passkeys/options").json()
    forged = at(door).make(making["options"] | {"challenge": login["options"]["challenge"]})
    made = kim.post("/api/me/passkeys", json={"id": login["id"], "credential": forged, "name": "x"})
    assert made.json()["detail"]["code"] == "challenge"


def test_what_somebody_else_has_begun_is_not_finished(db: Database, door: httpx.Client) -> None:
    kim, _ = enrolled(db, door)
    account(db, "lee", area=DONG)
    lee = browser(door, "lee")
    begun = kim.post("/api/me/passkeys/options").json()
    made = at(door).make(begun["options"])
    answer = lee.post("/api/me/passkeys", json={"id": begun["id"], "credential": made, "name": "x"})
    assert (answer.status_code, answer.json()["detail"]["code"]) == (400, "challenge")
    (mine,) = kim.get("/api/me/passkeys").json()
    assert lee.delete(f"/api/me/passkeys/{mine['id']}").status_code == 404


def test_an_old_session_makes_no_key(db: Database, door: httpx.Client) -> None:
    kim, _ = enrolled(db, door)
    with db.write() as tx:
        tx.execute(sa.update(sessions).values(created_at=wall_now() - timedelta(minutes=16)))
    answer = kim.post("/api/me/passkeys/options")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (403, "fresh_needed")


def test_a_disabled_account_has_no_passkeys_that_open(db: Database, door: httpx.Client) -> None:
    kim, key = enrolled(db, door)
    with db.write() as tx:
        accounts.disable(tx, kim.get("/api/session").json()["account"], wall_now())
    assert come_in(browser(door), key).status_code == 401


PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("AAAA"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(broken=st.dictionaries(st.sampled_from(PARTS), JSON, min_size=1))
def test_no_invented_credential_breaks_it(db: Database, broken: dict[str, Any]) -> None:
    key = Authenticator("localhost", "http://localhost")
    now = wall_now()
    with db.write() as tx:
        it = accounts.by_login(tx, "kim")
    it = it or account(db, "kim", area=DONG)
    with db.write() as tx:
        place = passkeys.Place("localhost", "http://localhost")
        if not passkeys.of(tx, it.id):
            begun = passkeys.begin_new(tx, it, place, now)
            assert not isinstance(begun, Refused)
            assert not isinstance(passkeys.add(tx, it, begun[0], key.make(begun[1]), "x", now), Refused)
        (mine,) = passkeys.of(tx, it.id)
        word, options = passkeys.begin_login(tx, place, now)
        said = key.use(options) | {"id": mine.id, "rawId": mine.id}
        said["response"] = said["response"] | broken
        assert isinstance(passkeys.login(tx, word, json.loads(json.dumps(said)), now), Refused)
        assert challenges.take(tx, "passkey", word, now) is None
