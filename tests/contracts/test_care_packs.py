"""City packs on both databases and over HTTP: loaded whole or not at all, twice as once, and arranged by people."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.cli import main
from care import arrangements, catalogue
from care.catalogue import Loaded
from care.journal import note
from care.pack import Pack, load_pack, unreasonable
from core.care import Refused
from core.people import Member, Role
from store import people
from store.care_tables import care_log
from store.database import Database
from store.pack_tables import overrides, packs, provider_services, provider_staff, providers
from store.tables import areas
from tests.serving import KIM, T0, City
from tests.typed import anbu

GWANGJU, DAEDEOK = load_pack("gwangju"), load_pack("daedeok")
NAM = "gwangju/nam-gu"
FIRST = "gwangju-01"
ANN = Member("ann", "안나래", Role.WORKER, "gwangju")
BO = Member("bom", "보라미", Role.WORKER, "gwangju")
GONE = Member("cho", "조아라", Role.WORKER, "gwangju", active=False)
SECRET = "sixteen-letters-at-least"


def loaded(db: Database, *packs: Pack) -> None:
    with db.write() as tx:
        for pack in packs:
            done = catalogue.load(tx, pack, T0)
            assert isinstance(done, Loaded), done
        for member in (KIM, ANN, BO, GONE):
            people.put_member(tx, db.backend, member)


def rows(db: Database) -> dict[str, list[Any]]:
    """Everything that a pack brings."""
    with db.read() as tx:
        tables = (packs, catalogue.service_rows, providers, provider_services, catalogue.budget_rows, areas)
        return {
            table.name: [tuple(row) for row in tx.execute(sa.select(table).order_by(*table.c[:2]))] for table in tables
        }


def journal(db: Database) -> list[str]:
    with db.read() as tx:
        return [row.what.rpartition(".")[2] for row in tx.execute(sa.select(care_log).order_by(care_log.c.id))]


def without(pack: Pack, *, services: tuple[str, ...] = (), ids: tuple[str, ...] = ()) -> Pack:
    """The pack without some services and providers."""
    kept = {
        id: msgspec.structs.replace(one, services=tuple(code for code in one.services if code not in services))
        for id, one in pack.providers.items()
        if id not in ids
    }
    offered = {code: one for code, one in pack.services.items() if code not in services}
    return msgspec.structs.replace(pack, services=offered, providers=kept)


def ruled(pack: Pack, **sections: Any) -> Pack:
    return msgspec.structs.replace(pack, body={**pack.body, **sections})


# --- loading


def test_a_pack_loaded_twice_is_loaded_once_and_two_cities_stand_beside_each_other(db: Database) -> None:
    loaded(db, GWANGJU, DAEDEOK)
    before = rows(db)
    loaded(db, DAEDEOK, GWANGJU)
    assert rows(db) == before
    with db.read() as tx:
        assert [(one.city, one.services, one.providers) for one in catalogue.cities(tx)] == [
            ("daejeon", 8, 32), ("gwangju", 16, 38),
        ]  # fmt: skip
        assert len(catalogue.areas_under(tx, "gwangju")) == 103
        assert len(catalogue.areas_under(tx, "daejeon/daedeok-gu")) == 13
        for code in GWANGJU.services:
            found = catalogue.providers(tx, "gwangju", code)
            assert all(any(one.serves(dong) for one in found) for dong in GWANGJU.dongs)
        assert {one.id for one in catalogue.providers(tx, "gwangju", "meals", f"{NAM}/bongseon-1-dong")} == {
            "gwangju-15"
        }
        assert catalogue.providers(tx, "gwangju", "meals", "daejeon/daedeok-gu") == []
        assert not catalogue.providers(tx, "daejeon", "large-cleaning")


def test_what_a_pack_has_no_more_rests_and_comes_back_and_what_people_arranged_stays(db: Database) -> None:
    loaded(db, GWANGJU)
    with db.write() as tx:
        assert arrangements.put_staff(tx, "ann", FIRST, "kim", T0) is None
        arrangements.put_hook(tx, FIRST, "https://orders.example/", SECRET, "kim", T0)
    before = rows(db)
    fewer = without(GWANGJU, services=("meals",), ids=("gwangju-02",))
    with db.write() as tx:
        done = catalogue.load(tx, fewer, T0 + timedelta(days=1))
        assert done == Loaded(areas=103, services=15, providers=37, retired=2)
        assert "meals" not in {one.code for one in catalogue.services(tx, "gwangju")}
        meals = catalogue.service(tx, "gwangju", "meals")
        assert meals is not None
        assert not meals.active
        assert catalogue.providers(tx, "gwangju", "meals") == []
        second = catalogue.provider(tx, "gwangju-02")
        assert second is not None
        assert not second.active
        assert "gwangju-02" not in {one.id for one in catalogue.providers(tx, "gwangju")}
        assert isinstance(arrangements.put_staff(tx, "ann", "gwangju-02", "kim", T0), Refused)
        first = catalogue.provider(tx, FIRST)
        assert first is not None
        assert (first.services, first.hook_url) == (("housekeeping",), "https://orders.example/")
        assert arrangements.works_for(tx, "ann", FIRST)
    loaded(db, GWANGJU)
    assert rows(db) == before


def test_a_pack_that_may_not_be_loaded_leaves_everything_as_it_was(db: Database) -> None:
    loaded(db, DAEDEOK, GWANGJU)
    before = rows(db)
    thief = msgspec.structs.replace(
        GWANGJU, providers={**GWANGJU.providers, "daejeon-01": DAEDEOK.providers["daejeon-01"]}, budgets={2030: 1}
    )
    with db.write() as tx:
        assert catalogue.load(tx, thief, T0) == Refused("provider_elsewhere", {"id": "daejeon-01", "city": "daejeon"})
    with db.write() as tx:
        arrangements.put_override(tx, NAM, "visits.lead_days", 20, "kim", T0)
        tighter = ruled(GWANGJU, visits={**GWANGJU.body["visits"], "normal_days": 20})
        clash = Refused("override_clash", {"area": NAM, "rule": "visits.lead_days", "most": 19})
        assert catalogue.load(tx, tighter, T0) == clash
        assert isinstance(catalogue.load(tx, ruled(tighter, overridable=[]), T0), Loaded), "the city may fix it"
        assert catalogue.rules_for(tx, NAM).visits.lead_days == 7
        assert isinstance(catalogue.load(tx, GWANGJU, T0), Loaded)
    assert rows(db) == before


# --- what a gu may say otherwise


KEYS = tuple(GWANGJU.body["overridable"])
ACTS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from([NAM, "gwangju/buk-gu"]),
            st.sampled_from([*KEYS, "deadlines.pay", "visits.silences", "city_percent", "visits.nothing", "floor."]),
            st.one_of(st.none(), st.integers(-1, 40), st.sampled_from([True, 10**30, 366, 367, 8784, 8785])),
        ),
        st.lists(st.sampled_from(KEYS), max_size=len(KEYS), unique=True),
    ),
    max_size=10,
)


def test_a_gu_says_otherwise_only_what_its_city_lets_it(db: Database) -> None:
    loaded(db, GWANGJU)

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(ACTS)
    def law(acts: list[Any]) -> None:
        allowed, model = set(KEYS), {NAM: {}, "gwangju/buk-gu": {}}  # type: tuple[set[str], dict[str, dict[str, int]]]
        with db.write() as tx:
            for act in acts:
                if isinstance(act, list):
                    if isinstance(catalogue.load(tx, ruled(GWANGJU, overridable=act), T0), Loaded):
                        allowed = set(act)
                    continue
                gu, key, value = act
                done = arrangements.put_override(tx, gu, key, value, "kim", T0)
                if value is None and not isinstance(done, Refused):
                    model[gu].pop(key, None)
                elif not isinstance(done, Refused):
                    assert key in allowed
                    assert type(value) is int
                    model[gu][key] = value
                elif key not in allowed and value is not None:
                    assert done == Refused("not_overridable", {"rule": key})
                elif not key.startswith("visits.") and type(value) is int and 1 <= value <= 8784:
                    raise AssertionError(f"{gu} may set {key} to {value}: {done}")
            city = catalogue.rules_for(tx, "gwangju/seo-gu/yang-dong")
            assert msgspec.structs.replace(city, overridable=()) == msgspec.structs.replace(
                catalogue.rules_for(tx, "gwangju"), overridable=()
            )
            for gu, own in model.items():
                rules = catalogue.rules_for(tx, f"{gu}/somewhere")
                assert unreasonable(rules) is None
                for key in KEYS:
                    section, name = key.split(".")
                    expected = own[key] if key in own and key in allowed else getattr(getattr(city, section), name)
                    assert getattr(getattr(rules, section), name) == expected
                for one in arrangements.overrides_of(tx, gu):
                    assert one.in_force == (one.key in allowed)
            tx.rollback()

    law()
    with db.write() as tx:
        for area in ("gwangju", f"{NAM}/bongseon-1-dong", "gwangju/nowhere", "seoul/jongno-gu", "gwangju/"):
            found = arrangements.put_override(tx, area, "deadlines.order", 5, "kim", T0)
            assert found == Refused("unknown_gu", {"id": area})
        assert tx.execute(sa.select(overrides)).all() == []


# --- over HTTP


def test_a_city_is_read_over_http(db: Database) -> None:
    loaded(db, GWANGJU, DAEDEOK)
    with City(db).serve() as door:
        get = lambda path, **query: door.get(f"/api/care/{path}", params=query)  # noqa: E731 - it reads best so
        assert [one["city"] for one in get("cities").json()] == ["daejeon", "gwangju"]
        offered = {one["code"]: one for one in get("services", city="gwangju").json()}
        assert len(offered) == 16
        night = offered["holiday-night-care"]
        assert (night["unit"], night["hours"], night["by_name"]["en"]) == ("hour", "off_hours", "private institution")
        assert night["name"] == {"ko": "휴일·야간 돌봄", "en": "holiday and night care"}
        found = get("providers", city="gwangju", service="meals", area=f"{NAM}/wolsan-dong").json()
        assert [one["id"] for one in found] == ["gwangju-15"]
        assert "hook_secret" not in found[0]
        assert len(get("providers", city="gwangju").json()) == 38
        assert len(get("providers", city="gwangju", limit=10, offset=30).json()) == 8
        dongs = get("areas", under=NAM, limit=200).json()
        assert len(dongs) == 18
        assert {"code": f"{NAM}/daechon-dong", "name": {"ko": "대촌동", "en": "Daechon-dong"}} in dongs
        assert {one["won"] for one in get("budgets", city="gwangju").json()} == {10_103_796_000}
        rules = get("rules", area=f"{NAM}/bongseon-1-dong").json()
        assert (rules["city"], rules["gu"], rules["visits"]["normal_days"]) == ("gwangju", NAM, 90)
        for path, query, code in (
            ("services", {"city": "busan"}, "unknown_city"),
            ("providers", {"city": "busan"}, "unknown_city"),
            ("providers", {"city": "gwangju", "service": "night-care"}, "unknown_service"),
            ("providers", {"city": "gwangju", "area": f"{NAM}/nowhere"}, "unknown_area"),
            ("rules", {"area": "busan/jung-gu"}, "unknown_city"),
            ("rules", {"area": "gwangju/jung-gu"}, "unknown_area"),
        ):
            answer = get(path, **query)
            assert (answer.status_code, answer.json()["detail"]["code"]) == (404, code)
        for bad in ({"city": "a\x00"}, {"city": "gwangju", "limit": 201}, {"city": "gwangju", "area": "../etc"}):
            assert get("providers", **bad).status_code == 422


def test_rules_staff_and_hooks_are_arranged_over_http(db: Database) -> None:
    loaded(db, GWANGJU)
    with City(db).serve() as door:

        def put(path: str, once: str | None = None, **body: Any) -> tuple[int, Any]:
            headers = {"Idempotency-Key": once} if once else {}
            answer = door.put(f"/api/care/{path}", json={"by": "kim", **body}, headers=headers)
            return answer.status_code, answer.json().get("detail", {}) if answer.is_error else answer.json()

        ours = {"area": NAM, "key": "deadlines.order"}
        status, rules = put("rules", "k-1", **ours, value=12)
        assert (status, rules["deadlines"]["order"], rules["overrides"][0]["in_force"]) == (200, 12, True)
        assert put("rules", "k-1", **ours, value=12) == (status, rules)
        assert put("rules", "k-1", **ours, value=13)[0] == 422
        assert put("rules", **ours, value=12)[1] == rules
        assert door.get("/api/care/rules", params={"area": "gwangju/buk-gu"}).json()["deadlines"]["order"] == 24
        for body, told in (
            ({**ours, "value": 0}, (409, "bad_value")),
            ({**ours, "key": "deadlines.pay", "value": 1}, (409, "not_overridable")),
            ({**ours, "area": "gwangju/mars-gu", "value": 1}, (404, "unknown_gu")),
        ):
            status, detail = put("rules", **body)
            assert (status, detail["code"]) == told
        for wrong in ("12", 12.5, True):
            assert put("rules", **ours, value=wrong)[0] == 422
        assert put("rules", **ours, value=None)[1]["deadlines"]["order"] == 24
        assert journal(db) == ["override", "override_ended"], "once each"

        staff = f"providers/{FIRST}/staff"
        status, body = put(staff, members=["bom", "ann", "ann"])
        assert [one["id"] for one in body["members"]] == ["ann", "bom"]
        assert put(staff, members=["ann", "bom"]) == (status, body)
        for ids, told in (
            (["kim"], (409, "not_worker")),
            (["cho"], (404, "unknown_member")),
            (["dee"], (404, "unknown_member")),
        ):
            status, detail = put(staff, members=ids)
            assert (status, detail["code"]) == told
        assert put("providers/gwangju-99/staff", members=[])[0] == 404
        assert [one["id"] for one in put(staff, members=["bom"])[1]["members"]] == ["bom"]
        assert [one["id"] for one in door.get(f"/api/care/{staff}").json()["members"]] == ["bom"]
        with db.read() as tx:
            assert arrangements.works_for(tx, "bom", FIRST)
            assert not arrangements.works_for(tx, "ann", FIRST)
            assert not arrangements.works_for(tx, "bom", "gwangju-02")

        hook = f"providers/{FIRST}/hook"
        assert put(hook, url="http://169.254.169.254/", secret=SECRET)[1]["code"] == "bad_hook"
        assert put(hook, url="http://127.0.0.1:9/", secret=SECRET)[1]["code"] == "bad_hook"
        assert put(hook, url="https://orders.example/", secret="short")[1]["code"] == "bad_secret"
        assert put(hook, url="https://orders.example/")[1]["code"] == "bad_secret"
        assert put(hook, url="https://orders.example/\x00", secret=SECRET)[1]["code"] == "bad_hook"
        status, body = put(hook, url="https://orders.example/", secret=SECRET)
        assert (status, body["hook_url"]) == (200, "https://orders.example/")
        assert SECRET not in str(body)
        assert put(hook, url=None)[1]["hook_url"] is None
        assert journal(db)[2:] == ["staff", "staff", "hook", "hook_ended"]
    with db.read() as tx:
        one = catalogue.provider(tx, FIRST)
        assert one is not None
        assert (one.hook_url, one.hook_secret) == (None, None)


def test_who_is_no_worker_any_more_works_for_nobody(db: Database) -> None:
    loaded(db, GWANGJU)
    with db.write() as tx:
        assert arrangements.put_staff(tx, "ann", FIRST, "kim", T0) is None
        assert arrangements.put_staff(tx, "ann", FIRST, "kim", T0) is None
        assert len(tx.execute(sa.select(provider_staff)).all()) == 1
        people.put_member(tx, db.backend, msgspec.structs.replace(ANN, active=False))
        assert not arrangements.works_for(tx, "ann", FIRST)
        assert arrangements.put_staff(tx, "bom", FIRST, "kim", T0) is None, "who left stands in nobody's way"
        people.put_member(tx, db.backend, msgspec.structs.replace(BO, role=Role.MANAGER))
        assert not arrangements.works_for(tx, "bom", FIRST)
        note(tx, "staff", T0, "kim", provider=FIRST, count=0)


# --- the command


def typed(folder: Path, *words: str) -> tuple[int, str]:
    """One command of an operator, in an empty folder of its own."""
    done = anbu(*words, environ={"ANBU_DATA_DIR": str(folder / "data")}, folder=folder)
    return done.code, done.out + done.err


def test_an_operator_loads_a_city_with_made_up_people(tmp_path: Path) -> None:
    code, out = typed(tmp_path, "city", "load", "gwangju", "--people", "--language", "en")
    assert (code, out.splitlines()) == (
        0,
        [
            "gwangju 2026-11: 103 areas, 16 services, 38 providers, 0 retired.",
            "406 simulated members were made; none is a real person.",
        ],
    )
    db = Database(f"sqlite:///{tmp_path / 'data' / 'anbu.db'}")
    with db.read() as tx:
        members = people.all_members(tx)
        counts = {role: sum(one.role is role for one in members) for role in Role}
        assert counts == {Role.MANAGER: 320, Role.SUPERVISOR: 5, Role.DUTY: 5, Role.WORKER: 76, Role.CANARY: 0}
        assert all(one.id.startswith("sim-") and one.name.startswith("모의 ") for one in members)
        assert {one.area for one in members if one.role is Role.MANAGER} == set(GWANGJU.dongs)
        assert all(len(arrangements.staff_of(tx, id)) == 2 for id in GWANGJU.providers)
    db.close()


def test_a_malformed_pack_is_told_in_one_line_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = tmp_path / "ours.toml"
    ours.write_text('[city]\ncode = "ours"\nversion = "1"\n', encoding="utf-8")
    monkeypatch.setenv("ANBU_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "argv", ["anbu", "city", "load", str(ours)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err == "anbu: ours.toml: areas: expected at least one dong\n"
    assert not (tmp_path / "data").exists()
