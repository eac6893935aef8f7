"""The devices' own health, so that a sensor's failure is repaired before it is mistaken for a person's silence.

Battery at 15 % or less (once, until above 25 %); more than 200 events of one device within a clock's ten minutes
(chattering, once a day); the same temperature to the digit for 24 h over at least 20 readings, or one outside
-30..60 °C; a gateway's word that one of its devices is lost. All ROUTINE. The 8 devices of a home that were heard
last are remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

from anomaly.detector import Heard, because, signal
from anomaly.detectors.climate import POSSIBLE_C
from anomaly.detectors.slots import SLOTS, slot
from anomaly.life import is_will
from anomaly.rows import Rows
from core.events import Battery, Climate, Lost
from core.signals import Concern, Sense, Signal, Urgency

LOW_PCT, FULL_PCT = 15.0, 25.0
WINDOW_S, CHATTER = 600.0, 200
STUCK_S, STUCK_READINGS = 24 * 3600.0, 20
DAY_S = 24 * 3600.0


class Device:
    name, version = "device", "1"
    fields: ClassVar[Mapping[str, str]] = {
        "slot_id": f"({SLOTS},)<u4",
        "slot_at": f"({SLOTS},)<f8",
        "window": f"({SLOTS},)<f8",  # events are counted since
        "count": f"({SLOTS},)<u4",
        "chatter": f"({SLOTS},)<f8",  # chattering told then
        "battery_at": f"({SLOTS},)<f8",
        "battery": f"({SLOTS},)<f8",  # low battery told then
        "value": f"({SLOTS},)<f8",
        "value_at": f"({SLOTS},)<f8",
        "value_since": f"({SLOTS},)<f8",
        "readings": f"({SLOTS},)<u4",
        "wrong": f"({SLOTS},)<f8",  # an impossible or stuck value told then
        "lost": f"({SLOTS},)<f8",  # told then that it is gone
    }
    kinds = None

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if not heard.traffic:
            return ()
        event, col = heard.event, rows.col
        k, new = slot(rows, i, self.name, event.device, heard.t)
        if new:
            for field in self.fields:
                if not field.startswith("slot"):
                    col[f"device.{field}"][i, k] = 0
        found: Sequence[Signal] = ()
        if not heard.late:
            found = self._count(rows, i, k, heard)
        if event.kind == "battery":
            return [*found, *self._battery(rows, i, k, heard, cast(Battery, event.data).percent)]
        if event.kind == "climate":
            return [*found, *self._value(rows, i, k, heard, cast(Climate, event.data).temp_c)]
        if event.kind == "lost":
            return [*found, *self._lost(rows, i, k, heard)]
        if col["device.lost"][i, k] and heard.t > col["device.lost"][i, k]:
            col["device.lost"][i, k] = 0.0
        return found

    def _count(self, rows: Rows, i: int, k: int, heard: Heard) -> Sequence[Signal]:
        col, t = rows.col, heard.t
        window = t // WINDOW_S * WINDOW_S
        if col["device.window"][i, k] != window:
            col["device.window"][i, k], col["device.count"][i, k] = window, 1
            return ()
        count = col["device.count"]
        count[i, k] += 1
        if count[i, k] <= CHATTER or t - col["device.chatter"][i, k] < DAY_S:
            return ()
        col["device.chatter"][i, k] = t
        return [self._signal(rows, i, heard, "chatter", t, {"count": CHATTER, "window": WINDOW_S})]

    def _battery(self, rows: Rows, i: int, k: int, heard: Heard, percent: float) -> Sequence[Signal]:
        at, told, t = rows.col["device.battery_at"], rows.col["device.battery"], heard.t
        if t <= at[i, k] or not 0 <= percent <= 100:
            return ()
        at[i, k] = t
        if percent <= LOW_PCT and not told[i, k] and not heard.stale:
            told[i, k] = t
            return [self._signal(rows, i, heard, "battery", t, {"percent": round(percent)})]
        if percent > FULL_PCT and told[i, k]:
            episode, told[i, k] = float(told[i, k]), 0.0
            return [self._signal(rows, i, heard, "battery", episode, {"percent": round(percent)}, Sense.CLEAR)]
        return ()

    def _value(self, rows: Rows, i: int, k: int, heard: Heard, temp_c: float | None) -> Sequence[Signal]:
        col, t = rows.col, heard.t
        if temp_c is None or temp_c != temp_c or t <= col["device.value_at"][i, k]:
            return ()
        col["device.value_at"][i, k] = t
        told, possible = col["device.wrong"], POSSIBLE_C[0] <= temp_c <= POSSIBLE_C[1]
        if temp_c != col["device.value"][i, k] or not col["device.value_since"][i, k]:
            col["device.value"][i, k], col["device.value_since"][i, k], col["device.readings"][i, k] = temp_c, t, 0
            if possible:
                told[i, k] = 0.0
        col["device.readings"][i, k] += 1
        stuck = t - col["device.value_since"][i, k] >= STUCK_S and col["device.readings"][i, k] >= STUCK_READINGS
        if told[i, k] or heard.stale or (possible and not stuck):
            return ()
        told[i, k] = t
        return [self._signal(rows, i, heard, "stuck" if possible else "impossible", t, {"temp": f"{temp_c:g}"})]

    def _lost(self, rows: Rows, i: int, k: int, heard: Heard) -> Sequence[Signal]:
        told = rows.col["device.lost"]
        if told[i, k] or heard.stale or is_will(heard.event):
            return ()
        told[i, k] = heard.t
        return [self._signal(rows, i, heard, "lost", heard.t, {"reason": cast(Lost, heard.event.data).reason})]

    def _signal(
        self,
        rows: Rows,
        i: int,
        heard: Heard,
        what: str,
        since: float,
        numbers: dict[str, str | int | float],
        sense: Sense = Sense.RAISE,
    ) -> Signal:
        device = heard.event.device
        key = f"device.{what}" + (".over" if sense is Sense.CLEAR else "")
        return signal(
            self,
            Concern.DEVICE,
            Urgency.ROUTINE,
            heard.t,
            because(key, device=device, **numbers),
            home=rows.homes[i].id,
            episode=f"{what}-{device}-{int(since)}",
            sense=sense,
        )
