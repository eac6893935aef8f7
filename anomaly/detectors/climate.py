"""Heat and cold in a home: fixed limits, because learning would hide a slow rise.

Heat: a room at 31 °C or more, or one that feels like 33 °C (`anomaly.heat`), for 30 min is SOON; at 35 °C or more, or
40 °C felt, for 10 min URGENT; over below 30 °C and 32 °C felt.
Cold: 16 °C or less for 2 h is SOON, 10 °C or less for 30 min URGENT; over above 17 °C.
What comes fast is told sooner: 6 °C more than within the last hour, after 10 min of heat; 6 °C less than within the
last two, after 30 min of cold: a heater that runs away, one that has failed, a window left open. The limit must be
passed all the same: a room that warms to 29 °C harms nobody, and one that is aired is warm again within half an hour.
WHO Housing and health guidelines (2018) take 18 °C as the safe minimum indoors; the limits stand well beyond.
A gap of over 2 h between readings starts the time anew; no reading, a NaN or an impossible value never alarms. Times
are whole seconds: of a sensor's readings within one second the first counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import ClassVar, NamedTuple, cast

import numpy as np

from anomaly.batch import KIND_CODES, Events, Positions
from anomaly.compiled import AHEAD, fetch, kernel
from anomaly.detector import Heard, because, signal
from anomaly.detectors.slots import SLOTS, place, slot
from anomaly.heat import felt_c
from anomaly.intake import humidity
from anomaly.rounds import Round
from anomaly.rows import Column, Rows
from core.events import Climate as Air
from core.signals import Concern, Evidence, Sense, Signal, Urgency

GAP_S = 2 * 3600.0
POSSIBLE_C = (-30.0, 60.0)
STEEP_C = 6.0
LOW_S, HIGH_S = 1800, 3600
"""The lowest and highest readings are known of two spans each: the one under way, by the clock, and the one before."""
_FIELDS = ("last", "since", "told", "low", "high")  # a new device's are reset


class Limit(NamedTuple):
    """One limit: `sign` 1 is heat, -1 cold; it holds from `temp_c`, or `felt_c` felt, on and is over on the other side
    of `over_c` and `eased_c` felt. It is told after `hold_s`, or `steep_s` where the temperature came fast."""

    name: str
    concern: Concern
    urgency: Urgency
    sign: int
    temp_c: float
    over_c: float
    felt_c: float
    eased_c: float
    hold_s: float
    steep_s: float

    def passed(self, temp_c: float, felt_c: float) -> bool:
        return self.sign * temp_c >= self.sign * self.temp_c or felt_c >= self.felt_c

    def over(self, temp_c: float, felt_c: float) -> bool:
        return self.sign * temp_c < self.sign * self.over_c and felt_c < self.eased_c


_NEVER = float("inf")
LIMITS = (
    Limit("heat", Concern.HEAT, Urgency.SOON, 1, 31.0, 30.0, 33.0, 32.0, 1800.0, 600.0),
    Limit("heat-danger", Concern.HEAT, Urgency.URGENT, 1, 35.0, 30.0, 40.0, 32.0, 600.0, 600.0),
    Limit("cold", Concern.COLD, Urgency.SOON, -1, 16.0, 17.0, _NEVER, _NEVER, 7200.0, 1800.0),
    Limit("cold-danger", Concern.COLD, Urgency.URGENT, -1, 10.0, 17.0, _NEVER, _NEVER, 1800.0, 1800.0),
)
HEAT, COLD = LIMITS[0], LIMITS[2]
COLD_C, HEAT_C, FELT_C, CLIMATE = COLD.temp_c, HEAT.temp_c, HEAT.felt_c, KIND_CODES["climate"]
_felt_c = kernel(felt_c)


class _Reading(NamedTuple):
    """A room's air; `steep_c` is how far it has come within the last hour (heat) or two (cold)."""

    place: str
    temp_c: float
    felt_c: float
    humidity_pct: int
    steep_c: dict[int, float]


class Climate:
    name, version = "climate", "3"
    fields: ClassVar[Mapping[str, str]] = {
        "slot_id": f"({SLOTS},)<u4",
        "slot_at": f"({SLOTS},)<u4",  # whole seconds, as all times here
        "last": f"({SLOTS},)<u4",  # newest reading
        "since": f"({SLOTS},{len(LIMITS)})<u4",  # beyond the limit since
        "told": f"({SLOTS},{len(LIMITS)})<u4",  # told for the time beyond since then
        "low": f"({SLOTS},2)<i2",  # hundredths of a degree, of the span under way and the one before
        "high": f"({SLOTS},2)<i2",
    }
    kinds = frozenset({"climate"})

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        air = cast(Air, heard.event.data)
        temp_c = air.temp_c
        if temp_c is None or not POSSIBLE_C[0] <= temp_c <= POSSIBLE_C[1]:
            return ()
        col, second = rows.col, int(heard.t)
        humid = humidity(air.humidity_pct)
        felt = felt_c(temp_c, humid)
        calm = COLD.temp_c < temp_c < HEAT.temp_c and felt < HEAT.felt_c
        spare = None if calm or heard.late else ~(col["climate.since"][i] | col["climate.told"][i]).any(axis=1)
        k, new = slot(rows, i, self.name, heard.event.device, second, spare)
        if k is None:
            return ()
        if new:
            for field in _FIELDS:
                col[f"climate.{field}"][i, k] = 0
        last = col["climate.last"].item(i, k)
        if second <= last:
            return ()
        col["climate.last"][i, k] = second
        for name, span_s, extreme in (("climate.low", LOW_S, min), ("climate.high", HIGH_S, max)):
            _take(col[name][i, k], second // span_s - last // span_s, round(temp_c * 100), extreme)
        since, told = col["climate.since"][i, k], col["climate.told"][i, k]
        if second - last > GAP_S:
            since[:] = 0
        if calm and not since.any() and not told.any():
            return ()
        low, high = col["climate.low"][i, k].min() / 100, col["climate.high"][i, k].max() / 100
        steep = {1: float(temp_c - low), -1: float(high - temp_c)}
        reading = _Reading(air.room or heard.event.device, temp_c, felt, humid, steep)
        found: list[Signal] = []
        for n, limit in enumerate(LIMITS):
            found += self._judge(rows.homes[i].id, heard, limit, n, since, told, reading)
        return found

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        return _hear(some.events, *_columns(rows.col))

    def _judge(
        self, home: str, heard: Heard, limit: Limit, n: int, since: Column, told: Column, air: _Reading
    ) -> Sequence[Signal]:
        t, second, what = heard.t, int(heard.t), limit.concern.value
        if not limit.passed(air.temp_c, air.felt_c):
            since[n] = 0
            if told[n] and limit.over(air.temp_c, air.felt_c):
                episode, told[n] = _episode(limit, heard, told[n]), 0
                why = because(f"{what}.over", place=air.place, temp=round(air.temp_c, 1))
                return [
                    signal(self, limit.concern, Urgency.ROUTINE, t, why, home=home, episode=episode, sense=Sense.CLEAR)
                ]
            return ()
        since[n] = since[n] or second
        held_s = second - since.item(n)
        steep = air.steep_c[limit.sign] >= STEEP_C
        if told[n] or heard.stale or held_s < (limit.steep_s if steep else limit.hold_s):
            return ()
        told[n] = since[n]
        why = _why(limit, air, held_s)
        return [signal(self, limit.concern, limit.urgency, t, why, home=home, episode=_episode(limit, heard, told[n]))]


def _why(limit: Limit, air: _Reading, held_s: float) -> Evidence:
    what, temp_c = limit.concern.value, round(air.temp_c, 1)
    if held_s < limit.hold_s:
        change = round(air.steep_c[limit.sign], 1)
        return because(f"{what}.steep", place=air.place, temp=temp_c, change=change, held=limit.steep_s)
    if limit.sign * air.temp_c < limit.sign * limit.temp_c:
        return because(
            f"{what}.felt",
            place=air.place,
            temp=temp_c,
            humidity=air.humidity_pct,
            felt=round(air.felt_c, 1),
            limit=limit.felt_c,
            held=limit.hold_s,
        )
    return because(what, place=air.place, temp=temp_c, limit=limit.temp_c, held=limit.hold_s)


def _take(spans: Column, passed: int, now: int, extreme: Callable[[int, int], int]) -> None:
    """Take a reading (hundredths of a degree) into the lowest or highest of the spans; `passed` is how many have ended
    since the last one. Where nothing was read for a whole span, what was before says nothing.
    """
    here, before = spans.tolist()
    spans[1] = before if passed == 0 else here if passed == 1 else now
    spans[0] = extreme(here, now) if passed == 0 else now


_columns = itemgetter(*(f"climate.{field}" for field in Climate.fields))


@kernel
def _hear(
    events: Events,
    slot_id: Column,
    slot_at: Column,
    newest: Column,
    since: Column,
    told: Column,
    low: Column,
    high: Column,
) -> Positions:
    """`hear` where nothing is beyond a limit, or was."""
    left, n = np.empty(len(events), np.intp), 0
    for j in range(len(events)):
        event = events[j]
        later = events[min(j + AHEAD, len(events) - 1)]
        if later.kind == CLIMATE:
            fetch((slot_id, slot_at, newest, since, told, low, high), later.home)
        temp_c = event.value
        if event.kind != CLIMATE or not POSSIBLE_C[0] <= temp_c <= POSSIBLE_C[1]:
            continue
        i, second = event.home, int(event.t)
        calm = COLD_C < temp_c < HEAT_C and _felt_c(temp_c, event.humidity) < FELT_C
        k, new = place(slot_id, slot_at, i, event.mark, second)
        if new:
            newest[i, k] = 0
            for column in (since, told):
                column[i, k] = 0
            for column in (low, high):
                column[i, k] = 0
        if k < SLOTS:
            for limit in range(len(LIMITS)):
                calm = calm and since[i, k, limit] == 0 and told[i, k, limit] == 0
        if not calm:
            left[n] = j
            n += 1
            continue
        if k == SLOTS or second <= newest[i, k]:
            continue
        last, now = int(newest[i, k]), int(np.rint(temp_c * 100))
        newest[i, k] = second
        passed = second // LOW_S - last // LOW_S
        low[i, k, 1] = low[i, k, 1] if passed == 0 else low[i, k, 0] if passed == 1 else now
        low[i, k, 0] = min(low[i, k, 0], now) if passed == 0 else now
        passed = second // HIGH_S - last // HIGH_S
        high[i, k, 1] = high[i, k, 1] if passed == 0 else high[i, k, 0] if passed == 1 else now
        high[i, k, 0] = max(high[i, k, 0], now) if passed == 0 else now
    return left[:n]


def _episode(limit: Limit, heard: Heard, since: float) -> str:
    return f"{limit.name}-{heard.event.device}-{int(since)}"
