"""Laws of the city packs: what is shipped is whole, what is malformed is a sentence, and no hook leads inside."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts import policy
from care.addresses import barred, may_call
from care.pack import PACKS, Pack, PackError, check_pack, load_pack, most_of, read_pack, shipped, unreasonable
from care.rules import Rules, merged
from core.care import gu_of
from core.words import LANGUAGES, WORDS, say

ROOT = Path(__file__).parents[2]
GWANGJU, DAEDEOK = load_pack("gwangju"), load_pack("daedeok")
TEXT = (PACKS / "gwangju.toml").read_text(encoding="utf-8")


# --- what is shipped


def test_gwangju_has_its_97_dong_and_16_services() -> None:
    gus = {gu: sum(gu_of(dong) == gu for dong in GWANGJU.dongs) for gu in GWANGJU.gus}
    counted = {"dong-gu": 13, "seo-gu": 18, "nam-gu": 17, "buk-gu": 28, "gwangsan-gu": 21}
    assert gus == {f"gwangju/{gu}": count for gu, count in counted.items()}
    assert len(GWANGJU.dongs) == 97
    assert [one.by for one in GWANGJU.services.values()].count("private") == 15
    assert [code for code, one in GWANGJU.services.items() if one.by == "public"] == ["emergency-care"]
    assert GWANGJU.services["holiday-night-care"].hours == "off_hours"
    assert len(GWANGJU.providers) == 38
    assert GWANGJU.areas["gwangju/nam-gu/bongseon-1-dong"] == ("봉선1동", "Bongseon 1-dong")
    assert GWANGJU.simulated.managers == 320
    assert set(GWANGJU.budgets) == {2023, 2024, 2025, 2026, 2027}
    assert GWANGJU.budgets[2023] == 7_740_000 * 13_054 // 10


def test_daedeok_has_its_12_dong() -> None:
    assert DAEDEOK.gus == ("daejeon/daedeok-gu",)
    assert (len(DAEDEOK.dongs), len(DAEDEOK.providers)) == (12, 32)
    assert {"smart-home-care", "night-care", "holiday-care", "after-hospital-care"} <= set(DAEDEOK.services)
    assert {DAEDEOK.services[code].hours for code in ("night-care", "holiday-care")} == {"off_hours"}


@pytest.mark.parametrize("name", shipped())
def test_every_service_reaches_every_dong_and_nobody_stands_there_for_real(name: str) -> None:
    pack = load_pack(name)
    assert not list(pack.uncovered())
    for one in pack.providers.values():
        assert one.ko.startswith("모의 ")
        assert one.en.startswith("Simulated ")
    some = next(iter(pack.providers))
    alone = msgspec.structs.replace(pack, providers={some: pack.providers[some]})
    assert len(list(alone.uncovered())) > len(pack.dongs), "a hole would be found"


@pytest.mark.parametrize("name", shipped())
def test_the_policy_of_the_same_city_speaks_of_the_same_areas(name: str) -> None:
    pack, said = load_pack(name), policy.load(policy.PACKS / f"{name}.toml")
    assert pack.city.code == said.city.code
    assert {shift.area for shift in said.rota.shifts if shift.area} <= set(pack.areas)
    assert pack.body["timezone"] == said.rota.calendar.timezone


def test_the_areas_of_the_shipped_scenarios_lie_in_a_gu_of_a_pack() -> None:
    known = {gu for name in shipped() for gu in load_pack(name).gus}
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "simulators").rglob("*.toml")]
    named = {gu_of(area) for text in texts for area in re.findall(r'"((?:gwangju|daejeon)/[a-z0-9/-]+)"', text)}
    assert named <= known


def test_every_word_of_a_pack_and_of_a_refusal_exists() -> None:
    for pack in (GWANGJU, DAEDEOK):
        for one in pack.services.values():
            for key in (f"unit.{one.unit}", f"by.{one.by}", f"hours.{one.hours}"):
                assert all(say(f"care.{key}", language) != f"care.{key}" for language in LANGUAGES)
    for room in ("care/catalogue.py", "care/arrangements.py", "api/catalogue.py"):
        for code in re.findall(r'Refused\("([a-z_]+)"', (ROOT / room).read_text(encoding="utf-8")):
            assert f"care.refused.{code}" in WORDS


# --- what is malformed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('unit = "meal"', 'unit = "dish"', "services.meals.unit: expected visit, hour, meal, day, trip, not 'dish'"),
        ("price_won = 9000", "price_won = 0", "services.meals.price_won: expected `int` >= 1"),
        ("price_won = 9000", "price_won = 9000.5", "services.meals.price_won: expected `int`, got `float`"),
        ("price_won = 9000", "price_won = true", "services.meals.price_won: expected `int`, got `bool`"),
        ("price_won = 9000, ", "", "services.meals: object missing required field `price_won`"),
        ("most_units = 730", "most_units = 730, discount = 3", "services.meals: object contains unknown field"),
        ('by = "public"', 'by = "private"', "providers.gwangju-38.services: expected services by public"),
        ('["emergency-care"]', '["rescue"]', "providers.gwangju-38.services: expected services of this pack"),
        ('areas = ["gwangju/dong-gu"]', 'areas = ["seoul"]', "providers.gwangju-01.areas: expected areas of this"),
        ('areas = ["gwangju/dong-gu"]', "areas = []", "providers.gwangju-01.areas: expected `array` of length >= 1"),
        ("gwangju-38 =", "daejeon-38 =", "providers.daejeon-38: expected an id that begins with gwangju-"),
        ("gwangju-38 =", "gwangju-37 =", "is not TOML"),
        ("Simulated Seo-gu Table", "Simulated Dong\u200b-gu Table", "providers.gwangju-08: expected"),
        ("Simulated Seo-gu Table", "simulated dong-gu table", "expected another name than that of gwangju-01"),
        ('"gwangju/seo-gu/yang-dong"', '"gwangju/seo-gun/yang-dong"', "expected that gwangju/seo-gun is named, too"),
        ('"gwangju/seo-gu/yang-dong"', '"seoul/seo-gu/yang-dong"', "expected an area of gwangju"),
        ('"gwangju/seo-gu/yang-dong"', '"gwangju/Seo gu/yang"', "expected a code path"),
        ('"Yang-dong"]', '"양동"]', "expected an English name"),
        ('["양동", "Yang-dong"]', '["", "Yang-dong"]', "expected `str` of length >= 1"),
        ('["양동", "Yang-dong"]', '["\u200b", "Yang-dong"]', "expected a name that can be seen"),
        ("2024 = ", "24 = ", "budgets.24: expected a year"),
        ("2024 = 10_103", "2024 = -10_103", "budgets.2024: expected `int` >= 1"),
        ("high_days = 30", "high_days = 0", "rules.visits.high_days: expected 1 to 366"),
        ("high_days = 30", "high_days = 7", "rules.visits.lead_days: expected 1 to 6"),
        ("high_days = 30", 'high_days = "30"', "rules.visits.high_days: expected `int`, got `str`"),
        ("\norder = 24", "\norder = 99999", "rules.deadlines.order: expected 1 to 8784"),
        ("silences = 3", "silence = 3", "rules.visits: object contains unknown field `silence`"),
        ('  "deadlines.order",', '  "city_percent",', "rules.overridable[3]: expected a key such as deadlines.order"),
        ('  "deadlines.order",', '  "deadlines.orders",', "rules.overridable[3]"),
        ("city_percent = 75", "city_percent = 101", "rules.city_percent: expected 0 to 100"),
        ("floor = 11", "floor = 1", "rules.floor: expected 2 to 1000"),
        ('timezone = "Asia/Seoul"', 'timezone = "Asia/Seol"', "rules.timezone: expected an IANA name"),
        ("first_days = 30", "first_days = 0", "rules.follow_ups[0]"),
        ("[simulated]", "[made_up]", "made_up: expected one of city, simulated"),
        ('version = "2026-11"', "", "city: object missing required field `version`"),
        ('code = "gwangju"', 'code = "Gwangju"', "city.code: expected"),
    ],
)
def test_a_malformed_pack_is_one_sentence(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(PackError) as wrong:
        read_pack("ours.toml", TEXT.replace(old, new, 1))
    assert said in str(wrong.value)
    assert str(wrong.value).startswith("ours.toml: ")
    assert "\n" not in str(wrong.value)


def test_a_file_that_is_no_pack_is_named(tmp_path: Path) -> None:
    for name, body in (("empty.toml", b""), ("latin.toml", "안".encode("cp949")), ("folder", None)):
        path = tmp_path / name
        path.mkdir() if body is None else path.write_bytes(body)
        with pytest.raises(PackError, match=name):
            load_pack(str(path))
    with pytest.raises(PackError, match="shipped are daedeok, gwangju"):
        load_pack("busan")


JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.binary(max_size=3),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@given(st.data())
def test_whatever_stands_in_a_pack_it_is_read_or_refused(data: st.DataObject) -> None:
    tables: Any = tomllib.loads(TEXT)
    here: Any = tables
    while True:
        keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(here[key], dict | list) or not here[key] or data.draw(st.integers(0, 3)) == 0:
            break
        here = here[key]
    here[key] = data.draw(JUNK)
    pack: Pack | None = None
    with contextlib.suppress(PackError):
        pack = check_pack("junk.toml", tables)
    if pack is not None:
        assert unreasonable(merged(pack.body, {})) is None
        assert msgspec.json.decode(msgspec.json.encode(pack.body)) == pack.body, "it can be stored"


# --- rules


KEYS = tuple(GWANGJU.body["overridable"])
FIXED = ("deadlines.pay", "deadlines.approve", "visits.silences", "stages.linkage")
NUMBERS = st.one_of(st.integers(-3, 400), st.sampled_from([0, 1, 366, 367, 8784, 8785]))


def said(rules: Rules, key: str) -> int:
    section, _, name = key.partition(".")
    value: int = getattr(getattr(rules, section), name)
    return value


@given(st.dictionaries(st.sampled_from((*KEYS, *FIXED)), NUMBERS, max_size=6))
def test_a_gu_changes_only_what_its_city_lets_it(own: dict[str, int]) -> None:
    before, after = merged(GWANGJU.body, {}), merged(GWANGJU.body, own)
    for key in (*KEYS, *FIXED):
        assert said(after, key) == (own[key] if key in own and key in KEYS else said(before, key))
    wrong = unreasonable(after)
    kept = [key for key in KEYS if not 1 <= said(after, key) <= most_of(key)]
    shortest = min(after.visits.high_days, after.visits.normal_days, after.visits.low_days)
    assert (wrong is None) == (not kept and after.visits.lead_days < shortest)
    assert merged({**GWANGJU.body, "overridable": []}, own) == merged({**GWANGJU.body, "overridable": []}, {})


# --- hooks


@pytest.mark.parametrize(
    "url",
    [
        "https://care.example.org/orders", "http://203.0.113.7:8080/a?b=c", "https://xn--9n2bp8q.example/",
        "http://[2001:4860:4860::8888]/", "HTTPS://Example.ORG/", "https://example.org.",
    ],
)  # fmt: skip
def test_a_hook_may_lead_out(url: str) -> None:
    assert may_call(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "care.example.org", "ftp://care.example.org", "file:///etc/passwd", "https://", "https:///orders",
        "https://user:pass@care.example.org", "https://user@care.example.org", "https://@care.example.org",
        "https://care.example.org:0/", "https://care.example.org:99999/", "https://care.example.org/#part",
        "https://care.example.org/a b", "https://care.example.org/\n", "https://care.example.org\\@inside/",
        "https://안부.example/", "https://１６９.254.169.254/", "https://a..b/", "https://-a.example/",
        "http://0.0.0.0/", "http://0/", "http://0.1.2.3/", "http://[::]/", "http://[fe80::1]/", "http://[fe80::1%25eth0]/",
        "http://[ff02::1]/", "http://224.0.0.1/", "http://255.255.255.255/", "http://169.254.169.254/latest",
        "http://169.254.169.254./", "http://0xa9fea9fe/", "http://2852039166/", "http://0251.0376.0251.0376/",
        "http://169.254.43518/", "http://[::ffff:169.254.169.254]/", "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/", "http://[::a9fe:a9fe]/", "http://[fd00:ec2::254]/", "http://100.100.100.200/",
        "http://metadata.google.internal/", "http://metadata/", "http://127.0.0.1/", "http://127.1/", "http://[::1]/",
        "http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://1.2.3.256/", "http://1.2.3.4.5/",
        "http://[1.2.3.4]/x", "http://[v1.a]/", "http://[::1/", f"https://care.example.org/{'a' * 500}",
    ],
)  # fmt: skip
def test_a_hook_never_leads_inside(url: str) -> None:
    assert not may_call(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/", "http://localhost/", "http://[::1]/", "http://127.1/"])
def test_this_machine_may_be_called_where_that_is_meant(url: str) -> None:
    assert may_call(url, loopback=True)
    assert not may_call(url)
    assert not may_call("http://169.254.169.254/", loopback=True)


PARTS = st.one_of(
    st.integers(0, 300).map(str), st.integers(0, 2**33).map(str), st.integers(0, 2**33).map(hex),
    st.integers(0, 300).map(lambda n: f"0{n:o}"), st.sampled_from(["0x", "08", "00", "169", "254", "127"]),
)  # fmt: skip


@given(st.lists(PARTS, min_size=1, max_size=5).map(".".join))
@example("0x7f.1")
@example("169.254.43518")
def test_a_host_that_the_system_takes_for_an_address_is_judged_as_that_address(host: str) -> None:
    try:
        ip = ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        assert not may_call(f"http://{host}/")
    else:
        assert may_call(f"http://{host}/") == (not barred(ip))


@given(st.ip_addresses())
def test_an_address_of_ours_is_barred_however_it_is_written(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inside = ip.is_link_local or ip.is_multicast or ip.is_unspecified or ip.is_loopback
    assert not inside or barred(ip)
    if isinstance(ip, ipaddress.IPv4Address):
        mapped = ipaddress.IPv6Address(f"::ffff:{ip}")
        assert barred(mapped) == barred(ip)
        assert may_call(f"http://[{mapped}]/") == may_call(f"http://{ip}/") == may_call(f"http://{int(ip)}/")
