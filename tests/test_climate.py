"""Heat and cold: what humid air feels like, and what comes fast."""

from __future__ import annotations

import pytest

from anomaly.heat import felt_c
from core.events import Climate, LogRow
from core.people import Home
from core.signals import Concern, Sense, Urgency
from tests.checks import at, every, living, log, raised, row, run, told

HOME = Home("home-1", "gw-1", "gwangju/nam-gu/bongseon")


def test_heat_and_cold_rise_in_steps_and_end() -> None:
    def air(start: float, end: float, temp_c: float) -> list[LogRow]:
        return every(10, start, end, lambda h: row("home-1", h, Climate("방", temp_c), device="air"))

    rows = log(living("home-1", 0, 8), air(1, 2, 32), air(2, 3, 36), air(3, 4, 25), air(4, 7, 15), air(7, 8, 18))
    found, _ = run(rows, 8, homes=[HOME])
    assert [(s.concern, s.urgency, s.sense) for s in found] == [
        (Concern.HEAT, Urgency.SOON, Sense.RAISE),
        (Concern.HEAT, Urgency.URGENT, Sense.RAISE),
        (Concern.HEAT, Urgency.ROUTINE, Sense.CLEAR),
        (Concern.HEAT, Urgency.ROUTINE, Sense.CLEAR),
        (Concern.COLD, Urgency.SOON, Sense.RAISE),
        (Concern.COLD, Urgency.ROUTINE, Sense.CLEAR),
    ]


def test_heat_is_not_over_until_it_is_well_below_its_limit() -> None:
    air = [(2, 32.0), (1, 30.5), (1, 31.5), (1, 30.2), (1, 29.9)]
    readings = [
        row("home-1", 1 + sum(h for h, _ in air[:k]) + m / 6, Climate("방", temp_c), device="air")
        for k, (length, temp_c) in enumerate(air)
        for m in range(length * 6)
    ]
    found, _ = run(log(living("home-1", 0, 7), readings), 7, homes=[HOME])
    assert [(s.at, s.sense) for s in found if s.concern is Concern.HEAT] == [
        (at(1.5), Sense.RAISE),
        (at(6), Sense.CLEAR),
    ]


def test_a_gap_or_a_spike_is_no_heat() -> None:
    spike = [row("home-1", 1, Climate("방", 40.0), device="air"), row("home-1", 1.1, Climate("방", 24.0), device="air")]
    gap = [row("home-1", h, Climate("방", 33.0), device="air") for h in (2, 5)]
    found, _ = run(log(living("home-1", 0, 6), spike, gap), homes=[HOME])
    assert not raised(found)


def readings(*air: tuple[float, float, float | None]) -> list[LogRow]:
    """(hours, °C, humidity) of one room."""
    return [row("home-1", h, Climate("방", temp_c, humidity), device="air") for h, temp_c, humidity in air]


def course(start: float, end: float, temp_c: float, *, humidity: float | None = None) -> list[LogRow]:
    """A room that stays at a temperature, read every ten minutes."""
    return readings(*((start + n / 6, temp_c, humidity) for n in range(round((end - start) * 6))))


@pytest.mark.parametrize(
    ("temp_f", "humidity", "felt_f"),
    [(80, 40, 80), (86, 75, 97), (90, 70, 106), (100, 50, 118), (84, 90, 98), (96, 40, 101)],
)
def test_the_heat_index_is_the_weather_services(temp_f: float, humidity: int, felt_f: float) -> None:
    """Points of the chart of the National Weather Service, which is in whole degrees Fahrenheit."""
    assert float(felt_c((temp_f - 32) / 1.8, humidity)) * 1.8 + 32 == pytest.approx(felt_f, abs=0.6)


@pytest.mark.parametrize("humidity", [0, 39, 100])
@pytest.mark.parametrize("temp_c", [-20.0, 20.0, 26.6, 43.4, 59.0])
def test_beyond_the_formula_air_is_as_warm_as_it_is(temp_c: float, humidity: int) -> None:
    assert felt_c(temp_c, humidity) == temp_c
    assert felt_c(30.0, 39) == 30.0


@pytest.mark.parametrize(
    ("temp_c", "humidity", "urgencies"),
    [
        (30.0, 70.0, [Urgency.SOON]),  # feels like 35 °C
        (30.9, 90.0, [Urgency.SOON, Urgency.URGENT]),  # 42 °C
        (30.9, 30.0, []),
        (30.9, None, []),
        (30.9, 900.0, []),
        (28.0, 70.0, []),
    ],
)
def test_humid_heat_is_told_before_it_is_hot(temp_c: float, humidity: float | None, urgencies: list[Urgency]) -> None:
    rows = log(living("home-1", 0, 4), course(1, 2, temp_c, humidity=humidity), course(2, 3, 28, humidity=50))
    found, _ = run(rows, 4, homes=[HOME])
    assert sorted(s.urgency for s in raised(found, Concern.HEAT)) == urgencies
    assert sum(s.sense is Sense.CLEAR for s in found) == len(urgencies)
    assert all("feels like" in told(s) for s in raised(found))


@pytest.mark.parametrize(
    ("air", "due"),
    [
        (course(1, 2, 25) + course(2, 4, 31.5), 2 + 1 / 6),  # a heater that runs away
        (course(1, 2, 25.6) + course(2, 4, 31.5), 2.5),
        (readings(*((1 + n / 6, 22 + n / 2, None) for n in range(18))) + course(4, 6, 31), 4.5),
        (course(1, 2, 25) + course(3.6, 6, 31.5), 4.1),  # what was before is not known
        (course(1, 3, 21) + course(3, 8, 14.5), 3.5),  # the heating fails
        (course(1, 3, 21) + course(3, 3.4, 8) + course(3.5, 8, 21), None),  # a window, for less than half an hour
        (course(1, 3, 19) + course(3, 8, 14.5), 5.0),
    ],
)
def test_what_comes_fast_is_told_before_the_limit_has_held(air: list[LogRow], due: float | None) -> None:
    found, _ = run(log(living("home-1", 0, 8), air), 8, homes=[HOME])
    assert [(s.urgency, s.at) for s in raised(found)] == ([] if due is None else [(Urgency.SOON, at(due))])
