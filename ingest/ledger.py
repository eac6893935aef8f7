"""The log folded into measurements and the list of devices: what charts and operators read, and no alarm waits for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec
from sqlalchemy.engine import Connection

from anomaly.detectors.absence import LONGEST_S, SAID_S
from core.events import (
    ANY,
    KINDS,
    PRESS,
    Absence,
    Appliance,
    Battery,
    CarbonMonoxide,
    Climate,
    DeviceKnown,
    LogRow,
    Vital,
)
from store.database import Database
from store.log import cursor, devices_seen, head, move_cursor, of_kinds
from store.people import Device, add_absence, devices_of, end_absence, put_devices
from store.telemetry import Measure, Telemetry

FOLD = "ledger"
_TOGETHER = 40
MEASURED = ("climate", "battery", "appliance", "co", "vital")
DESK = "desk"
"""The device by which an operator's word stands in the log: their absences are noted already."""


class Ledger:
    """The ledger's worker. Telemetry may be away for days: the cursor waits, the log keeps."""

    def __init__(self, db: Database, telemetry: Telemetry, *, batch: int = 20_000) -> None:
        self._db, self._telemetry, self._batch = db, telemetry, batch

    def step(self) -> int:
        """Take the next rows in; 0 where there are no more now. Raises what the telemetry store raises."""
        with self._db.read() as tx:
            after = cursor(tx, FOLD)
            upto = min(head(tx), after + self._batch)
            rows = of_kinds(tx, (*MEASURED, "absence", "device"), after, upto)
            seen = devices_seen(tx, after, upto)
            known = {(d.gateway, d.device): d for d in devices_of(tx, *{sight.gateway for sight in seen})}
        if upto <= after:
            return 0
        # Before the cursor moves: measures that are put twice are one.
        self._telemetry.put([measure for row in rows for measure in measures(row)])
        batteries = {(row.home, row.device): row.data.percent for row in rows if isinstance(row.data, Battery)}
        told = {(row.home, row.device): row for row in sorted(rows, key=lambda row: row.at) if row.kind == "device"}
        for sight in seen:
            key = (sight.gateway, sight.device)
            was = known.get(key)
            battery = batteries.get((sight.home, sight.device), was.battery_pct if was else None)
            known[key] = Device(
                *key,
                # What its gateway says of it, it has not said itself.
                kinds=tuple(sorted({sight.kind, *(was.kinds if was else ())} - {"device"})),
                first_seen=was.first_seen if was else sight.first,
                last_seen=max(was.last_seen, sight.last) if was else sight.last,
                battery_pct=battery,
                can=was.can if was else None,
                unproved=was.unproved if was else None,
                told_at=was.told_at if was else None,
            )
            if sight.kind == "device" and (row := told.get((sight.home, sight.device))) is not None:
                known[key] = _as_told(known[key], row)
        # In small turns: an SOS may be waiting to write. Devices that are put twice are as they were put once.
        devices = list(known.values())
        for first in range(0, len(devices), _TOGETHER):
            with self._db.write(synced=False) as tx:
                put_devices(tx, self._db.backend, devices[first : first + _TOGETHER])
        with self._db.write() as tx:
            for row in rows:
                if isinstance(row.data, Absence) and row.device != DESK:
                    _note(tx, row, row.data)
            move_cursor(tx, FOLD, upto)
        return upto - after if upto - after == self._batch else 0


def _as_told(device: Device, row: LogRow) -> Device:
    """A device as its gateway knows it, unless it has said something newer: a word that was lost comes again late."""
    if not isinstance(row.data, DeviceKnown) or (device.told_at is not None and row.at < device.told_at):
        return device
    can, unproved = (tuple(sorted({*some} & {*KINDS, ANY, PRESS})) for some in (row.data.can, row.data.unproved))
    return msgspec.structs.replace(device, can=can, unproved=unproved, told_at=row.at)


def _note(tx: Connection, row: LogRow, note: Absence) -> None:
    """What the home itself says of its being empty; the engine ends such an absence as soon."""
    if not note.away:
        end_absence(tx, row.home, row.at)
        return
    longest = row.at + timedelta(seconds=SAID_S if note.until is None else LONGEST_S)
    until = longest if note.until is None else min(note.until, longest)
    if until > row.at:
        add_absence(tx, row.home, row.at, until, row.device)


def measures(row: LogRow) -> Iterator[Measure]:
    """What of an event is a number over time."""

    def of(metric: str, value: float | None) -> Iterator[Measure]:
        if value is not None:
            yield Measure(row.home, metric, row.device, row.at, value)

    match row.data:
        case Climate(temp_c=temp_c, humidity_pct=humidity_pct, co2_ppm=co2_ppm):
            yield from of("temp_c", temp_c)
            yield from of("humidity_pct", humidity_pct)
            yield from of("co2_ppm", co2_ppm)
        case Battery(percent=percent):
            yield from of("battery_pct", percent)
        case Appliance(power_w=power_w):
            yield from of("power_w", power_w)
        case CarbonMonoxide(ppm=ppm):
            yield from of("co_ppm", ppm)
        case Vital(name=name, value=value, unit=unit):
            yield from of(f"{name} {unit}".strip(), value)
