"""A gateway's ear and disk without a line to any city: payloads in, events out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from core.events import (
    Event,
    Payload,
)
from gateway.dialects import dialects
from gateway.intake import Hour, Intake
from gateway.outbox import Outbox
from gateway.uplink import Uplink
from wire.codec import decode_data
from wire.line import Delivery

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
Z2M = "zigbee2mqtt"


class Box:
    """The gateway's ear and its disk; the line to the city is not there, and nothing here needs it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now_s, self._mid = folder, 1000.0, 0
        self._open()

    def _open(self) -> None:
        self.outbox = Outbox(self.folder / "gateway.db", "gw-0001", count_s=lambda: self.now_s, machine="m-1")
        self.intake = Intake(self.outbox, cast(Uplink, None), dialects(), self.now_s)
        self._known = len(self.events())

    def restart(self) -> None:
        self.outbox.close()
        self._open()

    def wait(self, seconds: float) -> None:
        self.now_s += seconds

    def events(self) -> list[Event]:
        rows = self.outbox._db.execute("SELECT device, kind, at, data FROM events ORDER BY id")
        return [
            Event("", "gw-0001", device, kind, datetime.fromtimestamp(at, UTC), decode_data(kind, data))
            for device, kind, at, data in rows
        ]

    def hear(self, topic: str, *payloads: Any, retained: bool = False) -> list[Payload]:
        """The data of the events that these messages made."""
        for payload in payloads:
            self._mid += 1
            body = payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()
            delivery = Delivery(topic, body, self._mid, 1, 1, retained=retained)
            hour = Hour(NOW + timedelta(seconds=self.now_s - 1000), self.now_s, True)
            assert self.intake.take([delivery], hour) == [delivery]
        return self._new()

    def roll(self, *, listening: bool = True) -> list[Payload]:
        """The same of who is missed now."""
        self.intake.call_the_roll(Hour(NOW, self.now_s, True), listening=listening)
        return self._new()

    def _new(self) -> list[Payload]:
        found = self.events()[self._known :]
        self._known += len(found)
        return [event.data for event in found]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.outbox.close()
