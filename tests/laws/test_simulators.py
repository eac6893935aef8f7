"""The virtual homes are the same for the same seed, and their gateways lose nothing however badly the city listens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ManualClock, stopwatch_s
from core.events import Climate, Event, Lane, Motion, Smoke, lane_of
from core.people import Home
from simulators.gateway import VirtualGateway
from simulators.home import Dwelling, Said, Silence, life
from simulators.routine import Habits
from simulators.scenario import ScenarioError, load, shipped
from simulators.speaker import Ask, Manner, reply
from simulators.stage import Stage
from tests.effort import tried
from wire.broker import free_port
from wire.codec import decode, encode
from wire.mosquitto import Mosquitto
from wire.receipt import Receipt, encode_receipt
from wire.session import Session
from wire.topics import Down, UpTopic, down, parse_up, subscriptions, up
from wire.url import BrokerUrl

SINCE = datetime(2026, 11, 19, 1, 0, tzinfo=UTC)
HABITS = st.builds(
    Habits,
    wake_h=st.floats(4, 9),
    sleep_h=st.floats(20, 23.5),
    outings=st.floats(0, 1),
    visits=st.floats(0, 1),
    night_trips=st.floats(0, 4),
    busy=st.floats(0.2, 3),
    pets=st.integers(0, 2),
)
DWELLINGS = st.builds(
    Dwelling,
    id=st.just("home-1"),
    timezone=st.sampled_from(["Asia/Seoul", "Europe/London", "America/New_York"]),
    people=st.lists(HABITS, min_size=1, max_size=3).map(tuple),
)


def stretch(dwelling: Dwelling, seed: int, since: datetime, hours: float, *silences: Silence) -> list[Said]:
    end = since + timedelta(hours=hours)
    return list(takewhile(lambda said: said.at < end, life(dwelling, seed, since, since, silences)))


# London puts its clocks back on 25 October 2026 and New York on 1 November.
@given(DWELLINGS, st.integers(0, 99), st.sampled_from([SINCE, datetime(2026, 10, 24, tzinfo=UTC)]))
@tried(10)
def test_a_home_is_the_same_for_the_same_seed_and_speaks_in_order(
    dwelling: Dwelling, seed: int, since: datetime
) -> None:
    said = stretch(dwelling, seed, since, 50)
    assert said == stretch(dwelling, seed, since, 50)
    assert [one.at for one in said] == sorted(one.at for one in said)
    assert {one.kind for one in said} >= {"motion", "climate", "heartbeat"}


@given(DWELLINGS, st.integers(0, 99), st.floats(0.1, 30))
@tried(6)
def test_a_later_beginning_only_cuts_the_stream(dwelling: Dwelling, seed: int, later_h: float) -> None:
    later = SINCE + timedelta(hours=later_h)
    whole = [s for s in stretch(dwelling, seed, SINCE, later_h + 8) if s.at >= later and s.kind != "heartbeat"]
    cut = [s for s in stretch(dwelling, seed, later, 8) if s.kind != "heartbeat"]
    assert cut[: len(whole)] == whole


@given(DWELLINGS, st.floats(0.0, 40))
@tried(6)
def test_a_silence_hides_its_person_and_nobody_else(dwelling: Dwelling, from_h: float) -> None:
    begin = SINCE + timedelta(hours=from_h)
    all_said = stretch(dwelling, 1, SINCE, 48)
    for person in range(1, len(dwelling.people) + 1):
        seen = stretch(dwelling, 1, SINCE, 48, Silence(person, begin))
        assert [s for s in seen if s.at < begin] == [s for s in all_said if s.at < begin]
        kept = {encode(as_event(s)) for s in all_said}
        assert all(encode(as_event(s)) in kept for s in seen)
    everybody = [Silence(person, begin) for person in range(1, len(dwelling.people) + 1)]
    human = [
        s
        for s in stretch(dwelling, 1, SINCE, 48, *everybody)
        if s.at >= begin and s.kind not in ("climate", "heartbeat")
    ]
    assert human == [] or dwelling.people[0].pets


def as_event(said: Said) -> Event:
    return Event("e", "gw-1", said.device, said.kind, said.at, said.data)


@pytest.mark.parametrize("name", shipped())
def test_every_shipped_scenario_speaks_the_wire_contract(name: str) -> None:
    scenario = load(name)
    members = scenario.members("http://127.0.0.1:1")
    assert all(home.gateway.startswith("gw-") for home in scenario.homes())
    assert [m.reach[0].address for m in members] == [f"http://127.0.0.1:1/{m.id}" for m in members]
    end = scenario.start + timedelta(minutes=min(scenario.script.minutes, 60))
    for home in scenario.homes()[:6]:
        for stream in scenario.said(home.id):
            for said in takewhile(lambda said: said.at < end, stream):
                event = Event("b-0-1", home.gateway, said.device, said.kind, said.at, said.data, "b-0", 1)
                assert decode(UpTopic(home.gateway, lane_of(said.kind)), encode(event)) == [event]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("minutes = 0", "minutes must be above 0"),
        ('timezone = "Mars/Olympus"', "Mars/Olympus is no time zone"),
        ("sped = 3", "unknown field `sped`"),
        ('[[home]]\nid = "home-1"\narea = "gwangju"', "home-1 is there twice"),
        ('[[home]]\nid = "Home 2"\narea = "gwangju"', "Home 2 is no id"),
        ('[[home]]\nid = "home-2"\narea = "Gwang ju"', "no area such as"),
        ('[[incident]]\nkind = "sos"\nhome = "home-9"\nminute = 1', "home-9, which is no home of it"),
        ('[[incident]]\nkind = "sos"\nhome = "home-1"\nminute = 1\nperson = 2', "person 2, who is not there"),
        ('[[incident]]\nkind = "sos"\nhome = "home-1"\nminute = 99', "comes after the end"),
        ('[[incident]]\nkind = "flood"\nhome = "home-1"\nminute = 1', "Invalid enum value 'flood'"),
        ('[[fault]]\nkind = "power_cut"\narea = "busan"\nminute = 1', "the power cut in busan meets no home"),
        ('[[fault]]\nkind = "battery"\nminute = 1', "needs a home"),
        ('[[expect]]\nconcern = "sos"\nhome = "home-9"', "expected in home-9"),
        ('[[expect]]\nconcern = "sos"\nacknowledged_by = "nobody-1"', "nobody-1 is expected to answer"),
        ("title = ", "is not TOML"),
    ],
)
def test_a_wrong_scenario_gives_its_sentence(tmp_path: Path, change: str, sentence: str) -> None:
    lines = {"title": '"x"', "start": "2026-11-19T10:00:00", "minutes": "30"}
    key = change.split(" = ")[0]
    head = "\n".join(f"{name} = {value}" for name, value in lines.items() if name != key)
    home = '[[home]]\nid = "home-1"\narea = "gwangju"\n'
    text = f"{head}\n{home}{change}\n" if change.startswith("[[") else f"{change}\n{head}\n{home}"
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value).split(": ", 1)[0]


def test_an_unknown_scenario_names_the_known_ones() -> None:
    with pytest.raises(ScenarioError, match=r"there is no scenario nowhere; there are demo, "):
        load("nowhere")


def test_the_ladder_is_held_against_the_ledger() -> None:
    scenario = load("smoke")
    start = scenario.start

    def at(minute: float) -> str:
        return (start + timedelta(minutes=minute)).isoformat()

    def ledger(**changes: object) -> dict[str, object]:
        case = {
            "home": "nongseong-01",
            "concern": "smoke",
            "opened_at": at(12.5),
            "acknowledged_at": at(21),
            "outcome": "true_emergency",
            "timeline": [
                {"at": at(12.6), "who": "sup-seo", "channel": "webhook"},
                {"at": at(20), "who": "duty-city", "channel": "webhook"},
            ],
        }
        return {"duplicates": 0, "open_without_deadline": 0, "cases": [case | changes]}

    def told(language: str = "en", **changes: object) -> str:
        return scenario.check(ledger(**changes))[0][language]

    assert scenario.check(ledger()) == []
    assert told(opened_at=at(17)) == "The smoke case of nongseong-01 was opened in minute 17.0, not by minute 16."
    assert told("ko", opened_at=at(17)) == "nongseong-01 댁의 연기 돌봄콜이 16분까지 열려야 하는데 17.0분에 열렸습니다."
    assert told(outcome="safe").endswith("ended as 'safe', not as 'true emergency'.")
    assert told("ko", outcome=None).endswith("결과가 '실제 응급'이어야 하는데 '아직 결과 없음'입니다.")
    assert told(acknowledged_at=None) == "In the smoke case of nongseong-01, nobody acknowledged."
    assert (
        "duty-city에게 15분 안에 연락해야 하는데"
        in scenario.check(ledger(timeline=[{"at": at(13), "who": "sup-seo"}, {"at": at(40), "who": "duty-city"}]))[0][
            "ko"
        ]
    )
    assert [one["en"] for one in scenario.check(ledger(concern="heat"))] == [
        "The smoke case of nongseong-01 was never opened."
    ]
    assert len(scenario.check(ledger(timeline=[]))) == 3
    assert scenario.check({**ledger(), "duplicates": 2})[0]["en"].startswith("2 cases were open twice")


@given(st.sampled_from(list(Manner)), st.sampled_from(["check_in", "reassure"]), st.randoms(use_true_random=False))
def test_only_a_resident_who_can_answers_and_only_well_ones_say_so(manner: Manner, kind: str, rng: object) -> None:
    given_reply = reply(Ask("a1", kind=kind, wait_s=120), manner, rng)  # type: ignore[arg-type]
    if given_reply is None:
        assert manner is Manner.OFFLINE or kind == "reassure"
        return
    assert given_reply.answer.ask == "a1"
    assert 0 < given_reply.after_s <= 120
    assert (given_reply.answer.result == "ok") == (manner in (Manner.OK, Manner.MISTAKEN))


# --- real parts


@pytest.fixture
def broker(mosquitto: Mosquitto) -> BrokerUrl:
    return mosquitto.url


def listening(session: Session) -> None:
    """Wait until the broker passes on what gateways say: it answers for a connection before its subscriptions."""
    while not session.connected:
        session.poll(0.01)
    session.publish(up("gw-probe", Lane.STATUS), b"[]", 1)
    while not (probe := session.poll(0.01)):
        pass
    session.ack(probe)


class HalfDeafCity:
    """Takes every message, and gives a receipt for every second one only."""

    def __init__(self, url: BrokerUrl, *, receipts: bool = True) -> None:
        self.session = Session(url, f"city-{free_port()}", subscribe=subscriptions(*Lane), persistent=False)
        self.first_lanes: list[Lane] = []
        self.heard: list[Event] = []
        self.lost: list[Event] = []
        self.messages = 0
        self.receipts = receipts
        listening(self.session)

    def listen(self) -> None:
        deliveries = self.session.poll(0.005)
        for delivery in deliveries:
            topic = parse_up(delivery.topic)
            assert topic is not None
            self.first_lanes.append(topic.lane)
            events = decode(topic, delivery.payload)
            assert all(isinstance(event, Event) for event in events), events
            counted = [event for event in events if isinstance(event, Event) and event.seq is not None]
            self.lost += [event for event in events if isinstance(event, Event) and event.seq is None]
            self.heard += counted
            self.messages += 1
            if self.receipts and self.messages % 2 and counted:
                receipt = Receipt(counted[0].boot, counted[0].seq, counted[0].seq, also=spans(counted[1:]))
                self.session.publish(down(topic.gateway, Down.RECEIPT), encode_receipt(receipt), 1)
        self.session.ack(deliveries)

    def close(self) -> None:
        self.session.disconnect()


def spans(events: list[Event]) -> tuple[tuple[int, int], ...]:
    return tuple((event.seq or 0, event.seq or 0) for event in events)


@pytest.fixture
def city(broker: BrokerUrl) -> Iterator[HalfDeafCity]:
    city = HalfDeafCity(broker)
    yield city
    city.close()


def talk(gateway: VirtualGateway, city: HalfDeafCity, done: object, wait_s: float = 8.0) -> None:
    """Let both have their turns until `done()` is true."""
    assert callable(done)
    deadline = stopwatch_s() + wait_s
    while not done() and stopwatch_s() < deadline:
        gateway.turn(SINCE)
        city.listen()
    assert done()


def words(count: int, kind: str = "motion") -> list[Said]:
    data = Motion("kitchen") if kind == "motion" else Climate("living", 21.0)
    return [Said(SINCE + timedelta(seconds=n), "kitchen-pir", kind, data) for n in range(count)]


def test_a_city_that_receipts_every_second_message_loses_nothing(broker: BrokerUrl, city: HalfDeafCity) -> None:
    gateway = VirtualGateway("gw-half", broker, "t", resend_s=0.2)
    said = [gateway.say(one) for pair in zip(words(300), words(300, "climate"), strict=True) for one in pair]
    talk(gateway, city, lambda: gateway.waiting == 0)
    assert {event.id for event in city.heard} == {event.id for event in said}
    assert len(city.heard) > len(said)
    assert gateway.resent > 0
    assert sorted({event.seq for event in city.heard if event.seq}) == list(range(1, 601))
    gateway.close()


def test_the_urgent_goes_first_after_a_cut_and_the_broker_tells_of_the_loss(
    broker: BrokerUrl, city: HalfDeafCity
) -> None:
    gateway = VirtualGateway("gw-cut", broker, "t", resend_s=5)
    talk(gateway, city, lambda: gateway.connected)
    gateway.cut()
    talk(gateway, city, lambda: len(city.lost) == 1)
    for one in words(200, "climate") + words(120):
        gateway.say(one)
    gateway.say(Said(SINCE, "smoke-alarm", "smoke", Smoke("kitchen")))
    gateway.restore()
    city.first_lanes.clear()
    talk(gateway, city, lambda: len(city.heard) >= 321)
    assert city.first_lanes[0] is Lane.SOS
    assert city.first_lanes.index(Lane.BULK) > city.first_lanes.index(Lane.EVENT)
    gateway.cut()
    talk(gateway, city, lambda: len(city.lost) == 2)
    assert city.lost[0].id != city.lost[1].id
    assert {event.device for event in city.lost} == {"gateway"}


def test_a_loss_of_power_begins_a_new_boot_and_keeps_the_old_words(broker: BrokerUrl, city: HalfDeafCity) -> None:
    gateway = VirtualGateway("gw-power", broker, "t", resend_s=0.2)
    before = gateway.say(words(1)[0])
    gateway.power_off()
    assert gateway.deaf
    gateway.power_on()
    after = gateway.say(words(1)[0])
    assert (before.boot, before.seq, after.boot, after.seq) == ("t-0", 1, "t-1", 1)
    talk(gateway, city, lambda: gateway.waiting == 0)
    assert {event.id for event in city.heard} == {"t-0-1", "t-1-1"}
    gateway.close()


def performance(broker: BrokerUrl, step_s: float) -> dict[str, list[bytes]]:
    """Everything the city hears of the smoke scenario, by gateway and number, stepped at a pace."""
    city = HalfDeafCity(broker)
    scenario = load("smoke")
    clock = ManualClock(scenario.start)
    stage = Stage(scenario, clock, broker, "http://127.0.0.1:9", "", run=f"pace-{step_s:g}")
    end = scenario.start + timedelta(minutes=30)
    while clock.now() < end:
        stage.step()
        city.listen()
        clock.set(min(end, clock.now() + timedelta(seconds=step_s)))
    stage.step()
    deadline = stopwatch_s() + 5
    while (
        len({(event.gateway, event.seq) for event in city.heard}) < sum(stage.counted().values())
        and stopwatch_s() < deadline
    ):
        stage.step()
        city.listen()
    stage.stop()
    city.close()
    # Two runs must differ in their boots: the broker still holds receipts for the first.
    heard = {(e.gateway, e.seq or 0): encode(msgspec.structs.replace(e, id="e", boot="b")) for e in city.heard}
    return {home.gateway: [heard[key] for key in sorted(heard) if key[0] == home.gateway] for home in scenario.homes()}


def test_a_performance_is_the_same_at_any_pace_and_its_numbers_have_no_gap(broker: BrokerUrl) -> None:
    slow, quick = performance(broker, 20), performance(broker, 600)
    assert slow == quick
    for gateway, events in slow.items():
        numbers = [msgspec.json.decode(event)["seq"] for event in events]
        assert numbers == list(range(1, len(numbers) + 1)), gateway
        assert len(numbers) > 20


def test_a_speaker_answers_what_the_city_asks(broker: BrokerUrl, city: HalfDeafCity) -> None:
    scenario = load("demo")
    clock = ManualClock(scenario.start)
    stage = Stage(scenario, clock, broker, "http://127.0.0.1:9", "", run="t")
    homes: dict[str, Home] = {home.id: home for home in scenario.homes()}
    deadline = stopwatch_s() + 5
    while not stage.connected and stopwatch_s() < deadline:
        stage.step()
    for home in ("jinwol-03", "bongseon-01"):
        for _ in range(2):  # the broker may say it twice
            question = msgspec.json.encode({"ask": f"q-{home}", "language": "ko", "text": "?", "wait_s": 60})
            city.session.publish(down(homes[home].gateway, Down.ASK), question, 1)
    deadline = stopwatch_s() + 5
    while len(stage.answered) < 2 and stopwatch_s() < deadline:
        stage.step()
        city.listen()
        clock.advance(1.0)
    assert {(one.home, one.result) for one in stage.answered} == {("jinwol-03", "ok"), ("bongseon-01", "silence")}
    assert len(stage.asked) == 2
    stage.stop()
