"""What a gateway says of itself: old words, whatever they say, overrule no newer ones, and none hides a dark home."""

from __future__ import annotations

import pytest

from anomaly.rows import FIRMWARE
from core.events import Heartbeat, LogRow, Lost, Mains, Payload
from core.people import Home
from core.signals import Concern, Signal
from tests.checks import at, beats, every, log, raised, row, run

HOME = Home("home-1", "gw-1", "g/n/b")


def gateway(hours: float, data: Payload, seen: float | None = None) -> LogRow:
    return row("home-1", hours, data, device="gateway", seen=seen)


def dark(*rows: LogRow | list[LogRow], until: float) -> list[Signal]:
    found, engine = run(log(*rows), until, homes=[HOME])
    assert not engine.faults
    return raised(found, Concern.HOME_DARK)


def beating(until: float) -> list[LogRow]:
    return every(5, 0, until, lambda h: gateway(h, Heartbeat(300.0)))


def test_a_last_will_that_is_older_than_the_homes_newest_word_darkens_nothing() -> None:
    will = gateway(2.9, Lost(), seen=2.96)
    assert dark(beating(4), will, until=4) == []
    assert dark(beating(2.95), gateway(2.96, Lost()), until=3.1) != []


def test_an_older_word_about_the_mains_does_not_overrule_a_newer_one() -> None:
    back, lost = gateway(3.02, Mains(True)), gateway(2.97, Mains(False), seen=3.2)
    assert dark(beating(4), back, lost, until=4) == []
    assert dark(beating(4), gateway(2.97, Mains(True)), gateway(3.02, Mains(False), seen=3.2), until=4) != []


def test_an_old_heartbeat_that_comes_late_changes_neither_firmware_nor_interval() -> None:
    new, old = gateway(3, Heartbeat(300.0, None, "2")), gateway(2.5, Heartbeat(7200.0, None, "1"), seen=3.1)
    _, engine = run(log(new, old), 3.2, homes=[HOME])
    assert engine.rows.firmwares.name(int(engine.rows.col[FIRMWARE][0])) == "2"
    assert engine.rows.col["sight.beat_s"][0] == 300


@pytest.mark.parametrize(
    ("every_s", "hours"),
    [(60, 0.05), (300, 0.25), (10, 0.025), (9.9, 0.25), (3600, 3), (28_800, 24), (86_400, 24), (864_000, 24)],
)
def test_no_interval_makes_a_home_dark_later_than_one_without_heartbeats(every_s: float, hours: float) -> None:
    (signal,) = dark(beats("home-1", 0, 0.95), gateway(1, Heartbeat(every_s)), until=30)
    assert signal.at == at(1 + hours + 120 / 3600)
