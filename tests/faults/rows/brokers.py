"""Brokers that are restarted, that forget, that are away."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

from core.clock import sleep_s, stopwatch_s
from tests.faults.city import City, city
from tests.faults.nursery import GATEWAY
from tests.faults.outside import DEPLOYED, Button, expect, gateway_of, homes_broker
from tests.faults.table import Figure, Skipped, quantile, row
from tests.servers import NATS, Nats
from wire.mosquitto import Mosquitto

RECONNECT_S = 20.0
RUNG_S = 30
"""Three hundred press at once: nobody is to be called for most of them before they are taken."""
FALLBACK_S = 15.0


def interrupted(place: City, many: int, how: int, forget: Callable[[], None]) -> float:
    """Homes press while the broker ends and comes again; seconds until all are connected again."""
    homes = place.press(many // 3)
    place.broker.stop(how)
    homes += place.press(many // 3)
    forget()
    sleep_s(1.0)
    place.broker.start()
    homes += place.press(many - len(homes))
    back_s = expect(lambda: place.ready() and place.homes.connected(), RECONNECT_S, "everybody is connected again")
    place.expect_cases(homes, 30)
    place.expect_receipts(30)
    for case in place.of(homes):
        place.acknowledge(case.id)
    return back_s


def rounds(folder: Path, full: bool, how: int, broker: Mosquitto | Nats, forget: Callable[[], None]) -> Figure:
    """3,000 presses in ten interruptions."""
    many, times = (300, 10) if full else (20, 2)
    homes_at = None
    if isinstance(broker, Nats):
        broker.accounts(gateway_of(f"home-{n:05}") for n in range(many * times))
        homes_at = broker.gateway_url
    with city(folder, many * times, broker=broker, homes_at=homes_at, rung_s=RUNG_S) as place:
        place.start_all()
        back_s = [interrupted(place, many, how, forget) for _ in range(times)]
        said = place.verdict()
    return Figure(
        times,
        f"{said['cases']} of {said['pressed']} SOS are cases; all connected again p50 {quantile(back_s, 0.5):.1f} s, "
        f"most {max(back_s):.1f} s",
    )


def mosquitto(folder: Path) -> tuple[Mosquitto, Callable[[], None]]:
    """A Mosquitto, and how it forgets."""
    kept = folder / "broker"
    kept.mkdir()

    def forget() -> None:
        for file in kept.glob("*.db*"):
            file.unlink()

    return Mosquitto(kept, more=DEPLOYED), forget


def nats(folder: Path) -> Nats:
    """A NATS, with the configuration that is deployed."""
    if NATS is None:
        raise Skipped("NATS is not installed (Debian: nats-server)")
    (folder / "broker").mkdir()
    return Nats(folder / "broker")


@row(
    "broker-restart",
    "broker restarted",
    "Mosquitto ends in good order and comes again after 1 s, homes press before, meanwhile and after",
    "all reconnect within 20 s; 3,000 of 3,000 SOS arrive",
)
def broker_restart(folder: Path, full: bool) -> Figure:
    return rounds(folder, full, signal.SIGTERM, mosquitto(folder)[0], lambda: None)


@row(
    "broker-forgets",
    "broker kill -9 and its database deleted",
    "as above, with SIGKILL, and its persistence file removed before it comes again",
    "all reconnect within 20 s; 3,000 of 3,000 SOS arrive",
)
def broker_forgets(folder: Path, full: bool) -> Figure:
    return rounds(folder, full, signal.SIGKILL, *mosquitto(folder))


@row(
    "nats-restart",
    "the same, NATS with JetStream as the MQTT broker",
    "TLS, an account for each home; it ends in good order and comes again after 1 s",
    "all reconnect within 20 s; 3,000 of 3,000 SOS arrive",
)
def nats_restart(folder: Path, full: bool) -> Figure:
    return rounds(folder, full, signal.SIGTERM, nats(folder), lambda: None)


@row(
    "nats-forgets",
    "NATS kill -9 and its store deleted",
    "as above, with SIGKILL, and JetStream's folder removed before it comes again",
    "all reconnect within 20 s; 3,000 of 3,000 SOS arrive",
)
def nats_forgets(folder: Path, full: bool) -> Figure:
    broker = nats(folder)
    return rounds(folder, full, signal.SIGKILL, broker, broker.forget)


@row(
    "broker-away",
    "broker away 30 min",
    "Mosquitto ends; in a home with `anbu gateway` somebody presses each minute, each case is taken and closed; then "
    "the broker comes again",
    "each SOS is a case within 15 s by the other way; no second case when the broker is back",
)
def broker_away(folder: Path, full: bool) -> Figure:
    presses, every_s = (30, 60.0) if full else (1, 0.0)
    took_s: list[float] = []
    with city(folder, 1) as place, homes_broker(folder) as local:
        place.start_all()
        home = place.fresh_home()
        button = Button(local.url)
        place.gateway(local.url, home.gateway, secret=place.enrol(home.gateway))
        log = place.nursery.log(GATEWAY)
        expect(lambda: log.read_text().count(" speaks MQTT ") == 2, 20, "the program is at both brokers")
        place.broker.stop()
        for done in range(presses):
            began_s = stopwatch_s()
            button.press()
            took_s.append(expect(lambda done=done: len(place.of([home.id])) > done, 30, f"press {done + 1} is a case"))
            case = place.of([home.id])[-1].id
            place.acknowledge(case)
            place.close_case(case)
            sleep_s(max(0.0, every_s - (stopwatch_s() - began_s)))
        place.broker.start()
        expect(lambda: log.read_text().count(" speaks MQTT ") >= 3, RECONNECT_S, "the program is at the city's broker")
        place.expect_ready(RECONNECT_S)
        sleep_s(3.0)
        cases = len(place.of([home.id]))
        button.leave()
    assert cases == presses, f"{presses} presses, {cases} cases"
    assert max(took_s) <= FALLBACK_S, f"an SOS took {max(took_s):.1f} s"
    return Figure(
        presses, f"{presses} presses, {cases} cases, p50 {quantile(took_s, 0.5):.1f} s, most {max(took_s):.1f} s"
    )
