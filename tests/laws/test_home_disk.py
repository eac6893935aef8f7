"""The outbox's file is for one home alone: damaged it is set aside, and nobody fills it or reads it."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.dialects import dialects
from gateway.intake import MOST_DEVICES, Hour, Intake
from gateway.uplink import Uplink
from tests.laws.test_home_outbox import NOW, drain, opened, say
from wire.line import Delivery
from wire.url import BrokerUrl

CITY = BrokerUrl("localhost", 1)  # nobody answers there


def damage(path: Path, how: str) -> None:
    """What a bad card, or a loss of power under one, makes of the file."""
    whole = path.read_bytes()
    broken = {
        "header": b"x" * 100 + whole[100:],
        "zeroed": bytes(len(whole)),
        "cut in half": whole[: len(whole) // 2],
        "a page": whole[:4096] + bytes(4096) + whole[8192:],
    }
    path.write_bytes(broken[how])


DAMAGES = ("header", "zeroed", "cut in half", "a page")


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_file_is_set_aside_and_another_begun(tmp_path: Path, how: str) -> None:
    path = tmp_path / "gateway.db"
    boots = set()
    for turn in range(4):
        with opened(str(tmp_path)) as outbox:
            boots.add(outbox.boot)
            assert (outbox.waiting(), outbox.damaged) == (0, turn > 0)
            outbox.keep([say("sos")] * 50, NOW)
        damage(path, how)
        log = path.with_name("gateway.db-wal")
        log.write_bytes(b"of the damaged file")
    with opened(str(tmp_path)) as outbox:
        boots.add(outbox.boot)
        outbox.keep([say("sos")], NOW)
        assert [one.event.kind for one in drain(outbox)] == ["sos"]
    assert len(boots) == 5, "a number is never given twice"
    aside = [old for old in tmp_path.glob("gateway.db.broken-*") if old.suffix != ".db-wal"]
    assert 1 <= len({old.name.partition("Z")[0] for old in aside}) <= 2, "they must not fill the disk"


def test_a_whole_file_is_not_set_aside(tmp_path: Path) -> None:
    with opened(str(tmp_path)) as outbox:
        outbox.keep([say("sos")] * 50, NOW)
    with opened(str(tmp_path)) as outbox:
        assert (outbox.waiting(), outbox.damaged) == (50, False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gateway.db", "gateway.spare"]


def test_the_file_is_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    before = os.umask(0)
    try:
        with opened(str(tmp_path)) as outbox:
            outbox.keep([say("sos")], NOW)
            assert {file.stat().st_mode & 0o077 for file in tmp_path.glob("gateway.db*")} == {0}
        path.chmod(0o644)
        with opened(str(tmp_path)):
            assert path.stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)


def test_who_invents_devices_does_not_fill_the_disk(tmp_path: Path) -> None:
    def heard(intake: Intake, second: float, *names: str) -> None:
        said = [
            Delivery(f"zigbee2mqtt/{name}", b'{"battery": 50, "contact": false}', n + 1, 1, 1)
            for n, name in enumerate(names)
        ]
        hour = Hour(NOW + timedelta(seconds=second), second, True)
        intake.take(said, hour)
        intake.call_the_roll(hour, listening=True)

    with opened(str(tmp_path)) as outbox:
        outbox.keep([], NOW, states={("gateway", "mains"): True})
        intake = Intake(outbox, Uplink(outbox, "gw-0001", CITY), dialects(), 0.0)
        heard(intake, 0.0, "early", "door")
        heard(intake, 1.0, *(f"junk-{n}" for n in range(MOST_DEVICES - 2)))
        heard(intake, 2.0, "door")
        heard(intake, 3.0, "more-junk")
        known = {device for device, _ in outbox.states()}
        assert len(known) <= MOST_DEVICES + 1
        assert {"door", "more-junk", "gateway"} <= known
        assert "early" not in known, "the longest unheard goes first"
        assert intake.last("early", "contact") is None
    with opened(str(tmp_path)) as outbox:
        intake = Intake(outbox, Uplink(outbox, "gw-0001", CITY), dialects(), 0.0)
        heard(intake, 1.0, "early", "door")
        events = [one.event for one in drain(outbox)]
        doors = Counter(event.device for event in events if event.kind == "contact")
        assert (doors["early"], doors["door"]) == (2, 1), "whoever was forgotten is heard as if for the first time"
