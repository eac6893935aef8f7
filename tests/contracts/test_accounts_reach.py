"""What an account reaches: by its area, by whom it stands in for, by a person's word, by a token's part of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa

from access import accounts, tokens
from access.actor import Actor
from access.find import actor_of
from access.roles import PERMISSIONS, Role
from core.clock import wall_now
from core.people import Cover, Member
from core.people import Role as Called
from store import people
from store.account_tables import viewer_consents
from store.care_tables import persons
from store.database import Database
from store.pack_tables import providers
from tests.accounts import account, browser, page
from tests.serving import HOME, T0, City

GU, DONG = "gwangju/nam-gu", "gwangju/nam-gu/bongseon-1-dong"
HOUR = timedelta(hours=1)


@pytest.fixture
def city(db: Database) -> City:
    return City(db)


@pytest.fixture
def door(city: City) -> Iterator[httpx.Client]:
    with city.serve() as client:
        yield client


def seen(db: Database, login: str, now: datetime = T0) -> Actor:
    with db.read() as tx:
        found = accounts.by_login(tx, login)
        assert found is not None
        return actor_of(tx, found, now)


def test_whoever_stands_in_reaches_what_the_other_does_for_as_long(db: Database, city: City) -> None:
    with db.write() as tx:
        for id, area in (("ahn", f"{GU}/a-dong"), ("bae", f"{GU}/b-dong"), ("cha", f"{GU}/c-dong")):
            people.put_member(tx, db.backend, Member(id, id, Called.MANAGER, area))
            people.put_area(tx, db.backend, area, area, area)
        people.put_cover(tx, Cover("ahn", T0, T0 + 2 * HOUR, "bae"))
        people.put_cover(tx, Cover("bae", T0 + HOUR, T0 + 3 * HOUR, "cha"))
        people.put_cover(tx, Cover("cha", T0 + HOUR, T0 + 3 * HOUR, "ahn"))
    for id in ("ahn", "bae", "cha"):
        account(db, id, area=f"{GU}/{id[0]}-dong", member=id)
    account(db, "dan", area=DONG)

    def reach(login: str, hours: float) -> set[str]:
        return {area.removeprefix(f"{GU}/")[0] for area in seen(db, login, T0 + hours * HOUR).areas}

    assert reach("bae", -0.1) == {"b"}
    assert reach("bae", 0) == {"a", "b"}
    assert reach("cha", 0.5) == {"c"}
    # bae is away too: cha stands in for both, and ahn, who is away, for cha.
    assert reach("cha", 1.5) == {"a", "b", "c"}
    assert reach("bae", 1.5) == {"a", "b", "c"}, "in a ring everybody stands in for everybody"
    assert reach("bae", 3) == {"b"}
    assert seen(db, "dan").areas == (DONG,)
    # The cover that was entered later holds.
    with db.write() as tx:
        people.put_cover(tx, Cover("ahn", T0, T0 + HOUR, None))
    assert reach("bae", 0.5) == {"b"}


def test_a_relative_reaches_a_home_while_everybody_there_agrees(db: Database, city: City) -> None:
    son = account(db, "son", Role.FAMILY, homes=(HOME.id,))

    def person(id: str) -> None:
        with db.write() as tx:
            tx.execute(
                sa.insert(persons).values(
                    id=id, home=HOME.id, name=id, area=DONG, risk="normal", exercise=False, contact_at=T0, created_at=T0
                )
            )

    def says(id: str, state: str, purpose: str = "watch", viewer: str = son.id) -> tuple[str, ...]:
        with db.write() as tx:
            tx.execute(
                sa.insert(viewer_consents).values(
                    person=id, viewer=viewer, purpose=purpose, state=state, by="kim", at=T0
                )
            )
        return seen(db, "son").homes

    assert seen(db, "son").homes == ()
    person("h-mother")
    other = account(db, "other", Role.FAMILY, homes=(HOME.id,))
    assert says("h-mother", "given", viewer=other.id) == ()
    assert says("h-mother", "given", purpose="photographs") == ()
    assert says("h-mother", "given") == (HOME.id,)
    person("h-father")
    assert says("h-father", "withdrawn") == ()
    assert says("h-father", "given") == (HOME.id,)
    assert says("h-mother", "withdrawn") == ()
    assert seen(db, "son").areas == ()
    assert says("h-mother", "given") == (HOME.id,)
    with db.write() as tx:
        tx.execute(sa.update(persons).values(gone_at=T0))
    assert seen(db, "son").homes == ()


def test_a_token_is_a_part_of_its_account_and_ends(db: Database, door: httpx.Client) -> None:
    account(db, "kim", area=DONG)
    kim, now = browser(door, "kim"), wall_now()

    def asked(*permissions: str, days: float = 30) -> httpx.Response:
        ends = (now + timedelta(days=days)).isoformat()
        return kim.post("/api/me/tokens", json={"name": "공문", "permissions": permissions, "ends_at": ends})

    for wrong in ("account.write", "page", "no.such", ""):
        assert asked("case.read", wrong).json()["detail"]["code"] == "token_permissions", wrong
    assert asked("case.read", days=400).json()["detail"]["code"] == "token_ends"
    assert asked("case.read", days=-1).json()["detail"]["code"] == "token_ends"
    made = asked("case.read", "self").json()
    program = httpx.Client(base_url=door.base_url, headers={"Authorization": f"Bearer {made['token']}"})
    me = program.get("/api/session").json()
    assert (me["name"], me["permissions"]) == ("kim 씨", ["case.read", "self"])
    assert program.get("/api/cases").status_code == 200
    assert program.get("/api/homes").status_code == 403, "the account may, and the token may not"
    # It makes no key to the account, even if "self" is among its permissions.
    more = httpx.Client(base_url=door.base_url, headers={"Authorization": f"Bearer {asked('self').json()['token']}"})
    for path, body in (
        ("/api/me/tokens", {"name": "x", "permissions": ["self"], "ends_at": (now + HOUR).isoformat()}),
        ("/api/me/password", {"old": "x", "new": "y"}),
        ("/api/me/passkeys/options", None),
    ):
        for one in (program, more):
            assert one.post(path, json=body).json()["detail"]["code"] == "session_needed", path
    listed = kim.get("/api/me/tokens")
    assert made["token"] not in listed.text
    assert listed.json()[-1]["used_at"] is not None
    assert browser(door).get("/api/session", headers={"Cookie": f"anbu={made['token']}"}).status_code == 401
    assert kim.delete(f"/api/me/tokens/{made['id']}").status_code == 204
    assert program.get("/api/cases").status_code == 401
    assert kim.delete(f"/api/me/tokens/{made['id']}").status_code == 404
    with db.write() as tx:
        tx.execute(sa.update(tokens.tokens).values(ends_at=wall_now()))
    assert more.get("/api/session").status_code == 401


def test_a_token_keeps_nothing_that_its_account_has_lost(db: Database, door: httpx.Client) -> None:
    account(db, "root", Role.ADMIN, "gwangju")
    kim = account(db, "kim", Role.SUPERVISOR, GU)
    with db.write() as tx:
        made = tokens.make(tx, kim.id, kim.role, "x", ["case.read", "self"], wall_now() + HOUR, wall_now())
    assert isinstance(made, tuple)
    program = httpx.Client(base_url=door.base_url, headers={"Authorization": f"Bearer {made[1]}"})
    assert program.get("/api/session").json()["permissions"] == ["case.read", "self"]
    browser(door, "root").patch(f"/api/accounts/{kim.id}", json={"role": "researcher"})
    assert program.get("/api/session").status_code == 401


def test_a_city_admin_makes_accounts_within_the_city(db: Database, door: httpx.Client) -> None:
    account(db, "root", Role.ADMIN, "gwangju")
    far = account(db, "seoul", Role.ADMIN, "gwangju")
    with db.write() as tx:
        people.put_area(tx, db.backend, "seoul", "서울", "Seoul")
        tx.execute(sa.update(accounts.accounts).where(accounts.accounts.c.id == far.id).values(area="seoul"))
    root, seoul = browser(door, "root"), browser(door, "seoul")
    wanted = {"login": "Kim.MJ@city.example", "name": "김미정", "role": "manager", "area": DONG, "member": "kim"}
    made = root.post("/api/accounts", json=wanted | {"password": "느린 달팽이가 기차를 탄다"})
    assert made.status_code == 201, made.text
    id = made.json()["id"]
    assert made.json()["login"] == "kim.mj@city.example"
    assert "argon2" not in made.text
    faults = {
        "login_taken": wanted,
        "unknown_area": wanted | {"login": "a-1", "area": "gwangju/no-gu"},
        "area_needed": wanted | {"login": "a-1", "area": ""},
        "unknown_member": wanted | {"login": "a-1", "member": "nobody"},
        "provider_needed": {"login": "a-1", "name": "x", "role": "worker"},
        "unknown_provider": {"login": "a-1", "name": "x", "role": "worker", "provider": "p"},
        "area_not_wanted": {"login": "a-1", "name": "x", "role": "worker", "provider": "p", "area": DONG},
        "homes_needed": {"login": "a-1", "name": "x", "role": "family"},
        "unknown_home": {"login": "a-1", "name": "x", "role": "family", "homes": ["home-9999"]},
        "homes_not_wanted": wanted | {"login": "a-1", "homes": [HOME.id]},
        "role": wanted | {"login": "a-1", "role": "system"},
        "language": wanted | {"login": "a-1", "language": "fr"},
        "login": wanted | {"login": "a b"},
        "name": wanted | {"login": "a-1", "name": "\u200b"},
        "beyond_you": wanted | {"login": "a-1", "area": "seoul"},
        "password_common": wanted | {"login": "a-1", "password": "password1234"},
        "password_own_name": wanted | {"login": "a-1", "password": "김미정김미정김미정김미정"},
        "password_length": wanted | {"login": "a-1", "password": "짧은 말"},
    }
    for code, body in faults.items():
        detail = root.post("/api/accounts", json=body).json()["detail"]
        assert detail["code"] == code
        assert detail["ko"] != detail["en"]
    assert [one["login"] for one in root.get("/api/accounts").json()] == ["kim.mj@city.example", "root"]
    assert [one["login"] for one in seoul.get("/api/accounts").json()] == ["seoul"]
    for verb, path in (
        ("GET", ""), ("PATCH", ""), ("POST", "/disable"), ("POST", "/enable"), ("POST", "/end-sessions"),
        ("POST", "/password"),
    ):  # fmt: skip
        assert seoul.request(verb, f"/api/accounts/{id}{path}", json={}).status_code == 404, path
    assert root.patch(f"/api/accounts/{id}", json={"area": "seoul"}).json()["detail"]["code"] == "beyond_you"
    assert root.get(f"/api/accounts/{id}").json()["area"] == DONG
    moved = root.patch(f"/api/accounts/{id}", json={"area": GU, "role": "supervisor", "member": ""}).json()
    assert (moved["area"], moved["role"], moved["member"]) == (GU, "supervisor", None)
    me = root.get("/api/session").json()["account"]
    for change in ({"role": "auditor"}, {"area": GU}):
        assert root.patch(f"/api/accounts/{me}", json=change).json()["detail"]["code"] == "own_account"
    assert root.post(f"/api/accounts/{me}/disable").json()["detail"]["code"] == "own_account"
    shown = root.post(f"/api/accounts/{id}/password", json={}).json()["password"]
    kim = browser(door, "kim.mj@city.example", shown)
    assert root.post(f"/api/accounts/{id}/end-sessions").json() == {"ended": 1}
    assert kim.get("/api/session").status_code == 401


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SYSTEM, Role.ADMIN)])
def test_nobody_else_makes_accounts(db: Database, city: City, door: httpx.Client, role: Role) -> None:
    with db.write() as tx:
        tx.execute(
            sa.insert(providers).values(
                id="p-1", city="gwangju", name_ko="늘봄", name_en="Neulbom", kind="x", areas=["gwangju"], active=True
            )
        )
    reach = {Role.FAMILY: {"homes": (HOME.id,)}, Role.WORKER: {"provider": "p-1"}}.get(role, {"area": DONG})
    me = account(db, "mine", role, **reach)  # type: ignore[arg-type]  # each role's own
    one = browser(door, "mine")
    wanted = {"login": "mine", "name": "x", "role": "admin", "area": DONG}
    assert one.post("/api/accounts", json=wanted).status_code == 403
    assert one.patch(f"/api/accounts/{me.id}", json={"role": "admin"}).status_code == 403
    assert one.post(f"/api/accounts/{me.id}/password", json={}).status_code == 403
    assert one.get("/api/accounts").status_code == (200 if role in PERMISSIONS["account.read"] else 403)


def test_pushed_notices_go_to_a_browser_of_whoever_is_logged_in_there(db: Database, door: httpx.Client) -> None:
    from access import push

    kim, lee = account(db, "kim", area=DONG), account(db, "lee", area=DONG)
    said = {"endpoint": "https://push.example/abc", "keys": {"p256dh": "B" * 87, "auth": "a" * 22}}

    def told(it: accounts.Account) -> list[str]:
        with db.read() as tx:
            return [one.endpoint for one in push.of(tx, it.id)]

    assert browser(door, "kim").put("/api/me/push", json=said).status_code == 204
    assert (told(kim), told(lee)) == ([said["endpoint"]], [])
    other = browser(door, "lee")
    assert other.put("/api/me/push", json=said).status_code == 204
    assert (told(kim), told(lee)) == ([], [said["endpoint"]])
    assert other.put("/api/me/push", json=said | {"endpoint": "http://10.0.0.1/x"}).status_code == 204  # this machine
    assert other.request("DELETE", "/api/me/push", json={"endpoint": said["endpoint"]}).status_code == 204
    assert told(lee) == ["http://10.0.0.1/x"]
    assert other.delete("/api/me/push").status_code == 204
    assert told(lee) == []
    assert page(door)["Origin"].startswith("http://127.")
