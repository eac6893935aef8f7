"""Mute sensors' laws: silence alone accuses nobody, and a sensor that the others contradict is told once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import mute
from anomaly.detectors.mute import Mute
from app.bench.detection import mute as bench
from app.bench.detection.streams import Stream
from core.events import LogRow, Motion
from core.people import Home
from core.signals import Concern, Sense, Signal, Urgency
from tests.checks import beats, every, log, raised, row, run, told

HOME = Home("home-a", "gw-a", "gwangju/nam-gu/bongseon")
ROOMS = ("kitchen", "hall", "bathroom", "bedroom")
DAY_H = 24.0
LEARNED_H = 10 * DAY_H


def moved(room: str, hours: float, seen: float | None = None) -> LogRow:
    return row("home-a", hours, Motion(room), device=f"{room}-pir", seen=seen)


def lively(start: float, end: float, rooms: tuple[str, ...] = ROOMS) -> list[LogRow]:
    """Somebody who is up for 16 of 24 hours and in every room every 20-35 min."""
    rows = []
    for n, room in enumerate(rooms):
        rows += every(20 + 5 * n, start + n / 100, end, lambda h, room=room: moved(room, h))
    return [r for r in rows if (r.at.timestamp() / 3600) % 24 < 16]


def of_mute(signals: list[Signal]) -> list[tuple[Sense, str]]:
    return [(s.sense, told(s)) for s in signals if s.source == "mute"]


def test_a_sensor_that_falls_silent_among_others_is_told_once_within_a_day_and_cleared() -> None:
    rest = tuple(room for room in ROOMS if room != "hall")
    rows = [*lively(0, LEARNED_H), *lively(LEARNED_H, 14 * DAY_H, rest), *lively(14 * DAY_H, 15 * DAY_H)]
    found, engine = run(log(rows, beats("home-a", 0, 15 * DAY_H)), 15 * DAY_H, homes=[HOME])
    raise_, clear = [s for s in found if s.source == "mute"]
    assert (raise_.concern, raise_.urgency, raise_.sense) == (Concern.DEVICE, Urgency.ROUTINE, Sense.RAISE)
    assert (clear.sense, clear.key) == (Sense.CLEAR, f"{raise_.key}/clear")
    silent_h = (raise_.at.timestamp() - max(r.at for r in lively(0, LEARNED_H)).timestamp()) / 3600
    assert 20 <= silent_h < 26
    assert raise_.evidence[0].numbers["place"] == "hall"
    assert not raised(found, Concern.INACTIVITY)
    assert engine.rows.col["mute.suspects"][0] == 0


def test_the_home_counts_its_mute_sensors() -> None:
    rows = [*lively(0, LEARNED_H), *lively(LEARNED_H, 12 * DAY_H, ("kitchen", "hall"))]
    _, engine = run(log(rows, beats("home-a", 0, 12 * DAY_H)), 12 * DAY_H, homes=[HOME])
    assert engine.rows.col["mute.suspects"][0] == 2


@pytest.mark.parametrize("heartbeats_until", [LEARNED_H, 14 * DAY_H])
def test_an_empty_still_or_dark_home_mutes_nothing(heartbeats_until: float) -> None:
    rows = [*lively(0, LEARNED_H), *lively(14 * DAY_H, 16 * DAY_H)]
    alive = [*beats("home-a", 0, heartbeats_until), *beats("home-a", 14 * DAY_H, 16 * DAY_H)]
    found, _ = run(log(rows, alive), 16 * DAY_H, homes=[HOME])
    assert of_mute(found) == []


def test_a_new_sensor_is_not_judged_in_its_first_days() -> None:
    rows = [*lively(0, LEARNED_H), *every(30, 9 * DAY_H, LEARNED_H, lambda h: moved("attic", h))]
    found, _ = run(log(rows, lively(LEARNED_H, 13 * DAY_H)), 13 * DAY_H, homes=[HOME])
    assert of_mute(found) == []


def test_a_storm_of_one_sensor_mutes_no_other() -> None:
    """The resident is away for three days, and the hall's sensor reports every minute."""
    rows = [*lively(0, LEARNED_H), *every(1, LEARNED_H, 13 * DAY_H, lambda h: moved("hall", h))]
    found, _ = run(log(rows, lively(13 * DAY_H, 14 * DAY_H)), 14 * DAY_H, homes=[HOME])
    assert of_mute(found) == []


def test_a_rarely_used_sensor_is_not_told() -> None:
    """Once a day among a hundred chances: its silence of two days says little."""
    rows = [*lively(0, 13 * DAY_H), *every(24 * 60, 3, LEARNED_H, lambda h: moved("attic", h))]
    found, _ = run(log(rows), LEARNED_H + 2 * DAY_H, homes=[HOME])
    assert of_mute(found) == []


def test_a_word_that_comes_late_acquits_and_comes_again_without_effect() -> None:
    rest = tuple(room for room in ROOMS if room != "hall")
    rows = [*lively(0, LEARNED_H), *lively(LEARNED_H, 13 * DAY_H, rest)]
    late = moved("hall", LEARNED_H + 30, seen=12 * DAY_H)
    once, engine = run(log(rows, late), 13 * DAY_H, homes=[HOME])
    assert [sense for sense, _ in of_mute(once)][:2] == [Sense.RAISE, Sense.CLEAR]
    again = LogRow(0, late.home, late.device, late.kind, late.at, late.seen_at, late.event_id, late.data)
    twice, same = run(log(rows, late, again), 13 * DAY_H, homes=[HOME])
    assert twice == once
    assert same.snapshot() == engine.snapshot()


def test_more_sensors_than_places_leave_the_first_eight_judged() -> None:
    rooms = tuple(f"room-{n}" for n in range(11))
    rows = [*lively(0, LEARNED_H, rooms), *lively(LEARNED_H, 12 * DAY_H, rooms[1:])]
    found, engine = run(log(rows), 12 * DAY_H, homes=[HOME])
    assert [s.evidence[0].numbers["place"] for s in found if s.source == "mute"] == ["room-0"]
    assert not engine.faults


def test_a_long_korean_room_is_cut_between_letters() -> None:
    rooms = ("작은방옷장위", "kitchen", "hall")
    rows = [*lively(0, LEARNED_H, rooms), *lively(LEARNED_H, 12 * DAY_H, rooms[1:])]
    found, engine = run(log(rows), 12 * DAY_H, homes=[HOME])
    assert not engine.faults
    (place,) = {str(s.evidence[0].numbers["place"]) for s in found if s.source == "mute"}
    assert "작은방옷장위".startswith(place)
    assert len(place) >= 3


def test_the_record_of_a_home_stays_small() -> None:
    assert np.dtype(list(Mute.fields.items())).itemsize <= 250


@given(st.lists(st.integers(0, 511), max_size=400))
def test_shares_stay_shares_and_only_chances_weigh(spoken: list[int]) -> None:
    rate, seen = np.zeros((1, 8, mute.BUSY), "<f2"), np.zeros((1, 8, mute.BUSY), "u1")
    missed, chances, nobody = np.zeros((1, 8), "<f2"), np.zeros((1, 8, mute.BUSY), "u1"), np.zeros((1, 8), bool)
    for spoke in spoken:
        for k in range(8):
            if spoke >> k & 1:
                missed[0, k] = 0
                mute.catch_up(rate[0, k], seen[0, k], chances[0, k])
        before = missed.copy()
        mute.miss(rate, seen, missed, chances, nobody, np.array([spoke], np.uint16))
        if spoke.bit_count() == 0:
            assert (missed == before).all()
        assert (missed >= before).all()
        assert ((rate >= 0) & (rate <= 1)).all()
        assert (seen <= mute.MEMORY).all()


def recorded(days: int) -> Stream:
    """A home with three rooms, each heard every few minutes by day."""
    t = np.concatenate([np.arange(n, days * 86400.0, 1200.0 + 300 * n) for n in range(3)])
    place = np.repeat(
        ["hall", "kitchen", "lounge"], [len(np.arange(n, days * 86400.0, 1200.0 + 300 * n)) for n in range(3)]
    )
    order = np.argsort(t, kind="stable")
    t, place = t[order] + 1.7e9, place[order]
    up = (t % 86400) < 16 * 3600
    no = np.zeros(int(up.sum()), bool)
    return Stream("x", t[up], t[up], place[up], no, no)


def test_the_benchmark_finds_what_it_leaves_out_and_leaves_the_home_as_it_was() -> None:
    stream = recorded(20)
    judged = bench.judge(stream, "UTC", 8.0)
    assert judged.alarms == []
    assert len(judged.injections) == 3 * bench.TIMES
    figures = bench.figures([judged])
    assert figures["found_72h"] == 1.0
    assert figures["found_24h"] >= 0.7
    assert figures["fa"] == 0
