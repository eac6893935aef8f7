"""A home is set up: the program runs, a terminal ticks its devices off, and a second press is a cry all the same."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from core.events import Note
from ingest.ledger import Ledger
from store.telemetry import SqlTelemetry
from tests.doomed_gateway import GATEWAY
from tests.stories.test_commands import Shell
from tests.stories.test_gateway import Devices, city_of, rows, tick
from tests.stories.town import Town
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto

Both = tuple[Mosquitto, Mosquitto]
DEVICES = [
    {"friendly_name": "pir", "definition": {"exposes": [{"name": "occupancy", "property": "occupancy"}]}},
    {"friendly_name": "door", "definition": {"exposes": [{"name": "contact", "property": "contact"}]}},
    {"friendly_name": "button", "definition": {"exposes": [
        {"name": "action", "property": "action", "values": ["emergency"]}]}},
]  # fmt: skip


def ended(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=60)
    return out


def test_a_home_is_commissioned_beside_the_running_program(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    with city_of(city, tmp_path) as place:
        ledger = Ledger(place.city.db, SqlTelemetry(place.city.db))
        shell = Shell(tmp_path, ANBU_DATA_DIR=str(tmp_path / "gateway"))
        words = ("--local", str(home.url), "--city", str(city.url), "--id", GATEWAY)
        program = shell.start("gateway", *words)
        devices = Devices(home.url)

        def until(done: Callable[[], bool]) -> None:
            wait_until(lambda: tick(place) or place.take(0.02) < 0 or ledger.step() < 0 or done(), 60)

        try:
            until(lambda: place.taken > 0)
            announced = devices._session.publish(
                "zigbee2mqtt/bridge/devices", json.dumps(DEVICES).encode(), 1, retain=True
            )
            until(lambda: not devices._session.poll() and announced.is_published())
            until(lambda: stands(place) == (False, {"pir", "door", "button"}))
            terminal = shell.start("gateway", "pair", "--local", str(home.url), "--language", "en")
            until(lambda: "commissioning_begun" in notes(place))
            devices.say("zigbee2mqtt/pir", {"occupancy": True})
            devices.say("zigbee2mqtt/button", {"action": "emergency"})
            until(lambda: stands(place) == (False, {"door"}))
            assert "sos_at_commissioning" in notes(place)
            assert not place.cases(), "a proof opens no Care Call"
            devices.say("zigbee2mqtt/button", {"action": "emergency"})
            until(lambda: len(place.cases()) == 1)
            until(lambda: place.api.get("/api/board").json()["unproved"] == 1)
            devices.say("zigbee2mqtt/door", {"contact": False})
            out = ended(terminal)
            assert terminal.returncode == 0, out
            assert "proved: button" in out
            assert "button: this press was passed on as a real SOS." in out
            until(lambda: stands(place) == (True, set()) and "commissioning_ended" in notes(place))
            program.send_signal(signal.SIGTERM)
            assert program.wait(20) == 0
            program = shell.start("gateway", *words)
            again = shell.start("gateway", "pair", "--local", str(home.url), "--language", "ko")
            out = ended(again)
            assert again.returncode == 0, out
            assert "3개가 모두" in out, "proofs survive a restart"
        finally:
            devices.leave()
            program.send_signal(signal.SIGTERM)
            told, _ = program.communicate(timeout=20)
        assert program.returncode == 0, told


def test_a_button_that_calls_nobody_is_shown_and_is_not_proved_by_being_pressed(brokers: Both, tmp_path: Path) -> None:
    home, city = brokers
    with city_of(city, tmp_path) as place:
        ledger = Ledger(place.city.db, SqlTelemetry(place.city.db))
        shell = Shell(tmp_path, ANBU_DATA_DIR=str(tmp_path / "gateway"))
        program = shell.start("gateway", "--local", str(home.url), "--city", str(city.url), "--id", GATEWAY)
        devices = Devices(home.url)
        pair = ("gateway", "pair", "--local", str(home.url), "--language")

        def until(done: Callable[[], bool]) -> None:
            wait_until(lambda: tick(place) or place.take(0.02) < 0 or ledger.step() < 0 or done(), 60)

        try:
            until(lambda: place.taken > 0)
            devices.say("zigbee2mqtt/pendant", {"action": "single"})
            until(lambda: stands(place) == (False, {"pendant"}))
            terminal = shell.start(*pair, "en")
            until(lambda: "commissioning_begun" in notes(place))
            devices.say("zigbee2mqtt/pendant", {"action": "single"})
            until(lambda: not devices._session.poll())
            terminal.send_signal(signal.SIGINT)
            out = ended(terminal)
            assert terminal.returncode == 1, out
            assert "pendant: this button calls nobody." in out
            assert "not proved: pendant" in out
            assert "proved: pendant\n" not in out.replace("not proved", "")
            remote = shell.start(*pair, "ko", "--remote", "pendant")
            out = ended(remote)
            assert (remote.returncode, "리모컨으로 알아" in out) == (0, True), out
            until(lambda: stands(place) == (True, set()))
        finally:
            devices.leave()
            program.send_signal(signal.SIGTERM)
            program.communicate(timeout=20)


def stands(place: Town) -> tuple[bool | None, set[str]]:
    """Whether the home is commissioned, and which of its devices are not proved, as the API says."""
    home = place.api.get("/api/homes/home-1").json()
    left = {one["device"] for one in home["devices"] if one["proved"] is False}
    assert not (left and home["watched"])
    return home["commissioned"], left


def notes(place: Town) -> list[str]:
    return [row.data.what for row in rows(place) if isinstance(row.data, Note)]
