"""The log folded into measurements and the list of devices: what charts and operators read, and no alarm waits for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy.engine import Connection

from core.events import Appliance, Battery, CarbonMonoxide, Climate, LogRow, Vital
from core.people import Home
from store.database import Database
from store.log import cursor, move_cursor, read
from store.people import Device, all_homes, devices_of, put_device
from store.telemetry import Measure, Telemetry

FOLD = "ledger"


class Ledger:
    """The ledger's worker. Telemetry may be away for days: the cursor waits, the log keeps."""

    def __init__(self, db: Database, telemetry: Telemetry, *, batch: int = 2000) -> None:
        self._db, self._telemetry, self._batch = db, telemetry, batch
        self._homes: dict[str, Home] = {}

    def step(self) -> int:
        """Take the next rows in; their number. Raises what the telemetry store raises: the caller waits and goes on."""
        with self._db.read() as tx:
            position = cursor(tx, FOLD)
            rows = read(tx, position, self._batch)
            if any(row.home not in self._homes for row in rows):
                self._homes = {home.id: home for home in all_homes(tx)}
        if not rows:
            return 0
        # Before the cursor moves: measures that are put twice are one.
        self._telemetry.put([measure for row in rows for measure in measures(row)])
        with self._db.write() as tx:
            for device in self._devices(tx, rows):
                put_device(tx, self._db.backend, device)
            move_cursor(tx, FOLD, rows[-1].position)
        return len(rows)

    def _devices(self, tx: Connection, rows: Sequence[LogRow]) -> list[Device]:
        gateways = {self._homes[row.home].gateway for row in rows if row.home in self._homes}
        known = {(d.gateway, d.device): d for gateway in gateways for d in devices_of(tx, gateway)}
        touched: dict[tuple[str, str], Device] = {}
        for row in rows:
            home = self._homes.get(row.home)
            if home is None:
                continue
            key = (home.gateway, row.device)
            was = touched.get(key) or known.get(key)
            battery = row.data.percent if isinstance(row.data, Battery) else (was.battery_pct if was else None)
            kinds = {row.kind, *(was.kinds if was else ())}
            touched[key] = Device(
                *key,
                kinds=tuple(sorted(kinds)),
                first_seen=was.first_seen if was else row.seen_at,
                last_seen=max(was.last_seen, row.seen_at) if was else row.seen_at,
                battery_pct=battery,
            )
        return list(touched.values())


def measures(row: LogRow) -> Iterator[Measure]:
    """What of an event is a number over time."""

    def of(metric: str, value: float | None) -> Iterator[Measure]:
        if value is not None:
            yield Measure(row.home, metric, row.device, row.at, value)

    match row.data:
        case Climate(temp_c=temp_c, humidity_pct=humidity_pct):
            yield from of("temp_c", temp_c)
            yield from of("humidity_pct", humidity_pct)
        case Battery(percent=percent):
            yield from of("battery_pct", percent)
        case Appliance(power_w=power_w):
            yield from of("power_w", power_w)
        case CarbonMonoxide(ppm=ppm):
            yield from of("co_ppm", ppm)
        case Vital(name=name, value=value, unit=unit):
            yield from of(f"{name} {unit}".strip(), value)
