"""What a home says when its power, its line or its broker fails, as a city at a real broker hears it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from core.clock import ManualClock, stopwatch_s
from core.events import Battery, Event, Lane, Mains
from simulators.scenario import load
from simulators.stage import Stage
from tests.laws.test_simulators import listening
from wire.codec import decode
from wire.mosquitto import Mosquitto
from wire.receipt import Receipt, encode_receipt
from wire.session import Session
from wire.topics import Down, down, parse_up, subscriptions

STORY = """
title = "Faults"
start = 2026-11-19T10:00:00
minutes = 120
telemetry_s = 600

[[home]]
id = "home-1"
area = "gwangju/nam-gu/bongseon-1-dong"
habits = { outings = 0 }

[[home]]
id = "home-2"
area = "gwangju/seo-gu/ssangchon-dong"
habits = { outings = 0 }

[[fault]]
kind = "battery"
home = "home-1"
minute = 5
device = "kitchen-pir"
percent = 7

[[fault]]
kind = "gateway_power"
home = "home-1"
minute = 20
battery_min = 15
minutes = 40

[[fault]]
kind = "power_cut"
area = "gwangju/seo-gu"
minute = 30
minutes = 30

[[fault]]
kind = "broker"
minute = 70
minutes = 10
"""


def test_faults_are_heard_as_they_are(mosquitto: Mosquitto, tmp_path: Path) -> None:
    path = tmp_path / "faults.toml"
    path.write_text(STORY, encoding="utf-8")
    scenario = load(path)
    clock = ManualClock(scenario.start)
    away: list[tuple[float, bool]] = []

    def minute() -> float:
        return (clock.now() - scenario.start) / timedelta(minutes=1)

    stage = Stage(
        scenario, clock, mosquitto.url, "http://127.0.0.1:9", "", run="t",
        broker_away=lambda gone: away.append((minute(), gone)),
    )  # fmt: skip
    city = Session(mosquitto.url, "city", subscribe=subscriptions(*Lane), persistent=False)
    heard: list[Event] = []

    def listen() -> None:
        deliveries = city.poll(0.002)
        for delivery in deliveries:
            topic = parse_up(delivery.topic)
            assert topic is not None
            for event in decode(topic, delivery.payload):
                assert isinstance(event, Event), event
                heard.append(event)
                receipt = encode_receipt(Receipt(event.boot, event.seq, event.seq))
                city.publish(down(event.gateway, Down.RECEIPT), receipt, 1)
        city.ack(deliveries)

    def until(done: Callable[[], bool]) -> None:
        limit_s = stopwatch_s() + 8
        while not done() and stopwatch_s() < limit_s:
            stage.step()
            listen()
        assert done()

    listening(city)
    until(lambda: stage.connected)
    for _ in range(100):
        clock.advance(60)
        stage.step()
        listen()
    until(lambda: stage.connected and stage.waiting == 0)
    stage.stop()
    city.disconnect()

    def said(home: str, kind: str) -> list[tuple[float, str | None, object]]:
        mine = sorted((e for e in heard if e.gateway == f"gw-{home}" and e.kind == kind and e.seq), key=lambda e: e.at)
        return [((e.at - scenario.start) / timedelta(minutes=1), e.boot, e.data) for e in mine]

    assert said("home-1", "battery") == [(5.0, "t-0", Battery(7.0))]
    assert said("home-1", "mains") == [(20.0, "t-0", Mains(False)), (60.0, "t-1", Mains(True))]
    assert not [at for at, _, _ in said("home-1", "motion") if 35 <= at < 60]
    assert [at for at, _, _ in said("home-1", "motion") if 20 <= at < 35]
    first, second = said("home-2", "mains")
    assert first == (30.0, "t-0", Mains(False))
    assert 60 <= second[0] <= 62
    assert [at for at, boot, _ in said("home-2", "motion") if 32 <= at < 58 and boot == "t-0"]
    assert not [at for at, _, _ in said("home-2", "heartbeat") if 30 <= at < 60]
    assert {e.gateway for e in heard if e.kind == "lost"} == {"gw-home-1", "gw-home-2"}
    assert away == [(70.0, True), (80.0, False)]
