"""The gateway's side of its key, against a real API: whatever is lost on the way, one secret that it holds is good."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from core.clock import sleep_s
from gateway import claim as claims
from gateway.claim import FILE, CannotEnrol, Credential, Keyring, broker_of, claim, contact, load, rotate
from store import gateways
from store.database import Database
from store.migrate import migrate
from tests.serving import HOME, City
from tests.waiting import wait_until

ID = HOME.gateway
TOKEN = "operators"
AUTHORITY = "-----BEGIN CERTIFICATE-----\n"


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    db = Database(f"sqlite:///{tmp_path / 'anbu.db'}")
    migrate(db)
    yield City(db, token=TOKEN)
    db.close()


@pytest.fixture
def url(city: City) -> Iterator[str]:
    with city.serve() as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "box"


def code(city: City) -> str:
    with city.db.write() as tx:
        made = gateways.register(tx, ID, "SN-1", "test", city.clock.now())
    assert isinstance(made, str)
    return made


def good(city: City, secret: str) -> bool:
    with city.db.read() as tx:
        return gateways.knows(tx, ID, secret) is not None


@pytest.fixture
def key(city: City, url: str, box: Path) -> Credential:
    return claim(box, url, "SN-1", code(city))


def lose(monkeypatch: pytest.MonkeyPatch, wanted: str, after: bool) -> None:
    """The line breaks at requests whose path ends so, before they arrive or after."""
    whole = httpx.Client.post

    def post(self: httpx.Client, url: str, **more: Any) -> httpx.Response:
        if not url.endswith(wanted):
            return whole(self, url, **more)
        if after:
            whole(self, url, **more)
        raise httpx.ConnectError("the line is broken")

    monkeypatch.setattr(httpx.Client, "post", post)


def test_the_key_is_for_nobody_else_and_is_what_the_city_knows(city: City, key: Credential, box: Path) -> None:
    assert load(box) == key
    assert [path.name for path in box.iterdir()] == [FILE]
    assert (box / FILE).stat().st_mode & 0o777 == 0o600
    assert good(city, key.secret)
    assert (key.gateway, key.broker, key.rotated) == (ID, "mqtts://broker.example:8883", False)


def test_a_claim_whose_answer_is_lost_is_the_same_claim(
    city: City, url: str, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = code(city)
    lose(monkeypatch, "/claim", after=True)
    with pytest.raises(OSError, match="the line is broken"):
        claim(box, url, "SN-1", given)
    assert load(box) is None
    monkeypatch.undo()
    assert good(city, claim(box, url, "SN-1", given).secret)


def test_a_wrong_code_leaves_the_key_that_is_there(city: City, url: str, box: Path, key: Credential) -> None:
    with pytest.raises(CannotEnrol, match="claim code is wrong"):
        claim(box, url, "SN-1", "0" * 16)
    assert load(box) == key
    assert good(city, key.secret)


def test_a_key_is_never_sent_in_the_clear(box: Path) -> None:
    for city in ("http://city.example", "city.example", "http://127.0.0.1.example", "ftp://localhost"):
        with pytest.raises(CannotEnrol, match="HTTPS"):
            claim(box, city, "SN-1", "0" * 16)
    assert not box.exists()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("request_", ["/rotate", "/contact"])
def test_a_rotation_broken_anywhere_goes_on_where_it_was(
    city: City, box: Path, key: Credential, monkeypatch: pytest.MonkeyPatch, request_: str, after: bool
) -> None:
    lose(monkeypatch, request_, after)
    with pytest.raises(OSError, match="the line is broken"):
        rotate(box, key)
    monkeypatch.undo()
    held = load(box)
    assert held is not None
    assert good(city, held.secret) or good(city, held.next_secret)
    done = rotate(box, held)
    assert done.rotated
    assert done.secret not in (key.secret, "")
    assert good(city, done.secret)
    assert not good(city, key.secret)
    assert load(box) == done


def test_the_keyring_rotates_once_at_first_contact(city: City, box: Path, key: Credential) -> None:
    keyring = Keyring(box, key)
    assert keyring.turn(False) is None
    fresh = turned(lambda: keyring.turn(True))
    assert fresh.rotated
    assert good(city, fresh.secret)
    for _ in range(5):
        assert keyring.turn(True) is None
        sleep_s(0.02)
    keyring.close()


def turned(turn: Callable[[], Credential | None]) -> Credential:
    found: list[Credential] = []

    def ask() -> bool:
        fresh = turn()
        found.extend([fresh] if fresh else [])
        return bool(found)

    wait_until(ask)
    return found[0]


def test_a_claim_anew_beside_the_program_that_runs_is_taken_up(
    city: City, url: str, box: Path, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_LOOK_S", 0.02)
    keyring = Keyring(box, key)
    assert turned(lambda: keyring.turn(True)).rotated
    with city.db.write() as tx:
        another = gateways.new_code(tx, ID, "test", city.clock.now())
    assert isinstance(another, str)
    fresh = claim(box, url, "SN-1", another)
    assert turned(lambda: keyring.turn(False)) == fresh
    for _ in range(5):
        assert keyring.turn(False) is None
        sleep_s(0.02)
    assert good(city, fresh.secret)
    assert load(box) == fresh
    keyring.close()


def test_another_gateways_key_ends_the_program(
    city: City, box: Path, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_LOOK_S", 0.0)
    keyring = Keyring(box, key)
    claims._write(box / FILE, replace(key, gateway="gw-another"))
    with pytest.raises(CannotEnrol, match="start anbu gateway anew"):
        keyring.turn(False)
    keyring.close()


@pytest.mark.parametrize("rotated", [False, True])
def test_the_same_claim_again_is_granted_again(city: City, url: str, box: Path, rotated: bool) -> None:
    given = code(city)
    held = claim(box, url, "SN-1", given)
    if rotated:
        held = rotate(box, held)
    assert claim(box, url, "SN-1", given.lower().replace("-", " ")) == held
    assert load(box) == held
    with city.db.read() as tx:
        assert "claimed_twice" not in [change.what for change in gateways.history(tx, ID)]
    with pytest.raises(CannotEnrol, match="has been used already"):
        claim(box.parent / "thief", url, "SN-1", given)


def test_kept_out_by_the_broker_it_knocks_at_the_other_door(
    city: City, box: Path, key: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "_AWAY_S", 0.05)
    former = replace(key, broker="mqtts://former.example")
    claims._write(box / FILE, former)
    keyring = Keyring(box, former)
    assert turned(lambda: keyring.turn(False)).broker == key.broker, "and hears where the broker is now"
    keyring.close()


def test_where_accounts_are_written_by_hand_the_key_stays(city: City, box: Path) -> None:
    city.homeward = dataclasses.replace(city.homeward, admit=None)
    with city.serve() as client:
        key = claim(box, str(client.base_url), "SN-1", code(city))
        keyring = Keyring(box, key)
        for _ in range(5):
            assert keyring.turn(True) is None
            sleep_s(0.02)
        keyring.close()
    assert load(box) == key


def test_a_revoked_gateway_is_told_so(city: City, box: Path, key: Credential) -> None:
    with city.db.write() as tx:
        gateways.revoke(tx, ID, "test", city.clock.now())
    with pytest.raises(CannotEnrol, match="admitted gateway"):
        contact(box, key)
    assert load(box) == key


def test_the_broker_is_reached_with_the_key_and_the_authority_that_came_with_it(
    city: City, box: Path, url: str
) -> None:
    city.homeward = dataclasses.replace(city.homeward, authority=AUTHORITY, broker="mqtts://b.example:9993?mqtt=3.1.1")
    with city.serve() as client:
        key = claim(box, str(client.base_url), "SN-1", code(city))
    broker = broker_of(box, key)
    assert (broker.host, broker.port, broker.tls, broker.v5) == ("b.example", 9993, True, False)
    assert (broker.username, broker.password) == (ID, key.secret)
    assert broker.ca is not None
    assert Path(broker.ca).read_text() == AUTHORITY
