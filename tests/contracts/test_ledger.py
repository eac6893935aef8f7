"""The ledger on both backends: devices and measurements, each once, whatever is folded twice."""

from datetime import UTC, datetime, timedelta

from core.events import Battery, Climate, Event, Motion, Payload, Vital
from core.people import Home
from ingest.ledger import FOLD, Ledger
from store import log
from store.database import Database
from store.people import Device, devices_of, put_home
from store.telemetry import SqlTelemetry

AT = datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
SAID: list[tuple[str, str, Payload]] = [
    ("pir", "motion", Motion("kitchen")),
    ("air", "climate", Climate("kitchen", 20.5, None)),
    ("air", "climate", Climate("kitchen", 21.0, 40.0)),
    ("pir", "battery", Battery(55.0)),
    ("cuff", "vital", Vital("pulse", 61.0, "1/min")),
]


def test_devices_and_measures(db: Database) -> None:
    with db.write() as tx:
        put_home(tx, db.backend, Home("home-1", "gw-0001", "gwangju"), AT)
        for n, (device, kind, data) in enumerate(SAID):
            at = AT + timedelta(minutes=n)
            log.append_one(tx, log.Entry(Event(f"e-{n}", "gw-0001", device, kind, at, data, "b1", n), "home-1", at))
    ledger = Ledger(db, SqlTelemetry(db), batch=2)
    for _ in SAID:
        ledger.step()
    with db.write() as tx:  # as after a crash between the measures and the cursor
        log.move_cursor(tx, FOLD, 0)
    for _ in SAID:
        ledger.step()
    with db.read() as tx:
        assert log.cursor(tx, FOLD) == log.head(tx)
        assert devices_of(tx, "gw-0001") == [
            Device("gw-0001", "air", ("climate",), AT + timedelta(minutes=1), AT + timedelta(minutes=2), None),
            Device("gw-0001", "cuff", ("vital",), AT + timedelta(minutes=4), AT + timedelta(minutes=4), None),
            Device("gw-0001", "pir", ("battery", "motion"), AT, AT + timedelta(minutes=3), 55.0),
        ]
    series = SqlTelemetry(db).series("home-1", "temp_c", AT, AT + timedelta(hours=1))
    assert [m.value for m in series] == [20.5, 21.0]
    assert [m.value for m in SqlTelemetry(db).series("home-1", "pulse 1/min", AT, AT + timedelta(hours=1))] == [61.0]
    assert SqlTelemetry(db).series("home-1", "battery_pct", AT, AT + timedelta(minutes=3)) == []
