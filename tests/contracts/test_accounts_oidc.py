"""The organisation's own log-in, against a real provider on loopback that signs real tokens, and lies."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from access import accounts
from access.oidc import Oidc
from access.roles import Role
from core.clock import wall_now
from store.database import Database
from tests.accounts import account, browser
from tests.organisation import CLIENT, SECRET, Organisation, organisation
from tests.serving import City

BACK = "/api/session/oidc/back"


@pytest.fixture
def there() -> Iterator[Organisation]:
    with organisation() as it:
        yield it


@pytest.fixture
def door(db: Database, there: Organisation) -> Iterator[httpx.Client]:
    account(db, "root", Role.ADMIN, "gwangju")
    with City(db, oidc=Oidc(there.issuer, CLIENT, SECRET, "광주광역시")).serve() as client:
        yield client


def begin(one: httpx.Client) -> dict[str, str]:
    """What the browser is sent to the organisation with."""
    sent = one.get("/api/session/oidc", params={"next": "/cases/7"})
    assert sent.status_code == 303
    return dict(parse_qsl(urlsplit(sent.headers["location"]).query))


def come_back(one: httpx.Client, asked: dict[str, str], code: str, **more: str) -> httpx.Response:
    return one.get(BACK, params={"state": asked["state"], "code": code} | more)


def there_and_back(one: httpx.Client, there: Organisation) -> httpx.Response:
    asked = begin(one)
    return come_back(one, asked, there.allow(asked))


def test_a_verified_address_is_bound_once_and_then_the_subject_leads_in(
    db: Database, there: Organisation, door: httpx.Client
) -> None:
    kim = account(db, "kim@city.example", area="gwangju/nam-gu")
    assert door.get("/api/session/ways").json()["oidc"] == "광주광역시"
    one = browser(door)
    asked = begin(one)
    assert (asked["response_type"], asked["client_id"], asked["scope"]) == ("code", CLIENT, "openid email")
    landed = come_back(one, asked, there.allow(asked))
    assert landed.status_code == 200, landed.text
    assert '<meta http-equiv="refresh" content="0; url=/cases/7">' in landed.text
    assert "<script" not in landed.text
    cookie = next(one for one in landed.headers.get_list("set-cookie") if one.startswith("anbu="))
    assert "samesite=strict" in cookie.lower()
    assert one.get("/api/session").json()["account"] == kim.id
    # Somebody else is given the address later on: the account stays with whom it is bound to.
    there.claims = {"sub": "u-2"}
    other = browser(door)
    assert there_and_back(other, there).status_code == 401
    there.claims = {"email": "kim.new@city.example"}
    again = browser(door)
    assert there_and_back(again, there).status_code == 200
    assert again.get("/api/session").json()["account"] == kim.id
    with db.write() as tx:
        accounts.disable(tx, kim.id, wall_now())
    last = browser(door)
    assert there_and_back(last, there).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": "nobody@city.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"nonce": "of another log-in"},
        {"nonce": None},
        {"sub": None},
        {"sub": 7},
        {"sub": ""},
        {"iat": 99_999_999_999},
    ],
    ids=str,
)
def test_what_is_not_proved_opens_nothing(
    db: Database, there: Organisation, door: httpx.Client, claims: dict[str, object]
) -> None:
    account(db, "kim@city.example", area="gwangju/nam-gu")
    there.claims = claims
    one = browser(door)
    landed = there_and_back(one, there)
    assert landed.status_code == 401
    assert one.get("/api/session").status_code == 401


def test_a_token_signed_by_another_key_or_by_none_opens_nothing(
    db: Database, there: Organisation, door: httpx.Client
) -> None:
    account(db, "kim@city.example", area="gwangju/nam-gu")
    another = RSAKey.generate_key(2048, {"kid": "k1"})
    there.signs_with = another
    for forged_with, header in (
        (None, {"alg": "RS256", "kid": "k1"}),
        # The public key, which everybody knows, as if it were a shared secret.
        (there.key.as_pem(private=False), {"alg": "HS256", "kid": "k1"}),
        (SECRET.encode(), {"alg": "HS256"}),
        (b"", {"alg": "none"}),
    ):
        there.forged_with, there.header = forged_with, header
        one = browser(door)
        assert there_and_back(one, there).status_code == 401, header
    there.forged_with = None
    # The organisation may change its key at any time.
    there.key = there.signs_with = RSAKey.generate_key(2048, {"kid": "k2"})
    there.header = {"alg": "RS256", "kid": "k2"}
    one = browser(door)
    assert there_and_back(one, there).status_code == 200


def test_state_and_code_hold_once_and_for_the_browser_that_began(
    db: Database, there: Organisation, door: httpx.Client
) -> None:
    account(db, "kim@city.example", area="gwangju/nam-gu")
    # A link that an attacker sends, with their own state and code: it logs nobody in.
    theirs = browser(door)
    asked = begin(theirs)
    code = there.allow(asked)
    assert come_back(browser(door), asked, code).status_code == 401
    victim = browser(door)
    begin(victim)
    assert come_back(victim, asked, code).status_code == 401, "the state is another browser's"
    # One that was begun is used up, whatever came of it.
    cookie = theirs.cookies["anbu-oidc"]
    assert come_back(theirs, asked | {"state": "x"}, code).status_code == 401
    theirs.cookies.set("anbu-oidc", cookie, domain="127.0.0.1")
    assert come_back(theirs, asked, code).status_code == 401
    one = browser(door)
    asked = begin(one)
    cookie, code = one.cookies["anbu-oidc"], there.allow(asked)
    assert come_back(one, asked, code).status_code == 200
    replay = browser(door)
    replay.cookies.set("anbu-oidc", cookie, domain="127.0.0.1")
    assert come_back(replay, asked, code).status_code == 401
    mixed = browser(door)
    asked = begin(mixed)
    assert come_back(mixed, asked, there.allow(asked), iss="https://evil.example").status_code == 401


def test_an_organisation_that_is_away_says_so(db: Database, there: Organisation, door: httpx.Client) -> None:
    there.down = True
    answer = browser(door).get("/api/session/oidc")
    assert (answer.status_code, answer.json()["detail"]["code"]) == (502, "oidc_away")
    there.down = False
    one = browser(door)
    asked = begin(one)
    there.down = True
    assert come_back(one, asked, there.allow(asked)).status_code == 502


def test_a_city_without_one_says_so(db: Database) -> None:
    with City(db).serve() as door:
        assert door.get("/api/session/oidc").json()["detail"]["code"] == "oidc_off"
        assert door.get("/api/session/ways").json()["oidc"] is None
