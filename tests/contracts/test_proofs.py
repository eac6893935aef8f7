"""What a gateway says of its devices, on both databases: as it said last, whatever order it arrives in, and shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.clock import ManualClock
from core.events import DeviceKnown, Event, Heartbeat, Motion, Payload
from core.people import Home
from core.signals import Concern, Evidence, Signal, Urgency
from ingest.ledger import Ledger
from ingest.standing import SHORTEST_S, Standings
from store import log
from store.database import Database
from store.people import Device, count_uncommissioned, devices_of, put_home, uncommissioned
from store.telemetry import SqlTelemetry
from store.unheard import put_unheard
from tests.serving import HOME, T0, City
from wire.standing import Standing, decode_standing


def said(db: Database, n: int, minute: float, device: str, kind: str, data: Payload, home: Home = HOME) -> None:
    at = T0 + timedelta(minutes=minute)
    event = Event(f"e-{n}", home.gateway, device, kind, at, data, "b1", n)
    with db.write() as tx:
        log.append(tx, [log.Entry(event, home.id, at)])


def folded(db: Database) -> list[Device]:
    ledger = Ledger(db, SqlTelemetry(db))
    while ledger.step():
        pass
    with db.read() as tx:
        return devices_of(tx, HOME.gateway)


def test_a_device_is_proved_as_its_gateway_said_last(db: Database) -> None:
    city = City(db)
    said(db, 1, 0, "pir", "motion", Motion("hall"))
    (pir,) = folded(db)
    assert (pir.can, pir.proved) == (None, None), "a gateway that says nothing of it"
    with city.serve() as door:
        home = door.get(f"/api/homes/{HOME.id}").json()
        assert home["commissioned"] is None
        assert home["devices"][0]["proved"] is None
    said(db, 2, 5, "button", "device", DeviceKnown(("sos",), ()))
    said(db, 3, 4, "button", "device", DeviceKnown(("sos",), ("sos",)))
    said(db, 4, 6, "pir", "device", DeviceKnown(("motion", "climate", "nonsense"), ("climate",)))
    button, pir = folded(db)
    assert (button.kinds, button.proved) == ((), True), "what was lost, and came late, is old"
    assert (pir.kinds, pir.can, pir.unproved) == (("motion",), ("climate", "motion"), ("climate",))
    said(db, 5, 4, "button", "device", DeviceKnown(("sos",), ("sos",)))
    assert folded(db)[0].proved is True, "also in another turn"
    with db.read() as tx:
        assert uncommissioned(tx, [HOME.gateway, "gw-none"]) == {HOME.gateway}
        assert count_uncommissioned(tx) == 1
    with city.serve() as door:
        home = door.get(f"/api/homes/{HOME.id}").json()
        assert (home["commissioned"], home["watched"]) == (False, False)
        assert {one["device"]: one["proved"] for one in home["devices"]} == {"button": True, "pir": False}
        assert door.get("/api/board").json()["unproved"] == 1
    said(db, 6, 9, "pir", "device", DeviceKnown())
    assert folded(db)[1].proved is True, "who has left has nothing to prove"


@pytest.mark.parametrize("why", ["", "unproved", "unheard", "late", "refused"])
def test_who_asks_is_told_and_who_does_not_is_not(db: Database, why: str) -> None:
    city = City(db)
    clock = ManualClock(T0)
    told: list[tuple[str, Standing | None]] = []
    other = Home("home-9", "gw-0009", HOME.area, consent=why != "refused")
    with db.write() as tx:
        put_home(tx, db.backend, other, T0)
        if why == "unheard":
            put_unheard(tx, db.backend, {other.id: None}, ())
    standings = Standings(
        db, clock, lambda topic, body: told.append((topic, decode_standing(body))), lambda _tx: why != "late"
    )
    said(db, 1, 0, "gateway", "heartbeat", Heartbeat(60.0))
    said(db, 2, 0, "gateway", "heartbeat", Heartbeat(60.0, tell=True), other)
    if why == "unproved":
        said(db, 3, 0, "button", "device", DeviceKnown(("sos",), ("sos",)), other)
        folded(db)
    standings.step()
    topic = "care/v1/gw-0009/down/state"
    assert told == [(topic, Standing(False, not why, 180.0, why))]
    assert standings.step() == 0, "once"
    with db.write() as tx:
        for home in (HOME, other):
            signal = Signal(
                f"s-{home.id}", Concern.SOS, Urgency.IMMEDIATE, T0, (Evidence("evidence.sos"),), "reflex", home.id
            )
            city.desk.signal(tx, signal, home, T0)
    standings.step()
    assert told[1:] == [(topic, Standing(True, not why, 180.0, why))]
    clock.advance(181)
    with db.write() as tx:
        put_unheard(
            tx, db.backend, {} if why == "unheard" else {other.id: None}, [other.id] if why == "unheard" else ()
        )
    assert standings.step() == 0, "who has missed three heartbeats is not there to be told"
    said(db, 4, 4, "gateway", "heartbeat", Heartbeat(10.0, tell=True), other)
    standings.step()
    assert told[2][1] is not None
    assert told[2][1].for_s == SHORTEST_S
