"""For operators: how devices and the city's own workers do, without anything about people."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from access.visible import Kind
from api.care_shapes import Offset
from api.city import Here
from api.places import place
from api.shapes import STORABLE, Sentence
from store import people
from store.device_list import SILENT, WEAK_PCT, State, found_devices
from store.log import all_beats
from store.tables import homes

router = APIRouter(prefix="/api", tags=["machines"])


class DeviceRow(BaseModel):
    """A device; whose home it is in is not said."""

    gateway: str
    device: str
    area: str
    place: Sentence
    kinds: list[str]
    first_seen: datetime
    last_seen: datetime
    battery_pct: float | None
    unproved: list[str] | None = Field(description="Kinds that nobody has seen arrive; null: nobody says.")
    states: list[State] = Field(
        description="weak: a battery below 20 %; silent: for a day; unproved: not seen to work."
    )


class DeviceList(BaseModel):
    total: int
    devices: list[DeviceRow] = Field(description="Who was silent longest first.")


class LaneOut(BaseModel):
    """One worker of the city."""

    name: str
    age_s: float | None = Field(description="Real seconds since its last round; null: none, or its broker is away.")
    late: bool
    connected: bool | None = Field(description="To the broker; null: it has none.")
    waiting: int | None = Field(description="Messages that it has not committed yet.")


class LanesOut(BaseModel):
    limit_s: float
    lanes: list[LaneOut]
    unreachable: list[str] = Field(description="Areas whose test SOS does not reach its member in time.")


@router.get("/devices")
def list_devices(
    city: Here,
    state: Annotated[State | None, Query()] = None,
    area: Annotated[str, Query(max_length=100, pattern=STORABLE)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Offset = 0,
) -> DeviceList:
    """Devices by how long they have been silent."""
    now = city.clock.now()
    with city.db.read() as tx:
        only = city.only(Kind.HOME, homes.c.id)
        total, rows = found_devices(tx, now, state, area, limit, offset, only)
        names = people.area_names(tx)
        return DeviceList(
            total=total,
            devices=[
                DeviceRow(
                    gateway=row.gateway,
                    device=row.device,
                    area=row.area,
                    place=place(row.area, names),
                    kinds=row.kinds.split(),
                    first_seen=row.first_seen,
                    last_seen=row.last_seen,
                    battery_pct=row.battery_pct,
                    unproved=None if row.unproved is None else row.unproved.split(),
                    states=_states(row.battery_pct, row.last_seen, row.unproved, now),
                )
                for row in rows
            ],
        )


def _states(battery_pct: float | None, last_seen: datetime, unproved: str | None, now: datetime) -> list[State]:
    found: dict[State, bool] = {
        "weak": battery_pct is not None and battery_pct < WEAK_PCT,
        "silent": last_seen < now - SILENT,
        "unproved": bool(unproved),
    }
    return [state for state, true in found.items() if true]


@router.get("/lanes")
def list_lanes(city: Here) -> LanesOut:
    """How old each worker's last round is, and whether test calls arrive."""
    with city.db.read() as tx:
        ages, beats = city.lanes(tx), all_beats(tx)
        return LanesOut(
            limit_s=city.lane_limit_s,
            lanes=[
                LaneOut(
                    name=name,
                    age_s=age if math.isfinite(age) else None,
                    late=age > city.lane_limit_s,
                    connected=beats[name][1].get("connected") if name in beats else None,
                    waiting=beats[name][1].get("waiting") if name in beats else None,
                )
                for name, age in sorted(ages.items())
            ],
            unreachable=sorted(trial.area for trial in city.canaries(tx) if trial.failing_since is not None),
        )
