"""Guessing, asking too often, listening on, and writing too much: what the door does against it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from argon2 import PasswordHasher, Type

from access import accounts, passwords, sessions
from access.roles import Role
from api import door as doors
from api.limits import HERE, Limits, TooOften, block
from core.clock import wall_now
from store.database import Database
from tests.accounts import PASSWORD, account, browser, page
from tests.conftest import COSTLY
from tests.serving import City
from tests.waiting import wait_until

DONG = "gwangju/nam-gu/bongseon-1-dong"
TOKEN = "a long and secret word"


@pytest.fixture
def city(db: Database) -> City:
    return City(db)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def from_address(door: httpx.Client, address: str) -> httpx.Client:
    way = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=door.base_url, transport=way, headers=page(door), timeout=30)


def test_guessing_a_hundred_times_locks_the_guesser_out_and_nobody_else(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    kim = from_address(door, "127.0.0.7")
    right = {"login": "kim", "password": PASSWORD}
    assert kim.post("/api/session", json=right).status_code == 200
    mallory = from_address(door, "127.0.0.66")
    answers = [mallory.post("/api/session", json={"login": "kim", "password": f"guess {n}"}) for n in range(100)]
    most = HERE[0].amount
    assert [one.status_code for one in answers] == [401] * most + [429] * (100 - most)
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].json()["detail"]["code"] == "too_often"
    assert mallory.post("/api/session", json=right).status_code == 429, "the right one, guessed too late"
    assert kim.post("/api/session", json=right).status_code == 200


def test_behind_a_proxy_each_guesser_is_counted_by_their_own_address(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    right, most = {"login": "kim", "password": PASSWORD}, HERE[0].amount

    def tries(through: httpx.Client, address: str, said: dict[str, str]) -> int:
        return through.post("/api/session", json=said, headers={"X-Forwarded-For": address}).status_code

    proxy, mallory = from_address(door, "127.0.0.1"), from_address(door, "127.0.0.66")
    wrong = right | {"password": "guess"}
    assert [tries(proxy, "203.0.113.9", wrong) for _ in range(most + 1)] == [401] * most + [429]
    assert tries(proxy, "203.0.113.7", right) == 200, "another one behind the same proxy"
    forged = [tries(mallory, f"198.51.100.{n}", wrong) for n in range(most + 1)]
    assert forged == [401] * most + [429], "no proxy of ours: whatever it says, it is one machine"


def test_guesses_from_everywhere_do_not_lock_out_who_came_in_before() -> None:
    limits = Limits()
    limits.attempt("kim", "10.0.0.1")
    limits.came_in("KIM", "10.0.0.1")

    def guess() -> None:
        for n in range(1000):
            limits.attempt("kim", f"10.1.{n // 250}.{n % 250}")

    with pytest.raises(TooOften) as late:
        guess()
    assert late.value.wait_s <= 60
    limits.attempt("kim", "10.0.0.1")
    limits.attempt("lee", "10.2.0.1")


def test_an_address_is_counted_as_a_household_has_it() -> None:
    assert block("2001:db8::1") == block("2001:db8::ffff:1") != block("2001:db8:0:1::1")
    assert block("10.0.0.1") != block("10.0.0.2")
    assert block(None) == ""


def test_a_session_that_asks_without_end_waits(
    db: Database, door: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits import RateLimitItemPerMinute

    monkeypatch.setattr("api.limits.CALLS", (RateLimitItemPerMinute(5, 1, "few"),))
    account(db, "kim", area=DONG)
    kim, other = browser(door, "kim"), browser(door, "kim")
    assert [kim.get("/api/session").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert other.get("/api/session").status_code == 200


def test_more_passwords_at_once_than_there_is_room_for_are_sent_away(
    db: Database, door: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(db, "kim", area=DONG)
    taken = [passwords._queue.acquire(blocking=False) for _ in range(passwords._WAITING)]
    try:
        answer = browser(door).post("/api/session", json={"login": "kim", "password": PASSWORD})
    finally:
        for _ in taken:
            passwords._queue.release()
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    assert browser(door, "kim").get("/api/session").status_code == 200


def test_a_live_board_ends_with_its_session(
    db: Database, city: City, door: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "STILL_S", 0.0)
    account(db, "root", Role.SUPERVISOR, "gwangju")
    kim = browser(door, "root")
    case = city.press()
    with kim.stream("GET", "/api/stream?after=0") as live:
        lines = live.iter_lines()
        wait_until(lambda: next(lines).startswith("event: case"))
        with db.write() as tx:
            found = accounts.by_login(tx, "root")
            assert found is not None
            assert sessions.end_all(tx, found.id, wall_now()) == 1
        for n in range(3):
            city.note(case, f"after {n}")
        rest = list(lines)
    assert not [line for line in rest if "after" in line], "what was written behind its end is not told"


def test_the_citys_token_still_does_everything(db: Database) -> None:
    account(db, "kim", area=DONG)
    with City(db, token=TOKEN).serve() as door:
        program = {"Authorization": f"Bearer {TOKEN}"}
        assert door.get("/api/session", headers=program).json()["role"] == "system"
        assert door.get("/api/accounts", headers=program).json()[0]["login"] == "kim"
        assert door.get("/api/session").status_code == 401
        for wrong in (TOKEN[:-1], "anbu_" + "x" * 43, "x"):
            assert door.get("/api/cases", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401
        kim = browser(door, "kim")
        assert kim.get("/api/session").json()["role"] == "manager"


def test_behind_tls_the_cookie_is_the_hosts_own(db: Database) -> None:
    account(db, "kim", area=DONG)
    with City(db, public_url="https://anbu.example").serve() as door:
        public = {"Host": "anbu.example", "Origin": "https://anbu.example"}
        said = {"login": "kim", "password": PASSWORD}
        answer = door.post("/api/session", json=said, headers=public)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-anbu=")
        assert {"secure", "path=/", "httponly", "samesite=strict"} <= {one.strip().lower() for one in cookie.split(";")}
        assert "domain" not in cookie.lower()
        assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
        value = cookie.split(";")[0]
        assert door.get("/api/session", headers=public | {"Cookie": value}).status_code == 200
        # The name that any page of the machine could set is none here.
        assert door.get("/api/session", headers=public | {"Cookie": value.replace("__Host-", "")}).status_code == 401
        plain = public | {"Origin": "http://anbu.example"}
        assert door.post("/api/session", json=said, headers=plain).status_code == 403
        # Elsewhere than at this machine nobody says a password without TLS.
        other = door.post("/api/session", json=said, headers={"Host": "10.0.0.1:8080"})
        assert (other.status_code, other.json()["detail"]["code"]) == (403, "insecure")


@pytest.mark.parametrize(
    "bad",
    ["password1234", "P@ssw0rd1234!", "qwertyuiop12", "123456789012", "aaaaaaaaaaaa", "1q2w3e4r5t6y", "dkssudgktpdy1",
     "Gwangju2026!", "kim.minji2026", "김민지김민지김민지김민지", "010-1234-5678", "ab" * 64 + "c", "eleven char",
     "ｐａｓｓｗｏｒｄ１２３４"],
)  # fmt: skip
def test_a_password_that_anybody_could_think_of_is_none(bad: str) -> None:
    assert passwords.fault(bad, "kim.minji", "김민지") is not None


@pytest.mark.parametrize(
    "good", [PASSWORD, "correct-horse-battery", "tr0ub4dor&3 xyz", "x" * 4 + "귤 다섯 개와 배 하나"]
)
def test_a_good_password_is_taken(good: str) -> None:
    assert passwords.fault(good, "kim.minji", "김민지") is None
    assert passwords.fault(passwords.generated(), "kim", "김민지") is None


def test_one_letter_typed_in_two_ways_is_one_password() -> None:
    kept = passwords.hashed("느린 달팽이 á 기차 12")
    assert passwords.holds(kept, "느린 달팽이 á 기차 12")
    assert not passwords.holds(kept, "느린 달팽이 a 기차 12")
    assert not passwords.holds(None, "느린 달팽이 á 기차 12")
    assert not passwords.holds("no hash at all", "x")


def test_a_password_costs_who_guesses_it_64_mib_and_three_passes() -> None:
    """RFC 9106, its second choice; the other tests do with less."""
    assert (COSTLY.type, COSTLY.memory_cost, COSTLY.time_cost, COSTLY.parallelism) == (Type.ID, 65_536, 3, 4)


def test_an_account_of_older_parameters_is_kept_anew(db: Database, door: httpx.Client) -> None:
    kim = account(db, "kim", area=DONG)
    old = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    with db.write() as tx:
        accounts.put_password(tx, kim.id, old, wall_now())
    assert browser(door, "kim").get("/api/session").status_code == 200
    with db.read() as tx:
        now = accounts.find(tx, kim.id)
    assert now is not None
    assert now.password is not None
    assert not passwords.outdated(now.password)
    assert passwords.holds(now.password, PASSWORD)
