"""A home that floods: set aside without a receipt, its own cry and its neighbours heard, and over when it is over."""

from __future__ import annotations

from core.events import Lane
from store import log
from tests.stories.town import Gateway, Town
from tests.waiting import wait_until
from wire.codec import encode_batch

EVENTS = 1500


def pour(home: Gateway, count: int) -> list[int]:
    """Motion after motion; the numbers of the events."""
    events = [home.event("motion", "pir") for _ in range(count)]
    for first in range(0, count, 50):
        home.send_bytes(Lane.EVENT, encode_batch(events[first : first + 50]))
    return [event.seq or 0 for event in events]


def receipted(town: Town, home: Gateway, seqs: list[int]) -> int:
    wait_until(lambda: town.take() < 0 or home.hear() or any(home.receipts))
    for _ in range(100):
        town.take(0.005)
        home.hear()
    return sum(any(receipt.covers("b1", seq) for receipt in home.receipts) for seq in seqs)


def test_a_flood_is_set_aside_and_nobody_else_notices(city: Town) -> None:
    loud, quiet = city.home(), city.home("home-2")
    seqs = pour(loud, EVENTS)
    quiet.say("motion", room="living")
    loud.say("sos", "button")
    city.settle()
    assert [(case["home"], case["concern"]) for case in city.cases()] == [("home-1", "device"), ("home-1", "sos")]
    kept = receipted(city, loud, seqs)
    assert kept == 500
    with city.city.db.read() as tx:
        motions = [row for row in log.read(tx, 0, 10_000) if row.kind == "motion"]
        counted = log.counts(tx)
    assert sum(row.home == "home-1" for row in motions) == kept, "what is receipted is in the log, and nothing else"
    assert sum(row.home == "home-2" for row in motions) == 1
    assert counted["set_aside", "gw-home-1"] == EVENTS - kept
    assert counted["rejected", "flood"] == 1, "one message is kept to look at"
    assert 'anbu_set_aside_total{gateway="gw-home-1"} 1000.0' in city.api.get("/metrics").text
    city.forward(1)
    quiet.say("motion", room="living")
    (technical,) = [case for case in city.cases() if case["concern"] == "device"]
    assert technical["state"] == "closed"
    again = pour(loud, 10)
    assert receipted(city, loud, again) == 10
