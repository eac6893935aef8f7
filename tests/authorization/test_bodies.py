"""What is named in a body is looked at like what is named in a path; what is refused is as if it were not there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.authorization.asks import at, by, by_worker, ends, home, record
from tests.authorization.places import Place
from tests.authorization.world import World

NO_TIME = "T00"


def bodies(world: World) -> dict[str, tuple[str, str, str, dict[str, Any]]]:
    """Named: who, how, where to and what of somebody else's."""
    own, near, far, foreign = (world.places[name] for name in ("own", "near", "far", "foreign"))
    visit = by(own, id="visit-matrix-0001", person=own.person, kind="follow_up", owner=own.manager, due_at=at(99))
    apply = by(own, id="apply-matrix-001", origin="self")
    found: dict[str, tuple[str, str, str, dict[str, Any]]] = {}

    def add(name: str, who: str, route: str, body: dict[str, Any]) -> None:
        method, path = route.split()
        found[f"{who}: {name}"] = (who, method, path, body)

    for it in (near, far, foreign):
        add(
            f"a person in {it.name}",
            "m",
            "POST /api/care/persons",
            by(own, id="p-matrix-0001", name="김", area=it.area),
        )
        add(f"an application for a home in {it.name}", "m", "POST /api/care/applications", {**apply, "home": it.home})
        add(
            f"an application for a person in {it.name}",
            "m",
            "POST /api/care/applications",
            {**apply, "person": it.person},
        )
        somebody = {**apply, "name": "누구", "area": it.area}
        add(f"an application for somebody in {it.name}", "m", "POST /api/care/applications", somebody)
        tie = f"PUT /api/care/persons/{own.person}/ties/{it.person}"
        add(f"a tie to a person in {it.name}", "m", tie, by(own, kind="family"))
        add(f"a visit to a person in {it.name}", "m", "POST /api/care/visits", {**visit, "person": it.person})
        add(f"a visit of an episode in {it.name}", "m", "POST /api/care/visits", {**visit, "episode": it.episode})
        add(f"a visit by a manager of {it.name}", "m", "POST /api/care/visits", {**visit, "owner": it.manager})
        add(
            f"an order of an item in {it.name}",
            "m",
            "POST /api/care/orders",
            by(own, item=it.free_item, provider=own.provider),
        )
        add(
            f"an order to a provider of {it.name}",
            "m",
            "POST /api/care/orders",
            by(own, item=own.free_item, provider=it.provider),
        )
        agree = f"POST /api/care/episodes/{own.episode}/plans/{it.plan}/agree"
        add(f"a plan of {it.name} as one's own", "m", agree, by(own))
        add(
            f"a record of an order in {it.name}",
            "w",
            "PUT /api/care/records/matrix-record-1",
            record(own) | {"order": it.order},
        )
        task = record(own) | {"task": it.task}
        add(f"a record of a task in {it.name}", "w", "PUT /api/care/records/matrix-record-1", task)
        alone = {name: value for name, value in task.items() if name != "order"}
        add(f"a record of a task alone in {it.name}", "w", "PUT /api/care/records/matrix-record-1", alone)
        claim = by_worker(own, key="claim-matrix-001", provider=it.provider, records=[it.unclaimed])
        add(f"a claim for the provider of {it.name}", "w", "POST /api/care/claims", claim)
        mixed = {**claim, "provider": own.provider}
        add(f"a claim with a record of {it.name}", "w", "POST /api/care/claims", mixed)
        task_of = by_worker(own, key="task-matrix-001", worker=it.worker, planned_at=at(68), units=1)
        add(f"a task for a worker of {it.name}", "w", f"POST /api/care/orders/{own.order}/tasks", task_of)
    for who, there in (("s", far), ("s", foreign), ("a", foreign)):
        add(
            f"a rule of {there.name}",
            who,
            "PUT /api/care/rules",
            by(own, area=there.gu, key="deadlines.order", value=20),
        )
        add(f"a home in {there.name}", who, "POST /api/homes", home(own, area=there.area))
        taken = home(own, id=there.home, gateway=there.gateway)
        add(f"a home of {there.name} fetched over", who, "POST /api/homes", taken)
        box = home(own, gateway=there.gateway)
        add(f"a gateway of {there.name} fetched over", who, "POST /api/homes", box)
    for who in "sa":
        staff = by(own, members=[own.worker, foreign.worker])
        add("a worker of foreign for one's own provider", who, f"PUT /api/care/providers/{own.provider}/staff", staff)
    for who in "sa":
        decision = by(own, id="decision-matrix-1", city=foreign.city, year=2026, won=1, reason="x")
        add("money of foreign", who, "POST /api/care/budget/decisions", decision)
    wanted = {"login": "matrix-new", "name": "새 사람", "role": "manager", "area": foreign.area}
    add("an account in foreign", "a", "POST /api/accounts", wanted)
    add("an account of a provider of foreign", "a", "POST /api/accounts",
        {"login": "matrix-new", "name": "새", "role": "worker", "provider": foreign.provider})  # fmt: skip
    add("an account of a home in foreign", "a", "POST /api/accounts",
        {"login": "matrix-new", "name": "새", "role": "family", "homes": [own.home, foreign.home]})  # fmt: skip
    add("an account moved to foreign", "a", f"PATCH /api/accounts/{own.account}", {"area": foreign.area})
    add("an account that is foreign's manager", "a", f"PATCH /api/accounts/{own.account}", {"member": foreign.manager})
    add("a token for more than one may", "m", "POST /api/me/tokens",
        {"name": "x", "permissions": ["case.read", "account.write"], "ends_at": ends()})  # fmt: skip
    return found


def test_what_is_not_theirs_is_refused_and_nothing_is_written(world: World) -> None:
    wrong = []
    for name, (who, method, path, body) in bodies(world).items():
        before, counted = world.state(), world.counts()
        answer = world.call(who, method, path, json=body)
        refused = answer.status_code in (400, 404, 409) or (path == "/api/homes" and answer.json().get("imported") == 0)
        if not refused:
            wrong.append(f"{name}: {answer.status_code} {answer.text[:160]}")
        if world.state() != before:
            more = {table: n - counted[table] for table, n in world.counts().items() if n != counted[table]}
            wrong.append(f"{name}: it has written {more}")
            world.restore()
    assert not wrong, "\n".join(wrong)


GONE = {
    "/api/cases/{}": 999_999,
    "/api/cases/{}/console": 999_999,
    "/api/care/cases/{}/cap": 999_999,
    "/api/homes/{}": "home-nowhere",
    "/api/homes/{}/card": "home-nowhere",
    "/api/homes/{}/check-ins": "home-nowhere",
    "/api/care/persons/{}": "h-home-nowhere",
    "/api/care/persons/{}/facts": "h-home-nowhere",
    "/api/care/episodes/{}": 999_999,
    "/api/care/episodes/{}/plan": 999_999,
    "/api/care/episodes/{}/services": 999_999,
    "/api/care/episodes/{}/assessments": 999_999,
    "/api/care/episodes/{}/evaluations": 999_999,
    "/api/care/episodes/{}/fhir": 999_999,
    "/api/care/visits/{}": "visit-nowhere-0001",
    "/api/care/orders/{}": 999_999,
    "/api/care/orders/{}/kept": 999_999,
    "/api/care/claims/{}": 999_999,
    "/api/care/calendar/{}.ics": "manager-nowhere",
    "/api/care/providers/{}/staff": "nowhere-01",
    "/api/accounts/{}": "u-0000000000000000",
}


def there(it: Place, path: str) -> Any:
    """The id of that place's thing."""
    kinds = {
        "calendar": "manager", "providers": "provider", "accounts": "account", "homes": "home", "cases": "case",
        "persons": "person", "episodes": "episode", "visits": "visit", "orders": "order", "claims": "claim",
    }  # fmt: skip
    (kind,) = [name for word, name in kinds.items() if f"/{word}/" in path]
    return getattr(it, kind)


@pytest.mark.parametrize("path", GONE)
def test_what_is_not_theirs_looks_as_if_it_were_not_there(world: World, path: str) -> None:
    for letter in "msadwf":
        it = world.places["foreign"]
        foreign = world.call(letter, "GET", path.format(there(it, path)))
        nowhere = world.call(letter, "GET", path.format(GONE[path]))
        assert foreign.status_code == nowhere.status_code, letter
        assert foreign.status_code in (403, 404)
        # The sentence says the id that was asked for, and nothing else.
        plain = [
            re.sub(re.escape(str(id)), "ID", answer.text)
            for answer, id in ((foreign, there(it, path)), (nowhere, GONE[path]))
        ]
        assert plain[0] == plain[1], letter
        same = ("content-type", "cache-control", "etag", "location")
        assert [foreign.headers.get(name) for name in same] == [nowhere.headers.get(name) for name in same]


def test_a_stored_answer_is_told_to_nobody_else(world: World) -> None:
    own = world.places["own"]
    acts = {
        f"/api/cases/{own.case}/note": ("m", "sd", {"note": "열쇠는 화분 밑"}),
        "/api/care/applications": ("m", "sd", by(own, id="apply-matrix-002", origin="self", home=own.home)),
        f"/api/care/episodes/{own.episode}/take": ("m", "sd", by(own)),
        f"/api/care/persons/{own.person}/contact": ("m", "sd", by(own, at=at(-1))),
        f"/api/care/orders/{own.offered}/cancel": ("w", "ms", by_worker(own, reason="끝")),
    }
    for path, (first, others, body) in acts.items():
        key = {"Idempotency-Key": f"key of {path}"}
        said = world.call(first, "POST", path, json=body, headers=key)
        assert said.status_code == 200, said.text
        again = world.call(first, "POST", path, json=body, headers=key)
        assert (again.status_code, again.json()) == (200, said.json())
        for letter in others:
            other = world.call(letter, "POST", path, json=body, headers=key)
            assert other.status_code == 422, (path, letter, other.text)
            assert other.json()["detail"]["code"] == "key_reused"
    world.restore()


def test_nobody_speaks_for_another(world: World) -> None:
    """The name that a request gives is a program's to give; an account is who it is."""
    own = world.places["own"]
    said = world.call("m", "POST", f"/api/cases/{own.case}/ack", json={"by": "duty"})
    assert said.json()["owner"] == own.manager
    taken = world.call("s", "POST", f"/api/care/episodes/{own.episode}/take", json=by(own))
    assert taken.json()["owner"] == "supervisor"
    facts = world.call("w", "GET", f"/api/care/persons/{own.person}/facts", params={"reader": own.manager})
    assert {one["field"] for one in facts.json()} == {"key_safe"}
    assert facts.json() == world.call("w", "GET", f"/api/care/persons/{own.person}/facts").json()
    world.restore()
