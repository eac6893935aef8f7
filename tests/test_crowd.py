"""A home with more devices than a detector remembers."""

from __future__ import annotations

import pytest

from core.events import Battery, Climate, Heartbeat, LogRow, Motion
from core.people import Home
from core.signals import Concern, Sense
from tests.checks import at, every, log, raised, row, run

HOME = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon")


def air(n: int, temp_c: float, start: float, end: float) -> list[LogRow]:
    return every(10, start + n / 600, end, lambda h: row("home-1", h, Climate(f"room {n}", temp_c), device=f"air-{n}"))


@pytest.mark.parametrize(("many", "hot"), [(9, (8,)), (9, range(9)), (12, (0, 11)), (50, (3, 30)), (50, range(50))])
@pytest.mark.parametrize(("temp_c", "concern"), [(36.0, Concern.HEAT), (8.0, Concern.COLD)])
def test_heat_and_cold_are_told_in_a_home_of_many_thermometers(
    many: int, hot: tuple[int, ...], temp_c: float, concern: Concern
) -> None:
    rows = log(*(air(n, temp_c if n in hot else 21.0, 0, 8) for n in range(many)))
    found, engine = run(rows, 8, homes=[HOME])
    assert not engine.faults
    places = {e.numbers["place"] for s in raised(found, concern) for e in s.evidence if "place" in e.numbers}
    assert len(places) == min(len(hot), 8)


def test_a_low_battery_is_told_once_in_a_home_of_many_devices() -> None:
    def moves(n: int) -> list[LogRow]:
        return every(60, n / 60, 72, lambda h: row("home-1", h, Motion(f"room {n}"), device=f"pir-{n}"))

    low = every(60, 0.9, 72, lambda h: row("home-1", h, Battery(7.0), device="pir-11"))
    well = row("home-1", 71.95, Battery(90.0), device="pir-11")
    beats = every(5, 0, 72, lambda h: row("home-1", h, Heartbeat(300.0), device="gateway"))
    found, _ = run(log(*map(moves, range(12)), low, beats, well), 73, homes=[HOME])
    told = [s for s in found if s.concern is Concern.DEVICE and "battery" in s.key]
    assert [s.sense for s in told] == [Sense.RAISE, Sense.CLEAR]
    assert told[0].at == at(0.9)
