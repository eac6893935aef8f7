"""The devices' own health, so that a sensor's failure is repaired before it is mistaken for a person's silence.

Battery at 15 % or less (once, until above 25 %); more than 200 events of one device within a clock's ten minutes
(chattering, once a day); the same temperature to the digit for 24 h over at least 20 readings, or one outside
-30..60 °C; a gateway's word that one of its devices is lost. All ROUTINE. Eight devices of a home are remembered, as
`slots` says. Times are kept in whole seconds: of readings within one second the first counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, cast

import numpy as np

from anomaly.batch import KIND_CODES, Events, Positions
from anomaly.compiled import AHEAD, fetch, kernel
from anomaly.detector import Heard, because, signal
from anomaly.detectors.climate import POSSIBLE_C
from anomaly.detectors.slots import SLOTS, place, slot
from anomaly.life import is_will
from anomaly.rounds import Flags, Round, table
from anomaly.rows import Column, Rows
from core.events import KINDS, Battery, Climate, Lost, Payload
from core.signals import Concern, Sense, Signal, Urgency

LOW_PCT, FULL_PCT = 15.0, 25.0
WINDOW_S, CHATTER = 600, 200
STUCK_S, STUCK_READINGS = 24 * 3600, 20
DAY_S = 24 * 3600
MOST = 255
"""Counting ends here: more than enough is enough."""
FURTHEST_C = 1e9
CLIMATE, BATTERY, LOST = (KIND_CODES[kind] for kind in ("climate", "battery", "lost"))


class Device:
    name, version = "device", "3"
    fields: ClassVar[Mapping[str, str]] = {
        "slot_id": f"({SLOTS},)<u4",
        "slot_at": f"({SLOTS},)<u4",
        "window": f"({SLOTS},)<u4",  # events are counted since
        "count": f"({SLOTS},)<u1",
        "chatter": f"({SLOTS},)<u4",  # chattering told then
        "battery_at": f"({SLOTS},)<u4",
        "battery": f"({SLOTS},)<u4",  # low battery told then
        "value": f"({SLOTS},)<f4",
        "value_at": f"({SLOTS},)<u4",
        "value_since": f"({SLOTS},)<u4",
        "readings": f"({SLOTS},)<u1",
        "wrong": f"({SLOTS},)<u4",  # an impossible or stuck value told then
        "lost": f"({SLOTS},)<u4",  # told then that it is gone
    }
    kinds = frozenset(KINDS) - {"heartbeat"}  # which is of the gateway, and would take a device's room
    _kept = tuple(field for field in fields if not field.startswith("slot"))

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        if not heard.traffic:
            return ()
        event, col, second = heard.event, rows.col, int(heard.t)
        spare = _quiet(rows, i) if _pressing(event.data) and not heard.late else None
        k, new = slot(rows, i, self.name, event.device, second, spare)
        if k is None:
            return ()
        if new:
            for field in self._kept:
                col[f"device.{field}"][i, k] = 0
        found: Sequence[Signal] = ()
        if not heard.late:
            found = self._count(rows, i, k, heard, second)
        if event.kind == "battery":
            return [*found, *self._battery(rows, i, k, heard, second, cast(Battery, event.data).percent)]
        if event.kind == "climate":
            return [*found, *self._value(rows, i, k, heard, second, cast(Climate, event.data).temp_c)]
        if event.kind == "lost":
            return [*found, *self._lost(rows, i, k, heard, second)]
        if second > col["device.lost"].item(i, k) > 0:
            col["device.lost"][i, k] = 0
        return found

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        return _hear(some.events, table(self.kinds), *_columns(rows.col))

    def _count(self, rows: Rows, i: int, k: int, heard: Heard, second: int) -> Sequence[Signal]:
        col, window = rows.col, second // WINDOW_S * WINDOW_S
        if col["device.window"][i, k] != window:
            col["device.window"][i, k], col["device.count"][i, k] = window, 1
            return ()
        count = min(col["device.count"].item(i, k) + 1, MOST)
        col["device.count"][i, k] = count
        if count <= CHATTER or second - col["device.chatter"].item(i, k) < DAY_S:
            return ()
        col["device.chatter"][i, k] = second
        return [self._signal(rows, i, heard, "chatter", second, {"count": CHATTER, "window": WINDOW_S})]

    def _battery(self, rows: Rows, i: int, k: int, heard: Heard, second: int, percent: float) -> Sequence[Signal]:
        at, told = rows.col["device.battery_at"], rows.col["device.battery"]
        if second <= at[i, k] or not 0 <= percent <= 100:
            return ()
        at[i, k] = second
        if percent <= LOW_PCT and not told[i, k] and not heard.stale:
            told[i, k] = second
            return [self._signal(rows, i, heard, "battery", second, {"percent": round(percent)})]
        if percent > FULL_PCT and told[i, k]:
            episode, told[i, k] = told.item(i, k), 0
            return [self._signal(rows, i, heard, "battery", episode, {"percent": round(percent)}, Sense.CLEAR)]
        return ()

    def _value(self, rows: Rows, i: int, k: int, heard: Heard, second: int, temp_c: float | None) -> Sequence[Signal]:
        col = rows.col
        if temp_c is None or temp_c != temp_c or second <= col["device.value_at"][i, k]:
            return ()
        col["device.value_at"][i, k] = second
        told, possible = col["device.wrong"], POSSIBLE_C[0] <= temp_c <= POSSIBLE_C[1]
        value = np.float32(max(-FURTHEST_C, min(FURTHEST_C, temp_c)))
        if value != col["device.value"][i, k] or not col["device.value_since"][i, k]:
            col["device.value"][i, k], col["device.value_since"][i, k], col["device.readings"][i, k] = value, second, 0
            if possible:
                told[i, k] = 0
        readings = min(col["device.readings"].item(i, k) + 1, MOST)
        col["device.readings"][i, k] = readings
        stuck = second - col["device.value_since"].item(i, k) >= STUCK_S and readings >= STUCK_READINGS
        if told[i, k] or heard.stale or (possible and not stuck):
            return ()
        told[i, k] = second
        what = "stuck" if possible else "impossible"
        return [self._signal(rows, i, heard, what, second, {"temp": f"{temp_c:g}"})]

    def _lost(self, rows: Rows, i: int, k: int, heard: Heard, second: int) -> Sequence[Signal]:
        told = rows.col["device.lost"]
        if told[i, k] or heard.stale or is_will(heard.event):
            return ()
        told[i, k] = second
        return [self._signal(rows, i, heard, "lost", second, {"reason": cast(Lost, heard.event.data).reason})]

    def _signal(
        self,
        rows: Rows,
        i: int,
        heard: Heard,
        what: str,
        since: int,
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
            episode=f"{what}-{device}-{since}",
            sense=sense,
        )


def _pressing(data: Payload) -> bool:
    """Whether it says what has to be told: a low battery, an impossible reading, a device that is gone."""
    match data:
        case Battery(percent=percent):
            return 0 <= percent <= LOW_PCT
        case Climate(temp_c=temp_c):
            return temp_c is not None and (temp_c < POSSIBLE_C[0] or temp_c > POSSIBLE_C[1])
    return isinstance(data, Lost)


def _quiet(rows: Rows, i: int) -> Flags:
    """Which of a home's devices have nothing wrong with them."""
    col = rows.col
    wrong: Flags = (col["device.battery"][i] > 0) | (col["device.wrong"][i] > 0) | (col["device.lost"][i] > 0)
    return ~wrong


_columns = itemgetter(*(f"device.{field}" for field in Device.fields))


@kernel
def _hear(
    events: Events,
    kinds: Flags,
    slot_id: Column,
    slot_at: Column,
    window: Column,
    count: Column,
    chatter: Column,
    battery_at: Column,
    battery: Column,
    value: Column,
    value_at: Column,
    value_since: Column,
    readings: Column,
    wrong: Column,
    lost: Column,
) -> Positions:
    """`hear`, but for what may raise something or has."""
    left, n = np.empty(len(events), np.intp), 0
    for j in range(len(events)):
        later = events[min(j + AHEAD, len(events) - 1)]
        fetch((slot_id, slot_at, window, count, lost, value, value_at, value_since, readings, wrong), later.home)
        event = events[j]
        if not (event.traffic and kinds[event.kind]):
            continue
        i, second, said = event.home, int(event.t), event.value
        air, charge = event.kind == CLIMATE and said == said, event.kind == BATTERY and 0 <= said <= 100
        odd = event.kind == LOST or (charge and said <= LOW_PCT)
        odd |= air and (said < POSSIBLE_C[0] or said > POSSIBLE_C[1])
        k, new = place(slot_id, slot_at, i, event.mark, second)
        if k == SLOTS:
            if odd:
                left[n] = j
                n += 1
            continue
        if new:
            for column in (window, chatter, battery_at, battery, value_at, value_since, wrong, lost):
                column[i, k] = 0
            count[i, k] = readings[i, k] = value[i, k] = 0
        begun = second // WINDOW_S * WINDOW_S
        again = window[i, k] == begun
        odd |= (again and count[i, k] >= CHATTER) or lost[i, k] > 0 or (charge and battery[i, k] > 0)
        if air:
            stuck = value_since[i, k] > 0 and second - value_since[i, k] >= STUCK_S
            odd |= wrong[i, k] > 0 or (stuck and readings[i, k] >= STUCK_READINGS - 1)
        if odd:
            left[n] = j
            n += 1
            continue
        count[i, k] = count[i, k] + 1 if again else 1
        window[i, k] = begun
        if charge:
            battery_at[i, k] = max(battery_at[i, k], second)
        if air and second > value_at[i, k]:
            value_at[i, k] = second
            if np.float32(said) != value[i, k] or value_since[i, k] == 0:
                value[i, k], value_since[i, k], readings[i, k] = said, second, 0
            readings[i, k] = min(readings[i, k] + 1, MOST)
    return left[:n]
