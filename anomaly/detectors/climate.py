"""Heat and cold in a home: fixed limits, because learning would hide a slow rise.

Heat: a room at 31 °C or more for 30 min is SOON, at 35 °C or more for 10 min URGENT; over below 30 °C.
Cold: 16 °C or less for 2 h is SOON, 10 °C or less for 30 min URGENT; over above 17 °C.
WHO Housing and health guidelines (2018) take 18 °C as the safe minimum indoors; the limits stand well beyond.
A gap of over 2 h between readings starts the time anew; no reading, a NaN or an impossible value never alarms. Times
are whole seconds: of a sensor's readings within one second the first counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple, cast

import numpy as np

from anomaly.batch import Positions
from anomaly.detector import Heard, because, signal
from anomaly.detectors.slots import SLOTS, flattened, slot, slots, touch
from anomaly.rounds import Round
from anomaly.rows import Rows
from core.events import Climate as Air
from core.signals import Concern, Sense, Signal, Urgency

GAP_S = 2 * 3600.0
POSSIBLE_C = (-30.0, 60.0)
_FIELDS = ("last", "since", "told")  # a new device's are reset


class Limit(NamedTuple):
    """One limit: `sign` 1 is heat, -1 cold; it holds from `temp_c` on and is over on the other side of `over_c`."""

    name: str
    concern: Concern
    urgency: Urgency
    sign: int
    temp_c: float
    over_c: float
    hold_s: float


LIMITS = (
    Limit("heat", Concern.HEAT, Urgency.SOON, 1, 31.0, 30.0, 1800.0),
    Limit("heat-danger", Concern.HEAT, Urgency.URGENT, 1, 35.0, 30.0, 600.0),
    Limit("cold", Concern.COLD, Urgency.SOON, -1, 16.0, 17.0, 7200.0),
    Limit("cold-danger", Concern.COLD, Urgency.URGENT, -1, 10.0, 17.0, 1800.0),
)


class Climate:
    name, version = "climate", "2"
    fields: ClassVar[Mapping[str, str]] = {
        "slot_id": f"({SLOTS},)<u4",
        "slot_at": f"({SLOTS},)<u4",  # whole seconds, as all times here
        "last": f"({SLOTS},)<u4",  # newest reading
        "since": f"({SLOTS},{len(LIMITS)})<u4",  # beyond the limit since
        "told": f"({SLOTS},{len(LIMITS)})<u4",  # told for the time beyond since then
    }
    kinds = frozenset({"climate"})

    def hear(self, rows: Rows, i: int, heard: Heard) -> Sequence[Signal]:
        air = cast(Air, heard.event.data)
        temp_c = air.temp_c
        if temp_c is None or not POSSIBLE_C[0] <= temp_c <= POSSIBLE_C[1]:
            return ()
        col, second = rows.col, int(heard.t)
        k, new = slot(rows, i, self.name, heard.event.device, second)
        if new:
            for field in _FIELDS:
                col[f"climate.{field}"][i, k] = 0
        last = col["climate.last"].item(i, k)
        if second <= last:
            return ()
        col["climate.last"][i, k] = second
        since, told = col["climate.since"][i, k], col["climate.told"][i, k]
        if second - last > GAP_S:
            since[:] = 0
        if not since.any() and not told.any() and LIMITS[2].temp_c < temp_c < LIMITS[0].temp_c:
            return ()
        place = air.room or heard.event.device
        found: list[Signal] = []
        for n, limit in enumerate(LIMITS):
            found += self._judge(rows, i, heard, limit, n, since, told, temp_c, place)
        return found

    def hear_many(self, rows: Rows, some: Round) -> Positions:
        which = some.of("climate")
        temp_c = some.column("value", which)
        possible = (temp_c >= POSSIBLE_C[0]) & (temp_c <= POSSIBLE_C[1])
        which, temp_c = which[possible], temp_c[possible]
        flat = slots(rows, some, which, self.name, _FIELDS)
        calm = (temp_c > LIMITS[2].temp_c) & (temp_c < LIMITS[0].temp_c)
        for field in ("climate.since", "climate.told"):
            calm &= ~rows.col[field].reshape(-1, len(LIMITS)).take(flat, axis=0).any(axis=1)
        flat, second = flat[calm], some.t[which[calm]].astype(np.int64)
        touch(rows, self.name, flat, second)
        last = flattened(rows, "climate.last")
        last[flat] = np.maximum(last[flat], second)
        return which[~calm]

    def _judge(
        self,
        rows: Rows,
        i: int,
        heard: Heard,
        limit: Limit,
        n: int,
        since: np.ndarray,
        told: np.ndarray,
        temp_c: float,
        place: str,
    ) -> Sequence[Signal]:
        t, second, home, what = heard.t, int(heard.t), rows.homes[i].id, limit.concern.value
        if limit.sign * temp_c < limit.sign * limit.temp_c:
            since[n] = 0
            if told[n] and limit.sign * temp_c < limit.sign * limit.over_c:
                episode, told[n] = _episode(limit, heard, told[n]), 0
                why = because(f"{what}.over", place=place, temp=round(temp_c, 1))
                return [
                    signal(self, limit.concern, Urgency.ROUTINE, t, why, home=home, episode=episode, sense=Sense.CLEAR)
                ]
            return ()
        since[n] = since[n] or second
        if told[n] or heard.stale or second - since.item(n) < limit.hold_s:
            return ()
        told[n] = since[n]
        why = because(what, place=place, temp=round(temp_c, 1), limit=limit.temp_c, held=limit.hold_s)
        return [signal(self, limit.concern, limit.urgency, t, why, home=home, episode=_episode(limit, heard, told[n]))]


def _episode(limit: Limit, heard: Heard, since: float) -> str:
    return f"{limit.name}-{heard.event.device}-{int(since)}"
