"""What Home Assistant sees of a home: its entities follow the city, and claim nothing when no city answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.clock import SystemClock, wall_now
from gateway.outbox import Outbox
from gateway.program import HomeGateway
from ingest.standing import Standings
from tests.doomed_gateway import GATEWAY
from tests.stories.test_gateway import Devices, city_of, outbox_in
from tests.stories.town import Town
from tests.waiting import wait_until
from wire.client import Publisher
from wire.mosquitto import Mosquitto
from wire.session import Session

CONFIG = f"homeassistant/device/anbu-{GATEWAY}/config"
Both = tuple[Mosquitto, Mosquitto]


class HomeAssistant:
    """Subscribes as Home Assistant does, and shows what an entity was said to have."""

    def __init__(self, home: Mosquitto) -> None:
        self.words: dict[str, list[str]] = {}
        topics = [CONFIG, "anbu/gateway/standing", "anbu/gateway/availability", "anbu/gateway/city"]
        self.session = Session(home.url, "home-assistant", subscribe=topics, kept=topics, persistent=False)
        wait_until(lambda: self.poll() or self.session.connected)

    def poll(self) -> bool:
        """False, for use in conditions."""
        for delivery in self.session.poll(0.005):
            self.words.setdefault(delivery.topic, []).append(delivery.payload.decode())
        return False

    def last(self, topic: str) -> Any:
        word = self.words.get(topic, ["null"])[-1]
        return json.loads(word) if word[:1] in "{n" else word

    def shows(self, entity: str) -> str | None:
        """What an entity shows; None: it is unavailable, or unknown."""
        config = self.last(CONFIG)
        if config is None:
            return None
        one = config["components"][entity]
        if any(self.last(each["topic"]) != "online" for each in one["availability"]):
            return None
        value = (self.last(config["state_topic"]) or {}).get(entity)
        return None if value is None else str(value)


class Street:
    """The home and the city, both running."""

    def __init__(self, gateway: HomeGateway, place: Town, standings: Standings, home: Mosquitto) -> None:
        self.gateway, self.place, self.standings, self.home = gateway, place, standings, home
        self.assistant = HomeAssistant(home)
        self.city_runs = True

    def until(self, done: Callable[[], bool]) -> None:
        def turn() -> bool:
            self.gateway.step(0.005)
            if self.city_runs:
                self.place.clock.set(wall_now())
                self.place.take(0.002)
                self.place.watch.step()
                self.standings.step()
            return self.assistant.poll() or done()

        wait_until(turn, 40)

    def shows(self, **entities: str | None) -> bool:
        return all(self.assistant.shows(name) == value for name, value in entities.items())


@contextmanager
def street(brokers: Both, folder: Path, **more: Any) -> Iterator[Street]:
    home, city = brokers
    told = Publisher(city.url, "standings")
    told.start()
    with city_of(city, folder) as place, outbox_in(folder) as outbox:
        standings = Standings(place.city.db, place.city.clock, told.tell, lambda _tx: True)
        gateway = made(outbox, brokers, **more)
        one = Street(gateway, place, standings, home)
        yield one
        gateway.close()
        one.assistant.session.disconnect()
    told.stop()


def made(outbox: Outbox, brokers: Both, **more: Any) -> HomeGateway:
    more = {"shown": ["homeassistant"], "language": "en", "resend_s": 2.0, **more}
    return HomeGateway(GATEWAY, brokers[0].url, brokers[1].url, outbox, SystemClock(), version="test", **more)


def test_an_entity_follows_a_case_that_opens_and_closes(brokers: Both, tmp_path: Path) -> None:
    with street(brokers, tmp_path) as one:
        one.until(lambda: one.shows(case_open="OFF", home_watched="ON", last_motion=None))
        devices = Devices(one.home.url)
        devices.say("anbu/hall-pir/motion", {"room": "hall"})
        one.until(lambda: one.assistant.shows("last_motion_age") == "0")
        devices.say("anbu/pendant/sos", {})
        one.until(lambda: one.shows(case_open="ON"))
        case = one.place.the_case()["id"]
        with one.place.city.db.write() as tx:
            desk = one.place.city.desk
            desk.act(tx, case, "ack", "kim", wall_now())
            desk.act(tx, case, "close", "kim", wall_now(), outcome="safe", contact="phone")
        one.until(lambda: one.shows(case_open="OFF", home_watched="ON"))
        devices.leave()


def test_nobody_is_believed_who_cannot_be_reached(brokers: Both, tmp_path: Path) -> None:
    with street(brokers, tmp_path) as one:
        one.until(lambda: one.shows(case_open="OFF", home_watched="ON"))
        brokers[1].stop()
        one.city_runs = False
        one.until(lambda: one.shows(case_open=None, home_watched="OFF"))
        assert one.assistant.last("anbu/gateway/standing")["why"] == "unreached"
        brokers[1].start()
        one.city_runs = True
        one.until(lambda: one.shows(case_open="OFF", home_watched="ON"))
        one.gateway._local.kill()
        wait_until(lambda: one.assistant.poll() or one.shows(case_open=None, home_watched=None))


def test_a_home_assistant_that_is_born_is_told_everything(brokers: Both, tmp_path: Path) -> None:
    with street(brokers, tmp_path) as one:
        one.until(lambda: one.shows(home_watched="ON"))
        one.assistant.words.clear()
        one.assistant.session.publish("homeassistant/status", b"online", 1)
        one.until(lambda: one.shows(case_open="OFF", home_watched="ON"))
        one.gateway.step()
        assert not one.gateway.intake.follow, "our own announcement is no device"
        assert not one.gateway.intake.proofs.devices()


def test_where_it_is_not_wanted_nothing_is_said(brokers: Both, tmp_path: Path) -> None:
    with street(brokers, tmp_path, shown=[]) as one:
        one.until(lambda: one.gateway.uplink.times_up > 0 and one.place.taken > 0)
        for _ in range(50):
            one.until(lambda: True)
        assert not one.assistant.words
