"""Brokers that are restarted, that forget, that are away."""

from __future__ import annotations

import signal
from pathlib import Path

from core.clock import sleep_s
from tests.faults.city import City, city
from tests.faults.outside import expect
from tests.faults.table import Figure, quantile, row

RECONNECT_S = 20.0


def interrupted(place: City, many: int, how: int, *, forgets: bool) -> float:
    """Homes press while the broker ends and comes again; seconds until all are connected again."""
    homes = place.press(many // 3)
    place.broker.stop(how)
    homes += place.press(many // 3)
    if forgets:
        for kept in place.folder.joinpath("broker").glob("*.db*"):
            kept.unlink()
    sleep_s(1.0)
    place.broker.start()
    homes += place.press(many - len(homes))
    back_s = expect(lambda: place.ready() and place.homes.connected(), RECONNECT_S, "everybody is connected again")
    place.expect_cases(homes, 30)
    place.expect_receipts(30)
    for case in place.of(homes):
        place.acknowledge(case.id)
    return back_s


def rounds(folder: Path, full: bool, how: int, *, forgets: bool) -> Figure:
    """3,000 presses in ten interruptions."""
    many, times = (300, 10) if full else (20, 2)
    with city(folder, many * times) as place:
        place.start_all()
        back_s = [interrupted(place, many, how, forgets=forgets) for _ in range(times)]
        said = place.verdict()
    return Figure(
        times,
        f"{said['cases']} of {said['pressed']} SOS are cases; all connected again p50 {quantile(back_s, 0.5):.1f} s, "
        f"most {max(back_s):.1f} s",
    )


@row(
    "broker-restart",
    "broker restarted",
    "Mosquitto ends in good order and comes again after 1 s, homes press before, meanwhile and after",
    "all reconnect within 20 s; 3,000 of 3,000 SOS arrive",
)
def broker_restart(folder: Path, full: bool) -> Figure:
    return rounds(folder, full, signal.SIGTERM, forgets=False)


@row(
    "broker-forgets",
    "broker kill -9 and its database deleted",
    "as above, with SIGKILL, and its persistence file removed before it comes again",
    "all reconnect within 20 s; 3,000 of 3,000 SOS arrive",
)
def broker_forgets(folder: Path, full: bool) -> Figure:
    return rounds(folder, full, signal.SIGKILL, forgets=True)
