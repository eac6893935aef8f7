"""Log rows become columns here: the one place where each event is looked at by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from anomaly import acts, firmware, life
from anomaly.batch import EVENT, KIND_CODES, Batch, mark_of
from anomaly.rows import Rows
from core.events import Battery, Climate, Heartbeat, LogRow
from core.people import Home

AHEAD_S = 120.0
"""A home's clock may be this far ahead of the city's and is still believed."""
IMPLAUSIBLE_S = 3652 * 86400.0

Name = tuple[str, str, str, float]


def watched(
    batch: Batch, passed: npt.NDArray[np.float64], rows: Rows, odd: dict[Name, float], arrived: int
) -> tuple[Batch, int, int]:
    """The events of watched homes with `t`, `hear`, `no` and `late` filled in; how many were strangers', and how many
    had a clock that is not believed.

    `passed` is the watermark before each event, `odd` the waiting events whose clock was not believed, `arrived` the
    number of events before these. An event that is not believed is given the time of arrival. That time is another one
    when it comes twice; so here, not where they are sorted, it is told apart from the one that waits.
    """
    events = batch.events
    home = events["home"]
    known = (home >= 0) & rows.trait(consents, "?")[home]
    strangers = len(batch) - int(np.count_nonzero(known))
    if strangers:
        batch, passed = batch.take(np.flatnonzero(known)), passed[known]
        events = batch.events
    at, seen = events["at"], events["seen"]
    believed = (at >= seen - IMPLAUSIBLE_S) & (at <= seen + AHEAD_S)
    events["t"] = t = np.where(believed, at, seen)
    events["late"] = late = t <= passed
    events["hear"] = np.where(late, passed, t)
    events["no"] = np.arange(arrived, arrived + len(batch))
    if believed.all() and not odd:
        return batch, strangers, 0
    doubted = [waiting_at for *_, waiting_at in odd]
    ask = ~late & (~believed | np.isin(at, np.append(at[~believed], doubted)))
    skewed, kept = 0, np.ones(len(batch), bool)
    for j in np.flatnonzero(ask).tolist():
        name = batch.name(j)
        if odd.get(name, -np.inf) > passed[j]:
            kept[j] = False
        elif not believed[j]:
            skewed += 1
            odd[name] = float(t[j])
    return batch.take(np.flatnonzero(kept)), strangers, skewed


def consents(home: Home) -> bool:
    """Whether a home may be heard and looked at."""
    return home.consent


def of_rows(log: Sequence[LogRow], rows: Rows) -> Batch:
    """Log rows as columns."""
    made = []
    for row in log:
        at, human, kind = row.at.timestamp(), life.human(row), row.kind
        thing, on = acts.state_of(row)
        made.append(
            (
                at,
                row.seen_at.timestamp(),
                at,
                at,
                0,
                _VALUE[kind](row.data) if kind in _VALUE else np.nan,
                rows.index.get(row.home, -1),
                mark_of(row.device),
                thing,
                rows.places.code(life.place_of(row)) if human else _firmware(row, rows),
                KIND_CODES[kind],
                human,
                life.traffic(row),
                life.exit_door(row),
                False,
                on,
                humidity(row.data.humidity_pct) if isinstance(row.data, Climate) else 0,
            )
        )
    sources = np.empty(len(log), object)
    sources[:] = log
    return Batch(np.array(made, EVENT), sources)


def humidity(percent: float | None) -> int:
    """A humidity to the whole percent, as sensors are no better than that; 0: not known, or none that can be."""
    return round(percent) if percent is not None and 0 <= percent <= 100 else 0


def _firmware(row: LogRow, rows: Rows) -> int:
    return firmware.code_of(rows, cast(Heartbeat, row.data)) if row.kind == "heartbeat" else 0


def _temp(data: Any) -> float:
    temp_c = cast(Climate, data).temp_c
    return np.nan if temp_c is None else temp_c


_VALUE: dict[str, Callable[[Any], float]] = {
    "climate": _temp,
    "battery": lambda data: cast(Battery, data).percent,
    "heartbeat": lambda data: cast(Heartbeat, data).every_s,
}
