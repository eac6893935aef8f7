"""However many names one home brings, the others' have theirs, and a restart is not seen."""

from __future__ import annotations

import pytest

from anomaly.engine import Engine
from core.events import Heartbeat, Motion
from core.people import Home
from core.signals import Concern
from tests.checks import START, at, beats, every, living, log, raised, row, run, told
from tests.laws.test_engine import same

HOMES = [Home(f"home-{n}", f"gw-{n}", f"city/a{n}") for n in range(20)]


@pytest.fixture(autouse=True)
def few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("anomaly.names.ROOM", 50)


def test_a_storm_of_room_names_takes_no_other_homes_name_away() -> None:
    storm = [row("home-0", 1 + n / 3600, Motion(f"room {n}"), device="x") for n in range(1500)]
    rows = log(
        storm, living("home-1", 0, 3), row("home-1", 3, Motion("안방 화장실"), device="pir"), beats("home-1", 3, 20)
    )
    whole = run(rows, 20, homes=HOMES, batches=range(0, len(rows), 40))
    assert len(whole[1].rows.places) < 400
    silent = raised([s for s in whole[0] if s.home == "home-1"], Concern.INACTIVITY)
    assert "안방 화장실" in told(silent[0])
    engine, found = Engine(HOMES), []
    found += engine.advance(START)
    for begin in range(0, len(rows), 500):
        found += engine.feed(rows[begin : begin + 500])
        engine = Engine.restore(engine.snapshot())
    found += engine.advance(at(20))
    same(rows, whole, (found, engine))


def test_a_gateway_that_changes_its_firmware_at_every_beat_hides_no_outage() -> None:
    changing = [
        row("home-0", n * 0.02, Heartbeat(300.0, None, f"v1-uptime-{n}"), device="gateway") for n in range(1500)
    ]
    new = [r for n in range(1, 11) for r in beats(f"home-{n}", 34, 36, firmware="v9")]
    old = [r for n in range(11, 20) for r in beats(f"home-{n}", 34, 40, firmware="v8")]
    rows = log(changing, new, old)
    found, engine = run(rows, 38, homes=HOMES, batches=range(0, len(rows), 100))
    assert len(engine.rows.firmwares) < 200
    assert [s.area for s in raised(found, Concern.AREA_OUTAGE)] == [
        s.area for s in raised(run(log(new, old), 38, homes=HOMES)[0], Concern.AREA_OUTAGE)
    ]
    assert any("v9" in told(s) for s in raised(found, Concern.AREA_OUTAGE))


def test_a_mute_sensor_is_called_by_its_whole_name() -> None:
    rows = log(
        every(20, 0, 240, lambda h: row("home-1", h, Motion("안방 화장실"), device="k1")),
        every(25, 0, 288, lambda h: row("home-1", h, Motion("거실"), device="k2")),
        every(15, 0, 288, lambda h: row("home-1", h, Motion("부엌"), device="k3")),
        beats("home-1", 0, 288, every_s=3600),
    )
    found, _ = run(rows, 288, homes=HOMES[:2])
    assert [told(s, "ko").split(" 센서")[0] for s in raised(found) if s.source == "mute"] == ["안방 화장실"]
