"""Gateways of one firmware that fail together are one incident, like an area's, and only where no area explains it."""

from __future__ import annotations

import msgspec
import pytest

from anomaly.engine import Engine
from anomaly.firmware import code_of
from core.events import Heartbeat, LogRow
from core.people import Home
from core.signals import Concern, Sense
from tests.checks import at, living, log, raised, run, told

CITY = [Home(f"city-{n}", f"gw-city-{n}", f"gwangju/nam-gu/dong-{n % 5}") for n in range(60)]


def of_firmware(number: int, until: float, back: float = 0, after: str = "2.1") -> list[LogRow]:
    """Sixty homes in five dongs; the gateways of every fifth, in all dongs, run 2.1, and `number` of them go silent."""
    new = [h for n, h in enumerate(CITY) if n // 5 % 5 == 0][:number]
    old = [h for h in CITY if h not in new]
    again = [r for h in new for r in living(h.id, back, until, after)] if back else []
    return log(
        *(living(h.id, 0, 3, "2.1") for h in new), again, *(living(h.id, 0, until, "1.9" * (h != CITY[1])) for h in old)
    )


@pytest.mark.parametrize("after", ["2.1", "2.2"])
def test_gateways_of_one_firmware_that_fail_together_are_one_incident(after: str) -> None:
    """Over several dongs, a fifth of each. They are back at 5 h, with another firmware perhaps."""
    found, engine = run(of_firmware(12, 8, 5, after), 8, homes=CITY)
    assert not engine.faults
    (signal,) = raised(found)
    assert (signal.concern, signal.area, signal.home) == (Concern.AREA_OUTAGE, "", None)
    assert at(3) < signal.at < at(3.5)
    assert "12 of 12 homes with the firmware 2.1" in told(signal)
    assert "gateways' firmware" in told(signal)
    (over,) = (s for s in found if s.sense is Sense.CLEAR)
    assert over.key == f"{signal.key}/clear"
    assert at(5) < over.at < at(5.3)
    assert not engine.rows.areas
    assert not engine.rows.col["outage.since"].any()


def test_who_is_not_back_after_a_firmwares_outage_gets_a_case_and_the_others_prove_life() -> None:
    rows = of_firmware(12, 8, 5)
    moves = {"motion", "heartbeat"}
    rows = [r for r in rows if r.home != "city-0" or r.at < at(3) or r.kind in moves - {"motion"}]
    rows = [r for r in rows if r.home != "city-1" or r.at < at(3)]
    found, _ = run(log(rows), 8, homes=CITY)
    assert {(s.concern, s.home) for s in raised(found)} == {
        (Concern.AREA_OUTAGE, None),
        (Concern.INACTIVITY, "city-0"),
        (Concern.HOME_DARK, "city-1"),
    }


def test_two_gateways_of_a_firmware_are_no_incident() -> None:
    found, _ = run(of_firmware(2, 5), 5, homes=CITY)
    assert {(s.concern, s.home) for s in raised(found)} == {
        (Concern.HOME_DARK, "city-0"),
        (Concern.HOME_DARK, "city-1"),
    }


def test_a_dong_or_a_fleet_is_not_its_firmwares_incident() -> None:
    """One firmware everywhere, or one for each dong: what goes is the area's."""
    dong = [h for h in CITY if h.area.endswith("dong-0")]
    for version in ("1.9", ""):
        rows = [living(h.id, 0, 3 if h in dong else 5, version or h.area[-6:]) for h in CITY]
        found, _ = run(log(*rows), 5, homes=CITY)
        assert [(s.concern, s.area) for s in raised(found)] == [(Concern.AREA_OUTAGE, dong[0].area)]
    found, _ = run(log(*(living(h.id, 0, 3, h.area[-6:]) for h in CITY)), 5, homes=CITY)
    assert [(s.concern, s.area) for s in raised(found)] == [(Concern.AREA_OUTAGE, "gwangju/nam-gu")]


def test_a_firmwares_outage_that_grows_to_the_whole_fleet_is_part_of_it() -> None:
    homes = [*CITY, *(Home(f"far-{n}", f"gw-far-{n}", f"seoul/gu-{n % 4}/dong") for n in range(20))]
    gone = [h for n, h in enumerate(CITY) if n // 5 % 5 == 0]
    rows = log(*(living(h.id, 0, 3 if h in gone else 3.5, "2.1" if h in gone else "") for h in homes))
    found, _ = run(rows, 4.5, homes=homes)
    assert [s.sense for s in found] == [Sense.RAISE, Sense.RAISE, Sense.CLEAR]
    assert "firmware 2.1" in told(found[0])
    assert "part of a wider one" in " ".join(told(s) for s in found)
    assert not raised(found, Concern.HOME_DARK)


@pytest.mark.parametrize("firmware", ["x" * 65, "2.1\n", "\x00"])
def test_an_odd_firmware_costs_no_home_its_sign_of_life(firmware: str) -> None:
    beat = msgspec.json.decode(msgspec.json.encode({"firmware": firmware}), type=Heartbeat)
    rows = Engine(CITY).rows
    name = rows.firmwares.name(code_of(rows, beat))
    assert name.isprintable()
    assert len(name) <= 64
