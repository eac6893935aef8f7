"""A box comes to a home: enrolled, claimed, heard through the locked broker, shut out again. All as typed by hand."""

from __future__ import annotations

import json
import re
import signal
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.clock import sleep_s, stopwatch_s, wall_now
from gateway.claim import FILE
from tests.locked import Locked
from tests.stories.test_commands import HOMES, TOKEN, Shell
from tests.stories.test_gateway import Devices
from tests.waiting import wait_until
from wire.mosquitto import Mosquitto


class Place:
    """A city behind TLS, a home with a broker of its own, and the box that is to join them."""

    def __init__(self, folder: Path) -> None:
        self.locked = Locked(folder / "broker")
        self.locked.accounts.unlink()
        certificates = self.locked.folder / "certificates"
        self.city = Shell(
            folder, ANBU_BROKER_URL=self.locked.city_url(), ANBU_BROKER_CA=str(self.locked.ca),
            ANBU_BROKER_CONTROL="dynamic-security", ANBU_HTTP_CERTIFICATE=str(certificates / "server.crt"),
            ANBU_HTTP_KEY=str(certificates / "server.key"),
        )  # fmt: skip
        self.url = f"https://{self.city.http.replace('127.0.0.1', 'localhost')}"
        self.api = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20,
            verify=ssl.create_default_context(cafile=str(self.locked.ca)),
        )  # fmt: skip
        (folder / "home").mkdir()
        self.home = Mosquitto(folder / "home").start()
        (folder / "box").mkdir()
        self.box = Shell(folder / "box", ANBU_GATEWAY_LOCAL=f"mqtt://127.0.0.1:{self.home.port}")
        self.running: list[subprocess.Popen[str]] = []

    def start(self, shell: Shell, *words: str) -> subprocess.Popen[str]:
        process = shell.start(*words)
        self.running.append(process)
        return process

    def key(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.box.folder / "data" / FILE).read_text())
        return found

    def ready(self) -> bool:
        try:
            return self.api.get("/readyz").status_code == 200
        except httpx.HTTPError:
            sleep_s(0.1)
            return False

    def cases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get("/api/cases").json()
        return found

    def timeline(self, case: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api.get(f"/api/cases/{case}").json()["timeline"]
        return found

    def by_https(self, secret: str, id: str) -> httpx.Response:
        """The gateway says `mains` on its other way."""
        event = {
            "specversion": "1.0",
            "id": id,
            "source": "gw-0001/gateway",
            "type": "care.mains",
            "data": {"on": True},
        }
        body = {**event, "time": wall_now().isoformat()}
        return self.api.post("/api/gateway/events", auth=httpx.BasicAuth("gw-0001", secret), json=body)

    def hung_up_on(self, gateway: str) -> int:
        """How often the broker has ended a connection of the gateway's, by its own log."""
        text = (self.locked.folder / "mosquitto.log").read_text()
        return text.count(f"Client {gateway} been disconnected by administrative action")

    def close(self) -> None:
        for process in self.running:
            process.send_signal(signal.SIGINT)
        for process in self.running:
            out, _ = process.communicate(timeout=30)
            assert "Traceback" not in out, out
        self.api.close()
        self.home.stop()
        self.locked.broker.stop()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.close()


def soon(true: Callable[[], object], limit_s: float = 40) -> None:
    wait_until(lambda: bool(true()) or bool(sleep_s(0.05)), limit_s)


def test_a_box_is_enrolled_heard_and_shut_out(place: Place) -> None:
    city, box = place.city, place.box
    (city.folder / "homes.csv").write_text(HOMES, encoding="utf-8")
    city.run("homes", "import", "homes.csv")
    assert "0 gateways" in city.run("broker", "init", str(place.locked.accounts))
    place.locked.broker.start()
    place.start(city, "run")
    wait_until(place.ready, 60)

    told = city.run("enrol", "gw-0001", "--serial", "SN-4711", "--language", "en")
    code = re.search(r"claim code ([0-9A-Z-]{19})", told)
    assert code is not None
    assert "█" in told, "a QR code"
    claim = ["gateway", "claim", "--city", place.url, "--serial", "SN-4711", "--ca", str(place.locked.ca), "--code"]
    assert "claim code is wrong" in box.run(*claim, "0000-0000-0000-0000", code=2)
    link = re.search(r"https://\S+/claim#\S+", told)
    assert link is not None
    assert "gw-0001" in box.run("gateway", "claim", link[0], "--city", place.url, "--ca", str(place.locked.ca))
    first = place.key()
    assert (box.folder / "data" / FILE).stat().st_mode & 0o077 == 0
    assert "has been used already" in Shell(box.folder / "..").run(*claim, code[1], code=2)

    place.start(box, "gateway")
    soon(lambda: place.key()["rotated"])
    second = place.key()
    assert second["secret"] != first["secret"]
    devices = Devices(place.home.url)
    devices.say("anbu/pendant/sos", {})
    soon(place.cases)
    (case,) = place.cases()
    assert (case["home"], case["concern"]) == ("home-1", "sos")
    assert [place.by_https(key["secret"], "by-https").status_code for key in (first, second)] == [401, 200]
    told_of = len(place.timeline(case["id"]))

    before = place.hung_up_on("gw-0001")
    revoked_s = stopwatch_s()
    assert place.api.delete("/api/gateways/gw-0001").status_code == 204
    soon(lambda: place.hung_up_on("gw-0001") > before, 5)
    print(f"the broker hung up after {stopwatch_s() - revoked_s:.2f} s")
    assert place.by_https(second["secret"], "late").status_code == 401
    devices.say("anbu/pendant/sos", {})
    sleep_s(2)
    devices.leave()
    assert len(place.timeline(case["id"])) == told_of
    assert len(place.cases()) == 1
    (listed,) = place.api.get("/api/gateways").json()
    assert listed["state"] == "revoked"
    told = city.run("enrol", "--language", "en")
    for words in ("claimed with its code", "somebody else knows the code", "changed its key", "revoked (operator)"):
        assert words in told
